"""Clocks as they are stored: each on its own, kept, and never started twice."""

from __future__ import annotations

import pytest
from sqlmodel import select

from hotline.errors import Refused
from tests.workorders.deadlines.orders import at, make_order
from workorders.deadlines import service
from workorders.deadlines.models import DeadlineRule, WorkOrderClock, WorkOrderPause
from workorders.deadlines.rules import ClockKind, RemoteDue
from workorders.models import Unit
from workorders.rules import Kind, RequestKind, Urgency

RECEIVED = at("2026-09-30T10:12")
FINISH, SIGN = ClockKind.FINISH, ClockKind.SIGN


@pytest.fixture
def order(session):
    return make_order(session)


@pytest.mark.parametrize(
    ("clock", "kind", "urgency", "due"),
    [
        (SIGN, Kind.COMPLAINT, Urgency.NORMAL, "2026-10-08T17:30"),
        (SIGN, Kind.COMPLAINT, Urgency.URGENT, "2026-09-30T12:12"),
        (SIGN, Kind.PRAISE, Urgency.MOST_URGENT, "2026-09-30T12:12"),
        (ClockKind.RETURN_BY, Kind.HELP, Urgency.NORMAL, "2026-10-09T17:30"),
        (ClockKind.FIRST_CONTACT, Kind.HELP, Urgency.URGENT, "2026-10-08T17:30"),
        (FINISH, Kind.CONSULTATION, Urgency.NORMAL, "2026-10-08T17:30"),
        (FINISH, Kind.HELP, Urgency.NORMAL, "2026-10-13T17:30"),
        (FINISH, Kind.SUGGESTION, Urgency.NORMAL, "2026-10-13T17:30"),
        (FINISH, Kind.COMPLAINT, Urgency.MOST_URGENT, "2026-10-13T17:30"),
        (FINISH, Kind.REPORT, Urgency.NORMAL, "2026-10-13T17:30"),
        (FINISH, Kind.PRAISE, Urgency.NORMAL, "2026-10-13T17:30"),
        (ClockKind.CALLBACK, Kind.PRAISE, Urgency.NORMAL, "2026-10-08T17:30"),
    ],
)
def test_the_rows_it_comes_with(session, clock, kind, urgency, due):
    order = make_order(session, "self", kind, urgency)
    started = service.start(session, order, clock, RECEIVED)
    assert started.due_at == at(due)


def test_clocks_never_overwrite_each_other(session, order):
    sign = service.start(session, order, SIGN, RECEIVED)
    finish = service.start(session, order, FINISH, RECEIVED, remote_due=at("2026-10-12T18:00"))
    service.stop(session, order, SIGN, at("2026-10-08T09:30"))
    assert (sign.met, sign.due_at) == (True, at("2026-10-08T17:30"))
    assert finish.stopped_at is None
    assert finish.own_due_at == at("2026-10-13T17:30")
    assert finish.given_due_at == finish.due_at == at("2026-10-12T18:00")


def test_starting_twice_starts_once(session, order):
    first = service.start(session, order, FINISH, RECEIVED)
    again = service.start(session, order, FINISH, at("2026-10-09T10:00"))
    assert again.key == first.key
    assert again.started_at == RECEIVED
    service.stop(session, order, FINISH, at("2026-10-09T11:00"))
    assert service.start(session, order, FINISH, at("2026-10-09T12:00")).key == first.key
    assert service.stop(session, order, FINISH, at("2026-10-20T12:00")) is None
    assert first.stopped_at == at("2026-10-09T11:00")


def test_a_deadline_of_the_platform_that_comes_later_is_heeded(session, order):
    service.start(session, order, FINISH, RECEIVED)
    clock = service.start(session, order, FINISH, RECEIVED, remote_due=at("2026-10-09T12:00"))
    assert clock.due_at == at("2026-10-09T12:00")
    assert "平台要求 2026-10-09 12:00 前，取较早者" in service.why(clock)


def test_what_is_done_late_is_not_met(session, order):
    service.start(session, order, SIGN, RECEIVED)
    assert service.stop(session, order, SIGN, at("2026-10-08T17:31")).met is False


def test_an_order_that_goes_back_is_not_judged(session, order):
    for kind in (SIGN, FINISH):
        service.start(session, order, kind, RECEIVED)
    service.drop(session, order, at("2026-10-20T09:00"))
    assert service.running(session, order.key) == []
    assert [clock.met for clock in session.exec(select(WorkOrderClock))] == [None, None]


def test_a_pause_moves_only_the_clocks_whose_rule_says_so(session, order):
    kinds = (SIGN, ClockKind.RETURN_BY, FINISH, ClockKind.CALLBACK)
    clocks = {kind: service.start(session, order, kind, RECEIVED) for kind in kinds}
    before = {kind: clock.due_at for kind, clock in clocks.items()}
    for moment in ("2026-10-08T09:00", "2026-10-08T09:05"):
        service.pause(session, order, at(moment), RequestKind.RETURN)
    assert clocks[FINISH].paused_since == at("2026-10-08T09:00")
    assert len(session.exec(select(WorkOrderPause)).all()) == 2
    assert "因退单待审自 2026-10-08 09:00 起暂停，恢复后顺延" in service.why(clocks[FINISH])
    service.resume(session, order, at("2026-10-10T09:00"), RequestKind.RETURN)
    after = {kind: clock.due_at for kind, clock in clocks.items()}
    assert after == {
        SIGN: at("2026-10-10T17:30"),  # from the 8th: two working days, the 10th being worked
        ClockKind.RETURN_BY: before[ClockKind.RETURN_BY],
        FINISH: at("2026-10-15T17:30"),
        ClockKind.CALLBACK: before[ClockKind.CALLBACK],
    }
    assert clocks[FINISH].paused_since is None
    assert "因退单待审暂停，顺延 2 个工作日" in service.why(clocks[FINISH])


def test_two_reasons_stop_a_clock_once(session, order):
    clock = service.start(session, order, FINISH, RECEIVED)
    service.pause(session, order, at("2026-10-08T09:00"), RequestKind.RETURN)
    service.pause(session, order, at("2026-10-08T15:00"), RequestKind.SUSPEND)
    service.resume(session, order, at("2026-10-09T09:00"), RequestKind.RETURN)
    assert clock.paused_since == at("2026-10-08T15:00")
    service.resume(session, order, at("2026-10-10T09:00"), RequestKind.SUSPEND)
    assert clock.paused_since is None
    assert clock.due_at == at("2026-10-15T17:30")


def test_what_is_done_while_it_stands_still_is_in_time(session, order):
    clock = service.start(session, order, FINISH, RECEIVED)
    service.pause(session, order, at("2026-10-12T09:00"), RequestKind.SUSPEND)
    service.stop(session, order, FINISH, at("2026-10-15T09:00"))
    assert clock.met is True
    assert clock.due_at == at("2026-10-16T17:30")


def test_an_extension_adds_working_days(session, order):
    clock = service.start(session, order, FINISH, RECEIVED, remote_due=at("2026-10-13T12:00"))
    assert service.extended_until(session, order, 3) == at("2026-10-16T17:30")
    assert clock.due_at == at("2026-10-13T12:00")
    service.extend(session, order, 3, at("2026-10-13T11:00"))
    assert clock.due_at == at("2026-10-16T17:30")
    assert (clock.extended_times, clock.extended_days) == (1, 3)
    assert "延期 1 次，共 3 个工作日" in service.why(clock)


def test_after_an_extension_the_platforms_old_deadline_binds_no_more(session, order):
    old, new = at("2026-10-12T18:00"), at("2026-10-15T18:00")
    clock = service.start(session, order, FINISH, RECEIVED, remote_due=old)
    service.extend(session, order, 3, RECEIVED, granted=True, remote_due=old)
    assert (clock.due_at, clock.outdated_due_at) == (at("2026-10-16T17:30"), old)
    assert "平台原要求 2026-10-12 18:00 前，已不适用" in service.why(clock)
    service.renew(session, order, RECEIVED, remote_due=old)
    assert clock.due_at == at("2026-10-16T17:30")
    service.renew(session, order, RECEIVED, remote_due=new)
    assert (clock.due_at, clock.given_due_at) == (new, new)


def test_a_deadline_of_the_round_before_does_not_bind_the_next(session, order):
    old = at("2026-10-12T18:00")
    service.start(session, order, FINISH, RECEIVED, remote_due=old)
    clock = service.restart(session, order, FINISH, at("2026-10-19T09:00"), remote_due=old)
    assert (clock.due_at, clock.given_due_at) == (at("2026-10-26T17:30"), None)
    service.renew(session, order, at("2026-10-19T09:00"), remote_due=old)
    assert clock.due_at == at("2026-10-26T17:30")


@pytest.mark.parametrize(
    ("had", "days", "moment", "code", "sentence"),
    [
        (0, 3, "2026-10-13T17:31", "late",
         "期限已过：延期须在到期前申请，请说明超时原因并尽快办结。"),
        (0, 11, "2026-10-09T09:00", "total",
         "延期合计最多 10 个工作日，已延 0 个，这次最多还能延 10 个工作日。"),
        (8, 3, "2026-10-09T09:00", "total",
         "延期合计最多 10 个工作日，已延 8 个，这次最多还能延 2 个工作日。"),
        (10, 1, "2026-10-09T09:00", "total", "延期合计最多 10 个工作日，已延 10 个，不能再延。"),
        (0, 0, "2026-10-09T09:00", "days", "延期至少 1 个工作日。"),
    ],
)  # fmt: skip
def test_extensions_have_an_end(session, order, had, days, moment, code, sentence):
    clock = service.start(session, order, FINISH, RECEIVED)
    if had:
        service.extend(session, order, had, RECEIVED)
    due = clock.due_at
    with pytest.raises(Refused) as refused:
        service.extend(session, order, days, at(moment))
    assert (refused.value.code, refused.value.message) == (f"extension_{code}", sentence)
    assert clock.due_at == due


def test_how_often_is_a_column_of_the_rule(session, order):
    row = session.exec(
        select(DeadlineRule).where(
            DeadlineRule.clock == FINISH, DeadlineRule.kind == Kind.COMPLAINT
        )
    ).one()
    row.extensions = 1
    session.add(row)
    service.start(session, order, FINISH, RECEIVED)
    service.extend(session, order, 1, RECEIVED)
    with pytest.raises(Refused, match="extension_times") as refused:
        service.require_extension(session, order, 1, RECEIVED)
    assert refused.value.message == "已延期 1 次，按时限规则最多 1 次。"


def test_what_was_asked_for_in_time_is_granted_late(session, order):
    clock = service.start(session, order, FINISH, RECEIVED)
    service.require_extension(session, order, 2, at("2026-10-13T17:00"))
    service.extend(session, order, 2, at("2026-10-14T09:00"), granted=True)
    assert clock.due_at == at("2026-10-15T17:30")


def test_without_a_running_clock_nothing_is_put_off(session, order):
    assert service.extend(session, order, 2, RECEIVED, granted=True) is None
    assert service.extended_until(session, order, 2) is None
    with pytest.raises(Refused, match="extension_no_clock"):
        service.extend(session, order, 2, RECEIVED)


def test_an_order_goes_back_in_time_or_not_at_all(session, order):
    service.start(session, order, ClockKind.RETURN_BY, RECEIVED)
    service.require_return(session, order, at("2026-10-09T17:30"))
    with pytest.raises(Refused, match="return_late") as refused:
        service.require_return(session, order, at("2026-10-09T17:31"))
    assert refused.value.message.startswith("退单须在 2026-10-09 17:30 前提出，现已过期")


def test_another_round_keeps_the_clock_before(session, order):
    first = service.start(session, order, FINISH, RECEIVED)
    service.stop(session, order, FINISH, at("2026-10-12T09:00"))
    second = service.restart(session, order, FINISH, at("2026-10-19T09:00"))
    assert (first.round, first.met, first.due_at) == (1, True, at("2026-10-13T17:30"))
    assert (second.round, second.stopped_at, second.due_at) == (2, None, at("2026-10-26T17:30"))
    assert service.clock_of(session, order.key, FINISH).key == second.key


def test_an_order_that_became_urgent_is_reckoned_by_the_urgent_rule(session, order):
    clock = service.start(session, order, SIGN, RECEIVED)
    order.urgency = Urgency.URGENT
    service.renew(session, order, at("2026-09-30T11:00"))
    assert clock.due_at == at("2026-09-30T12:12")


def test_a_new_deadline_of_the_platform_is_kept_beside_ours(session, order):
    clock = service.start(session, order, FINISH, RECEIVED)
    service.renew(session, order, RECEIVED, remote_due=at("2026-10-09T09:00"))
    assert (clock.due_at, clock.own_due_at) == (at("2026-10-09T09:00"), at("2026-10-13T17:30"))


@pytest.mark.parametrize(
    ("remote", "due"),
    [
        (RemoteDue.EARLIER, "2026-10-13T17:30"),
        (RemoteDue.OURS, "2026-10-13T17:30"),
        (RemoteDue.REMOTE, "2026-10-30T09:00"),
    ],
)
def test_what_the_platform_says_is_worth_what_the_rule_says(session, order, remote, due):
    rows = select(DeadlineRule).where(DeadlineRule.kind == Kind.COMPLAINT)
    session.exec(rows).one().remote = remote
    clock = service.start(session, order, FINISH, RECEIVED, remote_due=at("2026-10-30T09:00"))
    assert clock.due_at == at(due)


def test_a_unit_has_its_own_clock_or_the_orders(session, order):
    units = [Unit(name=f"承办单位{n}") for n in (1, 2)]
    session.add_all(units)
    finish = service.start(session, order, FINISH, RECEIVED)
    mine, theirs = (
        service.start(session, order, ClockKind.UNIT, RECEIVED, unit=unit.key, remote_due=due)
        for unit, due in zip(units, (at("2026-10-09T12:00"), None), strict=True)
    )
    assert (mine.due_at, theirs.due_at) == (at("2026-10-09T12:00"), finish.due_at)
    service.stop(session, order, ClockKind.UNIT, at("2026-10-09T09:00"), unit=units[0].key)
    assert (mine.met, theirs.stopped_at, finish.stopped_at) == (True, None, None)


def test_without_a_rule_there_is_no_clock(session, order):
    assert service.start(session, order, ClockKind.UNIT, RECEIVED) is None


def test_over_the_new_year_a_deadline_says_that_it_is_provisional(session, order):
    clock = service.start(session, order, FINISH, at("2026-12-28T09:00"))
    assert clock.is_provisional
    assert "2027 年放假安排尚未公布，暂按周一至周五上班计，公布后须重新计算" in service.why(clock)
