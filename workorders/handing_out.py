"""Our files on their way to a platform: a reply names each by an address that is good for a while.

The address proves itself: it is signed, names nothing but the file's number and the platform it was
made for, and opens no more than that file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlmodel import Session, col, select

from hotline import settings
from hotline.errors import Refused
from hotline.settings import Settings
from workorders import attaching
from workorders.exchange.models import Outgoing
from workorders.exchange.rules import OutgoingState
from workorders.models import Order, Platform
from workorders.platforms import wire
from workorders.platforms.wire import EventType
from workorders.rules import HANDLING, SELF, Origin, State
from workorders.side_models import Attachment

PATH = "/api/v1/workorders/files/"
ANSWERS = (EventType.REPLY, EventType.REWORK_DONE)
TOLD = (OutgoingState.DUE, OutgoingState.SENT)


def along(session: Session, order: Order, master: Order) -> tuple[wire.Attachment, ...]:
    """What goes with the answer to ``order``: its files and those of ``master``, whose answer it
    is, that its platform was not told of. Nothing while nobody outside can reach us."""
    if order.platform == SELF or not (base := public_address()):
        return ()
    return tuple(
        wire.Attachment(name=one.name, sha256=one.sha256.hex(), url=_url(base, one, order.platform))
        for one in _untold(session, order, master)
    )


def words(session: Session, order: Order) -> str:
    """What an order's page says of its files and the platform; empty when none is to go."""
    if order.platform == SELF or order.state not in (State.RECEIVED, *HANDLING, State.REPLIED):
        return ""
    count = len(_untold(session, order, order))
    if not count:
        return ""
    if not public_address():
        return (
            f"没有设置对外网址（HOTLINE_PUBLIC_URL），{count} 个附件不会随回复发给平台，"
            "请联系管理员设置后再审核通过。"
        )
    days = settings.current().workorders_file_days
    return f"{count} 个附件将随回复发给平台，平台 {days} 天内可取。"


def opened(session: Session, token: str) -> tuple[Attachment, Iterator[bytes]]:
    """The file behind an address, decrypted piece by piece; reading it is on record.

    Raises Refused 404, whatever is wrong.
    """
    unknown = Refused("file_unknown", "没有这个文件，或者地址已过期。", 404)
    days = settings.current().workorders_file_days
    try:
        number, code = _signer().loads(token, max_age=days * 86_400)
    except BadData:
        raise unknown from None
    kept, platform = session.get(Attachment, number), session.get(Platform, code)
    order = session.get(Order, kept.order_id) if kept else None
    if order is None or platform is None or not (platform.is_active and _may_go(order, code)):
        raise unknown
    return attaching.content(session, order, number, by=platform.name)


def public_address(site: Settings | None = None) -> str:
    """Where others reach us, without a slash at its end; empty when the site said none."""
    given = ((site or settings.current()).public_url or "").strip().rstrip("/")
    return given if given.startswith(("http://", "https://")) else ""


def _untold(session: Session, order: Order, master: Order) -> list[Attachment]:
    found: dict[tuple[str, str], Attachment] = {}
    told = _told(session, order)
    for each in {one.key: one for one in (master, order) if _may_go(one, order.platform)}.values():
        for one in attaching.of(session, each):
            if one.origin is Origin.PERSON and one.path:
                found.setdefault((one.name, one.sha256.hex()), one)
    return [one for known, one in found.items() if known not in told]


def _told(session: Session, order: Order) -> set[tuple[str, str]]:
    """What earlier answers named. One that the platform refused told it nothing."""
    query = select(Outgoing).where(
        Outgoing.order_id == order.key,
        col(Outgoing.type).in_(ANSWERS),
        col(Outgoing.state).in_(TOLD),
    )
    named = [json.loads(row.body).get("attachments") or [] for row in session.exec(query)]
    return {(one["name"], one["sha256"]) for each in named for one in each}


def _may_go(order: Order, platform: str) -> bool:
    """A confidential order's files are for nobody but the platform it came from."""
    return not order.confidential or order.platform == platform


def _url(base: str, kept: Attachment, platform: str) -> str:
    return f"{base}{PATH}{_signer().dumps([kept.key, platform])}"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.current().secrets.signing, salt="work-order-file")
