"""短信: what was sent to whom, what is stuck, and whether the gateway takes anything at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import func
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from hotline import access, phone, settings
from hotline.agents.rules import DESK_ROLES, Role
from hotline.booking import names, text_outbox
from hotline.booking.models import Booking, PatientAccount, TextMessage
from hotline.booking.text_models import TextState
from hotline.booking.texts import Template
from hotline.console.booking import bp
from hotline.console.booking_filter import BOOKING_NO
from hotline.console.tables import Column, Listing, chips
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import Page, decode_cursor, encode_cursor, render, safe_path

__all__ = ["bp"]
PAGE, MOST_COUNTED = 50, 10_000
NAMES = {"state": "状态", "template": "内容", "no": "预约号"}
TEMPLATES = {
    Template.CONFIRMED: "预约成功",
    Template.CHANGED: "改约",
    Template.CANCELLED: "退号",
    Template.STOPPED: "停诊",
    Template.WAITING_STOPPED: "候补停诊",
    Template.OFFERED: "候补有号",
}
COLUMNS = (
    Column("created", "写入"),
    Column("template", "内容"),
    Column("no", "预约号"),
    Column("name", "就诊人"),
    Column("mobile", "手机"),
    Column("state", "状态"),
    Column("attempts", "次数", is_number=True),
    Column("went", "发出 / 下次"),
    Column("error", "原因", is_short=False),
    Column("deeds", "办理"),
)


@dataclass(frozen=True)
class Line:
    """A message, and the booking it is about."""

    message: TextMessage
    booking: Booking | None
    account: PatientAccount | None

    @property
    def id(self) -> int | None:
        """The message's id."""
        return self.message.id

    @property
    def template(self) -> str:
        """What it is about, in a word."""
        return TEMPLATES[Template(self.message.template)]

    @property
    def name(self) -> str:
        """The patient's name, masked."""
        return names.mask(self.account.name) if self.account else ""

    @property
    def mobile(self) -> str:
        """To whom it went; to whom it would go."""
        number = self.message.mobile or (self.account.mobile if self.account else None)
        return phone.mask(number) if number else ""


@bp.get("/texts")
@access.allowed(*DESK_ROLES)
def texts() -> str:
    """Every text message, the newest first."""
    asked = request.args.to_dict()
    with transaction() as session:
        return render(
            "booking/texts.html",
            listing=Listing(COLUMNS, _search(session, asked), chips(NAMES, _in_words(asked)),
                            row_tone=_tone),
            health=text_outbox.health(session),
            gateway="短信平台" if settings.current().sms_url else None,
            states=TextState.choices(),
            templates=[(each.value, words) for each, words in TEMPLATES.items()],
        )  # fmt: skip


def _tone(row: Line) -> str:
    return "danger" if row.message.state is TextState.GIVEN_UP else ""


def _in_words(asked: dict[str, str]) -> dict[str, str]:
    state, template = TextState.known(asked.get("state")), Template.known(asked.get("template"))
    return {
        "state": state.label if state else "",
        "template": TEMPLATES[template] if template else "",
        "no": asked.get("no", ""),
    }


def _search(session: Session, asked: dict[str, str]) -> Page[Line]:
    wanted = _conditions(asked)
    total = _count(session, wanted)
    if (after := decode_cursor(request.args.get("cursor"), 1)) is not None:
        if not isinstance(after[0], int):
            raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400)
        wanted.append(col(TextMessage.id) < after[0])
    query = (
        select(TextMessage, Booking, PatientAccount)
        .outerjoin(Booking, col(Booking.id) == col(TextMessage.booking_id))
        .outerjoin(PatientAccount, col(PatientAccount.id) == col(Booking.account_id))
        .where(*wanted)
    )
    found = session.exec(query.order_by(col(TextMessage.id).desc()).limit(PAGE + 1))
    rows = [Line(*row) for row in found]
    more = encode_cursor(rows[PAGE - 1].message.key) if len(rows) > PAGE else None
    return Page(rows[:PAGE], more, min(total, MOST_COUNTED), total > MOST_COUNTED)


def _conditions(asked: dict[str, str]) -> list[Any]:
    found: list[Any] = []
    if (state := TextState.known(asked.get("state"))) is not None:
        found.append(TextMessage.state == state)
    if (template := Template.known(asked.get("template"))) is not None:
        found.append(TextMessage.template == template.value)
    if number := asked.get("no", "").strip():
        fits = BOOKING_NO.fullmatch(number) is not None
        of = select(Booking.id).where(Booking.booking_no == (number if fits else ""))
        found.append(col(TextMessage.booking_id).in_(of))
    return found


def _count(session: Session, wanted: list[Any]) -> int:
    inner = select(TextMessage.id).where(*wanted).limit(MOST_COUNTED + 1).subquery()
    return session.exec(select(func.count()).select_from(inner)).one()


@bp.post("/texts/<int:message_id>/again")
@access.allowed(Role.SUPERVISOR)
def text_again(message_id: int) -> Response:
    """Send what was given up once more."""
    return _done(text_outbox.again, message_id, "已重新排队，几秒后发送。")


@bp.post("/texts/<int:message_id>/dismiss")
@access.allowed(Role.SUPERVISOR)
def dismiss_text(message_id: int) -> Response:
    """It is not sent any more."""
    return _done(text_outbox.dismiss, message_id, "这条短信不再发送。")


def _done(deed: Callable[[Session, int, str], None], message_id: int, words: str) -> Response:
    try:
        with transaction() as session:
            deed(session, message_id, request.form.get("reason", ""))
        flash(words)
    except Refused as refusal:
        if refusal.status == 404:
            raise
        flash(refusal.message, "danger")
    return redirect(safe_path(request.form.get("back")) or url_for("booking.texts"))
