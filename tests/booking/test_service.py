"""Hold, confirm, cancel, change, wait, attend: what is refused, and what the pool counts."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from hotline.booking import attendance, changing, finding, service, stopping, sweep
from hotline.booking.models import Booking, Hospital, Patient, PatientAccount, TextMessage
from hotline.booking.patients import Applicant
from hotline.booking.rules import BookingKind, ClinicKind, State
from hotline.booking.texts import Template, said
from hotline.clock import from_local
from hotline.errors import Refused
from tests.booking.places import (
    AGENT,
    AT,
    DAY,
    ONE,
    OTHER,
    assert_counted,
    make_department,
    make_slot,
    person,
    set_rule,
    taken,
)

LATER = AT + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _counted(session, redis):
    yield
    assert_counted(session)


def hold(session, slot, who=None, channel="agent", by=AGENT, at=AT):
    with session.begin_nested():  # as a door has it: what is refused leaves nothing behind
        return service.hold(session, slot.id, who or person(), channel, by, at=at)


def book(session, slot, who=None, channel="agent", by=AGENT, at=AT):
    return service.confirm(session, hold(session, slot, who, channel, by, at).hold_id, by, at=at)


def refused(code):
    return pytest.raises(Refused, match=f"^{code}:")


def texts(session):
    rows = session.exec(select(TextMessage).order_by(TextMessage.id))
    return [said(session, each.booking_id, Template(each.template))[1] for each in rows]


def test_a_hold_becomes_a_booking_with_a_number_and_a_text(session):
    booking = book(session, make_slot(session))
    assert (booking.state, booking.kind) == (State.CONFIRMED, BookingKind.SEGMENT)
    assert booking.booking_no.startswith("20261120-")
    assert booking.pick_up_by == from_local(datetime(2026, 11, 24, 9, 30))  # noqa: DTZ001
    (said,) = texts(session)
    assert booking.booking_no in said
    assert "王小明已预约11月24日上午" in said
    assert "11月24日09:30前" in said


def test_confirming_again_is_the_same_booking(session):
    held = hold(session, make_slot(session))
    first = service.confirm(session, held.hold_id, AGENT, at=AT)
    assert service.confirm(session, held.hold_id, AGENT, at=AT).booking_no == first.booking_no
    assert len(texts(session)) == 1


def test_the_last_unit_goes_once(session):
    slot = make_slot(session)
    hold(session, slot)
    with refused("slot_taken"):
        hold(session, slot, person(2))


def test_a_hold_that_ran_out_is_free_for_the_next_without_any_sweep(session):
    slot = make_slot(session)
    first = hold(session, slot)
    with refused("slot_taken"):
        hold(session, slot, person(2), at=LATER - timedelta(microseconds=1))
    hold(session, slot, person(2), at=LATER)
    with refused("hold_expired"):
        service.confirm(session, first.hold_id, AGENT, at=LATER)


def test_a_hold_that_ran_out_is_not_confirmed_though_nobody_swept(session):
    held = hold(session, make_slot(session))
    with refused("hold_expired"):
        service.confirm(session, held.hold_id, AGENT, at=LATER)


def test_ones_own_hold_that_ran_out_does_not_stand_in_the_way(session):
    department = make_department(session)
    first = make_slot(session, department=department)
    second = make_slot(session, department=department)
    hold(session, first)
    hold(session, second, at=LATER)
    assert (taken(session, first), taken(session, second)) == (0, 1)


def test_one_patient_one_department_one_slot_a_day(session):
    department = make_department(session)
    book(session, make_slot(session, department=department))
    with refused("duplicate_booking"):
        hold(session, make_slot(session, department=department))
    hold(session, make_slot(session, department=department, day=DAY + timedelta(days=1)))
    hold(session, make_slot(session))


def test_the_database_itself_refuses_a_second_one_that_day(session):
    department = make_department(session)
    book(session, make_slot(session, department=department))
    other = make_slot(session, department=department, day=DAY + timedelta(days=1))
    book(session, other)
    with pytest.raises(Exception, match="uq_booking_one_a_day"), session.begin_nested():
        session.execute(text("UPDATE booking SET day = :day"), {"day": DAY})


def test_the_database_itself_refuses_to_oversell(session):
    slot = make_slot(session)
    with pytest.raises(Exception, match="ck_slot_never_oversold"), session.begin_nested():
        session.execute(text("UPDATE slot SET taken = 2 WHERE id = :id"), {"id": slot.id})


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (from_local(datetime(2026, 11, 16, 23, 59)), "too_early"),  # noqa: DTZ001
        (from_local(datetime(2026, 11, 23, 12, 0)), "too_late"),  # noqa: DTZ001
        (from_local(datetime(2026, 11, 24, 0, 0)), "same_day"),  # noqa: DTZ001
        (from_local(datetime(2026, 11, 25, 0, 0)), "slot_closed"),  # noqa: DTZ001
    ],
)
def test_outside_its_window_a_slot_is_refused(session, at, code):
    with refused(code):
        hold(session, make_slot(session), at=at)


def test_a_hold_outlives_the_closing_of_its_window(session):
    """Held at 11:59, confirmed at 12:01: what was read back to the caller stands."""
    noon = from_local(datetime(2026, 11, 23, 12, 0))  # noqa: DTZ001
    held = hold(session, make_slot(session), at=noon - timedelta(minutes=1))
    booking = service.confirm(session, held.hold_id, AGENT, at=noon + timedelta(minutes=1))
    assert booking.state is State.CONFIRMED


def test_a_rule_changed_while_a_hold_is_open_does_not_touch_it(session):
    slot = make_slot(session)
    held = hold(session, slot)
    set_rule(session, "window_days", "1", hospital_id=slot.hospital_id)
    assert service.confirm(session, held.hold_id, AGENT, at=AT).state is State.CONFIRMED
    with refused("too_early"):
        hold(session, make_slot(session, department=None), person(2), at=AT - timedelta(days=9))


def test_nanjing_exceptions_are_loaded(session):
    def policy(short_name):
        hospital = session.exec(select(Hospital).where(Hospital.short_name == short_name)).one()
        slot = make_slot(session, department=make_department(session, hospital=hospital))
        return changing.policy_of(session, slot.id, "agent", AT).policy

    assert f"{policy('鼓楼医院').cut_off:%H:%M}" == "16:30"
    assert f"{policy('儿童医院').cut_off:%H:%M}" == "18:00"
    assert f"{policy('省人民医院').release:%H:%M}" == "06:30"
    assert policy("眼科医院").may_cancel is False


def test_family_doctors_see_expert_slots_two_weeks_ahead(session):
    slot = make_slot(session, day=date(2026, 12, 3), kind=ClinicKind.EXPERT)
    with refused("too_early"):
        hold(session, slot)
    assert book(session, slot, channel="family_doctor").kind is BookingKind.COMMUNITY


def test_a_channel_may_be_said_by_its_name_and_must_be_known(session):
    slot = make_slot(session, capacity=2)
    assert book(session, slot, channel="我的南京").channel == "my_nanjing"
    with refused("channel_unknown"):
        hold(session, slot, person(2), channel="电报")


def test_a_channel_with_a_quota_gets_no_more_than_its_part(session):
    slot = make_slot(session, capacity=4)
    set_rule(session, "quota_percent", "50%", channel="third_party")
    hold(session, slot, person(1), "third_party")
    hold(session, slot, person(2), "third_party")
    with refused("slot_taken"):
        hold(session, slot, person(3), "third_party")
    hold(session, slot, person(3), "agent")


def test_a_mobile_speaks_for_three_people(session):
    slot = make_slot(session, capacity=9)
    for number in (1, 2, 3):
        hold(session, slot, person(number, mobile=7))
    with refused("mobile_limit"):
        hold(session, slot, person(4, mobile=7))
    hold(session, make_slot(session), person(2, mobile=7))


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (Applicant("王芳", "320102198001010010", "13800001111"), "id_number_invalid"),
        (Applicant("王", person().id_number, "13800001111"), "name_invalid"),
        (Applicant("王芳", person().id_number, "02583280000"), "mobile_invalid"),
        (Applicant("王芳", person().id_number, "13800001111", person()), "guardian_invalid"),
    ],
)
def test_who_is_not_well_said_is_refused(session, who, code):
    with refused(code):
        hold(session, make_slot(session), who)


def test_a_child_has_a_guardian_and_rare_names_stay_whole(session):
    child = Applicant("𠮷小·娜", person(5).id_number, "13800001111", person(6))
    hold(session, make_slot(session), child)
    patient = session.exec(select(Patient).where(Patient.guardian_id.is_not(None))).one()
    assert patient.id_number == person(5).id_number
    assert session.exec(select(PatientAccount.name)).all() == ["𠮷小·娜"]


def test_nothing_personal_lies_open_in_the_database(session):
    book(session, make_slot(session))
    who = person()
    for table in ("patient", "patient_account", "text_message", "booking", "audit_entry"):
        rows = session.execute(text(f"SELECT CAST(t.* AS text) FROM {table} t")).scalars()
        everything = "\n".join(rows)
        assert not any(word in everything for word in (who.name, who.id_number, who.mobile))


def test_a_cancelled_unit_is_free_and_cancelling_twice_frees_one(session):
    slot = make_slot(session, capacity=2)
    booking = book(session, slot)
    book(session, slot, person(2))
    for _ in range(2):
        changing.cancel(session, booking.booking_no, "临时有事 13800001111", AGENT, at=AT)
    assert taken(session, slot) == 1
    assert (booking.state, booking.reason) == (State.CANCELLED, "临时有事 138****1111")
    assert "已退号" in texts(session)[-1]


def test_the_eye_hospital_cancels_and_changes_nothing(session):
    hospital = session.exec(select(Hospital).where(Hospital.short_name == "眼科医院")).one()
    slot = make_slot(session, department=make_department(session, hospital=hospital))
    booking = book(session, slot)
    with refused("cancel_not_allowed"):
        changing.cancel(session, booking.booking_no, "有事", AGENT, at=AT)
    with refused("cancel_not_allowed"):
        changing.change(session, booking.booking_no, make_slot(session).id, AGENT, at=AT)


def test_what_has_begun_is_not_cancelled(session):
    booking = book(session, make_slot(session))
    eight = from_local(datetime(2026, 11, 24, 8, 0))  # noqa: DTZ001
    with refused("cancel_not_allowed"):
        changing.cancel(session, booking.booking_no, "有事", AGENT, at=eight)


def test_a_change_takes_the_new_unit_before_it_gives_back_the_old(session):
    department = make_department(session)
    old = make_slot(session, department=department)
    new, full = make_slot(session, department=department), make_slot(session)
    hold(session, full, person(2))
    booking = book(session, old)
    with refused("slot_taken"), session.begin_nested():
        changing.change(session, booking.booking_no, full.id, AGENT, at=AT)
    assert (taken(session, old), booking.slot_id) == (1, old.id)
    changing.change(session, booking.booking_no, new.id, AGENT, at=AT)
    assert (taken(session, old), taken(session, new), booking.slot_id) == (0, 1, new.id)
    assert "已改为" in texts(session)[-1]


def test_who_lets_go_of_a_hold_gives_it_back_once(session):
    slot = make_slot(session)
    held = hold(session, slot)
    for _ in range(2):
        service.release(session, held.hold_id, AGENT, at=AT)
    assert taken(session, slot) == 0


def test_another_channels_hold_and_booking_are_none_at_all(session):
    slot = make_slot(session, capacity=2)
    held = hold(session, slot, by=ONE)
    with refused("booking_unknown"):
        service.confirm(session, held.hold_id, OTHER, at=AT)
    booking = service.confirm(session, held.hold_id, ONE, at=AT)
    for act in (
        lambda: changing.cancel(session, booking.booking_no, "x", OTHER, at=AT),
        lambda: finding.get_booking(session, booking.booking_no, OTHER),
        lambda: attendance.report(session, booking.booking_no, False, OTHER, at=AT),
        lambda: service.confirm(session, "forged", ONE, at=AT),
    ):
        with refused("booking_unknown"):
            act()
    assert finding.get_booking(session, booking.booking_no, AGENT) is booking


def test_three_no_shows_in_ninety_days_ban_for_ninety(session):
    for week in range(3):
        booking = book(session, make_slot(session))
        attendance.report(session, booking.booking_no, False, AGENT, at=AT + timedelta(days=week))
    after = AT + timedelta(days=2)
    with refused("patient_banned"):
        hold(session, make_slot(session, day=DAY + timedelta(days=2)), at=after)
    hold(session, make_slot(session), person(2), at=after)
    free = after + timedelta(days=90)
    hold(session, make_slot(session, day=free.date() + timedelta(days=2)), at=free)


def test_a_hospital_that_corrects_itself_lifts_the_ban(session):
    bookings = [book(session, make_slot(session)) for _ in range(3)]
    for booking in bookings:
        attendance.report(session, booking.booking_no, False, AGENT, at=AT)
    attendance.report(session, bookings[0].booking_no, True, AGENT, at=AT)
    assert hold(session, make_slot(session))


def test_attendance_of_what_was_cancelled_is_refused(session):
    booking = book(session, make_slot(session))
    changing.cancel(session, booking.booking_no, "有事", AGENT, at=AT)
    with refused("attendance_not_allowed"):
        attendance.report(session, booking.booking_no, True, AGENT, at=AT)


def test_a_freed_unit_goes_to_who_waits_and_to_nobody_else(session):
    slot = make_slot(session)
    booking = book(session, slot)
    waiting = service.wait(session, slot.id, person(2), "agent", AGENT, at=AT)
    with refused("not_offered"):
        service.confirm(session, waiting, AGENT, at=AT)
    changing.cancel(session, booking.booking_no, "有事", AGENT, at=AT)
    with refused("slot_taken"):
        hold(session, slot, person(3))
    assert any("候补的11月24日上午" in each for each in texts(session))
    assert service.confirm(session, waiting, AGENT, at=AT).state is State.CONFIRMED


def test_an_offer_nobody_takes_goes_to_the_next_and_then_is_free(session):
    slot = make_slot(session)
    booking = book(session, slot)
    first, second = (
        service.wait(session, slot.id, person(n), "agent", AGENT, at=AT) for n in (2, 3)
    )
    changing.cancel(session, booking.booking_no, "有事", AGENT, at=AT)
    half_past = AT + timedelta(minutes=30)
    assert sweep.expire(session, slot.id, half_past) == 0
    with refused("hold_expired"):
        service.confirm(session, first, AGENT, at=half_past)
    service.release(session, second, AGENT, at=half_past)
    assert taken(session, slot) == 0


def test_nobody_waits_twice_or_for_what_is_free(session):
    slot = make_slot(session)
    with refused("slot_free"):
        service.wait(session, slot.id, person(), "agent", AGENT, at=AT)
    hold(session, slot, person(1))
    service.wait(session, slot.id, person(2), "agent", AGENT, at=AT)
    with refused("duplicate_booking"), session.begin_nested():
        service.wait(session, slot.id, person(2), "agent", AGENT, at=AT)


def test_a_stopped_clinic_tells_its_patients_and_takes_no_more(session):
    slot = make_slot(session, capacity=3)
    booking, held = book(session, slot), hold(session, slot, person(2))
    assert stopping.stop_clinic(session, [slot.id], "医生出差", at=AT) == [booking.id]
    assert stopping.stop_clinic(session, [slot.id], "医生出差", at=AT) == []
    assert "停诊" in texts(session)[-1]
    assert taken(session, slot) == 0
    for act in (
        lambda: hold(session, slot, person(3)),
        lambda: service.confirm(session, held.hold_id, AGENT, at=AT),
    ):
        with refused("slot_closed"):
            act()


def test_a_clinic_that_is_resumed_can_be_booked_again(session):
    slot = make_slot(session, capacity=3)
    stopping.stop_clinic(session, [slot.id], "医生出差", at=AT)
    assert stopping.resume_clinic(session, [slot.id], at=AT) == 1
    assert hold(session, slot, person(3))


def test_a_fever_is_not_booked(session):
    slot = make_slot(session, department=make_department(session, "发热门诊"))
    with refused("fever_clinic"):
        hold(session, slot)


def test_waiting_ends_on_the_day_itself(session):
    slot = make_slot(session)
    book(session, slot)
    service.wait(session, slot.id, person(2), "agent", AGENT, at=AT)
    sweep.close_waiting(session, AT, DAY)
    states = session.exec(select(Booking.state).order_by(Booking.id)).all()
    assert states == [State.CONFIRMED, State.EXPIRED]


def test_leap_day_and_the_turn_of_the_year_are_booked_like_others(session):
    for number, day in enumerate((date(2028, 2, 29), date(2027, 1, 1), date(2027, 3, 1)), 1):
        at = from_local(datetime(day.year, day.month, day.day)) - timedelta(days=7)  # noqa: DTZ001
        slot = make_slot(session, day=day)
        with refused("too_early"):
            hold(session, slot, person(number), at=at - timedelta(microseconds=1))
        assert book(session, slot, person(number), at=at).day == day
