"""How values are written for people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hotline import clock
from hotline.agents.rules import Presence
from hotline.clock import parse_instant
from hotline.console import filters
from hotline.console.event_words import event_words

NOW = parse_instant("2026-11-18T15:00:00+08:00")


@pytest.mark.parametrize(
    ("instant", "written"),
    [
        ("2026-11-18T14:05:00+08:00", "14:05"),
        ("2026-11-17T23:59:00+08:00", "昨天 23:59"),
        ("2026-11-16T14:05:00+08:00", "11-16 14:05"),
        ("2025-12-31T14:05:00+08:00", "2025-12-31 14:05"),
        # 16:30 UTC of the day before is after midnight in Shanghai
        ("2026-11-17T16:30:00+00:00", "00:30"),
    ],
)
def test_times_are_as_short_as_they_can_be(instant, written):
    assert filters.moment(parse_instant(instant), NOW) == written


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (0, "0秒"),
        (45, "45秒"),
        (200, "3分20秒"),
        (3720, "1小时02分"),
        (timedelta(days=2, hours=3), "2天3小时"),
        (-5, "0秒"),
        (None, "—"),
    ],
)
def test_durations_read_aloud(span, written):
    assert filters.duration(span) == written


def test_a_capped_total_says_so():
    assert filters.total(10_000, is_capped=True) == "超过 10,000 条"
    assert filters.total(1234) == "共 1,234 条"
    assert filters.total(None) == ""


def test_nothing_is_a_dash():
    assert [filters.dash(None), filters.percent(None), filters.label(None)] == ["—"] * 3


def test_a_code_shows_its_words_and_its_colour():
    assert filters.label(Presence.READY) == "就绪"
    assert filters.tone(Presence.READY) == "done"
    assert filters.tone("something_new") == "rest"


def test_numbers_are_masked():
    assert filters.phone("+8613812341234") == "138****1234"
    assert "13812341234" not in filters.redact("请回拨 13812341234")


def test_a_queue_of_ours_has_a_name_and_a_pbx_keeps_its_own():
    assert [filters.queue(name) for name in ("hotline", "综合咨询", None)] == [
        "人工热线", "综合咨询", "—",
    ]  # fmt: skip


def test_an_event_tells_in_words_who_and_why_and_keeps_what_it_does_not_know():
    people = {"8001": "王敏"}
    assert event_words({"queue": "crisis", "agent": "8001"}, people) == ["心理危机", "王敏"]
    assert event_words({"cause": "16", "by": "caller", "to": "8002"}, people) == [
        "8002", "来电人", "正常",
    ]  # fmt: skip
    assert event_words({"cause": "crash 77", "next": "queue"}, people) == ["crash 77"]


def test_what_was_understood_is_told_as_people_say_it(monkeypatch):
    monkeypatch.setattr(clock, "today", NOW.date)
    assert filters.understood("2026-12-02") == "12月2日 周三"
    assert filters.understood("2026-12-02 至 2027-01-03") == "12月2日 周三 至 2027年1月3日 周日"
    assert filters.understood("2026-02-30") == "2026-02-30"
    assert filters.understood("鼓楼 13900001234") == "鼓楼 139****1234"
