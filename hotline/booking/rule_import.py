"""The sheet of rules: one row a rule of a hospital or a city, from a day on."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from hotline.booking import ruling
from hotline.booking.models import Channel
from hotline.booking.places import Places
from hotline.booking.policy import WITHDRAWN, RuleName, read_value
from hotline.booking.rules import ClinicKind
from hotline.booking.ruling import NewRule
from hotline.booking.sheet import Line
from hotline.errors import Refused

EVERYWHERE = "全部"


def write(session: Session, line: Line, places: Places) -> None:
    """One row of the sheet of rules; faults stand in its report."""
    faults = len(line.report.faults)
    said = line.text("规则", 30)
    name = next((each for each in RuleName if said in (each.label, each.value)), None)
    if said and name is None:
        listed = "、".join(each.label for each in RuleName)
        line.wrong("规则", f"“{said}”不认识，应为：{listed}。")
    value = _value(line, name)
    effective_on, where = line.day("生效日期"), _where(session, line, places)
    if len(line.report.faults) > faults or name is None or effective_on is None:
        return
    ruling.put(session, NewRule(name, value, effective_on, **where))


def _value(line: Line, name: RuleName | None) -> str:
    value = line.text("值", 40)
    try:
        if name and value and value != WITHDRAWN:
            read_value(name, value)
    except Refused as refusal:
        line.wrong("值", refusal.message)
    return value


def _where(session: Session, line: Line, places: Places) -> dict[str, Any]:
    """For whom the rule is; without a hospital, for the city, or for all of them."""
    hospital, city = line.cells.get("医院", ""), line.text("城市", 20, needed=False)
    found = places.find_hospital(hospital, city) if hospital else None
    if hospital and found is None:
        line.wrong("医院", f"没有“{hospital[:30]}”，请先导入医院或排班。")
    channel, kind = line.cells.get("渠道") or None, line.cells.get("号别")
    if channel and session.get(Channel, channel) is None:
        line.wrong("渠道", f"没有渠道“{channel[:20]}”，请填渠道代码。")
    return {
        "city": None if hospital or city == EVERYWHERE else city or places.city,
        "hospital_id": found.id if found else None,
        "channel": channel,
        "clinic_kind": line.one_of("号别", ClinicKind) if kind else None,
    }
