"""How the pool is used: by hospital and department, no-shows, lead times, channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, request
from sqlmodel import Session

from hotline import access
from hotline.agents.rules import Role
from hotline.booking import figures
from hotline.booking.figures import Share, Use
from hotline.booking.models import Hospital
from hotline.booking.rules import Column
from hotline.console import period
from hotline.db import transaction
from hotline.web import render

bp = Blueprint("booking_numbers", __name__, url_prefix="/booking/numbers")
READERS = (Role.SUPERVISOR, Role.MANAGER)
CHARTED = 15


@dataclass(frozen=True)
class Asked:
    """Days of visit, and the hospital looked into."""

    first: date
    last: date
    hospital: Hospital | None


@bp.get("")
@access.allowed(*READERS)
def index() -> str:
    """The whole page, for thirty days up to today unless said."""
    with transaction() as session:
        asked = _asked(session)
        uses = _uses(session, asked)
        leads = figures.lead_days(session, asked.first, asked.last)
        counts = figures.by_channel(session, asked.first, asked.last)
    return render(
        "booking/numbers.html",
        asked=asked,
        uses=uses,
        total=figures.total(uses),
        counts=[count for count in counts if count.bookings],
        columns=dict(Column.choices()),
        use_chart=_shares_chart("使用率", uses, "used"),
        missed_chart=_shares_chart("爽约率", [use for use in uses if use.missed.part], "missed"),
        lead_chart=_lead_chart(leads),
    )


def _asked(session: Session) -> Asked:
    days = period.asked()
    hospital = session.get(Hospital, request.args.get("hospital", 0, type=int))
    return Asked(days.first, days.last, hospital)


def _uses(session: Session, asked: Asked) -> list[Use]:
    if asked.hospital is None:
        return figures.by_hospital(session, asked.first, asked.last)
    return figures.by_department(session, asked.hospital.id or 0, asked.first, asked.last)


def _shares_chart(what: str, uses: list[Use], name: str) -> dict[str, Any] | None:
    """A bar for each share that has a whole, the highest first; None when there is none."""
    found = [(use.name, share) for use in uses if (share := _share(use, name)).whole]
    if not found:
        return None
    found.sort(key=lambda each: each[1].rate or 0, reverse=True)
    top, share = found[0]
    finding = f"{what}最高的是{top}：{(share.rate or 0):.1%}（{share.part} / {share.whole}）"
    values = [round((each.rate or 0) * 100, 1) for _, each in found[:CHARTED]]
    return {
        "finding": finding,
        "spec": {
            "kind": "bar",
            "x": [name for name, _ in found[:CHARTED]],
            "unit": "%",
            "series": [{"name": what, "values": values}],
        },
    }


def _share(use: Use, name: str) -> Share:
    share: Share = getattr(use, name)
    return share


def _lead_chart(leads: dict[int, int]) -> dict[str, Any] | None:
    middle = figures.median_days(leads)
    if middle is None:
        return None
    return {
        "finding": f"一半的预约提前不超过 {middle} 天",
        "spec": {
            "kind": "bar",
            "x": [f"{day} 天" for day in leads],
            "unit": "个",
            "series": [{"name": "预约", "values": list(leads.values())}],
        },
    }
