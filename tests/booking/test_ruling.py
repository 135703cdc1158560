"""Rules are put in from a day on, for whom they are meant, and taken back only before it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import select

from hotline.agents.rules import Role
from hotline.audit import AuditEntry
from hotline.booking import ruling
from hotline.booking.models import BookingRule, Hospital
from hotline.booking.policy import RuleName
from hotline.booking.rules import ClinicKind
from hotline.booking.ruling import NewRule
from hotline.clock import today
from hotline.console import booking_policies
from hotline.errors import Refused
from tests.booking.places import set_rule
from tests.people import form_token, signed_in

ON = date(2028, 2, 28)
LEAP = date(2028, 2, 29)


@pytest.fixture
def hospital(session):
    found = Hospital(city="南京", name="规则医院")
    session.add(found)
    session.flush()
    return found


def rule(hospital, value="14", day=LEAP, name=RuleName.WINDOW_DAYS, **more):
    return NewRule(name, value, day, hospital_id=hospital.id, **more)


def test_a_row_is_put_in_for_a_channel_and_a_kind_on_record(session, hospital):
    more = {"channel": "family_doctor", "clinic_kind": ClinicKind.EXPERT}
    row = ruling.add(session, rule(hospital, **more), on=ON)
    assert (row.channel, row.clinic_kind, row.effective_on) == (
        "family_doctor", ClinicKind.EXPERT, LEAP)  # fmt: skip
    (entry,) = session.exec(
        select(AuditEntry).where(AuditEntry.subject == f"hospital:{hospital.id}")
    )
    assert entry.detail == {"rule": "window_days", "value": "14", "from": "2028-02-29",
                            "channels": "family_doctor", "kind": "专家"}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"value": "很久"}, "value"),
        ({"value": "101%", "name": RuleName.QUOTA_PERCENT}, "value"),
        ({"day": ON - timedelta(days=1)}, "effective_on"),
        ({"channel": "没有"}, "channel"),
    ],
)
def test_what_means_nothing_is_refused_with_its_field(session, hospital, change, field):
    with pytest.raises(Refused) as refused:
        ruling.add(session, rule(hospital, **change), on=ON)
    assert (refused.value.code, list(refused.value.fields)) == ("rule_invalid", [field])


def test_places_that_are_not_there_are_refused(session, hospital):
    for where in ({"hospital_id": 2**40}, {"city": "无此市"}):
        with pytest.raises(Refused, match="rule_invalid"):
            ruling.add(session, NewRule(RuleName.WINDOW_DAYS, "14", LEAP, **where), on=ON)


def test_the_same_place_and_day_again_is_a_conflict_another_channel_is_not(session, hospital):
    ruling.add(session, rule(hospital), on=ON)
    with pytest.raises(Refused, match="rule_conflict"):
        ruling.add(session, rule(hospital, "10"), on=ON)
    ruling.add(session, rule(hospital, "10", channel="wechat"), on=ON)
    ruling.add(session, rule(hospital, "10", day=LEAP + timedelta(days=1)), on=ON)


def test_a_file_says_it_anew_and_the_log_keeps_what_was_said_before(session, hospital):
    first = ruling.put(session, rule(hospital, "14", day=date(2020, 1, 1)))
    again = ruling.put(session, rule(hospital, "14", day=date(2020, 1, 1)))
    other = ruling.put(session, rule(hospital, "10", day=date(2020, 1, 1)))
    assert (first.id, again.id) == (other.id, other.id)
    entries = session.exec(
        select(AuditEntry).where(AuditEntry.subject == f"hospital:{hospital.id}")
        .order_by(AuditEntry.id)
    ).all()  # fmt: skip
    assert len(entries) == 2
    assert (entries[-1].detail["before"], entries[-1].detail["after"]) == ("14", "10")


def test_only_a_row_to_come_is_taken_back(session, hospital):
    row = ruling.add(session, rule(hospital), on=ON)
    with pytest.raises(Refused, match="rule_in_force"):
        ruling.withdraw(session, row.id, on=LEAP)
    ruling.withdraw(session, row.id, "写错了", on=ON)
    with pytest.raises(Refused, match="rule_unknown"):
        ruling.withdraw(session, row.id, on=ON)


def test_the_page_says_who_has_it_otherwise(session, hospital):
    session.add_all([hospital, Hospital(name="市第一医院", city=hospital.city)])
    set_rule(session, "quota_percent", "30%", hospital_id=hospital.id, channel="wechat")
    set_rule(session, "release", "07:00", hospital_id=hospital.id, clinic_kind="expert")
    found = booking_policies.every_hospital(session)
    (mine,) = (one for one in found if one.hospital.id == hospital.id)
    assert mine.sentence.startswith("可约明天起到第 7 天的号")
    assert not mine.is_like_city
    assert [one.hospital.name for one in found if one.is_like_city] == ["市第一医院"]
    said = dict(mine.otherwise)
    assert said["专家"] == "放号时间 07:00"
    assert said["微信"] == "渠道配额 30%"
    assert said["家庭医生著名专家"] == "可约天数 14"
    assert said["家庭医生专家"] == "可约天数 14，放号时间 07:00"


def test_an_admin_narrows_a_rule_on_the_page_and_takes_it_back(app, session, redis, hospital):
    session.commit()
    browser = signed_in(app, session, Role.ADMIN)
    day = today() + timedelta(days=3)
    form = {"csrf_token": form_token(browser), "hospital": hospital.id, "name": "quota_percent",
            "value": "30%", "channel": "wechat", "kind": "expert",
            "effective_on": day.isoformat()}  # fmt: skip
    assert browser.post("/booking/rules", data=form).status_code == 302
    row = session.exec(select(BookingRule).where(BookingRule.hospital_id == hospital.id)).one()
    assert (row.channel, row.clinic_kind, row.value) == ("wechat", ClinicKind.EXPERT, "30%")
    again = browser.post("/booking/rules", data=form)
    assert (again.status_code, "已有一行" in again.get_data(as_text=True)) == (422, True)
    assert "未生效" in browser.get("/booking/rules").get_data(as_text=True)
    gone = browser.post(f"/booking/rules/{row.id}/withdraw", data=form)
    assert gone.status_code == 302
    found = session.exec(select(BookingRule).where(BookingRule.hospital_id == hospital.id))
    assert found.all() == []


def test_a_rule_for_a_whole_city_is_put_in_on_the_page(app, session, redis, hospital):
    session.commit()
    browser = signed_in(app, session, Role.ADMIN)
    form = {"csrf_token": form_token(browser), "hospital": "city:南京", "name": "no_shows",
            "value": "2", "effective_on": today().isoformat()}  # fmt: skip
    assert browser.post("/booking/rules", data=form).status_code == 302
    row = session.exec(select(BookingRule).where(BookingRule.value == "2")).one()
    assert (row.city, row.hospital_id) == ("南京", None)
    missing = browser.post("/booking/rules", data=form | {"hospital": ""})
    assert (missing.status_code, "请选择医院" in missing.get_data(as_text=True)) == (422, True)
