"""One platform: its orders, its log of changes, the events it has applied."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from hotline import clock
from workorders.platforms.mapping import StatusMapping
from workorders.rules import Meaning
from workorders.standin import answers, machine
from workorders.standin.answers import Account, Said
from workorders.standin.faults import Faults
from workorders.standin.machine import Filed, Patience, Refusal
from workorders.standin.store import Store

MOST_OLDER = 5


class Platform:
    """A platform of one code (``city``, ``province``). Safe to be asked by many threads."""

    def __init__(
        self,
        code: str,
        mapping: StatusMapping,
        account: Account,
        *,
        store: Store | None = None,
        now: Callable[[], datetime] = clock.now,
        patience: Patience | None = None,
    ) -> None:
        self.code, self.account, self.faults = code, account, Faults()
        self.now = now
        self.patience = patience or Patience()
        self._fresh: dict[str, None] = {}  # for whoever pushes
        self._mapping, self._store = mapping, store or Store()
        self._orders: dict[str, Filed] = {}
        self._older: dict[str, list[dict[str, Any]]] = {}
        self._log: list[str] = []  # numbers; the cursor counts its lines
        self._events: dict[str, dict[str, Any]] = {}
        self._lock = threading.RLock()

    def remember(self, line: dict[str, Any]) -> None:
        """Fold a line of the state file in."""
        self._take(machine.from_json(line["filed"]), line.get("event"))

    # what the platform's own people do

    def dispatch(self, content: dict[str, Any]) -> dict[str, Any]:
        """File a new order, or change the content of one; the order as the contract shows it."""
        with self._lock:
            known = self._orders.get(content["no"])
            content = {**(known.content if known else {}), **content}
            now = self.now()
            filed = machine.changed(known, now, content=content) if known else Filed(content, now)
            return self._keep(filed)

    def act(self, no: str, what: Callable[[Filed, datetime], Filed]) -> dict[str, Any]:
        """Do something to an order. Raises Refusal."""
        with self._lock:
            return self._keep(what(self._known(no), self.now()))

    def note(self, no: str, thread: str, sentence: str) -> dict[str, Any]:
        """A 催办 (``urged``) or 督办 (``supervised``). Raises Refusal."""

        def noted(filed: Filed, now: datetime) -> Filed:
            said = {"at": clock.local(now).isoformat(), "by": "编造的督办员", "content": sentence}
            more = [*filed.content[thread], said]
            return machine.changed(filed, now, content={**filed.content, thread: more})

        return self.act(no, noted)

    def mark(self, no: str, verbatim: str) -> dict[str, Any]:
        """Give an order a status nobody agreed on, until it next changes. Raises Refusal."""
        return self.act(no, lambda filed, now: machine.changed(filed, now, verbatim=verbatim))

    def tick(self) -> None:
        """Do what time asks for: decide requests, file what is done."""
        with self._lock:
            for filed in list(self._orders.values()):
                if after := machine.by_itself(filed, self.now(), self.patience):
                    self._keep(after)

    # what the contract offers

    def apply(self, no: str, event: dict[str, Any]) -> Said:
        """One of our events: once, however often it comes. Raises Refusal."""
        event_id = answers.event_id(event)
        with self._lock:
            if before := self._events.get(event_id):
                if before["no"] != no:
                    raise Refusal(42206, "这个 event_id 已用于另一张工单。")
                return Said(40901, "此事件已生效。")
            after = machine.applied(self._known(no), event, self.now())
            self._keep(after, {**event, "event_id": event_id, "no": no})
            return Said(0)

    def changes(self, cursor: str, limit: int) -> tuple[list[dict[str, Any]], int, bool]:
        """Orders changed behind a cursor, each once, as they are now; next cursor; more."""
        start = answers.cursor_number(cursor)
        with self._lock:
            end = min(start + min(max(limit, 1), 500), len(self._log))
            numbers = dict.fromkeys(self._log[start:end])
            items = [self._shown(self._orders[no]) for no in numbers]
            return items, max(end, 0), end < len(self._log)

    def order(self, no: str) -> dict[str, Any]:
        """One order. Raises Refusal."""
        with self._lock:
            return self._shown(self._known(no))

    def digest(self, day: date, cursor: str, limit: int = 500) -> tuple[list[Any], int, bool]:
        """The orders dispatched on a day: number, status, version; next cursor; more."""
        start = answers.cursor_number(cursor)
        with self._lock:
            all_of_it = [each for each in self._orders.values() if _day(each) == day]
            lines = [self._shown(each) for each in all_of_it[start : start + limit]]
        end = start + len(lines)
        keys = ("no", "status", "version")
        return [{key: each[key] for key in keys} for each in lines], end, end < len(all_of_it)

    # what tests and the control door look at

    def orders(self) -> list[dict[str, Any]]:
        """All orders as the contract shows them."""
        with self._lock:
            return [self._shown(each) for each in self._orders.values()]

    def numbers(self) -> list[str]:
        """All numbers, oldest first."""
        with self._lock:
            return list(self._orders)

    def open_numbers(self, meanings: tuple[Meaning, ...]) -> list[str]:
        """The numbers of the orders that stand so."""
        with self._lock:
            return [no for no, filed in self._orders.items() if filed.meaning in meanings]

    def events(self, no: str) -> list[dict[str, Any]]:
        """The events applied to an order, in their order."""
        with self._lock:
            return [event for event in self._events.values() if event["no"] == no]

    def event_counts(self) -> Counter[str]:
        """How many events each order has had."""
        with self._lock:
            return Counter(event["no"] for event in self._events.values())

    def older(self) -> dict[str, list[dict[str, Any]]]:
        """What orders looked like before, oldest first."""
        with self._lock:
            return {no: list(versions) for no, versions in self._older.items()}

    def taken_changes(self) -> list[str]:
        """The numbers that changed since this was asked last."""
        with self._lock:
            numbers, self._fresh = list(self._fresh), {}
            return numbers

    def push_later(self, no: str) -> None:
        """Name this number again the next time."""
        with self._lock:
            self._fresh[no] = None

    def _known(self, no: str) -> Filed:
        if (filed := self._orders.get(no)) is None:
            raise Refusal(40401, "没有这张工单。")
        return filed

    def _shown(self, filed: Filed) -> dict[str, Any]:
        status = filed.verbatim or self._mapping.code(filed.meaning)
        return {**filed.content, "version": filed.version, "status": status}

    def _keep(self, filed: Filed, event: dict[str, Any] | None = None) -> dict[str, Any]:
        self._store.add({"platform": self.code, "filed": filed.as_json(), "event": event})
        self._take(filed, event)
        self._fresh[filed.no] = None
        return self._shown(filed)

    def _take(self, filed: Filed, event: dict[str, Any] | None) -> None:
        if before := self._orders.get(filed.no):
            older = self._older.setdefault(filed.no, [])
            older.append(self._shown(before))
            del older[:-MOST_OLDER]
        self._orders[filed.no] = filed
        self._log.append(filed.no)
        if event:
            self._events[str(event["event_id"])] = event


def _day(filed: Filed) -> date:
    return clock.local(datetime.fromisoformat(filed.content["dispatched_at"])).date()
