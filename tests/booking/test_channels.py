"""渠道 are data: kept by admins, used by outside channels, counted in the month's columns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from hotline.agents.rules import Role
from hotline.audit import AuditEntry
from hotline.booking import channels
from hotline.booking.models import Channel
from hotline.booking.rules import BookingKind, Column
from hotline.clock import today
from hotline.errors import Refused
from tests.booking.machines import bound
from tests.booking.places import make_slot
from tests.people import form_token, signed_in


def codes(session):
    return [each.code for each in channels.every(session)]


def test_a_new_channel_is_the_last_and_can_be_booked_through(client, session):
    channels.add(session, "city_app", "城市 App", Column.THIRD_PARTY, None)
    assert codes(session)[-1] == "city_app"
    slot = make_slot(session, 1, today() + timedelta(days=4))
    assert bound(client, session, ["city_app"]).book(slot, channel=None)["channel"] == "city_app"


@pytest.mark.parametrize(
    ("code", "name", "field"),
    [
        ("City App", "某渠道", "code"),
        ("wechat", "某渠道", "code"),
        ("city_app", "微信", "name"),
        ("city_app", " ", "name"),
        ("city_app", "长" * 31, "name"),
    ],
)
def test_a_code_or_name_that_will_not_do_is_refused(session, code, name, field):
    with pytest.raises(Refused) as refused:
        channels.add(session, code, name, Column.ONLINE, None)
    assert list(refused.value.fields) == [field]


def test_a_channel_out_of_use_takes_no_bookings_and_keeps_those_it_has(client, session):
    slot = make_slot(session, 3, today() + timedelta(days=4))
    wechat = bound(client, session, ["wechat"])
    booked = wechat.book(slot)
    held = wechat.hold(slot, 2).json["hold_id"]
    channels.retire(session, "wechat", "停止合作")
    session.commit()
    assert wechat.hold(slot, 3).json["code"] == "channel_unknown"
    assert wechat.post("/bookings", {"hold_id": held}).status_code == 201, "held before"
    number = booked["booking_no"]
    assert wechat.post(f"/bookings/{number}/cancel", {}).json["state"] == "cancelled"
    channels.restore(session, "wechat")
    session.commit()
    assert wechat.hold(slot, 3).status_code == 201


def test_the_desk_and_the_voice_line_cannot_be_taken_out_of_use(session):
    for code in channels.OURS:
        with pytest.raises(Refused, match="channel_needed"):
            channels.retire(session, code, "")
        with pytest.raises(Refused, match="channel_in_use"):
            channels.delete(session, code, "")


def test_only_a_channel_nothing_was_done_with_is_deleted(client, session):
    with pytest.raises(Refused, match="2 条规则"):
        channels.delete(session, "family_doctor", "")
    bound(client, session, ["web"])
    with pytest.raises(Refused, match="1 个令牌"):
        channels.delete(session, "web", "")
    channels.add(session, "city_app", "城市 App", Column.THIRD_PARTY, None)
    channels.delete(session, "city_app", "写错了")
    assert "city_app" not in codes(session)


def test_channels_change_places(session):
    before = codes(session)
    channels.move(session, before[1], up=True)
    assert codes(session)[:2] == [before[1], before[0]]
    channels.move(session, before[1], up=True)
    channels.move(session, before[-1], up=False)
    assert codes(session) == [before[1], before[0], *before[2:]]


@pytest.mark.parametrize(
    ("code", "kind"),
    [("in_clinic", "in_clinic"), ("community", "community"), ("referral", "referral"),
     ("family_doctor", "community"), ("wechat", "segment")],
)  # fmt: skip
def test_each_channel_books_its_own_kind(client, session, code, kind):
    slot = make_slot(session, 1, today() + timedelta(days=4))
    assert bound(client, session, [code]).book(slot, channel=None)["booking_kind"] == kind


def test_admins_keep_channels_on_the_page(app, session, redis):
    browser = signed_in(app, session, Role.ADMIN)
    token = {"csrf_token": form_token(browser)}
    form = token | {"code": "city_app", "name": "城市 App", "counts_in": "quick",
                    "kind": "referral"}  # fmt: skip
    assert browser.post("/booking/channels", data=form).status_code == 302
    assert "城市 App" in browser.get("/booking/channels").get_data(as_text=True)
    there = "/booking/channels/city_app"
    changed = token | {"deed": "change", "name": "城市通", "counts_in": "online", "kind": ""}
    assert browser.post(there, data=changed).status_code == 302
    row = session.exec(select(Channel).where(Channel.code == "city_app")).one()
    assert (row.name, row.counts_in, row.booking_kind) == ("城市通", Column.ONLINE, None)
    entry = session.exec(
        select(AuditEntry).where(AuditEntry.subject == "channel:city_app")
        .order_by(AuditEntry.id)
    ).all()[-1]  # fmt: skip
    assert entry.detail["before"]["kind"] == BookingKind.REFERRAL.label
    taken = browser.post(there, data=changed | {"name": "微信"})
    assert (taken.status_code, "已有名为" in taken.get_data(as_text=True)) == (409, True)
    wrong = browser.post("/booking/channels", data=form | {"counts_in": ""})
    assert (wrong.status_code, 'value="城市 App"' in wrong.get_data(as_text=True)) == (422, True)
    for deed in ("up", "down", "retire", "restore", "retire", "delete"):
        assert browser.post(there, data=token | {"deed": deed}).status_code == 302, deed
    assert "city_app" not in codes(session)
    used = browser.post("/booking/channels/family_doctor", data=token | {"deed": "delete"})
    assert (used.status_code, "不能删除" in used.get_data(as_text=True)) == (409, True)
