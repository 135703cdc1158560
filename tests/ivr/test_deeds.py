"""What a call does to the pool, and what it can find there."""

from datetime import date, time

import pytest
from sqlmodel import select

from hotline.booking import service
from hotline.booking.models import Booking, Doctor, Hospital, Resource, Slot
from hotline.booking.rules import ClinicKind, HalfDay, State
from hotline.clock import local
from ivr import callers, catalogue, offers
from ivr.deeds import BY, Deeds
from ivr.dialogue.dates import Days
from ivr.dialogue.events import Deed, Do
from ivr.dialogue.facts import Claim, Slots
from ivr.media.transport import CallInfo
from tests.booking.places import AT, assert_counted, make_department, make_slot, person

DAY = date(2026, 11, 24)
CALLER = "13800000001"


@pytest.fixture
def heart(session):
    hospital = Hospital(city="南京", name="南京市儿童医院分院", short_name="儿医分院")
    session.add(hospital)
    session.flush()
    return make_department(session, "心内科门诊", hospital)


def deeds(caller=CALLER):
    return Deeds(CallInfo("11111111-1111-4111-8111-111111111111", caller, "12320"), lambda: AT)


def with_doctor(session, department, name, **more):
    doctor = Doctor(department_id=department.id, name=name, title="主任医师")
    session.add(doctor)
    session.flush()
    slot = make_slot(session, department=department, **more)
    session.get(Resource, slot.resource_id).doctor_id = doctor.id
    session.flush()
    return slot


def wanted(session, department, **more):
    city = catalogue.read(session, local(AT).date())
    more = {"days": Days(DAY, DAY), "any_doctor": True, "any_half": True} | more
    return Slots(city.hospital(department.hospital_id), city.department(department.id), **more)


def registered(session):
    """王小明, known under CALLER."""
    slot = make_slot(session, 3, date(2026, 11, 22))
    held = service.hold(session, slot.id, person(1), "agent", BY, at=AT)
    service.release(session, held.hold_id, BY, at=AT)
    return callers.known(session, CALLER, local(AT).date())


def test_the_catalogue_has_what_is_free_and_nothing_else(session, heart):
    with_doctor(session, heart, "王建国")
    full = make_slot(session, 1)
    service.hold(session, full.id, person(5), "agent", BY, at=AT)
    city = catalogue.read(session, local(AT).date())
    assert [place.name for place in city.departments if place.within == heart.hospital_id] == [
        "心内科门诊"
    ]
    assert full.hospital_id not in {place.id for place in city.hospitals}
    assert city.find_hospital("我要去儿医分院").only.id == heart.hospital_id
    assert city.find_department("心血管内科", heart.hospital_id).only.id == heart.id
    assert city.find_doctor("王建国", heart.id).only.name == "王建国"


def test_forms_of_a_hospital():
    row = {"hospital": "南京鼓楼医院", "short_name": "鼓楼医院", "city": "南京"}
    assert catalogue.hospital_forms(row)[:3] == ("南京鼓楼医院", "鼓楼医院", "鼓楼")
    row = {"hospital": "苏州市立医院", "short_name": None, "city": "苏州"}
    assert catalogue.hospital_forms(row) == ("苏州市立医院", "市立医院", "市立")


def test_what_was_asked_for_is_found(session, heart):
    slot = with_doctor(session, heart, "王建国", starts_at=time(9), kind=ClinicKind.FAMOUS_EXPERT)
    with_doctor(session, heart, "李敏", half=HalfDay.AFTERNOON, starts_at=time(14))
    found = offers.find(session, wanted(session, heart, kind=ClinicKind.EXPERT), AT)
    assert [each.slot_id for each in found.offers] == [slot.id]
    assert not found.instead
    assert found.offers[0].doctor == "王建国"


def test_something_near_is_offered_instead(session, heart):
    with_doctor(session, heart, "王建国", starts_at=time(9))
    later = wanted(session, heart, half=HalfDay.AFTERNOON, any_half=False)
    found = offers.find(session, later, AT)
    assert found.instead
    assert found.offers[0].half is HalfDay.MORNING
    another_day = wanted(session, heart, days=Days(date(2026, 11, 23), date(2026, 11, 23)))
    assert offers.find(session, another_day, AT).offers[0].day == DAY


def test_two_options_differ(session, heart):
    for hour in (8, 9, 10):
        with_doctor(session, heart, f"王{hour}", starts_at=time(hour))
    first = with_doctor(session, heart, "李敏", starts_at=time(8))
    resource = session.get(Resource, first.resource_id)
    session.add(Slot(resource_id=resource.id, hospital_id=heart.hospital_id, day=DAY, capacity=1,
                     department_id=heart.id, clinic_kind=first.clinic_kind,
                     half_day=HalfDay.MORNING, starts_at=time(8, 30)))  # fmt: skip
    session.flush()
    found = offers.find(session, wanted(session, heart), AT).offers
    assert len({offer.doctor for offer in found[:4]}) == 4


def test_nothing_at_all(session, heart):
    make_slot(session, day=date(2026, 12, 30), department=heart)
    near = make_slot(session, day=DAY, department=heart)
    slots = wanted(session, heart)
    service.hold(session, near.id, person(5), "agent", BY, at=AT)
    assert offers.find(session, slots, AT).offers == ()


def test_a_known_caller_books(session, heart):
    (who,) = registered(session)
    assert who.said in ("王先生", "王女士")
    slot = make_slot(session, department=heart)
    call = deeds()
    number = person(1).id_number
    assert call.do(Do(Deed.CHECK, (who, number[-4:]))).result
    assert not call.do(Do(Deed.CHECK, (who, "0000"))).result
    assert call.do(Do(Deed.HOLD, Claim(slot.id, who))).refused is None
    booked = call.do(Do(Deed.CONFIRM)).result
    row = session.exec(select(Booking).where(Booking.booking_no == booked.booking_no)).one()
    assert (row.channel, row.state, row.call_uid[:8]) == ("voice", State.CONFIRMED, "11111111")
    (mine,) = call.do(Do(Deed.MINE, who)).result
    assert mine.booking_no == booked.booking_no
    assert call.do(Do(Deed.CANCEL, mine.booking_no)).refused is None
    assert call.do(Do(Deed.MINE, who)).result == ()
    assert_counted(session)


def test_a_new_caller_books_with_what_was_keyed(session, heart):
    slot = make_slot(session, department=heart)
    new = person(2)
    call = deeds()
    call.do(Do(Deed.HOLD, Claim(slot.id, None, new.id_number, "李四")))
    assert call.do(Do(Deed.CONFIRM)).result.booking_no
    assert callers.known(session, CALLER, local(AT).date())[0].said[0] == "李"


def test_no_hold_outlives_its_call(session, heart):
    (who,) = registered(session)
    slot = make_slot(session, department=heart)
    call = deeds()
    call.do(Do(Deed.HOLD, Claim(slot.id, who)))
    call.close()
    call.close()
    session.expire_all()
    assert session.get(Slot, slot.id).taken == 0


def test_another_hold_gives_the_first_back(session, heart):
    (who,) = registered(session)
    first, second = (make_slot(session, department=heart, half=half) for half in list(HalfDay)[:2])
    call = deeds()
    call.do(Do(Deed.HOLD, Claim(first.id, who)))
    call.do(Do(Deed.HOLD, Claim(second.id, who)))
    session.expire_all()
    assert (session.get(Slot, first.id).taken, session.get(Slot, second.id).taken) == (0, 1)


def test_a_refusal_comes_back_as_its_code(session, heart):
    (who,) = registered(session)
    slot = make_slot(session, department=heart)
    service.hold(session, slot.id, person(9), "agent", BY, at=AT)
    assert deeds().do(Do(Deed.HOLD, Claim(slot.id, who))).refused == "slot_taken"
    bad = Claim(slot.id, None, "11010519491231002Y", "李四")
    assert deeds().do(Do(Deed.HOLD, bad)).refused == "id_number_invalid"


def test_unknown_callers(session):
    today = local(AT).date()
    assert callers.known(session, None, today) == ()
    assert callers.known(session, "02583333333", today) == ()
    assert callers.mobile_of("02583333333") is None
    assert callers.mobile_of("+8613800000001") == "+8613800000001"


def test_a_question_is_answered_from_the_articles(session):
    assert deeds().do(Do(Deed.ANSWER, "流感疫苗什么时候打")).result == "flu_vaccine"
    assert deeds().do(Do(Deed.ANSWER, "社保卡丢了")).result is None
