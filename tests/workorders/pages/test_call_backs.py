"""Call-backs of the day: due first on top, one attempt after the other, nobody asked twice."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from hotline import audit
from hotline.clock import now
from tests.workorders.orders import LEADER, own, platform, received, replied
from tests.workorders.pages.clicks import post, text
from workorders import call_backs
from workorders.call_backs import Answer
from workorders.confidential import SYSTEM
from workorders.deadlines.models import WorkOrderClock
from workorders.deadlines.rules import ClockKind
from workorders.models import Order, OrderRequest
from workorders.pages import call_backs_due
from workorders.pages.call_backs_due import PAGE
from workorders.rules import RequestKind, Satisfaction, State
from workorders.side_models import CallBackAttempt

SAID = {"connected": "yes", "truthful": "yes", "solved": "yes", "satisfaction": "satisfied"}


@pytest.fixture
def order(session):
    made = replied(session, own(session, caller_name="林晓"))
    session.commit()
    return made


def record(browser, order, **typed):
    page = text(browser.get(f"/workorders/callbacks?order={order.order_no}"))
    seen = re.search(r'name="seen" value="([^"]*)"', page).group(1)
    return post(browser, f"/workorders/callbacks/{order.order_no}", **({"seen": seen} | typed))


def fresh(session, order) -> Order:
    session.expire_all()
    return session.get(Order, order.id)


def due(session, order, **after) -> None:
    clock = session.exec(
        select(WorkOrderClock).where(WorkOrderClock.order_id == order.id,
                                     WorkOrderClock.kind == ClockKind.CALLBACK)
    ).one()  # fmt: skip
    clock.due_at = now() + timedelta(**after)
    session.add(clock)
    session.commit()


def test_the_first_that_is_due_is_open_and_the_reading_is_on_record(session, leader, order):
    later = replied(session, own(session, title="药房排队太久"))
    due(session, later, hours=9)
    due(session, order, hours=-1)
    page = text(leader.get("/workorders/callbacks"))
    assert page.index(order.order_no) < page.index(later.order_no)
    assert "待回访 2" in page
    assert "超时 1" in page
    assert "第 1 次回访" in page
    assert "已核实并整改" in page
    assert "138****2222" in page
    assert "13800002222" not in page
    assert f'hx-get="/workorders/callbacks/now?order={order.order_no}"' in page
    read = select(audit.AuditEntry).where(audit.AuditEntry.action == "record_read")
    assert [entry.subject for entry in session.exec(read)] == [order.subject]


def test_what_the_caller_said_ends_it_and_the_next_one_is_open(session, leader, order):
    later = replied(session, own(session))
    due(session, later, hours=90)
    answer = record(leader, order, **SAID, opinion="很快")
    assert answer.location == "/workorders/callbacks"
    page = text(leader.get(answer.location))
    assert f"{order.order_no} 的回访已登记，工单已办结。" in page
    assert "待回访 1" in page
    assert "今天登记 1 次" in page
    assert fresh(session, order).state is State.CLOSED
    assert session.exec(select(CallBackAttempt)).one().opinion == "很快"


def test_who_is_not_satisfied_has_it_worked_on_again(session, leader, order):
    record(leader, order, **(SAID | {"satisfaction": "dissatisfied"}), opinion="没有退钱")
    assert "重办申请待班长审批" in text(leader.get("/workorders/callbacks"))
    assert session.exec(select(OrderRequest)).one().kind is RequestKind.REWORK
    # Asked and answered: it waits for a decision now, not for another call.
    assert "没有要回访的工单" in text(leader.get("/workorders/callbacks"))
    page = text(leader.get(f"/workorders/callbacks?order={order.order_no}"))
    assert "待回访 0" in page


def test_three_attempts_that_reach_nobody_end_it(session, leader, order):
    # What was chosen before 未接通 was pressed is hidden, and not said by anybody.
    answer = record(leader, order, **(SAID | {"connected": "no"}), opinion="无人接听")
    assert answer.status_code == 302
    page = text(leader.get("/workorders/callbacks"))
    assert "未接通，还可再打 2 次" in page
    assert "第 2 次回访" in page
    assert "未接通，无人接听" in page
    assert session.exec(select(CallBackAttempt)).one().satisfaction is None
    record(leader, order, connected="no")
    record(leader, order, connected="no")
    assert fresh(session, order).state is State.CLOSED
    assert "没有要回访的工单" in text(leader.get("/workorders/callbacks"))


def test_what_is_missing_is_said_and_the_rest_is_kept(session, leader, order):
    answer = record(leader, order, connected="yes", opinion="听不清")
    page = text(answer)
    assert answer.status_code == 422
    assert "请选择是否解决和满意度" in page
    assert "听不清" in page
    assert 'value="yes" data-key="c" data-key-name="已接通" checked' in page
    assert "请选择是否接通" in text(record(leader, order, solved="yes"))
    assert session.exec(select(CallBackAttempt)).first() is None


def test_nobody_is_asked_twice(session, leader, order):
    saw = order.updated_at.isoformat()
    call_backs.record(session, order, Answer(connected=False), LEADER)
    session.commit()
    answer = post(leader, f"/workorders/callbacks/{order.order_no}", seen=saw, **SAID)
    assert answer.status_code == 409
    assert "工单在您填写时已变化：班长" in text(answer)
    assert len(session.exec(select(CallBackAttempt)).all()) == 1
    satisfied = Answer(True, True, True, Satisfaction.SATISFIED)
    call_backs.record(session, order, satisfied, LEADER)
    session.commit()
    page = text(leader.get(f"/workorders/callbacks?order={order.order_no}"))
    assert "本轮不用再回访" in page


def test_agents_see_and_call_their_own(session, agent, agent_id, order):
    assert "没有要回访的工单" in text(agent.get("/workorders/callbacks"))
    seen = order.updated_at.isoformat()
    answer = post(agent, f"/workorders/callbacks/{order.order_no}", seen=seen, **SAID)
    assert answer.status_code == 403
    order.handler_id = agent_id
    session.commit()
    assert "待回访 1" in text(agent.get("/workorders/callbacks/now"))
    assert record(agent, order, **SAID).status_code == 302
    assert fresh(session, order).state is State.CLOSED


def test_a_confidential_one_of_somebody_else_does_not_open(session, agent, order):
    order.confidential = True
    session.commit()
    assert agent.get(f"/workorders/callbacks?order={order.order_no}").status_code == 403


def test_a_platform_is_told_and_decides(session, leader):
    order = replied(session, received(session, platform(session)))
    session.commit()
    record(leader, order, **SAID)
    assert "结果正在发给平台" in text(leader.get("/workorders/callbacks"))
    assert fresh(session, order).state is State.CALLBACK


def test_the_list_goes_on(session, leader):
    for _ in range(PAGE + 1):
        replied(session, own(session))
    session.commit()
    first = text(leader.get("/workorders/callbacks"))
    onward = re.search(r"/workorders/callbacks\?cursor=([\w-]+)", first).group(1)
    shown = set(re.findall(r'id="call-back-(WO[\d-]+)"', first))
    rest = set(re.findall(r'id="call-back-(WO[\d-]+)"',
                          text(leader.get(f"/workorders/callbacks?cursor={onward}"))))  # fmt: skip
    assert (len(shown), len(rest), shown & rest) == (PAGE, 1, set())
    assert call_backs_due.waiting(session, SYSTEM) == PAGE + 1
    assert leader.get("/workorders/callbacks?cursor=WzEsMl0").status_code == 400
