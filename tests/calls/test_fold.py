"""The fold: what is known of a call, whatever order its events come in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.calls.facts import CallEvent
from hotline.calls.fold import fold
from hotline.calls.rules import AbandonedIn, Direction, EventType, State
from tests.calls.events import NINE, answered_call, at, event


def test_an_answered_call_gives_each_second_to_its_stage():
    facts = fold(answered_call())
    spans = (facts.ivr_seconds, facts.wait_seconds, facts.ring_seconds)
    assert spans == (10, 10, 5)
    assert (facts.talk_seconds, facts.hold_seconds, facts.holds) == (40, 20, 1)
    assert (facts.state, facts.agent, facts.queue) == (State.CLOSED, "8001", "hotline")
    assert facts.abandoned_in is None


@pytest.mark.parametrize(
    ("events_heard", "state"),
    [
        (1, State.ARRIVING),
        (2, State.IN_IVR),
        (3, State.ARRIVING),
        (4, State.QUEUED),
        (5, State.RINGING),
        (6, State.TALKING),
        (7, State.HELD),
        (8, State.TALKING),
        (9, State.CLOSED),
    ],
)
def test_the_state_follows_the_events(events_heard, state):
    assert fold(answered_call()[:events_heard]).state is state


@pytest.mark.parametrize(
    ("stage", "events_heard"),
    [(AbandonedIn.IVR, 2), (AbandonedIn.QUEUE, 4), (AbandonedIn.RINGING, 5)],
)
def test_an_abandoned_call_knows_where_the_caller_gave_up(stage, events_heard):
    facts = fold([*answered_call()[:events_heard], event("ended", 30, by="caller")])
    assert facts.abandoned_in is stage
    assert facts.state is State.CLOSED


def test_an_early_hang_up_is_a_short_abandon_up_to_the_threshold():
    def queued_until(second: float) -> bool:
        events = [event("started", 0), event("queued", 0), event("ended", second)]
        return fold(events, short_abandon_seconds=5).short_abandon

    assert queued_until(5)
    assert not queued_until(5.1)


def test_who_finished_with_the_voice_line_did_not_abandon():
    events = [
        event("started", 0),
        event("ivr_entered", 0),
        event("ivr_left", 50, next="booked"),
        event("ended", 51, by="caller"),
    ]
    assert fold(events).abandoned_in is None


def test_who_the_voice_line_says_goodbye_to_did_not_abandon():
    events = [event("started", 0), event("ivr_entered", 0), event("ended", 51, by="system")]
    assert fold(events).abandoned_in is None


def test_an_outbound_call_nobody_answers_is_not_abandoned():
    events = [event("started", 0, direction=Direction.OUTBOUND), event("ended", 20)]
    assert fold(events).abandoned_in is None


def test_a_transferred_call_is_one_call_with_its_first_caller_and_two_legs():
    events = [
        *answered_call()[:6],
        event("transferred", 50, from_agent="8001", to="8002", original_caller="+8613900002222"),
        event("ringing", 50, agent="8002"),
        event("answered", 55, agent="8002"),
        event("ended", 75),
    ]
    facts = fold(events)
    assert (facts.caller, facts.transfers, facts.agent) == ("+8613800001111", 1, "8002")
    assert [(leg.agent, leg.talk_seconds) for leg in facts.legs] == [("8001", 30), ("8002", 20)]
    assert facts.talk_seconds == 50


def test_an_attended_transfer_keeps_the_caller_talking():
    events = [
        *answered_call()[:6],
        event("consulted", 30, agent="8001"),
        event("ringing", 31, agent="8002"),
        event("answered", 35, agent="8002"),
        event("transferred", 40, from_agent="8001", to="8002"),
    ]
    facts = fold(events)
    assert (facts.state, facts.agent, facts.consultations) == (State.TALKING, "8002", 1)
    assert facts.talk_seconds == 20


def test_the_original_caller_of_a_transfer_stands_in_for_a_lost_start():
    events = [event("transferred", 5, original_caller="+8613800001111"), event("ended", 9)]
    assert fold(events).caller == "+8613800001111"


def test_a_call_sent_back_to_the_queue_and_given_up_there_was_still_answered():
    events = [*answered_call()[:6], event("queued", 50, queue="experts"), event("ended", 70)]
    facts = fold(events)
    assert (facts.abandoned_in, facts.queue, facts.talk_seconds) == (None, "experts", 30)


def test_the_one_whose_telephone_rang_unanswered_leaves_when_another_answers():
    events = [
        event("started", 0),
        event("queued", 0),
        event("ringing", 2, agent="8001"),
        event("ringing", 12, agent="8002"),
        event("answered", 15, agent="8002"),
        event("ended", 30),
    ]
    legs = fold(events).legs
    assert [(leg.agent, leg.answered_at, leg.left_at) for leg in legs] == [
        ("8001", None, at(15)),
        ("8002", at(15), at(30)),
    ]


def test_an_answer_timed_after_the_end_counts_as_an_answer_without_talk():
    events = [event("started", 0), event("queued", 0), event("ended", 20), event("answered", 21)]
    facts = fold(events)
    assert (facts.abandoned_in, facts.answered_at, facts.talk_seconds) == (None, at(20), 0)
    assert facts.state is State.CLOSED


def test_an_end_timed_before_the_start_gives_a_call_of_no_length():
    facts = fold([event("started", 10), event("ended", 3)])
    assert (facts.started_at, facts.ended_at) == (at(10), at(10))


def test_the_last_of_several_ends_is_the_end():
    events = [*answered_call(), event("ended", 100, cause="late")]
    facts = fold(events)
    assert (facts.ended_at, facts.end_cause) == (at(100), "late")


def test_a_clock_far_ahead_is_not_believed_and_said_so():
    ahead = replace(event("ended", 3600), received_at=at(40))
    facts = fold([event("started", 0), event("queued", 0), ahead])
    assert (facts.ended_at, facts.skewed) == (at(40), True)


def test_a_delay_is_believed():
    late = replace(event("ended", 40), received_at=at(86400))
    facts = fold([event("started", 0), event("queued", 0), late])
    assert (facts.ended_at, facts.skewed) == (at(40), False)


def test_a_call_belongs_to_the_shanghai_month_of_its_start():
    start = event("started", 0)
    last_evening = replace(start, at=NINE.replace(month=10, day=31, hour=15, minute=59))
    new_month = replace(start, at=NINE.replace(month=10, day=31, hour=16))
    assert (fold([last_evening]).month, fold([new_month]).month) == ("2026-10", "2026-11")


def test_a_call_without_events_is_a_mistake():
    with pytest.raises(ValueError, match="without events"):
        fold([])


AGENTS = st.sampled_from(["8001", "8002", None])


@st.composite
def events(draw: st.DrawFn) -> list[CallEvent]:
    made = []
    for number in range(draw(st.integers(1, 14))):
        moment = at(draw(st.integers(0, 300)))
        made.append(
            CallEvent(
                event_id=f"e{number}",
                type=draw(st.sampled_from(list(EventType))),
                at=moment,
                received_at=moment + timedelta(seconds=draw(st.integers(-900, 900))),
                agent=draw(AGENTS),
                from_agent=draw(AGENTS),
                caller=draw(st.sampled_from(["+8613800001111", None])),
                next=draw(st.sampled_from(["queue", "done", None])),
            )
        )
    return made


@given(events(), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_give_the_same_facts(made, random):
    shuffled = made + random.choices(made, k=5)
    random.shuffle(shuffled)
    assert fold(shuffled) == fold(made)


@given(events())
def test_no_span_is_negative_and_no_moment_is_outside_the_call(made):
    facts = fold(made)
    end = facts.ended_at or facts.last_event_at
    spans = (facts.ivr_seconds, facts.ring_seconds, facts.talk_seconds, facts.hold_seconds)
    assert min(*spans, facts.wait_seconds) >= 0
    moments = [facts.queued_at, facts.ringing_at, facts.answered_at, facts.waiting_since]
    moments += [leg.left_at for leg in facts.legs]
    assert all(facts.started_at <= moment <= end for moment in moments if moment)


@given(events())
def test_the_stages_never_add_up_to_more_than_the_call(made):
    facts = fold(made)
    end = facts.ended_at or facts.last_event_at
    spans = (facts.ivr_seconds, facts.ring_seconds, facts.talk_seconds, facts.hold_seconds)
    assert sum(spans) <= (end - facts.started_at).total_seconds()


@given(events())
def test_closed_means_ended_and_abandoned_means_never_answered(made):
    facts = fold(made)
    assert (facts.state is State.CLOSED) == (facts.ended_at is not None)
    assert not (facts.abandoned_in and facts.answered_at)
    assert not (facts.short_abandon and facts.abandoned_in is None)


@given(events())
def test_what_comes_after_the_end_never_reopens_a_call(made):
    ended = [*made, event("ended", 0, event_id="the end")]
    assert fold(ended).state is State.CLOSED
