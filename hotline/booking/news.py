"""What changes in the pool is told to every page that shows it."""

from __future__ import annotations

from sqlmodel import Session

from hotline import live


def tell(session: Session) -> None:
    """Everybody who looks at the pool looks again, once this is committed; once a transaction.

    It does not say where: pages gather such news, and only the last of many would be heard.
    """
    live.publish(session, "bookings", "bookings", {})
