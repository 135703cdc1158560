"""The month's tables: every booking in one column, everything adds up, both published forms."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import select

from hotline.booking import changing, month, service
from hotline.booking.models import Booking, Channel, Hospital
from hotline.booking.month import Start
from hotline.booking.month_layouts import LAYOUTS, layout_of
from hotline.booking.month_tables import Row, channel_table, hospital_table
from hotline.booking.rules import Column
from tests.booking.places import AGENT, AT, make_slot, person

NOVEMBER = "2026-11"


def book(session, slot, number, channel="agent", at=AT):
    held = service.hold(session, slot.key, person(number), channel, AGENT, at=at)
    return service.confirm(session, held.hold_id, AGENT, at=at)


def move_to(session, booking, instant):
    """Let it have been confirmed then."""
    session.execute(
        text("UPDATE booking SET confirmed_at = :at WHERE id = :id"),
        {"at": instant, "id": booking.key},
    )


@pytest.fixture
def city(session):
    """One hospital with bookings through six channels, another with one by telephone."""
    slot, other = make_slot(session, 20), make_slot(session, 5)
    channels = ("health_nanjing", "wechat", "wechat", "web", "quick", "agent", "province")
    for number, channel in enumerate(channels, 1):
        book(session, slot, number, channel)
    book(session, other, 90)
    return slot, other


def test_hospitals_are_ranked_and_stand_in_the_columns_of_2023(session, city):
    table = month.by_hospital(session, NOVEMBER)
    assert [each.label for each in table.layout.columns] == [
        "12320在线预约", "快速预约", "诊间预约", "第三方",
    ]  # fmt: skip
    names = [session.get(Hospital, slot.hospital_id).name for slot in city]
    assert table.rows == [Row(names[0], (4, 2, 0, 1), 7), Row(names[1], (0, 1, 0, 0), 1)]
    assert table.totals == Row("合计", (4, 3, 0, 1), 8)
    assert table.folded == {Column.PHONE: 2}, "the form prints no column for the telephone"


def test_the_form_of_2020_has_a_column_for_the_telephone(session, city):
    session.execute(text("UPDATE booking SET confirmed_at = '2020-04-10T02:00:00Z'"))
    table = month.by_hospital(session, "2020-04")
    assert [each.label for each in table.layout.columns] == [
        "12320在线预约", "电话预约", "诊间预约", "第三方",
    ]  # fmt: skip
    assert table.totals.counts == (4, 2, 0, 2)
    assert table.folded == {Column.QUICK: 1}


def test_channels_leave_out_telephone_and_clinic_and_are_ranked(session, city):
    table = month.by_channel(session, NOVEMBER)
    assert [(row.name, row.bookings) for row in table.rows] == [
        ("微信", 2), ("快速预约", 1), ("健康南京", 1), ("12320网", 1), ("省网", 1),
        ("我的南京", 0), ("第三方", 0),
    ]  # fmt: skip
    assert table.total == 6


def test_a_month_begins_and_ends_at_midnight_in_shanghai(session):
    slot = make_slot(session, 5)
    edges = {
        datetime(2026, 10, 31, 15, 59, 59, 999999, tzinfo=UTC): "2026-10",
        datetime(2026, 10, 31, 16, tzinfo=UTC): "2026-11",
        datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC): "2026-11",
        datetime(2026, 11, 30, 16, tzinfo=UTC): "2026-12",
    }
    for number, instant in enumerate(edges, 1):
        move_to(session, book(session, slot, number), instant)
    counted = {name: month.by_hospital(session, name).totals.total for name in edges.values()}
    assert counted == {"2026-10": 1, "2026-11": 2, "2026-12": 1}


def test_what_was_made_counts_for_good_and_what_was_never_confirmed_does_not(session):
    slot, other = make_slot(session, 5), make_slot(session, 5)
    changing.cancel(session, book(session, slot, 1).booking_no, "家里有事", AGENT, at=AT)
    missed = book(session, slot, 2)
    session.execute(text("UPDATE booking SET state = 'no_show' WHERE id = :id"), {"id": missed.key})
    moved = book(session, slot, 3)
    changing.change(session, moved.booking_no, other.key, AGENT, at=AT)
    service.hold(session, slot.key, person(4), "agent", AGENT, at=AT)
    given_up = service.hold(session, slot.key, person(5), "agent", AGENT, at=AT)
    service.release(session, given_up.hold_id, AGENT, at=AT)
    table = month.by_hospital(session, NOVEMBER)
    assert sorted(row.total for row in table.rows) == [1, 2], "the moved one counts where it is"


def test_no_bookings_no_rows_and_nothing_amiss(session):
    hospitals, channels = month.tables(session, "2019-02")
    assert (hospitals.rows, channels.total) == ([], 0)
    assert hospitals.totals == Row("合计", (0, 0, 0, 0), 0)


@pytest.mark.parametrize("name", ["2026", "2026-13", "x", "2026-11-01"])
def test_what_is_no_month_is_refused(session, name):
    with pytest.raises(ValueError, match=r"(?i)month|format"):
        month.tables(session, name)


def test_the_total_to_date_is_the_start_value_and_what_was_counted_since(session, city):
    move_to(session, session.exec(select(Booking)).first(), datetime(2026, 9, 30, 15, tzinfo=UTC))
    start = Start.read("2026-09:19238954")
    assert month.total_to_date(session, "2026-09", start) == 19238954, "it holds that one already"
    assert month.total_to_date(session, NOVEMBER, start) == 19238954 + 7
    assert month.total_to_date(session, NOVEMBER, Start()) == 8


def test_months_go_from_the_first_booking_to_now(session, city):
    assert month.months(session, AT) == [NOVEMBER]
    move_to(session, session.exec(select(Booking)).first(), datetime(2026, 9, 30, 15, tzinfo=UTC))
    assert month.months(session, AT) == [NOVEMBER, "2026-10", "2026-09"]
    session.execute(text("UPDATE booking SET confirmed_at = '2025-12-31T15:59:59Z'"))
    assert month.months(session, datetime(2026, 1, 1, tzinfo=UTC)) == ["2026-01", "2025-12"]


@pytest.mark.parametrize(
    ("name", "form"),
    [("2011-01", "2020"), ("2020-04", "2020"), ("2022-12", "2020"), ("2023-01", "2023"),
     ("2026-11", "2023")],
)  # fmt: skip
def test_the_form_is_chosen_by_the_month(name, form):
    assert layout_of(name).name == form


def test_every_form_has_one_place_for_every_column():
    for layout in LAYOUTS:
        placed = [column for printed in layout.columns for column in printed.counts]
        assert sorted(placed) == sorted(Column), layout.name


CHANNELS = [
    Channel(code=f"c{number}", name=f"途径{number}", counts_in=column, position=number)
    for number, column in enumerate([*Column, Column.ONLINE, Column.THIRD_PARTY])
]
COUNTS = st.dictionaries(
    st.tuples(st.integers(1, 9), st.sampled_from([each.code for each in CHANNELS])),
    st.integers(1, 10**6),
)


@given(COUNTS, st.sampled_from(LAYOUTS))
def test_whatever_was_booked_adds_up_in_either_form(counts, layout):
    names = {number: f"医院{number}" for number in range(1, 10)}
    table = hospital_table(counts, names, CHANNELS, layout)
    channels = channel_table(counts, CHANNELS)
    assert table.totals.total == sum(counts.values()), "each booking in one column, none left out"
    assert [row.total for row in table.rows] == sorted(
        (row.total for row in table.rows), reverse=True
    )
    for row in (*table.rows, table.totals):
        assert row.total == sum(row.counts)
    for place in range(len(layout.columns)):
        assert table.totals.counts[place] == sum(row.counts[place] for row in table.rows)
    assert channels.total == sum(row.bookings for row in channels.rows)
