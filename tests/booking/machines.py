"""An outside channel in front of the doors of booking."""

from __future__ import annotations

from hotline.agents import tokens
from hotline.agents.rules import Role, Scope
from hotline.booking import binding
from hotline.booking.binding import Bound
from tests.booking.places import person


class Machine:
    """An outside channel."""

    def __init__(self, client, headers):
        self.client, self.headers = client, headers

    def get(self, path):
        return self.client.get(f"/api/v1/booking{path}", headers=self.headers)

    def post(self, path, body, key=None):
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(f"/api/v1/booking{path}", json=body, headers=headers)

    def hold(self, slot, number=1, key=None, channel="微信", **more):
        who = person(number)
        patient = {"name": who.name, "id_number": who.id_number, "mobile": who.mobile} | more
        body = {"slot_id": slot.id, "patient": patient}
        return self.post("/holds", body | ({"channel": channel} if channel else {}), key)

    def wait(self, slot, number=1):
        who = person(number)
        patient = {"name": who.name, "id_number": who.id_number, "mobile": who.mobile}
        return self.post("/waiting", {"slot_id": slot.id, "patient": patient})

    def book(self, slot, number=1, channel="微信"):
        held = self.hold(slot, number, channel=channel).json
        return self.post("/bookings", {"hold_id": held["hold_id"]}).json


def bound(client, session, channels=(), hospitals=(), cities=(), scope=Scope.BOOKING) -> Machine:
    """A machine whose token is narrowed to these."""
    row, token = tokens.create_token(session, "测试", Role.INTEGRATION, [scope])
    binding.bind(session, row.key, Bound(channels, hospitals, cities))
    session.commit()
    return Machine(client, {"Authorization": f"Bearer {token}"})
