"""What a channel with a quota may still have of a slot: at most its share, however much is free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from hotline.booking.offers import Offer

_USED = text(
    """
    SELECT slot_id, count(*) FROM booking WHERE slot_id = ANY(:slots) AND channel = :channel
    AND (state IN ('confirmed', 'attended', 'no_show')
         OR state IN ('held', 'offered') AND expires_at > :at)
    GROUP BY slot_id
    """
)


def narrow(
    session: Session, offers: Sequence[Offer], shares: Mapping[int, int], channel: str, at: datetime
) -> None:
    """Show the channel no more than it may have. ``shares`` is percent by slot, below 100."""
    if not shares:
        return
    given = {"slots": list(shares), "channel": channel, "at": at}
    used = {slot: int(count) for slot, count in session.execute(_USED, given)}
    for offer in offers:
        if offer.slot_id in shares:
            share = offer.capacity * shares[offer.slot_id] // 100
            offer.free = max(0, min(offer.free, share - used.get(offer.slot_id, 0)))
            if offer.free == 0:
                offer.closed = offer.closed or "slot_taken"
