"""Warned before, escalated after, each once; what breaks next; reckoning anew with a preview."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlmodel import select

from hotline.agents.rules import Role
from hotline.calendar_models import CalendarDayRow
from hotline.clock import now, today
from hotline.errors import Refused
from hotline.schedule import PERIODIC
from hotline.working_days import LAST_YEAR, DayKind
from tests.workorders.deadlines.orders import at, make_order
from workorders.deadlines import doctor, jobs, queries, recount, ruling, service, watching
from workorders.deadlines.models import DeadlineRule, WorkOrderClock
from workorders.deadlines.queries import Scope
from workorders.deadlines.rules import ClockKind, Rule
from workorders.models import OrderStep
from workorders.rules import Kind, Origin, RequestKind, Step

RECEIVED = at("2026-09-30T10:12")
FINISH, SIGN = ClockKind.FINISH, ClockKind.SIGN


@pytest.fixture
def order(session):
    return make_order(session)


def steps(session, order):
    return session.exec(select(OrderStep).where(OrderStep.order_id == order.key)).all()


def test_a_clock_is_warned_of_once(session, order):
    clock = service.start(session, order, FINISH, RECEIVED)
    when = at("2026-10-13T09:30")  # eight office hours before it is due
    assert clock.warn_at == when
    assert watching.warn(session, when - timedelta(seconds=1)) == 0
    assert [watching.warn(session, when), watching.warn(session, when)] == [1, 0]
    session.refresh(clock)
    assert (clock.warned_at, clock.escalated_at) == (when, None)


def test_what_broke_is_brought_before_the_supervisors_once(session, order):
    clock = service.start(session, order, SIGN, RECEIVED)
    late = at("2026-10-08T17:31")
    assert watching.overdue_orders(session, late) == [order.key]
    told = [watching.escalate(session, order.key, late) for _ in range(2)]
    assert told == [1, 0]
    assert watching.overdue_orders(session, late) == []
    (line,) = steps(session, order)
    assert (line.step, line.origin, line.at) == (Step.OVERDUE, Origin.SYSTEM, late)
    assert line.content == f"签收超时，已升级给班长。{service.why(clock)}"
    assert line.detail == {"clock": "sign", "to": Role.SUPERVISOR.value}


def test_what_stands_still_or_is_done_is_left_alone(session, order):
    for kind in (SIGN, FINISH):
        service.start(session, order, kind, RECEIVED)
    service.stop(session, order, SIGN, at("2026-10-08T09:00"))
    service.pause(session, order, at("2026-10-08T10:00"), RequestKind.SUSPEND)
    late = at("2026-11-20T09:00")
    assert watching.warn(session, late) == 0
    assert watching.overdue_orders(session, late) == []
    assert watching.escalate(session, order.key, late) == 0


def test_a_deadline_that_moved_is_warned_of_anew(session, order):
    clock = service.start(session, order, FINISH, RECEIVED)
    watching.warn(session, clock.warn_at)
    session.refresh(clock)
    service.extend(session, order, 3, at("2026-10-13T10:00"))
    assert clock.warned_at is None
    assert watching.warn(session, clock.warn_at) == 1


def test_the_job_may_run_twice(session, order, redis):
    past = now() - timedelta(days=40)
    for kind in (SIGN, FINISH):
        service.start(session, order, kind, past)
    session.commit()
    jobs.warn_and_escalate()
    jobs.warn_and_escalate()
    session.expire_all()
    clocks = session.exec(select(WorkOrderClock)).all()
    assert all(clock.warned_at and clock.escalated_at for clock in clocks)
    assert [line.step for line in steps(session, order)] == [Step.OVERDUE] * 2


def test_the_clock_calls_the_job():
    (entry,) = [entry for entry in PERIODIC if entry.name == "deadlines"]
    assert entry.job == "workorders.deadlines.jobs.warn_and_escalate"
    assert callable(jobs.warn_and_escalate)


def test_supervisors_hear_of_it(session, order):
    service.start(session, order, SIGN, RECEIVED)
    watching.escalate(session, order.key, at("2026-10-09T09:00"))
    told = {message["topic"]: message["data"] for message in map(json.loads, session.info["told"])}
    assert set(told) == {"orders", "role:supervisor"}
    assert not any(told.values()), "which order it is, is nobody's business"


# ---- what breaks next


def test_what_breaks_next_comes_first(session):
    orders = [make_order(session), make_order(session, "province"), make_order(session, "self")]
    for n, each in enumerate(orders):
        service.start(session, each, FINISH, RECEIVED + timedelta(days=7 - n))
        service.start(session, each, SIGN, RECEIVED)
    service.stop(session, orders[0], SIGN, RECEIVED)
    found = queries.what_breaks_next(session, Scope())
    dues = [row.clock.due_at for row in found.rows]
    assert (dues, found.total, found.next_cursor) == (sorted(dues), 5, None)
    narrowed = queries.what_breaks_next(session, Scope("province", FINISH))
    assert [row.order.key for row in narrowed.rows] == [orders[1].key]
    assert narrowed.rows[0].why.startswith("办结期限 ")


def test_the_list_goes_on_where_it_ended(session):
    for _ in range(5):
        service.start(session, make_order(session), FINISH, RECEIVED)
    seen, cursor = [], None
    for _ in range(3):
        page = queries.what_breaks_next(session, Scope(), cursor, 2)
        seen += [row.clock.key for row in page.rows]
        cursor = page.next_cursor
    assert cursor is None
    assert len(set(seen)) == len(seen) == 5


def test_overdue_is_what_runs_and_is_over(session):
    late, waits, early = (make_order(session) for _ in range(3))
    for each, started in ((late, 40), (waits, 40), (early, 0)):
        service.start(session, each, FINISH, now() - timedelta(days=started))
    service.pause(session, waits, now() - timedelta(days=30), RequestKind.SUSPEND)
    found = queries.what_breaks_next(session, Scope(overdue=True))
    assert [row.order.key for row in found.rows] == [late.key]
    tones = {row.order.key: row.tone(now())
             for row in queries.what_breaks_next(session, Scope()).rows}  # fmt: skip
    assert tones == {late.key: "danger", waits.key: "quiet", early.key: ""}


def test_the_clocks_of_an_order_stand_in_the_order_they_started(session, order):
    for kind in (FINISH, SIGN):
        service.start(session, order, kind, RECEIVED)
    service.restart(session, order, SIGN, RECEIVED + timedelta(days=9))
    found = queries.clocks_of(session, order.key)
    assert [(clock.kind, clock.round) for clock in found] == [(FINISH, 1), (SIGN, 1), (SIGN, 2)]


# ---- reckoning anew


def test_nothing_changed_is_nothing_to_reckon(session, order):
    service.start(session, order, FINISH, RECEIVED)
    assert recount.preview(session).changes == []


def test_a_rule_that_reaches_back_is_previewed_and_confirmed(session, order):
    clock = service.start(session, order, FINISH, RECEIVED)
    other = service.start(session, make_order(session, kind=Kind.HELP), FINISH, RECEIVED)
    new = Rule(FINISH, 10, platform="city", kind="投诉", effective_from=date(2026, 9, 1))
    ruling.add(session, new, "市里新文件", "管理员")
    found = recount.preview(session)
    assert [(one.before, one.after) for one in found.changes] == [
        (at("2026-10-13T17:30"), at("2026-10-20T17:30"))
    ]
    assert (found.orders, found.earlier, found.later) == (1, 0, 1)
    assert clock.due_at == at("2026-10-13T17:30"), "a preview changes nothing"
    recount.apply(session, found.digest, RECEIVED)
    assert clock.due_at == at("2026-10-20T17:30")
    assert "市 12345 投诉：办结 10 个工作日" in service.why(clock)
    assert other.due_at == at("2026-10-13T17:30")
    assert recount.preview(session).changes == []


def test_who_confirms_something_else_is_asked_to_look_again(session, order):
    service.start(session, order, FINISH, RECEIVED)
    new = Rule(FINISH, 10, kind="投诉", effective_from=date(2026, 9, 1))
    ruling.add(session, new, "", "管理员")
    seen = recount.preview(session).digest
    service.start(session, make_order(session), FINISH, RECEIVED)
    ruling.add(session, Rule(FINISH, 7, platform="city", kind="投诉",
                             effective_from=date(2026, 9, 2)), "", "管理员")  # fmt: skip
    with pytest.raises(Refused, match="recount_changed"):
        recount.apply(session, seen, RECEIVED)


def test_a_calendar_that_was_entered_ends_what_was_provisional(session, order):
    year = LAST_YEAR + 1
    clock = service.start(session, order, SIGN, at(f"{LAST_YEAR}-12-31T09:00"))
    assert clock.is_provisional
    for day in (1, 2, 3, 4, 5, 6):
        session.add(CalendarDayRow(day=date(year, 1, day), kind=DayKind.HOLIDAY, name="元旦"))
    session.flush()
    found = recount.preview(session)
    assert (found.orders, found.later) == (1, 1)
    recount.apply(session, found.digest, RECEIVED)
    assert not clock.is_provisional
    assert "暂按" not in service.why(clock)


# ---- rows


def test_a_row_ends_today_and_stays_known(session):
    rows = {(row.kind, row.clock): row for row in ruling.rows(session)}
    row = rows[Kind.COMPLAINT, FINISH]
    assert ruling.end(session, row.id, "市里有新文件", "管理员") is row
    assert (row.effective_to, row.ended_by) == (today(), "管理员")
    with pytest.raises(Refused, match="deadline_rule_over"):
        ruling.end(session, row.id, "再停一次", "管理员")


def test_a_row_whose_day_has_not_come_is_taken_back(session):
    later = Rule(FINISH, 9, kind="投诉", effective_from=today() + timedelta(days=3))
    row = ruling.add(session, later, "", "管理员")
    assert ruling.end(session, row.id, "写错了", "管理员") is None
    assert session.get(DeadlineRule, row.id) is None


def test_something_holds_for_everybody_else(session):
    (general,) = [row for row in ruling.rows(session)
                  if row.clock is ClockKind.CALLBACK]  # fmt: skip
    with pytest.raises(Refused, match="deadline_rule_last"):
        ruling.end(session, general.id, "不要了", "管理员")
    far = Rule(ClockKind.CALLBACK, 3, effective_from=today() + timedelta(days=9))
    ruling.add(session, far, "", "管理员")
    with pytest.raises(Refused, match="deadline_rule_last"):
        ruling.end(session, general.id, "九天没有规则", "管理员")
    ruling.add(session, Rule(ClockKind.CALLBACK, 2, effective_from=today()), "", "管理员")
    assert ruling.end(session, general.id, "有新的了", "管理员") is general


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("amount", Rule(FINISH, 0, effective_from=date(2026, 1, 1))),
        ("warn_before", Rule(FINISH, 5, warn_before=-1, effective_from=date(2026, 1, 1))),
        ("extensions", Rule(FINISH, 5, extensions=100, effective_from=date(2026, 1, 1))),
        ("platform", Rule(FINISH, 5, platform="moon", effective_from=date(2026, 1, 1))),
        ("effective_from", Rule(FINISH, 5, effective_from=date(1926, 1, 1))),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_at_its_field(session, field, rule):
    with pytest.raises(Refused, match="deadline_rule_invalid") as refused:
        ruling.add(session, rule, "", "管理员")
    assert list(refused.value.fields) == [field]


def test_the_same_row_twice_is_refused(session):
    rule = Rule(FINISH, 7, kind="投诉", effective_from=date(2026, 9, 1))
    ruling.add(session, rule, "", "管理员")
    with pytest.raises(Refused, match="deadline_rule_invalid"):
        ruling.add(session, rule, "", "管理员")


# ---- the doctor


def test_the_doctor_sees_what_nobody_was_told_of(session, order):
    service.start(session, order, SIGN, RECEIVED)
    late = at("2026-10-08T17:45")
    (found,) = doctor.watched(session, late)
    assert "1 个工单时限已超时还没有升级" in found.sentence
    watching.escalate(session, order.key, late)
    (found,) = doctor.watched(session, late)
    assert "正在计时的工单时限 1 个，超时的都已升级" in found.sentence


def test_the_doctor_counts_what_is_provisional(session, order):
    service.start(session, order, FINISH, at(f"{LAST_YEAR}-12-30T09:00"))
    _, found = doctor.watched(session, at(f"{LAST_YEAR}-12-30T10:00"))
    assert "1 个工单时限跨到没有放假安排的年份" in found.sentence


def test_nobody_is_late_when_an_order_may_no_longer_be_returned(session, order):
    service.start(session, order, ClockKind.RETURN_BY, RECEIVED)
    late = RECEIVED + timedelta(days=30)
    assert watching.overdue_orders(session, late) == []
    assert watching.escalate(session, order.key, late) == 0
    assert queries.what_breaks_next(session, Scope()).rows == []
    assert queries.count(session, Scope(clock=ClockKind.RETURN_BY)) == 1
