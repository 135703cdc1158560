"""An order as a platform tells it becomes ours, or changes ours. [DOMAIN 6, Exchange]

The platform's status is kept verbatim beside our state. It moves our state only where the
platform decides: dispatch, 退单, 回访, 重办, 办结, 归档. Where it is merely behind us it moves
nothing. A version that is not newer changes nothing; a code nobody explained is parked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from hotline.labels import Labelled
from workorders import filing, leaving, moving, requests, rules, sent_along, splitting, timing
from workorders.actors import Actor, platform
from workorders.models import Order, Platform
from workorders.platforms import mapping
from workorders.platforms.wire import RemoteOrder
from workorders.remote_words import describe, draft_of
from workorders.rules import (
    OPEN,
    Meaning,
    RequestKind,
    State,
    Step,
)


class Result(Labelled):
    """What became of one order that came."""

    NEW = "new", "新工单"
    CHANGED = "changed", "已更新"
    OLDER = "older", "版本不新"
    PARKED = "parked", "待人工核对"


@dataclass(frozen=True)
class Followed:
    """The order, what became of it, and why a person must look at it, if one must."""

    order: Order
    result: Result
    reason: str | None = None


# A merged order follows its master; a platform that wants more of it needs a person.
_WANTS_MORE = (Meaning.REDO, Meaning.WAIT_SIGN)
_ASKED = {Meaning.RETURN_ASKED: RequestKind.RETURN, Meaning.EXTENSION_ASKED: RequestKind.EXTEND}


def follow(
    session: Session, source: Platform, remote: RemoteOrder, at: datetime, *, again: bool = False
) -> Followed:
    """Apply what a platform says of an order, once for each version.

    ``at`` is when it came. ``again``: this version was parked, and a person has seen to what kept
    it. The caller has locked nothing; two at once are serialised here.
    """
    order = find(session, source.code, remote.no)
    if order is None:
        return _begin(session, source, remote, at)
    again = again and remote.version == order.remote_version
    if order.remote_version is not None and remote.version <= order.remote_version and not again:
        return _not_newer(order, remote)
    before = None if again else _meaning(source, order.remote_status)
    due_before = order.remote_due_at
    describe(session, order, remote, source, at)
    followed = _move(session, order, source, remote, before, due_before, at)
    if followed.result is Result.CHANGED:
        timing.remote_due(session, order, at)
    return followed


def _not_newer(order: Order, remote: RemoteOrder) -> Followed:
    """A version that came before; one that says another status under its old number is a fault
    of the platform's, and which of the two holds is for a person to find out."""
    if remote.version == order.remote_version and remote.status != order.remote_status:
        change = f"“{order.remote_status}”变为“{remote.status}”"
        why = f"版本号 {remote.version} 没有变，状态却从{change}，请与平台核对。"
        return Followed(order, Result.PARKED, why)
    return Followed(order, Result.OLDER)


def find(session: Session, platform_code: str, remote_no: str) -> Order | None:
    """The order of this platform and number, locked; None when it never came."""
    query = select(Order).where(Order.platform == platform_code, Order.remote_no == remote_no)
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).first()


def _meaning(source: Platform, status: str | None) -> Meaning | None:
    return mapping.from_column(source.mapping).meaning(status) if status else None


def _begin(session: Session, source: Platform, remote: RemoteOrder, at: datetime) -> Followed:
    actor = platform(source.name)
    given = {
        "remote_status": remote.status,
        "remote_version": remote.version,
        "remote_at": at,
        "remote_due_at": remote.due_at,
        "dispatched_at": remote.dispatched_at,
    }
    order = filing.from_platform(
        session, source.code, remote.no, draft_of(remote), at, given, source.is_demo
    )
    filing.filed(session, order, actor, at, remote.confidential)
    sent_along.take(session, order, remote, actor)
    followed = _move(session, order, source, remote, Meaning.WAIT_SIGN, None, at)
    return Followed(order, Result.NEW if followed.reason is None else Result.PARKED,
                    followed.reason)  # fmt: skip


def _move(
    session: Session,
    order: Order,
    source: Platform,
    remote: RemoteOrder,
    before: Meaning | None,
    due_before: datetime | None,
    at: datetime,
) -> Followed:
    meaning, actor = _meaning(source, remote.status), platform(source.name)
    if meaning is None:
        moving.note(session, order, Step.FOLLOWED, actor, at=at, detail={"status": remote.status})
        return Followed(order, Result.PARKED, unexplained(remote.status))
    if order.state is State.MERGED and meaning in _WANTS_MORE and meaning is not before:
        return Followed(
            order, Result.PARKED, f"已并单的工单被平台标为“{meaning.label}”，请人工处理。"
        )
    _requests(session, order, before, meaning, due_before, actor, at)
    found = rules.followed(order.state, before, meaning)
    if found is not None:
        _take_step(session, order, *found, actor, remote, at)
    elif meaning is not before:
        moving.note(session, order, Step.FOLLOWED, actor, at=at,
                    detail={"status": remote.status, "meaning": meaning.value})  # fmt: skip
    return Followed(order, Result.CHANGED)


def unexplained(status: str) -> str:
    """Why an order is parked whose status nobody has given a meaning."""
    return f"平台状态码“{status}”没有对照，请管理员核对。"


def _requests(
    session: Session,
    order: Order,
    before: Meaning | None,
    meaning: Meaning,
    due_before: datetime | None,
    actor: Actor,
    at: datetime,
) -> None:
    if meaning in _ASKED:
        requests.asked_at_platform(session, order, _ASKED[meaning], actor, at)
        return
    later = bool(order.remote_due_at and due_before and order.remote_due_at > due_before)
    if before is Meaning.EXTENSION_ASKED or later:
        requests.platform_decided(session, order, RequestKind.EXTEND, later, actor, at=at)
    if before is Meaning.RETURN_ASKED and meaning is not Meaning.BACKED:
        requests.platform_decided(session, order, RequestKind.RETURN, False, actor, at=at)


def _take_step(
    session: Session,
    order: Order,
    step: Step,
    target: State,
    actor: Actor,
    remote: RemoteOrder,
    at: datetime,
) -> None:
    was = order.state
    if step is Step.RETURN and requests.platform_decided(
        session, order, RequestKind.RETURN, True, actor, at=at
    ):
        return
    moving.put(session, order, step, target, actor, at=at, detail={"status": remote.status})
    match target:
        case State.ACCEPTED:
            timing.accepted(session, order, at)
        case State.CALLBACK:
            timing.replied(session, order, at)
        case State.IN_PROGRESS:
            leaving.begin_round(session, order, at)
        case State.RECEIVED:
            timing.begin(session, order, at)
        case State.CLOSED | State.ARCHIVED | State.RETURNED if was in OPEN:
            timing.over(session, order, at)
            splitting.free_unanswered(session, order, at)
        case _:
            pass
