"""听错待校: a supervisor listens to what the voice line may have got wrong and writes it down."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from hotline import access, audit
from hotline.agents.models import Person
from hotline.agents.rules import Role
from hotline.calls import checks
from hotline.calls.checks import Asked
from hotline.calls.models import Call, CallTurn
from hotline.calls.voice_rules import PERSONAL, STEPS, Doubt, Verdict, step_label
from hotline.console import one_by_one, voice_turns
from hotline.console.tables import Column, Listing, chips
from hotline.console.voice_numbers import bp
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import Page, render, what_is_wrong

__all__ = ["bp"]
RIGHT = "right"  # what was heard is what was said
COLUMNS = (
    Column("at", "时间"),
    Column("step", "问的是"),
    Column("heard", "听到", is_text=True, is_short=False),
    Column("sure", "把握", is_number=True),
    Column("doubt", "为什么待校"),
    Column("model", "模型", is_default=False),
    Column("said", "实际说的", is_text=True, is_short=False),
    Column("call_no", "来电"),
)
NAMES = {"doubt": "为什么", "step": "问的是", "done": "范围"}
listeners = access.allowed(Role.SUPERVISOR)


@bp.get("/checks")
@listeners
def queue() -> str:
    """The queue, newest first; or what has been judged."""
    asked = _asked()
    with transaction() as session:
        page = checks.queue(session, asked, request.args.get("cursor"))
        first = None if asked.is_done else checks.next_after(session, asked)
        shown = {"doubt": asked.doubt.label if asked.doubt else "", "step": step_label(asked.step),
                 "done": "已校" if asked.is_done else ""}  # fmt: skip
        return render(
            "voice/checks.html",
            listing=_listing(page, asked, chips(NAMES, shown)),
            first=first,
            asked=_address(asked),
            doubts=Doubt.choices(),
            steps=[(code, label) for code, label in STEPS.items() if code not in PERSONAL],
            step_label=step_label,
        )


def _listing(page: Page[tuple[CallTurn, Call]], asked: Asked, shown: Any) -> Listing:
    def link(row: tuple[CallTurn, Call]) -> str:
        return url_for("voice.check", turn_id=row[0].key, **_address(asked))

    shown_columns = [each for each in COLUMNS if asked.is_done or each.key != "said"]
    return Listing(shown_columns, page, shown, link=link, key=lambda row: row[0].key)


def _asked() -> Asked:
    given = request.values
    step = given.get("step", "")
    return Asked(
        Doubt.known(given.get("doubt")),
        step if step in STEPS else "",
        given.get("done") == "1",
    )


def _address(asked: Asked) -> dict[str, Any]:
    """The same as it stands in an address."""
    found = {"doubt": asked.doubt or "", "step": asked.step, "done": "1" if asked.is_done else ""}
    return {name: value for name, value in found.items() if value}


@bp.get("/checks/<int:turn_id>")
@listeners
def check(turn_id: int) -> str:
    """One utterance: its sound, what was heard, what else it may have been."""
    return _show(turn_id, None)


@bp.post("/checks/<int:turn_id>")
@listeners
def judge(turn_id: int) -> Response | tuple[str, int]:
    """What was really said; then the next one."""
    return one_by_one.done(
        lambda: _judge(turn_id), lambda refusal: _show(turn_id, refusal), lambda: _go_on(turn_id)
    )


def _judge(turn_id: int) -> None:
    form = request.form
    with transaction() as session:
        said, verdict = form.get("said", ""), Verdict.known(form.get("verdict"))
        if form.get("verdict") == RIGHT:
            turn, _ = checks.get(session, turn_id)
            said, verdict = turn.heard or "", Verdict.SAID
        if verdict is None:
            raise Refused("verdict_missing", "请写下实际说的话，或按“听不清”“无关”。", 422)
        again = form.get("again") == "1"
        checks.judge(session, turn_id, verdict, said, access.person().key, again=again)


def _go_on(turn_id: int) -> Response:
    asked = _asked()
    with transaction() as session:
        following = None if asked.is_done else checks.next_after(session, asked, turn_id)
    if following is None:
        return redirect(url_for("voice.queue", **_address(asked)))
    return redirect(url_for("voice.check", turn_id=following, **_address(asked)))


def _show(turn_id: int, refusal: Refused | None) -> str:
    asked = _asked()
    with transaction() as session:
        turn, call = checks.get(session, turn_id)
        audit.record(session, audit.Action.RECORD_READ, call.subject,
                     detail={"turn": turn.position})  # fmt: skip
        waiting = checks.queue(session, Asked(asked.doubt, asked.step))
        by = session.get(Person, turn.checked_by) if turn.checked_by else None
        return render(
            "voice/check.html",
            turn=turn,
            call=call,
            others=voice_turns.others(turn),
            known=voice_turns.slots(turn),
            step=step_label(turn.expects),
            waiting=waiting,
            following=checks.next_after(session, asked, turn_id),
            checked_by=by.name if by else "",
            asked=_address(asked),
            form=request.form if refusal else {"said": turn.said or ""},
            **what_is_wrong(refusal),
            right=RIGHT,
        )
