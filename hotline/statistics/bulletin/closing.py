"""Closing a month and correcting it: editions that are added and never changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline import audit, settings
from hotline.clock import month_bounds, month_of, now
from hotline.errors import Refused
from hotline.statistics.bulletin import names, snapshot
from hotline.statistics.bulletin.checking import Check, failing
from hotline.statistics.bulletin.collecting import edition_in_force
from hotline.statistics.bulletin.figures import shown
from hotline.statistics.bulletin.models import BulletinEdition
from hotline.statistics.bulletin.rules import Weight

LONGEST_REASON = 200
# One closing at a time; the second waits and then finds the month closed. No SELECT: that would
# fix the moment a still transaction sees before the wait is over.
_ALONE = text("LOCK TABLE bulletin_edition IN SHARE ROW EXCLUSIVE MODE")

_INVENTED = text(
    """
    SELECT count(*) FILTER (WHERE is_demo) > 0 AND count(*) FILTER (WHERE NOT is_demo) = 0 FROM (
        (SELECT is_demo FROM call WHERE is_demo AND started_at >= :start AND started_at < :end
         LIMIT 1) UNION ALL
        (SELECT is_demo FROM call WHERE NOT is_demo AND started_at >= :start
         AND started_at < :end LIMIT 1)) AS found
    """
)


@dataclass(frozen=True)
class Closer:
    """Who closes."""

    person_id: int | None
    name: str


def editions(session: Session, month: str) -> list[BulletinEdition]:
    """What was published of a month, the first first."""
    wanted = select(BulletinEdition).where(col(BulletinEdition.month) == month)
    return list(session.exec(wanted.order_by(col(BulletinEdition.number))))


def close(
    session: Session, month: str, who: Closer, seen: Iterable[str] = (), note: str = ""
) -> BulletinEdition:
    """Freeze a month. ``seen`` are the codes of soft identities somebody accepts as they are.
    Begins a transaction of ``db.still``, so that the snapshot is of one moment.

    Raises Refused: month_open (not over yet), already_closed, identities_fail, not_seen.
    """
    require_over(month)
    session.execute(_ALONE)
    if edition_in_force(session, month):
        raise Refused("already_closed", f"{month} 已经关账；要改请做更正。", 409)
    made, checks = snapshot.of(session, month)
    require_sound(checks, set(seen))
    return _add(session, month, 0, made, who, note.strip()[:LONGEST_REASON] or None, [])


def correct(
    session: Session, month: str, who: Closer, reason: str, seen: Iterable[str] = ()
) -> BulletinEdition:
    """A numbered correction with the figures as they are now; in ``db.still`` like ``close``.

    Raises Refused: not_closed, reason_needed, nothing_changed, identities_fail, not_seen.
    """
    reason = reason.strip()
    if not reason:
        raise _lacking("reason_needed", "请写明更正的原因。", "reason")
    if len(reason) > LONGEST_REASON:
        raise _lacking("reason_too_long", f"原因不能超过 {LONGEST_REASON} 个字。", "reason")
    session.execute(_ALONE)
    last = edition_in_force(session, month)
    if last is None:
        raise Refused("not_closed", f"{month} 还没有关账，直接改数据即可。", 409)
    made, checks = snapshot.of(session, month)
    changes = differences(last.snapshot, made)
    if not changes:
        raise Refused("nothing_changed", "现在的数字与已公布的完全相同，没有可更正的。", 409)
    require_sound(checks, set(seen))
    return _add(session, month, last.number + 1, made, who, reason, changes)


def is_invented(session: Session, month: str) -> bool:
    """Whether a month goes with the demonstration: it is one, or its calls are of one."""
    if settings.current().demo:
        return True
    start, end = month_bounds(month)
    return bool(session.execute(_INVENTED, {"start": start, "end": end}).scalar_one())


def _lacking(code: str, sentence: str, field: str) -> Refused:
    return Refused(code, sentence, fields={field: sentence})


def require_over(month: str) -> None:
    """A month can be closed when it is over. Raises Refused."""
    if month >= month_of(now()):
        raise Refused("month_open", f"{month} 还没有结束，下月初才能关账。", 409)


def require_sound(checks: list[Check], seen: set[str]) -> None:
    """No hard identity fails, and somebody has seen each soft one that does. Raises Refused."""
    if hard := failing(checks, Weight.HARD):
        said = "；".join(sentence(one) for one in hard[:5])
        more = f"等 {len(hard)} 处" if len(hard) > 5 else ""
        raise Refused("identities_fail", f"有必须一致的数对不上，不能关账：{said}{more}。", 409)
    if unseen := [one for one in failing(checks, Weight.SOFT) if one.code not in seen]:
        said = "；".join(f"{sentence(one)}（{one.code}）" for one in unseen[:5])
        raise Refused(
            "not_seen", f"有提醒还没有确认：{said}。核对后确认再关账。", 409,
            {one.code: sentence(one) for one in unseen},
        )  # fmt: skip


def sentence(one: Check) -> str:
    """``缴费金额：各单位之和 = 合计：写的是 …，加起来 …，差 …``."""
    said, summed = one.written(one.said), one.written(one.summed)
    return f"{one.name}：写的是 {said}，加起来 {summed}，差 {one.written(one.difference)}"


def differences(then: dict[str, Any], made: dict[str, Any]) -> list[dict[str, Any]]:
    """What is otherwise in a later snapshot, figure by figure: name, before, after."""
    old, new = then["figures"], made["figures"]
    return [
        _change(written, old.get(written), new.get(written), made["month"])
        for written in dict.fromkeys([*new, *old])
        if old.get(written) != new.get(written)
    ]


def _change(written: str, before: Any, after: Any, month: str) -> dict[str, Any]:
    key = snapshot.read_key(written)
    said = [None if one is None else shown(key, one, month) for one in (before, after)]
    return {"key": written, "name": names.of(key, month), "before": said[0], "after": said[1]}


def _add(
    session: Session, month: str, number: int, made: dict[str, Any], who: Closer,
    reason: str | None, changes: list[dict[str, Any]],
) -> BulletinEdition:  # fmt: skip
    edition = BulletinEdition(
        month=month, number=number, snapshot=made, digest=snapshot.digest(made),
        closed_by_id=who.person_id, closed_by=who.name, reason=reason, changes=changes,
        is_demo=is_invented(session, month),
    )  # fmt: skip
    session.add(edition)
    session.flush()
    action = audit.Action.MONTH_CORRECTED if number else audit.Action.MONTH_CLOSED
    audit.record(
        session, action, f"bulletin:{month}", person_id=who.person_id, person_name=who.name,
        reason=reason, detail={"number": number, "changes": len(changes)},
    )  # fmt: skip
    return edition
