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
from hotline.booking.month_checks import Weight, differences, identities
from hotline.booking.month_layouts import LAYOUTS, layout_of
from hotline.booking.month_tables import (
    ChannelRow,
    ChannelTable,
    HospitalTable,
    Row,
    channel_table,
    hospital_table,
)
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
    report = month.report(session, "2019-02")
    assert report.hospitals.rows == []
    assert report.hospitals.totals == Row("合计", (0, 0, 0, 0), 0)
    assert differences(identities(report.hospitals, report.channels)) == []


@pytest.mark.parametrize("name", ["2026", "2026-13", "x", "2026-11-01"])
def test_what_is_no_month_is_refused(session, name):
    with pytest.raises(ValueError, match=r"(?i)month|format"):
        month.report(session, name)


def test_the_total_to_date_is_the_start_value_and_what_was_counted_since(session, city):
    move_to(session, session.exec(select(Booking)).first(), datetime(2026, 9, 30, 15, tzinfo=UTC))
    start = Start.read("2026-09:19238954")
    assert month.total_to_date(session, "2026-09", start) == 19238954, "it holds that one already"
    assert month.total_to_date(session, NOVEMBER, start) == 19238954 + 7
    assert month.total_to_date(session, NOVEMBER, Start()) == 8
    report = month.report(session, NOVEMBER, start)
    assert (report.before, report.to_date) == (19238954, 19238961)


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
    said = identities(table, channels, phone_in_text=_phone(table), to_date=7, before=7)
    failing = [each.name for each in differences(said)]
    assert failing == (["总预约挂号量 = 上月累计 + 本月"] if counts else [])


def _phone(table):
    columns = [each.column for each in table.layout.columns]
    return table.totals.counts[columns.index(Column.PHONE)] if Column.PHONE in columns else None


# The published bulletin of 2020-04: its totals, and its first and last hospital.
PUBLISHED = (79337, 81506, 128521, 66991)
ONLINE = {"健康南京客户端": 55439, "南京卫生12320微信平台": 21487, "南京卫生12320网": 2411}
OTHERS = {"12320快速预约": 12304, "江苏省预约挂号网": 5168, "我的南京客户端": 1479,
          "就医160": 131, "微脉科技": 13}  # fmt: skip


def published(**changed):
    """The two tables as they were printed, or with one figure changed."""
    first = Row("南京市儿童医院", (7220, 44374, 94274, 31087), changed.get("first", 176955))
    rest = Row("其他", (72117, 37132, 34247, 35904), 179400)
    totals = changed.get("totals", PUBLISHED)
    table = HospitalTable(layout_of("2020-04"), [first, rest], Row("合计", totals, 356355))
    rows = [ChannelRow(name, name, Column.ONLINE, bookings) for name, bookings in ONLINE.items()]
    rows += [ChannelRow(name, name, Column.THIRD_PARTY, n) for name, n in OTHERS.items()]
    return table, ChannelTable(rows, changed.get("channels", 98432))


def test_the_published_month_holds_every_identity():
    assert differences(identities(*published(), phone_in_text=81506)) == []


@pytest.mark.parametrize(
    ("changed", "text", "failing"),
    [
        ({"first": 176956}, 81506, {"南京市儿童医院：各栏之和 = 小计": 1,
                                    "小计：各医院之和 = 合计": -1}),
        ({"totals": (79337, 81507, 128521, 66991)}, 81507,
         {"合计：各栏之和 = 小计": -1, "电话预约：各医院之和 = 合计": 1}),
        ({"totals": (79340, 81506, 128518, 66991)}, 81506,
         {"12320在线预约：各医院之和 = 合计": 3, "诊间预约：各医院之和 = 合计": -3,
          "健康南京客户端 + 南京卫生12320微信平台 + 南京卫生12320网 = 12320在线预约": 3}),
        ({"channels": 98431}, 81506, {"途径之和 = 途径合计": -1}),
        ({}, 81500, {"正文电话预约 = 电话预约栏": -6}),
    ],
)  # fmt: skip
def test_one_wrong_figure_is_found_and_said_by_how_much(changed, text, failing):
    found = differences(identities(*published(**changed), phone_in_text=text))
    assert {each.name: each.difference for each in found} == failing
    assert {each.weight for each in found} == {Weight.HARD}
