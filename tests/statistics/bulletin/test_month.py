"""The form of 2023; identities that fail; closing, corrections, what is never changed."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hotline.errors import Refused
from hotline.statistics.bulletin import as_json, closing, outside, published, snapshot
from hotline.statistics.bulletin.checking import failing
from hotline.statistics.bulletin.rules import Weight
from tests.statistics.bulletin import april, may
from tests.statistics.bulletin.may import MONTH, SHEETS

BOOKING, CITIES = "booking_by_hospital.csv", "province_calls.csv"


@pytest.fixture
def month(session):
    may.fill(session)
    return session


def again(session, **changed):
    april.bring_in(session, MONTH, may.files(**changed))


def wrong(session, weight=None):
    return {one.code: one for one in failing(snapshot.of(session, MONTH)[1], weight)}


def test_text_and_tables_in_the_form_of_2023(month):
    closing.close(month, MONTH, april.CLERK, [SHEETS])
    made = as_json.published(published.in_force(month, MONTH))
    assert (made["text"], made["layout"], made["category_set"]) == (may.TEXT, "2023", "2023")
    assert made["tables"]["booking_by_hospital"] == {
        "columns": ["单位", "12320在线预约", "快速预约", "诊间预约", "第三方", "小计"],
        "rows": [["南京鼓楼医院", 40, 6, 10, 4, 60], ["江苏省人民医院", 11, 2, 0, 3, 16]],
        "totals": ["合计", 51, 8, 10, 7, 76],
    }
    assert made["tables"]["online_channels"]["totals"] == ["合计", 66]
    assert made["province"][0] == {"city": "南京", "calls": 51}
    assert {one["name"] for one in made["identities"] if not one["holds"]} == {"月报的表齐全"}
    assert made["closed"] is True


@pytest.mark.parametrize(
    ("file", "old", "new", "codes"),
    [
        (BOOKING, "1,南京鼓楼医院,40", "1,南京鼓楼医院,39",
         {"booking_rows", "booking_columns"}),
        (BOOKING, "合计,,51,8,10,7,76", "合计,,51,8,10,7,77", {"booking_rows", "booking_columns"}),
        ("online_channels.csv", "合计,,66", "合计,,67", {"channels"}),
        ("online_channels.csv", "平台,20", "平台,21", {"channels", "online"}),
        ("province_calls.csv", "南通,9", "南通,8", {"province"}),
        ("province_calls.csv", "苏州市", "南京市,50\n苏州市", {"own_city"}),
    ],
)  # fmt: skip
def test_what_must_add_up_and_does_not_stops_the_closing(month, file, old, new, codes):
    again(month, **{file: may.FILES[file].replace(old, new)})
    assert set(wrong(month, Weight.HARD)) == codes
    with pytest.raises(Refused) as refusal:
        closing.close(month, MONTH, april.CLERK, [SHEETS])
    assert refusal.value.code == "identities_fail"
    assert closing.editions(month, MONTH) == []


def test_a_failing_identity_names_its_figures_and_the_difference(month):
    again(month, **{"province_calls.csv": may.FILES["province_calls.csv"].replace(",9", ",8")})
    one = wrong(month)["province"]
    assert (one.said, one.summed, one.difference) == (100, 99, 1)
    assert [(key[-1], value) for key, value in one.parts] == [
        ("南京", 51), ("苏州", 40), ("南通", 8),
    ]  # fmt: skip
    assert closing.sentence(one) == "各市之和 = 全省接听电话：写的是 100，加起来 99，差 1"


def test_two_heads_that_were_exchanged_are_pointed_at(month):
    heads = may.BOOKING.replace("12320在线预约,快速预约", "快速预约,12320在线预约")
    again(month, **{BOOKING: heads})
    assert wrong(month)["online"].hint == (
        "它与“预约挂号服务统计 · 合计 · 快速预约”相同，两列的表头可能对调了。"
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("DELETE FROM work_order WHERE platform = 'self' AND remote_no IS NULL"
         " AND order_no = 'self-0'", "complaints"),
        ("UPDATE call SET category = NULL, disposition = NULL, wrapped_up_at = NULL"
         " WHERE id = (SELECT max(id) FROM call)", "unfiled"),
        ("UPDATE call SET category = 'survey' WHERE id = (SELECT max(id) FROM call)", "outside"),
    ],
)  # fmt: skip
def test_what_should_be_looked_at_has_to_be_seen_by_name(month, change, code):
    month.execute(text(change))
    total = str(49 + snapshot.of(month, MONTH)[0]["headline"]["total"])
    again(month, **{CITIES: may.FILES[CITIES].replace("100", total)})
    assert set(wrong(month)) == {code, SHEETS}
    with pytest.raises(Refused) as refusal:
        closing.close(month, MONTH, april.CLERK, [SHEETS])
    assert refusal.value.code == "not_seen"
    closing.close(month, MONTH, april.CLERK, [SHEETS, code])


def test_a_call_sorted_late_is_a_difference_and_then_a_numbered_correction(month):
    closing.close(month, MONTH, april.CLERK, [SHEETS])
    with pytest.raises(Refused) as refusal:
        closing.correct(month, MONTH, april.CLERK, "没有变化", [SHEETS])
    assert refusal.value.code == "nothing_changed"
    april.fill_calls(month, {"manual": 2}, may.START)
    again(month, **{"province_calls.csv": may.FILES["province_calls.csv"].replace("100", "102")})
    frozen = published.in_force(month, MONTH)
    assert frozen.snapshot["headline"]["total"] == 51
    found = closing.differences(frozen.snapshot, snapshot.of(month, MONTH)[0])
    assert {one["name"]: (one["before"], one["after"]) for one in found} == {
        "受理咨询电话": ("51", "53"), "人工服务": ("7", "9"), "南京电话量": ("51", "53"),
        "全省接听电话": ("100", "102"),
    }  # fmt: skip
    with pytest.raises(Refused) as refusal:
        closing.correct(month, MONTH, april.CLERK, "  ", [SHEETS])
    assert refusal.value.fields == {"reason": "请写明更正的原因。"}
    edition = closing.correct(month, MONTH, april.CLERK, "两通来电补登记", [SHEETS])
    assert (edition.number, edition.changes) == (1, found)
    assert [one.number for one in closing.editions(month, MONTH)] == [0, 1]
    now = as_json.published(published.in_force(month, MONTH))
    assert now["headline"]["total"] == 53
    assert now["corrections"][0]["reason"] == "两通来电补登记"
    first = published.of(closing.editions(month, MONTH), 0)
    assert (first.snapshot["headline"]["total"], first.corrections) == (51, ())


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE bulletin_edition SET snapshot = '{}'",
        "UPDATE bulletin_edition SET closed_by = 'x'",
        "DELETE FROM bulletin_edition",
    ],
)
def test_the_database_refuses_to_change_what_was_published(month, change):
    closing.close(month, MONTH, april.CLERK, [SHEETS])
    with pytest.raises(DBAPIError, match="only ever corrected"), month.begin_nested():
        month.execute(text(change))


def test_a_month_is_closed_once_and_when_it_is_over(month):
    closing.close(month, MONTH, april.CLERK, [SHEETS])
    with pytest.raises(Refused) as refusal:
        closing.close(month, MONTH, april.CLERK, [SHEETS])
    assert refusal.value.code == "already_closed"
    with pytest.raises(Refused) as refusal:
        closing.close(month, "2099-01", april.CLERK)
    assert refusal.value.code == "month_open"


def test_months_are_compared_where_they_mean_the_same(month):
    april.fill_calls(month, {"consultation": 40}, "2022-04-30T16:00:00Z")
    april.fill_calls(month, {"consultation": 102}, "2023-03-31T16:00:00Z")
    closing.close(month, "2022-05", april.CLERK, [SHEETS])
    closing.close(month, "2023-04", april.CLERK, [SHEETS])
    compared = snapshot.of(month, MONTH)[0]["compared"]
    before = {one["key"]: one for one in compared["before"]["figures"]}
    year = {one["key"]: one for one in compared["year"]["figures"]}
    assert before["headline/total"]["change"] == -0.5
    assert year["headline/total"]["change"] == pytest.approx(51 / 40 - 1)
    assert (year["headline/consultation"]["note"], year["booking/quick"]["note"]) == (
        "口径变化", "口径变化",
    )  # fmt: skip
    assert year["booking/online"]["note"] == "没有这项数据"


def test_the_cumulative_total_is_held_against_the_month_before(month):
    april.bring_in(month, "2023-04", {"cumulative_bookings.txt": b"1000"})
    assert "cumulative" not in wrong(month)
    april.bring_in(month, "2023-04", {"cumulative_bookings.txt": b"999"})
    assert wrong(month)["cumulative"].difference == 1


def test_the_same_file_again_changes_nothing_and_a_dry_look_writes_nothing(month):
    rows = month.execute(text("SELECT count(*) FROM bulletin_sheet")).scalar_one()
    outside.check(month, MONTH, may.files(**{BOOKING: may.BOOKING.replace("60", "61")}), {})
    found = april.bring_in(month, MONTH, may.files())
    assert (found.stored, len(found.unchanged)) == ([], 4)
    assert month.execute(text("SELECT count(*) FROM bulletin_sheet")).scalar_one() == rows


def test_bookings_of_ours_beside_a_file_are_asked_about_and_the_chosen_ones_printed(month):
    april.fill_bookings(month, {"南京鼓楼医院": 9}, may.START)
    found = outside.check(month, MONTH, may.files(), {})
    assert [one.key for _, one in found.asked] == ["booking_by_hospital.quick.source"]
    assert (
        "文件里共 8，本系统数到 9（南京鼓楼医院 6/9、江苏省人民医院 2/0）"
        in found.asked[0][1].question
    )
    with pytest.raises(Refused):
        outside.store(month, found, april.CLERK)
    found = outside.check(month, MONTH, may.files(), {"booking_by_hospital.quick.source": "own"})
    outside.store(month, found, april.CLERK)
    table = snapshot.of(month, MONTH)[0]["tables"]["booking_by_hospital"]
    assert [row[1:] for row in table["rows"]] == [
        ["南京鼓楼医院", 40, 9, 10, 4, 63], ["江苏省人民医院", 11, 0, 0, 3, 14],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("invented", "goes"),
    [("true", True), ("id = (SELECT min(id) FROM call)", False), ("false", False)],
)
def test_a_month_goes_with_the_demonstration_when_no_call_of_it_is_real(month, invented, goes):
    month.execute(text(f"UPDATE call SET is_demo = {invented}"))
    assert closing.close(month, MONTH, april.CLERK, [SHEETS]).is_demo is goes
