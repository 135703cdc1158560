"""The turns of a call as a conversation: who said what, when, how sure we were, how quick."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlmodel import Session, select

from hotline import phone
from hotline.calls.confidential import HIDDEN
from hotline.calls.detail import turns_of
from hotline.calls.models import Call, CallTurn, VoiceCall
from hotline.calls.voice_rules import Outcome, reason_label, step_label
from hotline.console.desk_data import SLOT_LABELS

# What came of a question when nothing can be quoted.
UNSAID = {
    "no_match": "（有声音，没听清）",
    "no_input": "（没有回答）",
    "hung_up": "（挂断）",
    "person": "（按 0，要人工）",
}


@dataclass(frozen=True)
class Spoken:
    """One turn as a reader may see it. ``slots`` are what it filled or changed; ``at_seconds``
    counts from when the voice line took the call."""

    turn: CallTurn
    step: str
    prompt: str
    heard: str
    others: list[tuple[str, float]]
    slots: dict[str, str]
    at_seconds: float | None

    @property
    def marks(self) -> list[tuple[str, str]]:
        """(tone, words) of what was not as it should be."""
        turn = self.turn
        found = [
            (turn.missed and turn.outcome != Outcome.NO_INPUT, "soon", "没听懂"),
            (turn.outcome == Outcome.NO_INPUT, "soon", "没有回答"),
            (turn.corrected, "soon", "来电人更正"),
            (turn.interrupted, "rest", "打断提示"),
            (turn.slow, "rest", "慢速"),
        ]
        return [(tone, words) for holds, tone, words in found if holds]


def conversation(session: Session, call: Call, *, readable: bool) -> list[Spoken]:
    """Every turn, in order."""
    spoken: list[Spoken] = []
    known: dict[str, str] = {}
    for turn in turns_of(session, call):
        now_known = slots(turn)
        new = {name: value for name, value in now_known.items() if known.get(name) != value}
        spoken.append(_spoken(turn, new, readable=readable))
        known = now_known
    return spoken


def _spoken(turn: CallTurn, new: dict[str, str], *, readable: bool) -> Spoken:
    return Spoken(
        turn,
        step_label(turn.expects),
        phone.redact(turn.prompt or "") if readable else HIDDEN,
        (phone.redact(turn.heard) if turn.heard else UNSAID.get(turn.outcome or "", ""))
        if readable else HIDDEN,
        others(turn) if readable else [],
        new if readable else {},
        turn.began_ms / 1000 if turn.began_ms is not None else None,
    )  # fmt: skip


def slots(turn: CallTurn) -> dict[str, str]:
    """What was understood by then, in the desk's words."""
    kept = json.loads(turn.slots) if turn.slots else {}
    return {SLOT_LABELS.get(name, name): str(value) for name, value in kept.items()}


def others(turn: CallTurn) -> list[tuple[str, float]]:
    """What else it may have been, the likeliest first."""
    kept = json.loads(turn.alternatives) if turn.alternatives else []
    return [(phone.redact(text), share) for text, share in kept]


def whole(session: Session, call: Call) -> dict[str, str]:
    """How the call left the voice line, as facts; empty when it was not there."""
    kept = session.exec(select(VoiceCall).where(VoiceCall.call_uid == call.call_uid)).first()
    if kept is None:
        return {}
    reason = f"：{reason_label(kept.reason)}" if kept.reason else ""
    facts = {
        "办理": kept.achieved.label,
        "去向": kept.went.label + reason,
        "轮次": f"{kept.turns} 轮，其中 {kept.missed} 轮没听懂或没有回答",
        "模型": kept.model or "",
    }
    return {name: value for name, value in facts.items() if value}
