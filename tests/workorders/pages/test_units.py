"""承办单位 are added, changed and stopped; one with work at hand is not."""

import re

import pytest
from sqlmodel import select

from hotline import audit
from hotline.agents.rules import Role
from tests.people import signed_in
from tests.workorders.orders import LEADER, own, unit
from tests.workorders.pages.clicks import post, text
from workorders import service, units
from workorders.models import Order, OrderUnit, Unit
from workorders.pages.units import PAGE


@pytest.fixture
def admin(app, session, redis):
    return signed_in(app, session, Role.ADMIN, "guanli")


def last(session) -> audit.AuditEntry:
    return session.exec(select(audit.AuditEntry).order_by(audit.AuditEntry.id.desc())).first()


def assigned(session, to: Unit):
    order = own(session)
    service.accept(session, order, LEADER)
    units.assign(session, order, to, LEADER)
    session.commit()
    return order


def test_a_unit_is_added_and_changed_on_record(session, admin):
    typed = {"name": " 医政科 ", "contact": "周宁", "phone": "025-66778899"}
    assert post(admin, "/workorders/units", **typed).status_code == 302
    made = session.exec(select(Unit)).one()
    assert (made.name, made.contact, made.is_active) == ("医政科", "周宁", True)
    assert last(session).subject == f"work_unit:{made.id}"
    page = text(admin.get(f"/workorders/units?unit={made.id}"))
    assert "修改 医政科" in page
    assert 'value="周宁"' in page
    changed = {"name": "医政医管科", "contact": "周宁", "phone": ""}
    assert post(admin, f"/workorders/units/{made.id}", **changed).status_code == 302
    session.expire_all()
    assert session.get(Unit, made.id).phone is None
    entry = last(session)
    assert entry.detail["changes"] == ["名称", "电话"]
    assert "周宁" not in str(entry.detail)
    before = entry.id
    post(admin, f"/workorders/units/{made.id}", **changed)
    assert last(session).id == before


def test_what_is_wrong_is_said_and_kept(session, admin):
    unit(session)
    session.commit()
    answer = post(admin, "/workorders/units", name="医政科", contact="李芳")
    assert answer.status_code == 422
    assert "已有同名的承办单位" in text(answer)
    assert 'value="李芳"' in text(answer)
    assert "请填写承办单位的名称" in text(post(admin, "/workorders/units", name=" "))
    assert "不能超过 32" in text(post(admin, "/workorders/units", name="甲", phone="1" * 33))
    assert post(admin, "/workorders/units/999", name="乙").status_code == 404
    assert len(session.exec(select(Unit)).all()) == 1


def test_one_with_work_at_hand_is_not_stopped(session, leader):
    where, other = unit(session), unit(session, "疾控中心")
    order = assigned(session, where)
    address = f"/workorders/units/{where.id}/stop"
    answer = post(leader, address, reason="机构撤并")
    assert answer.status_code == 409
    assert f"医政科还有工单没有办完：{order.order_no}。" in text(answer)
    for _ in range(5):
        assigned(session, where)
    assert "等 6 张" in text(post(leader, address, reason="机构撤并"))
    for part in session.exec(select(OrderUnit)).all():
        units.assign(session, session.get(Order, part.order_id), other, LEADER)
    session.commit()
    assert post(leader, address, reason="").status_code == 422
    assert post(leader, address, reason="机构撤并").status_code == 302
    assert (last(session).reason, last(session).detail["active"]) == ("机构撤并", False)
    session.expire_all()
    assert not session.get(Unit, where.id).is_active
    assert "已停用" in text(leader.get("/workorders/units?use=stopped"))
    assert post(leader, f"/workorders/units/{where.id}/resume").status_code == 302
    session.expire_all()
    assert session.get(Unit, where.id).is_active


def test_what_was_answered_lies_there_no_more(session, leader):
    where = unit(session)
    order = assigned(session, where)
    page = text(leader.get("/workorders/units"))
    assert re.search(r'<td class="number[^"]*"> ?(\d+)', page)[1] == "1"
    units.take_reply(session, order, where, "已整改", LEADER)
    session.commit()
    answer = post(leader, f"/workorders/units/{where.id}/stop", reason="机构撤并")
    assert answer.status_code == 302


def test_the_list_is_narrowed_and_goes_on(session, leader):
    for number in range(PAGE + 1):
        unit(session, f"第{number:03d}医院")
    unit(session, "100%单位")
    session.commit()
    first = text(leader.get("/workorders/units?q=医院"))
    assert f"共 {PAGE + 1} 条" in first
    onward = re.search(r"cursor=([\w-]+)", first).group(1)
    rest = text(leader.get(f"/workorders/units?q=医院&cursor={onward}"))
    assert f"第{PAGE:03d}医院" in rest
    assert "第000医院" not in rest
    assert "共 1 条" in text(leader.get("/workorders/units?q=%25"))
