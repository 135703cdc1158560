"""Figures of the voice line, counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session

from hotline.calls import checks, voice_figures, voice_queries
from hotline.calls.checks import Asked
from hotline.calls.models import CallTurn
from hotline.calls.voice_figures import End
from hotline.calls.voice_rules import Doubt, Verdict
from hotline.errors import Refused
from tests.calls.events import NINE
from tests.calls.voices import called, ended, said
from tests.people import make_person

DAY = (NINE - timedelta(hours=9), NINE + timedelta(hours=15))


@pytest.fixture
def calls(session: Session) -> None:
    """Two bookings (one of them then asks for a person), an answer, a person, two who hung up,
    one who went without a word; the next day one more."""
    ended(session, "a", "booked", "done", seconds=100, turns=10, missed=1, age="sixties")
    ended(session, "b", "booked", "person", seconds=140, turns=12, reason="asked", age="old")
    ended(session, "c", "answered", "done", turns=3, age="young")
    ended(session, "d", went="person", turns=2, missed=2, reason="miss", age="old")
    ended(session, "e", went="hung_up", turns=4, step="department")
    ended(session, "f", went="hung_up", turns=1, step="department", after=3600)
    ended(session, "g", went="done", turns=1)
    ended(session, "h", went="crisis", reason="crisis", after=24 * 3600)


def test_each_call_counts_once_by_what_it_got(session, calls):
    (every,) = voice_figures.groups(session, "all", *DAY)
    assert every.ends == {End.BOOKED: 2, End.CANCELLED: 0, End.ANSWERED: 1, End.PERSON: 1,
                          End.ABANDONED: 2, End.CUT_OFF: 0, End.NOTHING: 1}  # fmt: skip
    assert (every.calls, every.settled, every.success) == (7, 3, 3 / 7)
    assert (every.seconds_booked, every.turns_booked) == (120, 11)
    assert (every.turns, every.missed) == (33, 3)


def test_calls_by_day_hour_age_and_model(session, calls):
    until = DAY[1] + timedelta(days=1)
    days = voice_figures.groups(session, "day", DAY[0], until)
    assert [(group.key, group.calls) for group in days] == [
        (date(2026, 11, 20), 7), (date(2026, 11, 21), 1),
    ]  # fmt: skip
    assert [(group.key, group.calls) for group in voice_figures.groups(session, "hour", *DAY)] == [
        (9, 6), (10, 1),
    ]  # fmt: skip
    ages = {group.key: group for group in voice_figures.groups(session, "age", *DAY)}
    assert {key: group.calls for key, group in ages.items()} == {
        "old": 2, "sixties": 1, "young": 1, None: 3,
    }  # fmt: skip
    assert ages["old"].success == 0.5
    assert [group.key for group in voice_figures.groups(session, "model", *DAY)] == ["small 1.0"]


def test_where_callers_hang_up_and_why_they_go_to_a_person(session, calls):
    assert voice_figures.abandoned_at(session, *DAY) == {"department": 2}
    assert voice_figures.transferred_for(session, *DAY) == {"asked": 1, "miss": 1}


def test_misses_and_waits_by_question(session, redis):
    called(session)
    for wait in (400, 600, 800, 1000, 5000):
        said(session, wait=wait)
    said(session, heard="嗯", missed=True, wait=800)
    said(session, heard=None, outcome="no_input", missed=True)
    said(session, expects="department", heard="按键 3", outcome="keys", wait=90000)
    said(session, expects="department", heard=None, outcome="hung_up")
    found = voice_figures.turns(session, *DAY)
    hospital = found.by_step["hospital"]
    assert (hospital.asked, hospital.missed, hospital.silent) == (7, 1, 1)
    assert (hospital.miss_rate, hospital.silent_rate) == (1 / 6, 1 / 7)
    assert (hospital.wait_p50, hospital.wait_p95) == (0.8, pytest.approx(4.0))
    assert found.by_step["department"].asked == 1  # hanging up is no answer
    assert found.by_step["department"].wait_p50 is None  # keys do not wait for a silence
    assert found.all.asked == 8
    assert found.by_model["small 1.0"].asked == 8
    assert list(found.by_day) == [date(2026, 11, 20)]


def test_nothing_happened(session):
    assert voice_figures.groups(session, "all", *DAY) == []
    assert voice_figures.turns(session, *DAY).all.asked == 0


def test_calls_behind_a_figure_page_by_page(session, redis, calls, monkeypatch):
    for uid in "abcdefgh":
        called(session, uid)
    found = voice_queries.calls(session, *DAY, {"end": "abandoned"})
    assert {row.voice.call_uid for row in found.rows} == {"e", "f"}
    assert voice_queries.calls(session, *DAY, {"age": "old", "reason": "miss"}).total == 1
    monkeypatch.setattr(voice_queries, "PAGE", 3)
    seen, cursor = [], None
    while True:
        page = voice_queries.calls(session, *DAY, {}, cursor)
        seen += [row.voice.call_uid for row in page.rows]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == ["f", "g", "e", "d", "c", "b", "a"]


# --- the queue


def test_what_is_in_doubt_waits_and_what_is_personal_never_does(session, redis):
    called(session)
    missed = said(session, heard="嗯那个", missed=True)
    said(session, confidence=0.95)
    unsure = said(session, confidence=0.4)
    taken_back = said(session, expects="department", heard="眼科", confidence=0.9)
    said(session, expects="date", heard="不是", corrects=taken_back.position, confidence=0.9)
    for step in ("name", "last_four", "mobile", "id_number", "patient"):
        said(session, expects=step, heard="口述 3 字", confidence=0.1, missed=True)
    session.expire_all()
    waiting = checks.queue(session, Asked()).rows
    assert [(turn.id, turn.doubt) for turn, _ in waiting] == [
        (taken_back.id, Doubt.CORRECTED), (unsure.id, Doubt.UNSURE), (missed.id, Doubt.MISSED),
    ]  # fmt: skip
    assert checks.queue(session, Asked(Doubt.UNSURE)).total == 1
    assert checks.queue(session, Asked(step="department")).total == 1


def test_judging_goes_on_to_the_next_and_comes_round(session, redis):
    called(session)
    older, newer = said(session, missed=True), said(session, missed=True)
    by = make_person(session, "banzhang").key
    assert checks.next_after(session, Asked()) == newer.id
    assert checks.next_after(session, Asked(), newer.id) == older.id
    assert checks.next_after(session, Asked(), older.id) == newer.id
    checks.judge(session, newer.key, Verdict.SAID, " 鼓楼 医院 ", by)
    kept = session.get_one(CallTurn, newer.id)
    assert (kept.verdict, kept.said, kept.checked_by) == (Verdict.SAID, "鼓楼医院", by)
    assert checks.next_after(session, Asked(), newer.id) == older.id
    checks.judge(session, older.key, Verdict.UNCLEAR, "不算数", by)
    assert session.get_one(CallTurn, older.id).said is None
    assert checks.next_after(session, Asked()) is None
    assert checks.queue(session, Asked(is_done=True)).total == 2


def test_what_cannot_be_judged_is_refused(session, redis):
    called(session)
    sure = said(session, confidence=0.95)
    turn = said(session, missed=True)
    by = make_person(session, "banzhang").key
    for words in ("", "字" * 201):
        with pytest.raises(Refused, match="said_invalid"):
            checks.judge(session, turn.key, Verdict.SAID, words, by)
    with pytest.raises(Refused, match="turn_unknown"):
        checks.judge(session, sure.key, Verdict.UNCLEAR, "", by)
    checks.judge(session, turn.key, Verdict.UNCLEAR, "", by)
    with pytest.raises(Refused, match="turn_judged"):
        checks.judge(session, turn.key, Verdict.SAID, "晚了", by)
    checks.judge(session, turn.key, Verdict.SAID, "改了", by, again=True)
    assert session.get_one(CallTurn, turn.id).said == "改了"
