"""What an API token is narrowed to in booking: channels, hospitals, cities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from hotline import audit
from hotline.agents.models import ApiToken
from hotline.agents.rules import Scope
from hotline.booking import queries
from hotline.booking.models import Channel, Hospital
from hotline.errors import Refused


@dataclass(frozen=True)
class Bound:
    """What was asked for; nothing of a kind does not narrow."""

    channels: Sequence[str] = ()
    hospitals: Sequence[int] = ()
    cities: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it narrows nothing."""
        return not (self.channels or self.hospitals or self.cities)


def bind(session: Session, token_id: int, wanted: Bound, reason: str = "") -> None:
    """Narrow a token, from its next request on. Raises Refused token_unknown, binding_invalid."""
    token = session.get(ApiToken, token_id, with_for_update=True)
    if token is None or token.revoked_at is not None:
        raise Refused("token_unknown", "没有这个令牌，或已吊销。", 404)
    if not wanted.is_empty and not {Scope.BOOKING.value, Scope.ALL.value} & set(token.scopes):
        raise _bad("channel", "只有范围含“预约挂号”的令牌才能限定渠道和医院。")
    before = in_words(session, token)
    token.channels = _known(session, col(Channel.code), wanted.channels, "channel")
    token.hospital_ids = _known(session, col(Hospital.id), wanted.hospitals, "hospital")
    token.cities = _known(session, col(Hospital.city), wanted.cities, "city")
    session.flush()
    after = in_words(session, token)
    if after != before:
        audit.record(session, audit.Action.TOKEN_CHANGED, f"token:{token.id}",
                     reason=reason or None, detail={"before": before, "after": after})  # fmt: skip


def _known(session: Session, column: Any, wanted: Sequence[Any], field: str) -> Any:
    """Sorted and without doubles; None for nothing."""
    asked = set(wanted)
    if asked - set(session.exec(select(column).where(column.in_(asked)))):
        raise _bad(field, "其中有的渠道、医院或城市不存在，请重新选择。")
    return sorted(asked) or None


def _bad(field: str, sentence: str) -> Refused:
    return Refused("binding_invalid", sentence, fields={field: sentence})


def read(session: Session, channels: Sequence[str], hospitals: Sequence[str]) -> Bound:
    """Channels by code or name, hospitals by id or name, or ``城市:南京``, as they are typed."""
    known = {each.name: each.code for each in session.exec(select(Channel))}
    named = [each for each in hospitals if not each.startswith(CITY)]
    return Bound(
        [known.get(each, each) for each in channels],
        [queries.hospital_id(session, each) for each in named],
        [each.removeprefix(CITY) for each in hospitals if each.startswith(CITY)],
    )


CITY = "城市:"


def in_words(session: Session, token: ApiToken) -> dict[str, list[str]]:
    """What a token is narrowed to, by name."""
    return {
        "channels": _names(session, Channel, col(Channel.code), token.channels),
        "hospitals": _names(session, Hospital, col(Hospital.id), token.hospital_ids),
        "cities": sorted(token.cities or []),
    }


def _names(session: Session, table: Any, key: Any, wanted: Sequence[Any] | None) -> list[str]:
    if not wanted:
        return []
    return list(session.exec(select(table.name).where(key.in_(wanted)).order_by(table.name)))


def choices(session: Session) -> dict[str, Any]:
    """What a form may offer: channels, and hospitals by city."""
    by_city: dict[str, list[Hospital]] = {}
    for hospital in queries.hospitals(session):
        by_city.setdefault(hospital.city, []).append(hospital)
    return {"channels": queries.channels(session), "by_city": by_city}
