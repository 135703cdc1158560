"""Schedules become slots: never twice, never over an imported one, never under a patient."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from sqlmodel import col, select

from hotline.audit import AuditEntry
from hotline.booking import (
    changing,
    schedules,
    schedules_days,
    schedules_fill,
    schedules_jobs,
    schedules_reading,
    service,
    stopping,
)
from hotline.booking.models import Booking, Resource, Schedule, ScheduleException, Slot
from hotline.booking.rules import ClinicKind, HalfDay, State
from hotline.booking.schedules import Clinic
from hotline.booking.schedules_rules import Difference, OnHoliday, OnMakeUp, Plan
from hotline.clock import today
from hotline.db import transaction
from hotline.errors import Refused
from tests.booking.places import AGENT, assert_counted, make_department, person, set_rule

HORIZON = 30
# Every day, whatever the calendar says: these tests hold in any year.
DAILY = Plan(
    "1234567", HalfDay.MORNING, 2, today() - timedelta(days=50), None, starts_at=time(8),
    ends_at=time(10), segment_minutes=60, on_holiday=OnHoliday.AS_USUAL,
    on_make_up=OnMakeUp.AS_USUAL,
)  # fmt: skip
TOMORROW = today() + timedelta(days=1)
SOON = today() + timedelta(days=3)


def make_clinic(session) -> Clinic:
    department = make_department(session)
    resource = Resource(department_id=department.id, clinic_kind=ClinicKind.EXPERT)
    session.add(resource)
    session.flush()
    return Clinic(resource.id, department.hospital_id, department.id)


@pytest.fixture
def clinic(session, redis):
    return make_clinic(session)


def fill(session, clinic):
    schedules_fill.lock(session, clinic.hospital_id)
    return schedules_fill.fill(session, [clinic.resource_id])


def slots(session, clinic, **where):
    session.expire_all()
    query = select(Slot).where(Slot.resource_id == clinic.resource_id).filter_by(**where)
    return list(session.exec(query.order_by(col(Slot.day), col(Slot.starts_at))))


def add(session, clinic, plan=DAILY, fee=None) -> Schedule:
    return schedules.add(session, clinic, plan, fee)[0]


def book(session, slot, number=1) -> Booking:
    held = service.hold(session, slot.id, person(number), "agent", AGENT)
    return service.confirm(session, held.hold_id, AGENT)


def test_a_schedule_puts_its_slots_on_offer_up_to_the_horizon(session, clinic):
    row, filled = schedules.add(session, clinic, DAILY, None)
    found = slots(session, clinic)
    assert filled.added == len(found) == 2 * (HORIZON + 1)
    assert (found[0].day, found[-1].day) == (today(), today() + timedelta(days=HORIZON))
    assert {(each.capacity, each.planned, each.schedule_id) for each in found} == {(2, 2, row.id)}
    assert {each.clinic_kind for each in found} == {ClinicKind.EXPERT}


def test_doing_it_again_changes_nothing(session, clinic):
    add(session, clinic)
    before = [each.id for each in slots(session, clinic)]
    assert fill(session, clinic).is_nothing
    assert [each.id for each in slots(session, clinic)] == before


def test_the_horizon_passes_every_window(session, clinic):
    assert schedules_reading.horizon_days(session) == HORIZON
    set_rule(session, "window_days", "60", hospital_id=clinic.hospital_id)
    assert schedules_reading.horizon_days(session) == 61


def test_more_units_come_and_are_offered_to_who_waits(session, clinic):
    row = add(session, clinic, replace(DAILY, units=1))
    (slot, _) = slots(session, clinic, day=SOON)
    book(session, slot)
    waiting = service.wait(session, slot.id, person(2), "agent", AGENT)
    schedules.change_from(session, row.id, TOMORROW, replace(DAILY, units=3), None)
    (slot, _) = slots(session, clinic, day=SOON)
    assert (slot.capacity, slot.taken) == (3, 2)
    state = select(Booking.state).where(Booking.hold_id == waiting)
    assert session.exec(state).one() is State.OFFERED
    assert_counted(session)


def test_fewer_units_go_down_to_what_is_booked_and_the_rest_is_told(session, clinic):
    row = add(session, clinic)
    (slot, _) = slots(session, clinic, day=SOON)
    numbers = [book(session, slot, number).booking_no for number in (1, 2)]
    _, filled = schedules.change_from(session, row.id, TOMORROW, replace(DAILY, units=1), None)
    assert filled.beyond == [slot.id]
    (slot, other) = slots(session, clinic, day=SOON)
    assert (slot.capacity, slot.planned, other.capacity) == (2, 1, 1)
    changing.cancel(session, numbers[0], "有事", AGENT)
    assert fill(session, clinic).beyond == []
    assert slots(session, clinic, day=SOON)[0].capacity == 1
    assert_counted(session)


def test_an_ended_schedule_leaves_only_what_is_booked(session, clinic):
    row = add(session, clinic)
    (slot, other) = slots(session, clinic, day=SOON)
    book(session, slot)
    changing.cancel(session, book(session, other, 2).booking_no, "有事", AGENT)
    filled = schedules.end(session, row.id, today(), "退休")
    assert filled.beyond == [slot.id]
    left = [each for each in slots(session, clinic) if each.day > today()]
    assert [(each.id, each.capacity, each.is_stopped) for each in left] == [
        (slot.id, 1, False),
        (other.id, 0, True),
    ]
    stopping.stop_clinic(session, filled.beyond, "退休")
    assert fill(session, clinic).beyond == []
    assert_counted(session)


def test_a_day_that_was_withdrawn_comes_back_with_its_schedule(session, clinic):
    row = add(session, clinic)
    (slot, _) = slots(session, clinic, day=SOON)
    changing.cancel(session, book(session, slot).booking_no, "有事", AGENT)
    schedules_days.set_day(session, row.id, SOON, Difference.OFF, None, "开会")
    (slot,) = slots(session, clinic, day=SOON)
    assert (slot.is_stopped, slot.capacity) == (True, 0)
    schedules_days.clear_day(session, row.id, SOON)
    (slot, _) = slots(session, clinic, day=SOON)
    assert (slot.is_stopped, slot.stop_reason, slot.capacity) == (False, None, 2)


def test_a_stopped_clinic_stays_stopped(session, clinic):
    row = add(session, clinic)
    (slot, _) = slots(session, clinic, day=SOON)
    stopping.stop_clinic(session, [slot.id], "医生生病")
    schedules.change_from(session, row.id, TOMORROW, replace(DAILY, units=9), None)
    (slot, _) = slots(session, clinic, day=SOON)
    assert (slot.is_stopped, slot.stop_reason, slot.planned) == (True, "医生生病", 9)


@pytest.mark.parametrize(
    ("starts", "ends", "left"), [(time(8), time(8, 30), 1), (None, None, 0), (time(7), None, 2)]
)
def test_imported_slots_win(session, clinic, starts, ends, left):
    imported = Slot(
        resource_id=clinic.resource_id, hospital_id=clinic.hospital_id, day=SOON, capacity=7,
        department_id=clinic.department_id, clinic_kind=ClinicKind.EXPERT,
        half_day=HalfDay.MORNING, starts_at=starts, ends_at=ends,
    )  # fmt: skip
    session.add(imported)
    add(session, clinic)
    found = slots(session, clinic, day=SOON)
    assert [each.capacity for each in found if each.planned is None] == [7]
    assert len(found) == left + 1


def test_an_import_that_comes_later_drives_empty_slots_away(session, clinic):
    add(session, clinic)
    session.add(
        Slot(
            resource_id=clinic.resource_id, hospital_id=clinic.hospital_id, day=SOON, capacity=7,
            department_id=clinic.department_id, half_day=HalfDay.MORNING,
            starts_at=time(8, 15), ends_at=time(9, 15),
        )
    )  # fmt: skip
    assert fill(session, clinic).removed == 2
    assert [each.capacity for each in slots(session, clinic, day=SOON)] == [7]


def test_a_change_is_a_new_validity_and_takes_the_days_that_differ_along(session, clinic):
    row = add(session, clinic)
    schedules_days.set_day(session, row.id, SOON, Difference.UNITS, 5, "加号")
    new, _ = schedules.change_from(session, row.id, TOMORROW, replace(DAILY, units=4), None)
    session.refresh(row)
    assert (row.units, row.valid_until, new.valid_from) == (2, today(), TOMORROW)
    assert session.exec(select(ScheduleException.schedule_id)).all() == [new.id]
    assert {each.capacity for each in slots(session, clinic, day=SOON)} == {5}
    assert {each.capacity for each in slots(session, clinic, day=TOMORROW)} == {4}
    assert {each.capacity for each in slots(session, clinic, day=today())} == {2}


def test_a_schedule_that_never_began_is_replaced(session, clinic):
    row = add(session, clinic, replace(DAILY, valid_from=SOON))
    schedules.change_from(session, row.id, SOON, replace(DAILY, units=4), None)
    assert [each.units for each in session.exec(select(Schedule))] == [4]


def test_two_schedules_want_the_same_time(session, clinic):
    add(session, clinic)
    other = replace(DAILY, weekdays="3", starts_at=time(9, 30), ends_at=time(11))
    with pytest.raises(Refused, match="时间重叠") as refused:
        add(session, clinic, other)
    assert refused.value.fields
    add(session, clinic, replace(other, half=HalfDay.AFTERNOON, starts_at=time(14),
                                 ends_at=time(16)))  # fmt: skip


@pytest.mark.parametrize(
    "act",
    [
        lambda s, row: schedules.end(s, row.id, today() - timedelta(days=2), "x"),
        lambda s, row: schedules.end(s, row.id, SOON, "  "),
        lambda s, row: schedules.change_from(s, row.id, date(2020, 1, 1), DAILY, None),
        lambda s, row: schedules_days.set_day(
            s, row.id, today() - timedelta(days=1), Difference.OFF, None, "x"
        ),
        lambda s, row: schedules_days.set_day(s, row.id, SOON, Difference.UNITS, None, "x"),
        lambda s, row: schedules.end(s, row.id + 1, SOON, "x"),
    ],
)
def test_the_past_and_the_unsaid_are_refused(session, clinic, act):
    row = add(session, clinic)
    with pytest.raises(Refused):
        act(session, row)


def test_who_changed_what_is_written_down(session, clinic):
    row = add(session, clinic)
    schedules_days.set_day(session, row.id, SOON, Difference.OFF, None, "开会")
    schedules.end(session, row.id, SOON, "调离")
    said = session.exec(select(AuditEntry).where(AuditEntry.subject == row.subject)).all()
    assert [each.reason for each in said] == [None, "开会", "调离"]
    assert "每 60 分钟一段" in said[0].detail["added"]


# ---- with real commits


def make_committed(plan=DAILY, clinics=1):
    with transaction() as session:
        made = [make_clinic(session) for _ in range(clinics)]
        for clinic in made:
            schedules.store(session, clinic, plan, None)
        return made


def count():
    with transaction() as session:
        assert_counted(session)
        return len(session.exec(select(Slot.id)).all())


def test_four_fillers_at_once_make_each_slot_once(committed, redis):
    make_committed(clinics=3)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: schedules_jobs.fill().added, range(4)))
    assert sum(done) == count() == 3 * 2 * (HORIZON + 1)


def test_callers_book_while_the_schedule_changes_to_and_fro(committed, redis):
    (clinic,) = make_committed()
    schedules_jobs.fill()
    with transaction() as session:
        wanted = [each.id for each in slots(session, clinic)
                  if TOMORROW < each.day <= today() + timedelta(days=6)]  # fmt: skip
    stop, refused = threading.Event(), set()

    def call(number):
        booked = 0
        for slot_id in wanted:
            try:
                with transaction() as session:
                    held = service.hold(session, slot_id, person(number), "agent", AGENT)
                with transaction() as session:
                    service.confirm(session, held.hold_id, AGENT)
                booked += 1
            except Refused as refusal:
                refused.add(refusal.code)
        return booked

    def change():
        units = 1
        while not stop.is_set():
            units = 3 - units
            with transaction() as session:
                (row,) = session.exec(
                    select(Schedule).where(col(Schedule.valid_until).is_(None))
                ).all()
                plan = replace(DAILY, units=units)
                schedules.change_from(session, row.id, TOMORROW, plan, None)

    changer = threading.Thread(target=change)
    changer.start()
    with ThreadPoolExecutor(6) as pool:
        booked = sum(pool.map(call, range(1, 7)))
    stop.set()
    changer.join()
    assert booked
    assert refused <= {"slot_taken", "slot_unknown", "slot_closed", "duplicate_booking"}
    count()
    with transaction() as session:
        for slot in slots(session, clinic):
            assert slot.capacity == max(slot.taken, slot.planned)


FILL_SLOWLY = """
import sys, time
from hotline.booking import schedules_jobs, schedules_fill
kept = schedules_fill.fill
def slowly(*given, **more):
    filled = kept(*given, **more)
    print("filled", flush=True)
    time.sleep(0.05)
    return filled
schedules_fill.fill = slowly
schedules_jobs.fill()
"""


def test_a_filler_that_is_killed_leaves_whole_hospitals_and_the_next_one_goes_on(committed, redis):
    make_committed(clinics=6)
    process = subprocess.Popen(
        [sys.executable, "-c", FILL_SLOWLY], stdout=subprocess.PIPE, env=dict(os.environ)
    )
    assert process.stdout.readline().strip() == b"filled"
    assert process.stdout.readline().strip() == b"filled"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    done = count()
    assert done % (2 * (HORIZON + 1)) == 0
    assert 1 <= done // (2 * (HORIZON + 1)) < 6
    schedules_jobs.fill()
    assert count() == 6 * 2 * (HORIZON + 1)
