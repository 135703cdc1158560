"""Reading orders back: paged by their last change, masked, confidential ones hidden."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from hotline.agents.rules import Role, Scope
from hotline.audit import AuditEntry
from hotline.clock import now
from tests.people import api_token, signed_in
from tests.workorders.orders import LEADER, own, platform, received
from workorders import merging, service
from workorders.exchange.models import Outgoing

URL = "/api/v1/workorders"


def get(client: FlaskClient, session: Session, address: str = URL, **query: Any) -> Any:
    answer = client.get(address, query_string=query, headers=api_token(session, Scope.WORKORDERS))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def test_pages_hold_every_order_once(client: FlaskClient, session: Session) -> None:
    city = platform(session)
    made = [received(session, city, no=f"NJ-{n}").order_no for n in range(7)]
    session.commit()
    found, cursor = [], ""
    while True:
        page = get(client, session, limit=3, cursor=cursor)
        found += [item["order_no"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == made


def test_narrowed(client: FlaskClient, session: Session) -> None:
    city = platform(session)
    first, second = received(session, city), received(session, city, no="NJ-2")
    mine = own(session)
    session.commit()
    since = now().isoformat()
    service.accept(session, second, LEADER)
    session.commit()
    numbers = {
        "self": {mine.order_no},
        "city": {first.order_no, second.order_no},
    }
    for code, expected in numbers.items():
        items = get(client, session, platform=code)["items"]
        assert {item["order_no"] for item in items} == expected
    for query in ({"state": "accepted"}, {"remote_no": "NJ-2"}, {"updated_since": since}):
        (item,) = get(client, session, **query)["items"]
        assert item["order_no"] == second.order_no
        assert (item["remote_no"], item["remote_status"], item["remote_version"]) == (
            "NJ-2", "10", 1,
        )  # fmt: skip


def test_one_order_with_its_timeline_and_exchange(client: FlaskClient, session: Session) -> None:
    order = received(session, platform(session))
    service.accept(session, order, LEADER)
    session.commit()
    found = get(client, session, f"{URL}/{order.order_no}")
    assert [line["step"] for line in found["timeline"]] == ["filed", "accept"]
    assert [event["type"] for event in found["exchange"]["sent"]] == ["accept"]
    assert found["exchange"]["sent"][0]["state"] == "due"
    read = session.exec(select(AuditEntry).where(AuditEntry.subject == order.subject))
    assert "record_read" in [line.action for line in read]


def test_numbers_are_masked(client: FlaskClient, session: Session) -> None:
    order = received(session, platform(session), content="请回电 13800001111，谢谢")
    session.commit()
    answer = client.get(f"{URL}/{order.order_no}", headers=api_token(session, Scope.WORKORDERS))
    said = answer.get_data(as_text=True)
    assert "13800001111" not in said
    assert "138****1111" in said


def test_a_confidential_order_says_nothing_to_a_machine(
    client: FlaskClient, session: Session
) -> None:
    order = received(session, platform(session), confidential=True)
    service.accept(session, order, LEADER)
    service.progress(session, order, "已联系林晓，门诊已道歉", LEADER)
    for event in session.exec(select(Outgoing)):
        event.last_error = "42201 林晓的工单已道歉"
    session.commit()
    for scope in (Scope.WORKORDERS, Scope.ALL):
        for address in (URL, f"{URL}/{order.order_no}"):
            said = client.get(address, headers=api_token(session, scope)).get_data(as_text=True)
            assert order.order_no in said
            for secret in ("林晓", "13800001111", "门诊", "排队", "鼓楼", "道歉"):
                assert secret not in said, (address, secret)


def test_a_supervisor_reads_it(app: Flask, client: FlaskClient, session: Session) -> None:
    order = received(session, platform(session), confidential=True)
    session.commit()
    browser = signed_in(app, session, Role.SUPERVISOR)
    found = browser.get(f"{URL}/{order.order_no}").get_json()
    assert found["title"] == "门诊排队时间过长"
    assert "13800001111" not in str(found)


def test_another_scope_does_not_open_it(client: FlaskClient, session: Session) -> None:
    assert client.get(URL, headers=api_token(session, Scope.BOOKING)).status_code == 403
    assert client.get(URL).status_code == 401


def test_what_is_not_there(client: FlaskClient, session: Session) -> None:
    token = api_token(session, Scope.WORKORDERS)
    answer = client.get(f"{URL}/WO20260101-000001", headers=token)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "order_unknown")
    answer = client.get(URL, query_string={"cursor": "nonsense"}, headers=token)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "cursor_invalid")


def test_a_merged_order_names_its_master(client: FlaskClient, session: Session) -> None:
    city = platform(session)
    master, child = received(session, city), received(session, city, no="NJ-2")
    merging.merge(session, child, master, "同一诉求", LEADER)
    session.commit()
    items = {item["order_no"]: item["master_no"] for item in get(client, session)["items"]}
    assert items == {master.order_no: None, child.order_no: master.order_no}
    assert get(client, session, f"{URL}/{child.order_no}")["master_no"] == master.order_no
