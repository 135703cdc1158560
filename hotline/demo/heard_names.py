"""Names that made-up callers told the voice line: agents have listened to most of what is older,
the others wait in 姓名待核."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline.agents.models import Person
from hotline.agents.rules import Role
from hotline.booking.models import PatientAccount
from hotline.booking.name_models import NameCheck, NameVerdict
from hotline.calls.models import VoiceCall

LISTENED_AFTER = timedelta(hours=20)
CALLED_AFTER = timedelta(days=4)  # whoever could not be understood has been asked by then
_UNCLEAR, _CORRECTED = 0.2, 0.3
# How the voice line may write what sounds the same.
_ALIKE = {
    "秀英": "秀樱", "建华": "剑华", "桂兰": "贵兰", "玉珍": "玉真", "志明": "智明", "海波": "海博",
    "丽娟": "丽鹃", "晓东": "小东", "雪梅": "雪玫", "子涵": "紫涵", "浩然": "皓然", "雨欣": "雨昕",
}  # fmt: skip
# New patients of the voice line, each with a call in which something was booked about then.
_NEW = text(
    """
    SELECT DISTINCT ON (b.account_id) b.account_id, v.call_uid,
           v.started_at + make_interval(secs => v.seconds * 0.7) AS heard_at
    FROM booking b CROSS JOIN LATERAL (
        SELECT call_uid, started_at, seconds FROM voice_call v
        WHERE v.is_demo AND v.achieved = 'booked' AND v.started_at <= :at
          AND v.started_at BETWEEN b.confirmed_at - interval '1 day'
                               AND b.confirmed_at + interval '1 day'
          AND NOT EXISTS (SELECT FROM name_check n WHERE n.call_uid = v.call_uid)
        ORDER BY abs(extract(epoch FROM v.started_at - b.confirmed_at)), call_uid LIMIT 1
    ) v
    WHERE b.is_demo AND b.channel = 'voice' AND b.booking_no IS NOT NULL
      AND NOT EXISTS (SELECT FROM name_check n WHERE n.account_id = b.account_id)
    ORDER BY b.account_id, b.confirmed_at
    """
)


def keep_up(session: Session, at: datetime) -> int:
    """Queue the names of new patients, and let agents work on the queue; how many were added."""
    added = _queue(session, at)
    rng, listeners = random.Random(f"names:{at:%Y-%m-%d}"), _listeners(session)
    if listeners:
        for check, account in session.exec(_waiting(at)):
            _listen(rng, check, account.name, rng.choice(listeners), at)
        session.flush()
    return added


def _queue(session: Session, at: datetime) -> int:
    """Everybody with a call of their own: who wanted the same gets the next."""
    total = 0
    while found := {row.call_uid: row for row in session.execute(_NEW, {"at": at})}:
        for row in found.values():
            account = session.get_one(PatientAccount, row.account_id)
            session.add(NameCheck(account_id=row.account_id, call_uid=row.call_uid,
                                  heard=account.name, heard_at=row.heard_at))  # fmt: skip
        session.flush()
        total += len(found)
    return total


def _listeners(session: Session) -> Sequence[int]:
    found = select(Person.id).where(col(Person.is_demo), Person.role == Role.AGENT)
    return [key for key in session.exec(found.order_by(col(Person.id))) if key is not None]


def _waiting(at: datetime) -> Any:
    """What somebody should have listened to by now."""
    query = (
        select(NameCheck, PatientAccount)
        .join(PatientAccount, col(PatientAccount.id) == col(NameCheck.account_id))
        .join(VoiceCall, col(VoiceCall.call_uid) == col(NameCheck.call_uid))
    )
    return query.where(
        col(VoiceCall.is_demo),
        col(NameCheck.verdict).is_(None),
        NameCheck.heard_at < at - LISTENED_AFTER,
    ).order_by(col(NameCheck.id))


def _listen(rng: random.Random, check: NameCheck, name: str, by: int, at: datetime) -> None:
    """Within a day of the call; what was unclear is asked some days later."""
    heard = timedelta(hours=rng.uniform(1, 19))
    if check.unclear_at is None and rng.random() < _UNCLEAR:
        check.unclear_at, check.checked_by = check.heard_at + heard, by
    if check.unclear_at is not None:
        if check.heard_at > at - CALLED_AFTER:
            return
        heard = CALLED_AFTER
    if rng.random() < _CORRECTED:
        check.heard = _as_heard(name)
    check.verdict = NameVerdict.RIGHT if check.heard == name else NameVerdict.CORRECTED
    check.checked_by, check.checked_at = by, check.heard_at + heard


def _as_heard(name: str) -> str:
    return next((name.replace(is_so, is_heard) for is_so, is_heard in _ALIKE.items()
                 if is_so in name), name)  # fmt: skip
