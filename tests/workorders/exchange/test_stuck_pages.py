"""What waits for a person: tried again, answered, all of it after an outage; codes explained."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from hotline.agents.rules import Role
from hotline.audit import AuditEntry
from hotline.clock import now
from hotline.errors import Refused
from tests.people import signed_in
from tests.workorders.orders import LEADER, agent, platform, received, remote
from tests.workorders.pages.clicks import post
from tests.workorders.pages.clicks import text as words
from workorders import moving, service
from workorders.exchange import applying, inbox, lost, stuck_bulk, stuck_codes
from workorders.exchange.models import Exchange, Incoming, Outgoing
from workorders.exchange.rules import IncomingState, OutgoingState, Via
from workorders.models import Order, Platform
from workorders.platforms.wire import Unreadable
from workorders.rules import State

STUCK = "/workorders/exchange/stuck"


@pytest.fixture
def leader(app, session, redis):
    return signed_in(app, session, Role.SUPERVISOR, "banzhang")


@pytest.fixture
def source(session):
    return platform(session)


@pytest.fixture
def order(session, source) -> Order:
    found = received(session, source)
    session.commit()
    return found


def event(session, order: Order, state=OutgoingState.GIVEN_UP, **more) -> Outgoing:
    """Something we did that the platform has not taken."""
    locked = moving.locked(session, order.order_no)
    if locked.state is State.RECEIVED:
        service.accept(session, locked, LEADER)
    else:
        service.progress(session, locked, "已联系 13800001111", LEADER)
    row = session.exec(select(Outgoing).order_by(col(Outgoing.id).desc())).first()
    row.state, row.attempts, row.last_error = state, 20, "连不上平台。"
    for name, value in more.items():
        setattr(row, name, value)
    session.add(row)
    session.commit()
    return row


def arrived(session, source, item) -> Incoming:
    """Something that came and was looked at."""
    one = inbox.from_item(item)
    inbox.store(session, source, [one], Via.PULL, now())
    session.commit()
    row = session.exec(select(Incoming).where(Incoming.digest == one.digest)).one()
    if row.state is IncomingState.DUE:
        applying.apply([row.key])
    session.refresh(row)
    return row


def fresh(session, row):
    session.expire_all()
    return session.get(type(row), row.id)


def test_both_sides_are_listed_with_the_platforms_words(session, leader, source, order):
    event(session, order, OutgoingState.REFUSED, last_error="42201 当前状态不能办理")
    arrived(session, source, Unreadable("诉求类型不认识", {"no": "NJ-9"}, "NJ-9"))
    shown = words(leader.get(STUCK))
    assert order.order_no in shown
    assert "42201 当前状态不能办理" in shown
    assert "发出的 <b>1</b>" in shown
    assert "收到的 <b>1</b>" in shown
    other = words(leader.get(f"{STUCK}?side=received"))
    assert "诉求类型不认识" in other
    assert "NJ-9" in other


def test_one_is_shown_with_its_attempts_and_nobodys_number(session, leader, order):
    row = event(session, order)
    session.add(Exchange(platform="city", outgoing_id=row.key, what="send:accept", attempt=3,
                         outcome="unknown", status=503, milliseconds=17, error="平台内部出错。",
                         answer='{"message": "请联系 13812345678"}'))  # fmt: skip
    session.commit()
    shown = words(leader.get(f"{STUCK}/sent/{row.id}"))
    assert "结果未知" in shown
    assert "503" in shown
    assert "138****5678" in shown
    assert "13812345678" not in shown
    entry = session.exec(select(AuditEntry).where(AuditEntry.subject == order.subject)
                         .order_by(col(AuditEntry.id).desc())).first()  # fmt: skip
    assert entry.action == "record_read"


def test_what_came_is_shown_without_its_caller(session, leader, source):
    item = remote(status="99")
    row = arrived(session, source, item)
    shown = words(leader.get(f"{STUCK}/received/{row.id}"))
    assert row.state is IncomingState.PARKED
    assert "没有对照" in shown
    assert "林晓" not in shown
    assert "13800001111" not in shown
    assert "门诊排队时间过长" in shown


def test_one_is_sent_again_with_its_old_id(session, leader, order):
    row = event(session, order)
    event_id = row.event_id
    post(leader, f"{STUCK}/sent/{row.id}/retry")
    row = fresh(session, row)
    assert (row.state, row.attempts, row.event_id) == (OutgoingState.DUE, 0, event_id)
    post(leader, f"{STUCK}/sent/{row.id}/retry")
    assert "已经处理过了" in words(leader.get(STUCK))


def test_one_that_was_seen_to_wants_a_reason(session, leader, order):
    row = event(session, order)
    post(leader, f"{STUCK}/sent/{row.id}/dismiss")
    assert fresh(session, row).state is OutgoingState.GIVEN_UP
    post(leader, f"{STUCK}/sent/{row.id}/dismiss", reason="已电话告知平台")
    row = fresh(session, row)
    assert (row.state, row.last_error) == (OutgoingState.DISMISSED, "已电话告知平台")


def test_chosen_ones_are_done_each_by_itself(session, leader, order):
    rows = [event(session, order), event(session, order), event(session, order)]
    done = fresh(session, rows[2])
    done.state = OutgoingState.SENT
    session.commit()
    post(leader, f"{STUCK}/sent", action="retry", selected=[str(row.id) for row in rows])
    assert [fresh(session, row).state for row in rows] == [
        OutgoingState.DUE, OutgoingState.DUE, OutgoingState.SENT,
    ]  # fmt: skip
    shown = words(leader.get(STUCK))
    assert "2 条" in shown
    assert "1 条没有办成" in shown


def test_after_an_outage_all_that_was_given_up_goes_again(session, leader, order):
    given_up = [event(session, order), event(session, order)]
    refused = event(session, order, OutgoingState.REFUSED)
    assert "2 个事项多次未送达" in words(leader.get(STUCK))
    shown = words(post(leader, f"{STUCK}/all/city") and leader.get(STUCK))
    assert "正在重发" in shown
    assert [fresh(session, row).state for row in given_up] == [OutgoingState.DUE] * 2
    assert fresh(session, refused).state is OutgoingState.REFUSED, "it would be refused again"
    session.execute(text("UPDATE work_order_outgoing SET state = 'sent' WHERE id = :id"),
                    {"id": given_up[0].id})  # fmt: skip
    session.commit()
    found = stuck_bulk.batch(session, "city")
    assert (found.total, found.done, found.sent, found.is_over) == (2, 1, 1, False)
    assert "1 / 2" in words(leader.get(f"{STUCK}/all/city"))
    post(leader, f"{STUCK}/all/city/stop", reason="平台又停机")
    assert fresh(session, given_up[1]).state is OutgoingState.GIVEN_UP
    assert leader.get(f"{STUCK}/all/city").headers["HX-Refresh"] == "true"


def test_nothing_given_up_is_said(leader, source):
    post(leader, f"{STUCK}/all/city")
    assert "没有多次未送达的事项" in words(leader.get(STUCK))


def test_only_who_leads_sends_all_again(session, redis, order):
    event(session, order)
    with pytest.raises(Refused) as refused:
        stuck_bulk.retry_all(session, "city", agent(1))
    assert refused.value.status == 403


def test_an_unknown_code_waits_until_it_has_a_meaning(session, redis, source):
    rows = [arrived(session, source, remote(no=f"NJ-{number}", status="99")) for number in (1, 2)]
    other = arrived(session, source, remote(no="NJ-3", status="5_5%"))
    found = stuck_codes.unknown_codes(session, source)
    assert [(one.code, one.parked, one.orders) for one in found] == [("99", 2, 2), ("5_5%", 1, 1)]
    assert stuck_codes.explain(session, "city", "99", "doing") == 2
    session.commit()
    applying.apply([row.key for row in rows])
    assert [fresh(session, row).state for row in rows] == [IncomingState.APPLIED] * 2
    assert fresh(session, other).state is IncomingState.PARKED
    orders = session.exec(select(Order).order_by(col(Order.remote_no))).all()
    assert [each.remote_status for each in orders] == ["99", "99", "5_5%"]
    left = stuck_codes.unknown_codes(session, source)
    assert [one.code for one in left] == ["5_5%"]


def test_a_code_wants_a_meaning(session, redis, source):
    with pytest.raises(Refused) as refused:
        stuck_codes.explain(session, "city", "99", "")
    assert "meaning" in refused.value.fields


def test_more_than_a_page_is_paged(session, leader, source):
    for number in range(51):
        inbox.store(session, source, [inbox.from_item(Unreadable("读不懂", json.dumps(number)))],
                    Via.PULL, now())  # fmt: skip
    session.commit()
    shown = leader.get(f"{STUCK}?side=received").text
    assert shown.count("待人工核对") + shown.count("无法读取") >= 50
    assert 'rel="next"' in shown


def test_what_does_not_open_is_listed_with_what_to_do(session, leader, source, order):
    sent = event(session, order, last_error=lost.GOES)
    session.add(Exchange(platform="city", outgoing_id=sent.key, what="send:accept",
                         outcome="unknown", answer="{}"))  # fmt: skip
    row = arrived(session, source, remote(status="99"))
    row.state, row.reason = IncomingState.UNREADABLE, lost.CAME
    session.add(row)
    session.commit()
    for table, column in (
        ("incoming", "raw"), ("outgoing", "body"), ("exchange", "answer"), ("platform", "secret"),
    ):  # fmt: skip
        change = f"UPDATE work_order_{table} SET {column} = set_byte({column}, 1, 200)"
        session.execute(text(change))
    session.commit()
    session.expunge_all()
    assert lost.CAME in words(leader.get(f"{STUCK}?side=received"))
    assert lost.GOES in words(leader.get(f"{STUCK}?side=sent"))
    assert lost.WHY in words(leader.get(f"{STUCK}/received/{row.id}"))
    assert words(leader.get(f"{STUCK}/sent/{sent.id}")).count(lost.WHY) == 3, (
        "why, what, the answer"
    )
    assert "发给平台：签收" in words(leader.get(f"/workorders/{order.order_no}"))


def test_a_secret_that_does_not_open_is_typed_again(app, session, source, redis):
    session.commit()
    session.execute(text("UPDATE work_order_platform SET secret = set_byte(secret, 1, 200)"))
    session.commit()
    session.expunge_all()
    admin = signed_in(app, session, Role.ADMIN, "admin")
    there = "/workorders/exchange/platforms/city"
    assert lost.SECRET in words(admin.get(there))
    assert admin.get("/workorders/exchange/platforms").status_code == 200
    post(admin, there, name="市12345", adapter="rest", url="http://127.0.0.1:1", app_id="city",
         secret="n" * 32, is_active="yes", answered="yes")  # fmt: skip
    assert session.get(Platform, "city", populate_existing=True).secret == "n" * 32
