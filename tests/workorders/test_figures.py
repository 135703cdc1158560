"""How many orders came in a month, as the bulletin prints it."""

from datetime import UTC, datetime

from sqlmodel import Session

from hotline.clock import month_bounds
from tests.workorders.orders import LEADER, platform, received
from workorders import figures, filing
from workorders.filing import Draft
from workorders.models import Order
from workorders.rules import Kind

# November 2026 in Shanghai begins eight hours before it does in UTC.
FIRST = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
LAST = datetime(2026, 11, 30, 15, 59, 59, 999_999, tzinfo=UTC)


def filed(session: Session, at: datetime) -> Order:
    draft = Draft(Kind.COMPLAINT, "多收费", "多收二十元", reply_wanted=False)
    return filing.file_own(session, draft, LEADER, at=at)


def november(session: Session) -> dict[str, int]:
    return figures.received(session, *month_bounds("2026-11"))


def test_own_orders_count_from_midnight_to_midnight_in_shanghai(session: Session) -> None:
    before = datetime(2026, 10, 31, 15, 59, 59, 999_999, tzinfo=UTC)
    after = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    for at in (before, FIRST, LAST, after):
        filed(session, at)
    assert november(session) == {"city": 0, "province": 0, "self": 2}
    assert figures.received(session, *month_bounds("2026-10"))["self"] == 1
    assert figures.received(session, *month_bounds("2026-12"))["self"] == 1


def test_a_platforms_orders_count_apart_and_merged_ones_were_received_too(
    session: Session,
) -> None:
    order = received(session, platform(session))
    order.received_at = FIRST
    master, child = filed(session, FIRST), filed(session, LAST)
    child.master_id, child.state = master.key, "merged"
    session.flush()
    assert november(session) == {"city": 1, "province": 0, "self": 2}
