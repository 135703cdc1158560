"""The contract over HTTPS: the `rest` adapter. [CONTRACTS, 12345 platforms]"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import quote

from hotline import clock
from workorders.platforms import envelope
from workorders.platforms.adapter import (
    Changes,
    Digest,
    DigestLine,
    NoAnswer,
    Outcome,
    Result,
    Trouble,
)
from workorders.platforms.reading import read, read_digest_line, read_each
from workorders.platforms.transport import Line
from workorders.platforms.wire import OutgoingEvent, RemoteOrder, Unreadable

LONGEST_CURSOR = 1_000


class RestAdapter:
    """A platform that speaks the contract."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def changes(self, cursor: str, limit: int = 200) -> Changes:
        """What changed since a cursor. Raises NoAnswer."""
        query = {"cursor": cursor, "limit": str(limit)}
        items, following, more = _page(self._get("/api/v1/orders/changes", query), cursor)
        return Changes(read_each(items), following, more)

    def order(self, no: str) -> RemoteOrder:
        """One order as it is now. Raises NoAnswer, Unreadable."""
        found = read(self._get(f"/api/v1/orders/{quote(no, safe='')}", {}))
        if found.no != no:
            raise NoAnswer(Trouble.NOT_JSON, "平台答复了另一张工单。")
        return found

    def send(self, no: str, event: OutgoingEvent) -> Outcome:
        """Tell the platform something; what is not clearly answered is UNKNOWN."""
        path = f"/api/v1/orders/{quote(no, safe='')}/events"
        try:
            return envelope.outcome(self._ask("POST", path, {}, event.body()))
        except NoAnswer as none:
            return Outcome(Result.UNKNOWN, "", none.message, none.trouble, none.retry_after)

    def digest(self, day: date, cursor: str = "") -> Digest:
        """A page of a day's digest. Raises NoAnswer."""
        query = {"date": day.isoformat(), "cursor": cursor}
        items, following, more = _page(self._get("/api/v1/orders/digest", query), cursor)
        return Digest([_digest_line(item) for item in items], following, more)

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _get(self, path: str, query: dict[str, str]) -> Any:
        return envelope.must_be_good(self._ask("GET", path, query))

    def _ask(
        self, method: str, path: str, query: dict[str, str], body: bytes = b""
    ) -> envelope.Envelope:
        answer = self._line.ask(method, path, query, body)
        return envelope.opened(answer.status, answer.body, answer.retry_after, clock.now())


def _page(data: Any, cursor: str) -> tuple[list[Any], str, bool]:
    """Items, next cursor, more. A page that leads back to itself has no more."""
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise NoAnswer(Trouble.NOT_JSON, "平台的列表里没有 items。")
    following = data.get("next_cursor")
    text = cursor if following is None else str(following)
    if len(text) > LONGEST_CURSOR or not text.isprintable():
        raise NoAnswer(Trouble.NOT_JSON, "平台的 next_cursor 不可用。")
    return items, text, data.get("more") in (True, "true") and text != cursor


def _digest_line(item: object) -> DigestLine | Unreadable:
    try:
        return DigestLine(*read_digest_line(item))
    except Unreadable as why:
        return why
