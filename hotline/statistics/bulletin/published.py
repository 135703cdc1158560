"""What the documents of a month are made of: its edition in force, or a draft of an open month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from hotline.clock import local
from hotline.statistics.bulletin import closing, snapshot
from hotline.statistics.bulletin.models import BulletinEdition


@dataclass(frozen=True)
class Edition:
    """A snapshot to print. ``number`` is None for a draft."""

    snapshot: dict[str, Any]
    number: int | None = None
    closed_at: datetime | None = None
    closed_by: str = ""
    corrections: tuple[BulletinEdition, ...] = ()

    @property
    def month(self) -> str:
        """YYYY-MM."""
        return str(self.snapshot["month"])

    @property
    def is_draft(self) -> bool:
        """Whether the month is open: its figures may still move."""
        return self.number is None

    @property
    def state(self) -> str:
        """``徐哲佳 2026-11-02 关账``, or that it is a draft."""
        if self.closed_at is None:
            return "草稿，未关账"
        deed = f"更正第 {self.number} 号" if self.number else "关账"
        return f"{self.closed_by} {local(self.closed_at):%Y-%m-%d} {deed}"

    @property
    def issue(self) -> str:
        """``第4期`` of its year: one bulletin a month."""
        return f"第{int(self.month[5:])}期"


def in_force(session: Session, month: str) -> Edition:
    """The last edition, or a draft as things are now. Raises ValueError on what is no month."""
    found = closing.editions(session, month)
    if not found:
        return Edition(snapshot.of(session, month)[0])
    return of(found, found[-1].number)


def of(editions: list[BulletinEdition], number: int) -> Edition:
    """One of a month's editions, with the corrections up to it."""
    wanted = next(one for one in editions if one.number == number)
    earlier = tuple(one for one in editions if 0 < one.number <= number)
    return Edition(wanted.snapshot, number, wanted.closed_at, wanted.closed_by, earlier)
