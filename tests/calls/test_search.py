"""Finding calls: words of two characters, pages, and what may not be found."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.calls import export, figures, grams, queries
from hotline.calls.confidential import HIDDEN, SYSTEM, Reader
from hotline.calls.export import export_rows, safe_cell
from hotline.calls.filters import Filters
from hotline.calls.queries import search_calls
from hotline.calls.wrap_up import WrapUp, wrap_up
from hotline.clock import local
from hotline.errors import Refused
from tests.calls.events import NINE, answered_call, at, event
from tests.calls.test_intake import get_call, given_up, tell
from tests.people import make_person

SAID = {
    "a": "鼓楼医院周三上午号源已满，建议改约周四",
    "b": "咨询流感疫苗接种地点，家住鼓楼区",
    "c": "投诉收费，医院楼层指示不清，敲鼓扰民",
    "d": "ＨＰＶ疫苗 hpv 第二针",
    "e": "100%满意_'; DROP TABLE call;--<b>",
}


@pytest.fixture
def calls(session, redis):
    for number, (uid, summary) in enumerate(SAID.items()):
        tell(session, [event("started", number, caller=f"+861380000111{number}")], uid)
        settle(session, uid, summary=summary)


def settle(session, uid, reader=SYSTEM, **given):
    form = {"category": "consultation", "disposition": "answered"} | given
    return wrap_up(session, uid, WrapUp(**form), reader)


def found(session, query, reader=SYSTEM, **more) -> str:
    page = search_calls(session, Filters(query=query, **more), reader)
    return "".join(sorted(call.call_uid for call in page.rows))


@pytest.mark.parametrize(
    ("query", "uids"),
    [
        ("鼓楼", "ab"),
        ("鼓楼医院", "a"),
        ("楼鼓", ""),
        ("疫苗", "bd"),
        ("hpv", "d"),
        ("HPV疫苗", "d"),
        ("鼓", "abc"),
        ("苗", "bd"),
        ("鼓楼 疫苗", "b"),
        ("疫苗接种地点", "b"),
        ("100%", "e"),
        ("_'", "e"),
        ("<b>", "e"),
        ("%", "e"),
        ("龘", ""),
        ("   ", "abcde"),
    ],
)
def test_words_are_found_as_they_stand(session, calls, query, uids):
    assert found(session, query) == uids


def test_a_whole_number_or_a_call_number_finds_its_call(session, calls):
    assert found(session, "13800001112") == "c"
    assert found(session, get_call(session, "d").call_no) == "d"
    assert found(session, "1380000") == ""


def test_numbers_inside_a_summary_cannot_be_searched(session, calls):
    settle(session, "a", summary="请回电 13912345678")
    assert "13912345678" not in get_call(session, "a").search_text


def test_the_draft_is_found_before_the_wrap_up(session, redis):
    from hotline.calls.service import save_note

    by = make_person(session).key
    tell(session, [event("started", 0)])
    save_note(session, "call-1", "询问发热门诊", 0, by)
    assert found(session, "发热") == "call-1"
    save_note(session, "call-1", "询问预检", 1, by)
    assert found(session, "发热") == ""


def test_confidential_words_are_found_by_their_agent_and_supervisors_only(session, redis):
    agent = make_person(session, "zhao", extension="8001")
    tell(session, answered_call())
    settle(session, "call-1", summary="隐私内容", confidential=True)
    assert found(session, "隐私", Reader(agent.id)) == "call-1"
    assert found(session, "隐私", Reader(is_supervisor=True)) == "call-1"
    assert found(session, "隐私", Reader(agent.id + 1)) == ""
    assert found(session, None, Reader(agent.id + 1)) == "call-1"


@given(st.text(max_size=40), st.data())
def test_the_codes_of_any_piece_of_a_text_are_among_the_texts_codes(text, data):
    words = grams.words(text)
    if words:
        word = data.draw(st.sampled_from(words))
        start = data.draw(st.integers(0, len(word) - 1))
        end = data.draw(st.integers(start + 1, len(word)))
        assert set(grams.codes_of([word[start:end]])) <= set(grams.codes(text))


def test_pages_follow_each_other_without_gap_or_repetition(session, redis):
    for number in range(7):
        tell(session, [event("started", number // 3)], f"c{number}")
    seen, cursor = [], None
    while True:
        page = search_calls(session, Filters(), SYSTEM, cursor, limit=3)
        seen += [call.call_uid for call in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
        tell(session, [event("started", 500)], f"new-{len(seen)}")
    assert seen == ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]


def test_the_count_stops_at_its_cap(session, redis, monkeypatch):
    for number in range(4):
        tell(session, [event("started", number)], f"c{number}")
    monkeypatch.setattr(queries, "COUNT_CAP", 3)
    page = search_calls(session, Filters(), SYSTEM)
    assert (page.total, page.is_capped) == (3, True)


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WyJhIiwxXQ", "WzEsMl0"])
def test_a_cursor_of_somebody_elses_making_is_refused(session, cursor):
    with pytest.raises(Refused, match="cursor_invalid"):
        search_calls(session, Filters(), SYSTEM, cursor)


def test_lists_of_the_desk(session, redis):
    tell(session, [event("started", 0), event("queued", 5)], "waits")
    tell(session, [event("started", 0), event("ringing", 2)], "rings")
    tell(session, answered_call(), "unsettled")
    tell(session, given_up(), "gave-up")
    assert [call.call_uid for call in queries.waiting_calls(session)] == ["rings", "waits"]
    assert len(queries.live_calls(session)) == 2
    unsettled = queries.search_calls(session, Filters(unsettled=True), SYSTEM).rows
    assert [call.call_uid for call in unsettled] == ["unsettled"]
    abandoned = queries.search_calls(session, Filters(abandoned=True), SYSTEM).rows
    assert [call.call_uid for call in abandoned] == ["gave-up"]


def test_the_figures_of_a_day_say_what_they_are_made_of(session, redis):
    tell(session, answered_call(), "in time")  # waited 10 s
    late = [event("started", 0), event("queued", 0), event("answered", 20), event("ended", 50)]
    tell(session, late, "late")
    tell(session, given_up(), "queue")
    tell(session, [event("started", 0), event("queued", 0), event("ended", 2)], "short")
    tell(session, [event("started", 0), event("ivr_entered", 0), event("ended", 9)], "ivr")
    tell(session, [event("started", 86400)], "tomorrow", now=at(86400))
    day = figures.day_metrics(session, local(NINE).date())
    assert (day.total, day.offered, day.answered, day.short_abandons) == (5, 4, 2, 1)
    assert (day.abandoned_ivr, day.abandoned_queue, day.abandoned_ringing) == (1, 2, 0)
    assert (day.answered_in_time.numerator, day.answered_in_time.denominator) == (1, 3)
    assert (day.speed_of_answer.numerator, day.speed_of_answer.value) == (30, 15)
    assert day.handling_time.value == (60 + 30) / 2


def test_a_day_without_calls_has_no_rates(session):
    day = figures.day_metrics(session, local(NINE).date())
    assert (day.total, day.answered_in_time.value) == (0, None)


def test_the_board_counts_the_moment(session, redis):
    tell(session, [event("started", 0), event("queued", 5)], "waits")
    board = figures.board(session, at(65))
    assert (board.queued, board.longest_wait_seconds, board.talking) == (1, 60, 0)


def rows_of(session, reader=SYSTEM) -> list[dict]:
    text = "".join(export_rows(session, Filters(), reader))
    assert text.startswith("\ufeff来电编号")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_an_export_masks_numbers_and_hides_what_is_confidential(session, redis):
    tell(session, answered_call())
    settle(session, "call-1", summary="请打 13912345678", caller_name="王女士", confidential=True)
    open_row, hidden = rows_of(session)[0], rows_of(session, Reader(1))[0]
    assert (open_row["来电号码"], open_row["摘要"]) == ("138****1111", "请打 139****5678")
    assert {hidden["来电号码"], hidden["摘要"], hidden["姓名"]} == {HIDDEN}


def test_an_export_is_streamed_whole(session, redis, monkeypatch):
    monkeypatch.setattr(export, "ROWS_AT_ONCE", 2)
    for number in range(5):
        tell(session, [event("started", number)], f"c{number}")
    assert len(list(export_rows(session, Filters(), SYSTEM))) == 4
    assert len(rows_of(session)) == 5


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "  =1", "＝1", "\r=1"])
def test_no_cell_is_a_formula(cell):
    assert safe_cell(cell).startswith("'")


def test_names_that_are_formulas_stay_names(session, redis):
    tell(session, answered_call())
    settle(session, "call-1", caller_name="=HYPERLINK(1)", summary="正常")
    assert rows_of(session)[0]["姓名"] == "'=HYPERLINK(1)"


def test_a_span_is_half_open(session, redis):
    tell(session, [event("started", 0)], "a")
    tell(session, [event("started", 60)], "b")
    span = Filters(from_at=at(0), to_at=at(0) + timedelta(seconds=60))
    assert [call.call_uid for call in search_calls(session, span, SYSTEM).rows] == ["a"]
