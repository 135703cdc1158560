"""A careless platform, asked until it has said everything: nothing lost, nothing doubled."""

from __future__ import annotations

import uuid

from tests.workorders.standin.conftest import Client
from tests.workorders.standin.events import event
from workorders.platforms.adapter import NoAnswer
from workorders.platforms.rest import RestAdapter
from workorders.platforms.wire import OutgoingEvent, RemoteOrder
from workorders.standin.faults import Fault
from workorders.standin.running import StandIn

ORDERS, MOST_TRIES = 40, 400
SHARES = {
    Fault.REPEATED: 0.3,
    Fault.OUT_OF_ORDER: 0.3,
    Fault.CURSOR_BACK: 0.3,
    Fault.CHANGED_TYPES: 0.3,
    Fault.HALF_ANSWER: 0.15,
    Fault.NOT_JSON: 0.1,
    Fault.DOWN: 0.1,
    Fault.DROPPED: 0.1,
    Fault.BUSY: 0.1,
    Fault.ERROR_AFTER_APPLYING: 0.4,
}


class Inbox:
    """The least that an exchange needs: the newest version of each order, and a cursor."""

    def __init__(self) -> None:
        self.orders: dict[str, RemoteOrder] = {}
        self.cursor = ""

    def pull(self, asking: RestAdapter) -> bool:
        """One page; whether it was the last."""
        try:
            page = asking.changes(self.cursor, 10)
        except NoAnswer:
            return False
        for item in page.items:
            assert isinstance(item, RemoteOrder)
            known = self.orders.get(item.no)
            if known is None or known.version < item.version:
                self.orders[item.no] = item
        self.cursor = page.next_cursor
        return not page.more


def _deliver(asking: RestAdapter, no: str, what: OutgoingEvent) -> None:
    assert any(asking.send(no, what).is_settled for _ in range(MOST_TRIES))


def test_everything_arrives_once(standin: StandIn, client: Client) -> None:
    numbers = [str(standin.place(standin.city)["no"]) for _ in range(ORDERS)]
    for fault, share in SHARES.items():
        standin.city.faults.set(fault, share=share)
    asking, inbox = client(), Inbox()
    for turn, no in enumerate(numbers):
        inbox.pull(asking)
        for kind in ("accept", "progress", "reply")[: turn % 4]:
            _deliver(asking, no, event(kind, event_id=uuid.uuid5(uuid.NAMESPACE_OID, no + kind)))
    for _ in range(MOST_TRIES):
        if inbox.pull(asking) and _is_at_end(standin, inbox):
            break
    found = {no: (order.version, order.status) for no, order in inbox.orders.items()}
    assert found == {
        each["no"]: (each["version"], each["status"]) for each in standin.city.orders()
    }
    assert [len(standin.city.events(no)) for no in numbers] == [turn % 4 for turn in range(ORDERS)]


def _is_at_end(standin: StandIn, inbox: Inbox) -> bool:
    items, _, more = standin.city.changes(inbox.cursor, 1)
    return not items and not more
