"""What supervisors have written down, as data to train and test with: a WAV a piece and its words.

Left out: questions about the caller's own data, calls that are confidential or had a danger
alert, words with a number in them, and pieces whose recording has gone with its time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from hotline import audit, phone
from hotline.calls.confidential import SYSTEM
from hotline.calls.models import Call, CallTurn, DangerAlert
from hotline.calls.voice_rules import PERSONAL, Verdict
from hotline.clock import day_bounds, local
from hotline.errors import Refused
from ivr import turn_sound
from ivr.recording import has_recording

LISTING = "corrections.jsonl"


@dataclass
class Exported:
    """How many pieces were written, and how many not, by why."""

    written: int = 0
    left_out: dict[str, int] = field(default_factory=dict)

    def leave_out(self, why: str) -> None:
        """One more that is not written."""
        self.left_out[why] = self.left_out.get(why, 0) + 1


def export(
    session: Session, directory: Path, first: datetime | None = None, last: datetime | None = None
) -> Exported:
    """Write every correction made on the days from ``first`` to ``last`` (both counted) into an
    empty directory. On record in the audit log. Raises Refused when something is there already.
    """
    _make(directory)
    done = Exported()
    with (directory / LISTING).open("w", encoding="utf-8") as listing:
        for turn, call in _corrected(session, first, last):
            if line := _write(session, directory, turn, call, done):
                listing.write(json.dumps(line, ensure_ascii=False) + "\n")
    audit.record(session, audit.Action.EXPORTED, "voice:corrections",
                 detail={"rows": done.written})  # fmt: skip
    return done


def _make(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(directory.iterdir()):
        raise Refused("not_empty", f"{directory} 里已有文件，请给一个空目录。")


def _corrected(
    session: Session, first: datetime | None, last: datetime | None
) -> Iterator[tuple[CallTurn, Call]]:
    with_danger = select(DangerAlert.id).where(col(DangerAlert.call_id) == col(Call.id)).exists()
    wanted: list[Any] = [
        col(CallTurn.verdict) == Verdict.SAID,
        col(CallTurn.expects).not_in(PERSONAL),
        col(Call.confidential).is_(False),
        ~with_danger,
    ]
    if first is not None:
        wanted.append(col(CallTurn.checked_at) >= day_bounds(first.date())[0])
    if last is not None:
        wanted.append(col(CallTurn.checked_at) < day_bounds(last.date())[1])
    query = (
        select(CallTurn, Call)
        .join(Call, col(Call.call_uid) == col(CallTurn.call_uid))
        .where(*wanted)
        .order_by(col(CallTurn.id))
    )
    yield from session.exec(query)


def _write(
    session: Session, directory: Path, turn: CallTurn, call: Call, done: Exported
) -> dict[str, Any] | None:
    """The line that describes the piece just written; None when it is left out."""
    if why := _why_not(turn, call):
        done.leave_out(why)
        return None
    name = f"{turn.key:08d}.wav"
    pcm = turn_sound.cut(session, turn, SYSTEM)
    (directory / name).write_bytes(turn_sound.wav(pcm))
    done.written += 1
    return {
        "file": name,
        "text": turn.said,
        "heard": turn.heard,
        "confidence": turn.confidence,
        "expects": turn.expects,
        "model": turn.model,
        "why": turn.doubt.value if turn.doubt else None,
        "month": f"{local(turn.at):%Y-%m}",
        "seconds": round(len(pcm) / 2 / 8000, 2),
    }


def _why_not(turn: CallTurn, call: Call) -> str:
    """Why this piece is left out; empty when it is not."""
    said = turn.said or ""
    if phone.redact(said) != said or any(mark.isdigit() for mark in said):
        return "话里有号码"
    if not has_recording(call):
        return "没有录音或已过保留期"
    return "" if turn_sound.span_of(turn) else "没有起止时间"
