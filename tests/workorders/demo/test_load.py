"""A month of made-up orders: both sides agree on each of them, and they go away again."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline.db import transaction
from hotline.demo.load import Order as City
from hotline.demo.load import load as load_calls
from hotline.demo.remove import remove
from workorders.demo import load
from workorders.demo.plan import Course, stories_of
from workorders.models import Order
from workorders.models import Platform as Row
from workorders.platforms import mapping
from workorders.rules import OPEN, State
from workorders.standin.running import StandIn

AT = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


def test_a_day_is_the_same_whenever_it_is_told() -> None:
    day = AT.date()
    assert stories_of(day) == stories_of(day)
    courses = Counter(
        story.course for n in range(60) for story in stories_of(day.replace(day=1 + n % 28))
    )
    assert set(courses) == set(Course)


@pytest.fixture
def told(committed: str, redis: object) -> int:
    load_calls(City(days=31, per_day=12), at=AT)
    return load.prepare(at=AT)


def test_a_month_of_orders(told: int) -> None:
    with transaction() as session:
        orders = list(session.exec(select(Order)))
        assert len(orders) == told
        by_platform = Counter(order.platform for order in orders)
        assert set(by_platform) == {"city", "province", "self"}
        states = {order.state for order in orders}
        assert {State.ARCHIVED, State.CLOSED} <= states
        assert any(order.state in OPEN for order in orders)
        assert all(order.is_demo for order in orders)
        assert min(order.received_at for order in orders).date() < AT.date().replace(day=1)
        _both_sides_agree(session)
    assert load.prepare(at=AT) == 0
    _goes_away()


def _both_sides_agree(session: Session) -> None:
    """The stand-in that starts from the file knows the same orders in the same versions."""
    standin = StandIn(state_file=load.state_file())
    theirs = {each["no"]: each for side in standin.platforms for each in side.orders()}
    rows = {row.code: mapping.from_column(row.mapping) for row in session.exec(select(Row))}
    ours = session.exec(select(Order).where(col(Order.remote_no).is_not(None))).all()
    assert {order.remote_no for order in ours} == set(theirs)
    for order in ours:
        their = theirs[order.remote_no or ""]
        assert (order.remote_status, order.remote_version) == (their["status"], their["version"])
        meaning = rows[order.platform].meaning(their["status"])
        assert meaning is not None
        assert mapping.agree(order.state, meaning), (order.order_no, order.state, meaning)


def _goes_away() -> None:
    remove()
    with transaction() as session:
        left = session.connection().execute(
            text(
                "SELECT (SELECT count(*) FROM work_order), (SELECT count(*) FROM work_order_step),"
                " (SELECT count(*) FROM work_order_platform), (SELECT count(*) FROM call)"
            )
        )
        assert tuple(left.one()) == (0, 0, 0, 0)
    assert not load.state_file().exists()


def test_the_stand_in_of_a_demonstration_has_secrets_of_its_own(told: int) -> None:
    accounts = load.accounts()
    assert set(accounts) == {"city", "province"}
    assert len({account.secret for account in accounts.values()}) == 2
    assert load.port() > 1023
    first = json.loads(load.state_file().read_text().splitlines()[0])
    assert first["platform"] in accounts
