"""语音统计, 逐通: the calls behind the figures."""

from __future__ import annotations

from flask import request, url_for

from hotline import access
from hotline.calls import voice_queries
from hotline.calls.voice_figures import End
from hotline.calls.voice_queries import CONDITIONS, Gone
from hotline.calls.voice_rules import REASONS, STEPS, AgeBand, reason_label, step_label
from hotline.console import period
from hotline.console.tables import Column, Listing, chips
from hotline.console.voice_numbers import READERS, bp
from hotline.db import transaction
from hotline.web import render

__all__ = ["bp"]
COLUMNS = (
    Column("at", "来电时间"),
    Column("call_no", "编号"),
    Column("end", "结果"),
    Column("reason", "转人工的原因"),
    Column("step", "最后一问"),
    Column("turns", "轮次", is_number=True),
    Column("missed", "没听懂", is_number=True),
    Column("seconds", "时长", is_number=True),
    Column("age", "年龄"),
    Column("model", "模型", is_default=False),
)
NAMES = {"end": "结果", "reason": "原因", "step": "最后一问", "age": "年龄", "model": "模型"}


@bp.get("/calls")
@access.allowed(*READERS)
def calls() -> str:
    """Every call of the days asked for; each opens its page, where the turns are."""
    days = period.asked()
    narrowed = {name: request.args[name] for name in CONDITIONS if request.args.get(name)}
    with transaction() as session:
        page = voice_queries.calls(
            session, days.since, days.until, narrowed, request.args.get("cursor")
        )
        models = voice_queries.models(session)
    shown = {name: _in_words(name, value) for name, value in narrowed.items()}
    return render(
        "voice/calls.html",
        asked=days,
        listing=Listing(COLUMNS, page, chips(NAMES, shown), link=_address),
        ends=dict(End.choices()),
        reasons=REASONS,
        steps=STEPS,
        ages=AgeBand.choices(),
        models=[(name, name) for name in models],
        step_label=step_label,
        reason_label=reason_label,
    )


def _in_words(name: str, value: str) -> str:
    words = {"reason": reason_label, "step": step_label}
    if name in words:
        return words[name](value)
    code = {"end": End, "age": AgeBand}[name].known(value) if name in ("end", "age") else None
    return code.label if code else value


def _address(row: Gone) -> str:
    return url_for("calls.show", call_no=row.call.call_no)
