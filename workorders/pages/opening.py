"""The form of a deed: filled as far as it can be, kept when it was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from hotline.clock import local
from hotline.errors import Refused
from hotline.web import safe_path
from workorders import actors, handing_out
from workorders.exchange import lost
from workorders.models import Order, OrderRequest, OrderStep, Platform, Unit
from workorders.pages import correcting_form, deeds, index
from workorders.pages.offering import Blank, Deed
from workorders.pages.typed import Typed
from workorders.rules import REQUEST_IN, SELF, RequestKind, UnitState
from workorders.side_models import OrderFlag
from workorders.units import WITH_THEM, parts


@dataclass(frozen=True)
class Opened:
    """A form on the page. ``seen`` is how the order stood when it was opened."""

    deed: Deed
    seen: str
    form: dict[str, Any]
    item: str = ""
    about: str = ""
    told: list[str] = field(default_factory=list)
    choices: dict[str, list[tuple[Any, str]]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    notice: str | None = None

    @property
    def back(self) -> str:
        """Where it was opened, when that was not the order's own page."""
        return safe_path(self.form.get("back"))

    def choices_of(self, blank: Blank) -> list[tuple[Any, str]]:
        """What may be chosen."""
        given = blank.choices
        return self.choices.get(given, []) if isinstance(given, str) else list(given)


def seen(order: Order) -> str:
    """How the order stands: it changes with every step."""
    return order.updated_at.isoformat()


def require_unmoved(session: Session, order: Order, deed: Deed, saw: str) -> None:
    """Refuse what was decided about an order that has moved since; what only adds may be added."""
    if deed.adds_only or saw == seen(order):
        return
    query = select(OrderStep).where(OrderStep.order_id == order.key)
    last = session.exec(query.order_by(col(OrderStep.id).desc()).limit(1)).first()
    what = f"{last.person_name}{local(last.at):%H:%M}{last.step.label}" if last else "有变化"
    raise Refused(
        "order_moved",
        f"工单在您填写时已变化：{what}。请看过下面的最新情况再提交，填写的内容已保留。",
        409,
    )


def opened(
    session: Session,
    order: Order,
    deed: Deed,
    given: Mapping[str, str],
    refusal: Refused | None = None,
) -> Opened:
    """The form of a deed; with a refusal, as it was sent and with what is wrong."""
    form = _sent(deed, given) if refusal else _usual(session, order, deed) | dict(given)
    told = correcting_form.told(order) if deed.name == "correct" else []
    return Opened(
        deed, seen(order), form, given.get("item", ""), _about(session, order, deed, given), told,
        _choices(session, order, deed), refusal.fields if refusal else {},
        refusal.message if refusal else None,
    )  # fmt: skip


def _sent(deed: Deed, given: Mapping[str, str]) -> dict[str, Any]:
    ticked = {blank.name: Typed(given).many(blank.name)
              for blank in deed.blanks if blank.kind == "checks"}  # fmt: skip
    return dict(given) | ticked


def _usual(session: Session, order: Order, deed: Deed) -> dict[str, Any]:
    """What a form begins with: the reply from what was written before, or from the unit."""
    if deed.name == "correct":
        return correcting_form.usual(session, order, actors.at_hand())
    if deed.name == "reply":
        written = [part.reply for part in parts(session, order) if part.reply]
        return {"reply": order.reply or (written[-1] if written else ""),
                "public": order.public_reply or ""}  # fmt: skip
    fixed: dict[str, dict[str, Any]] = {
        "assign": {"part": "main"},
        "hand": {"handler": order.handler_id},
        "call-back": {"connected": "yes"},
    }
    return fixed.get(deed.name, {})


def _about(session: Session, order: Order, deed: Deed, given: Mapping[str, str]) -> str:
    """Which request or flag it is done to; of a reply, what becomes of the order's files."""
    if deed.name == "reply":
        return handing_out.words(session, order)
    typed = given.get("item", "")
    table: Any = {"request": OrderRequest, "flag": OrderFlag}.get(deed.item)
    row = session.get(table, int(typed)) if table and typed.isdecimal() else None
    if row is None or row.order_id != order.key:
        return ""
    return f"{row.kind.label}：{row.reason if deed.item == 'request' else row.content}"


def _choices(session: Session, order: Order, deed: Deed) -> dict[str, list[tuple[Any, str]]]:
    wanted = {blank.choices for blank in deed.blanks if isinstance(blank.choices, str)}
    sources: dict[str, Callable[[], list[tuple[Any, str]]]] = {
        "units": lambda: _units(session),
        "their_units": lambda: _their_units(session, order),
        "handlers": lambda: [(one.id, one.name) for one in index.desk_people(session)],
        "request_kinds": lambda: _request_kinds(session, order),
        "flag_kinds": lambda: deeds.flags_to_raise(actors.at_hand()),
    }
    return {name: sources[name]() for name in wanted}


def _units(session: Session) -> list[tuple[Any, str]]:
    query = select(Unit).where(col(Unit.is_active)).order_by(Unit.name)
    return [(unit.id, unit.name) for unit in session.exec(query)]


def _their_units(session: Session, order: Order) -> list[tuple[Any, str]]:
    have = [part for part in parts(session, order) if part.state in WITH_THEM]
    have.sort(key=lambda part: part.state is UnitState.REPLIED)
    return [(part.unit_id, session.get_one(Unit, part.unit_id).name) for part in have]


def _request_kinds(session: Session, order: Order) -> list[tuple[Any, str]]:
    is_own = order.platform == SELF
    source = session.get(Platform, order.platform, options=[lost.NO_SECRET])
    never = {RequestKind.RETURN} if is_own else {RequestKind.REWORK}
    if not is_own and source is not None and not source.settings.get("may_suspend"):
        never.add(RequestKind.SUSPEND)
    fit = [kind for kind in RequestKind if order.state in REQUEST_IN[kind] and kind not in never]
    return [(kind.value, kind.label) for kind in fit]
