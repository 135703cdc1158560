"""What the desk does with a call."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from hotline.agents.rules import Presence, Role
from hotline.audit import AuditEntry
from hotline.calls import alerts, callbacks, desk, service
from hotline.calls.confidential import HIDDEN, Reader
from hotline.calls.detail import call_detail, call_out
from hotline.calls.models import ClassificationFeedback, DangerAlert
from hotline.calls.rules import AttemptResult, CallbackState, Disposition, Source, State
from hotline.calls.sweep import sweep_stale
from hotline.calls.wrap_up import WrapUp, suggest_for, wrap_up
from hotline.clock import now
from hotline.errors import Refused
from tests.calls.events import answered_call, at, event
from tests.calls.test_intake import get_call, given_up, tell
from tests.people import make_person

SUPERVISOR = Reader(person_id=None, is_supervisor=True)


@pytest.fixture
def agent(session):
    return make_person(session, "zhao", name="赵红", extension="8001")


@pytest.fixture
def other(session):
    return make_person(session, "qian", name="钱红", extension="8002")


@pytest.fixture
def call(session, redis, agent):
    tell(session, answered_call())
    return get_call(session)


def settle(session, call, by=SUPERVISOR, **given):
    form = {"category": "consultation", "disposition": "answered"} | given
    return wrap_up(session, call.call_uid, WrapUp(**form), by)


def test_a_call_at_the_desk_runs_from_ring_to_wrap_up(session, redis, agent, other):
    call = desk.ring(session, desk.start(session, "13800001111", called="12320"), "zhao")
    assert (call.state, call.agent_id) == (State.RINGING, agent.id)
    call = desk.hold(session, desk.answer(session, call, "zhao"))
    assert call.state is State.HELD
    call = desk.transfer(session, desk.resume(session, call), "zhao", "qian")
    assert (call.state, call.caller) == (State.TRANSFERRING, "+8613800001111")
    call = desk.end(session, desk.answer(session, call, "qian"))
    assert (call.state, call.agent_id, call.transfers) == (State.WRAP_UP, other.id, 1)
    assert desk.end(session, call).state is State.WRAP_UP


def test_what_the_state_does_not_allow_is_refused(session, redis, agent):
    call = desk.start(session, "13800001111")
    for act in (desk.hold, desk.resume):
        with pytest.raises(Refused, match="call_state"):
            act(session, call)


def test_a_wrap_up_closes_the_call_and_frees_the_agent(session, redis, agent):
    call = desk.ring(session, desk.start(session, "13800001111"), "zhao")
    desk.end(session, desk.answer(session, call, "zhao"))
    session.refresh(agent)
    assert agent.presence is Presence.WRAP_UP
    mine = Reader(agent.id)
    call = settle(session, call, mine, subcategory="vaccination", summary="流感疫苗去哪里打")
    session.refresh(agent)
    assert (call.state, call.category, agent.presence) == (
        State.CLOSED, "consultation", Presence.READY,
    )  # fmt: skip
    assert (call.wrapped_up_by, call.disposition) == (agent.id, Disposition.ANSWERED)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"category": ""}, "category"),
        ({"category": "manual_typo"}, "category"),
        ({"disposition": ""}, "disposition"),
        ({"subcategory": "attitude"}, "subcategory"),
        ({"disposition": "non_business"}, "category"),
        ({"summary": "长" * 4001}, "summary"),
        ({"summary": "a\x00b"}, "summary"),
    ],
)
def test_a_wrap_up_says_which_field_is_at_fault(session, call, given, field):
    with pytest.raises(Refused) as refused:
        settle(session, call, **given)
    assert field in refused.value.fields


def test_a_category_must_be_in_the_set_of_the_month_of_the_start(session, redis):
    started = now().replace(year=2020, month=4, day=10)
    old = service.register_call(
        session, caller="", started_at=started, ended_at=started + timedelta(minutes=1), agent=None
    )
    assert settle(session, old, category="survey").category_set == "2020"
    with pytest.raises(Refused):
        settle(session, old, category="manual")


def test_the_agents_choice_wins_and_the_suggestion_is_kept_beside_it(session, call, agent):
    service.save_note(session, call.call_uid, "想给孩子打疫苗，问接种门诊在哪里", 0, agent.key)
    best = suggest_for(session, call)[0]
    settle(session, call, Reader(agent.id), category="complaint", subcategory="attitude")
    kept = session.exec(select(ClassificationFeedback)).one()
    assert kept.suggested["category"] == best.category.value
    assert (kept.category, kept.agreed) == ("complaint", False)


def test_another_agent_may_not_settle_my_call_but_a_supervisor_may(session, call, other):
    with pytest.raises(Refused, match="not_your_call"):
        settle(session, call, Reader(other.id))
    assert settle(session, call, Reader(other.id, is_supervisor=True)).state is State.CLOSED


def test_settling_again_amends_and_both_are_on_record(session, call):
    settle(session, call)
    settle(session, call, category="complaint", disposition="work_order")
    changes = [
        entry.detail for entry in session.exec(select(AuditEntry)) if "before" in entry.detail
    ]
    assert [change["after"]["category"] for change in changes] == ["consultation", "complaint"]


def test_a_note_is_never_overwritten_unseen(session, call, agent):
    first = service.save_note(session, call.call_uid, "第一稿", 0, agent.key)
    assert first.version == 1
    service.save_note(session, call.call_uid, "第二稿", 1, agent.key)
    with pytest.raises(Refused, match="note_conflict"):
        service.save_note(session, call.call_uid, "旧页面上的第二稿", 1, agent.key)


def test_words_of_danger_raise_one_alert_that_somebody_acknowledges(session, call, agent):
    words = "她说已经吃了一整瓶安眠药，不想活了"
    service.save_note(session, call.call_uid, words, 0, agent.key)
    service.save_note(session, call.call_uid, words + "。", 1, agent.key)
    alert = session.exec(select(DangerAlert)).one()
    assert (alert.level, bool(alert.reasons)) == ("high", True)
    alerts.acknowledge(session, alert.id, agent.key)
    assert alerts.open_alerts(session) == []


def test_everyday_words_raise_none(session, call, agent):
    service.save_note(session, call.call_uid, "问儿童医院周六是否开诊", 0, agent.key)
    assert session.exec(select(DangerAlert)).all() == []


def test_a_number_is_revealed_for_a_reason_that_goes_on_record(session, call):
    with pytest.raises(Refused, match="reason_invalid"):
        service.reveal_caller(session, call, " ", SUPERVISOR)
    assert service.reveal_caller(session, call, "回访核实", SUPERVISOR) == "13800001111"
    assert session.exec(select(AuditEntry).where(AuditEntry.action == "number_revealed")).one()


def test_a_confidential_call_opens_to_its_agent_and_supervisors_only(session, call, agent, other):
    settle(session, call, Reader(agent.id), summary="要求保密的内容", confidential=True)
    for reader in (Reader(agent.id), SUPERVISOR):
        assert call_out(call, reader).summary == "要求保密的内容"
    hidden = call_detail(session, call, Reader(other.id))
    assert {hidden.summary, hidden.caller, hidden.caller_name} == {HIDDEN}
    with pytest.raises(Refused, match="call_confidential"):
        service.reveal_caller(session, call, "想看看", Reader(other.id))


def test_history_finds_the_same_number_only(session, redis):
    tell(session, answered_call(), "a")
    tell(session, [event("started", 5, caller="+8613900002222")], "b")
    tell(session, [event("started", 6, caller=None)], "c")
    hash_ = get_call(session, "a").caller_hash
    assert [call.call_uid for call in service.caller_history(session, hash_)] == ["a"]
    assert service.caller_history(session, None) == []


def test_a_call_logged_by_hand_counts_like_any_other(session, redis, agent):
    began = now() - timedelta(hours=1)
    call = service.register_call(
        session, caller="138 0000 1111", caller_name="王女士", started_at=began,
        ended_at=began + timedelta(seconds=90), agent="zhao",
    )  # fmt: skip
    assert (call.source, call.talk_seconds, call.agent_id) == (Source.MANUAL, 90, agent.id)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"caller": "12"[:1]}, "caller"),
        ({"ended_at": now() - timedelta(days=2)}, "ended_at"),
        ({"started_at": now() + timedelta(hours=1)}, "ended_at"),
    ],
)
def test_a_call_logged_by_hand_must_be_possible(session, redis, given, field):
    form = {
        "caller": "",
        "started_at": now() - timedelta(hours=1),
        "ended_at": now(),
        "agent": None,
    }
    with pytest.raises(Refused) as refused:
        service.register_call(session, **(form | given))
    assert field in refused.value.fields


def test_a_silent_call_is_closed_and_corrected_when_its_end_comes(session, redis):
    tell(session, answered_call()[:6])
    assert sweep_stale(session, at(90) + timedelta(hours=3)) == 0
    assert sweep_stale(session, at(90) + timedelta(hours=5)) == 1
    call = get_call(session)
    assert (call.state, call.is_stale, call.ended_at) == (State.CLOSED, True, at(20))
    tell(session, [event("ended", 80)], now=at(90) + timedelta(hours=6))
    call = get_call(session)
    assert (call.is_stale, call.ended_at, call.talk_seconds) == (False, at(80), 60)


def test_a_sign_of_life_after_the_sweep_opens_the_call_again(session, redis):
    tell(session, answered_call()[:6])
    late = timedelta(hours=5)
    sweep_stale(session, at(90) + late)
    tell(session, [event("held", 5 * 3600 + 120)], now=at(120) + late)
    assert (get_call(session).state, get_call(session).is_stale) == (State.HELD, False)


def test_a_wrap_up_left_lying_is_closed_but_stays_on_the_list(session, call):
    sweep_stale(session, at(90) + timedelta(hours=5))
    left = get_call(session)
    assert (left.state, left.disposition) == (State.CLOSED, None)


def a_duty(session):
    tell(session, given_up())
    return callbacks.open_callbacks(session).rows[0]


def test_a_duty_is_claimed_by_one(session, redis, agent, other):
    duty = a_duty(session)
    callbacks.claim_callback(session, duty.id, agent.key)
    with pytest.raises(Refused, match="callback_claimed"):
        callbacks.claim_callback(session, duty.id, other.key)


@pytest.mark.parametrize(
    ("results", "state"),
    [
        ([AttemptResult.REACHED], CallbackState.REACHED),
        ([AttemptResult.NO_ANSWER], CallbackState.CLAIMED),
        ([AttemptResult.NO_ANSWER, AttemptResult.BUSY, AttemptResult.NO_ANSWER], "gave_up"),
        ([AttemptResult.WRONG_NUMBER], CallbackState.GAVE_UP),
    ],
)
def test_attempts_end_a_duty_by_success_or_by_the_third(session, redis, agent, results, state):
    duty = a_duty(session)
    for result in results:
        callbacks.record_callback_attempt(session, duty.id, result, agent.key)
    assert (duty.state, duty.attempts) == (state, len(results))


def test_a_duty_that_is_done_takes_no_more_attempts(session, redis, agent):
    duty = a_duty(session)
    callbacks.record_callback_attempt(session, duty.id, AttemptResult.REACHED, agent.key)
    with pytest.raises(Refused, match="callback_done"):
        callbacks.record_callback_attempt(session, duty.id, AttemptResult.REACHED, agent.key)


def test_a_call_with_the_wrong_role_is_still_only_an_agent(session, call):
    counsellor = make_person(session, "sun", Role.COUNSELLOR, extension="8003")
    with pytest.raises(Refused, match="not_your_call"):
        settle(session, call, Reader(counsellor.id))
