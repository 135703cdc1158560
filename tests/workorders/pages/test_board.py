"""The dispatch board: what lies with whom, counted whole, shown by what breaks next."""

from datetime import timedelta

from sqlmodel import Session, select

from hotline.clock import now
from tests.workorders.orders import LEADER, own, platform, received, unit
from tests.workorders.pages.clicks import post, seen, text
from workorders import service, units
from workorders.confidential import SYSTEM
from workorders.deadlines.models import WorkOrderClock
from workorders.deadlines.rules import ClockKind
from workorders.models import Order
from workorders.pages import board_cards
from workorders.pages.board_cards import NOBODY, PAGE
from workorders.rules import Kind, State


def board(session: Session, pages=None, **asked):
    session.flush()
    found = board_cards.columns(session, SYSTEM, asked, pages or {}, now())
    return {column.name: column for column in found}


def signed(session, **given) -> Order:
    order = own(session, **given)
    service.accept(session, order, LEADER)
    return order


def numbers(column) -> list[str]:
    return [card.row.order.order_no for card in column.cards]


def due(session, order, kind, **after) -> None:
    clock = session.exec(
        select(WorkOrderClock).where(WorkOrderClock.order_id == order.id,
                                     WorkOrderClock.kind == kind)
    ).one()  # fmt: skip
    clock.due_at = now() + timedelta(**after)
    clock.warn_at = clock.due_at - timedelta(hours=1)
    session.add(clock)


def test_an_order_lies_with_each_unit_that_has_a_part_of_it(session):
    main, help_ = unit(session), unit(session, "疾控中心")
    waits, shared, answered, done = (signed(session) for _ in range(4))
    unsigned = own(session)
    for each in (shared, answered, done):
        units.assign(session, each, main, LEADER)
    units.assign(session, shared, help_, LEADER, is_main=False)
    units.take_reply(session, answered, main, "已核实", LEADER)
    service.reply(session, done, "已办", LEADER)
    found = board(session)
    assert next(iter(found)) == "未派单"
    assert set(numbers(found["未派单"])) == {waits.order_no, unsigned.order_no}
    assert set(numbers(found["医政科"])) == {shared.order_no, answered.order_no}
    assert numbers(found["疾控中心"]) == [shared.order_no]
    assert [card.part.is_main for card in found["疾控中心"].cards] == [False]
    units.take_back(session, shared, main, "不属本单位", LEADER)
    units.take_back(session, shared, help_, "不属本单位", LEADER)
    found = board(session)
    assert shared.order_no in numbers(found["未派单"])
    assert "疾控中心" not in found


def test_what_breaks_next_is_on_top_and_a_units_own_clock_is_its_own(session):
    one, other = unit(session), unit(session, "疾控中心")
    first, second = signed(session), signed(session)
    for each in (first, second):
        units.assign(session, each, one, LEADER)
    units.assign(session, second, other, LEADER, is_main=False)
    due(session, first, ClockKind.FINISH, hours=5)
    due(session, second, ClockKind.FINISH, hours=9)
    for clock in session.exec(select(WorkOrderClock).where(WorkOrderClock.order_id == second.id)):
        if clock.unit_id == one.id:
            clock.due_at = now() - timedelta(hours=1)
    found = board(session)
    assert numbers(found["医政科"]) == [second.order_no, first.order_no]
    assert next(card.tone for card in found["医政科"].cards) == "danger"
    assert (found["医政科"].total, found["医政科"].over) == (2, 1)
    assert found["疾控中心"].over == 0
    for clock in session.exec(select(WorkOrderClock).where(WorkOrderClock.order_id == second.id)):
        clock.paused_since = now()
    assert board(session)["医政科"].over == 0


def test_until_when_it_may_be_returned_presses_nobody(session):
    order = received(session, platform(session))
    due(session, order, ClockKind.RETURN_BY, hours=-3)
    found = board(session)["未派单"]
    assert found.over == 0
    assert found.cards[0].clock.kind is ClockKind.SIGN


def test_it_is_narrowed_by_platform_and_kind(session):
    remote = received(session, platform(session))
    mine = own(session, kind=Kind.HELP)
    assert numbers(board(session, platform="city")["未派单"]) == [remote.order_no]
    assert numbers(board(session, kind="求助")["未派单"]) == [mine.order_no]
    assert board(session, platform="self", kind="投诉")["未派单"].total == 0


def test_a_column_shows_a_page_and_says_how_many_more(session, leader):
    for _ in range(PAGE + 2):
        own(session)
    session.commit()
    column = board(session)["未派单"]
    assert (len(column.cards), column.total, column.beyond) == (PAGE, PAGE + 2, 2)
    assert board(session, {NOBODY: 2})["未派单"].beyond == 0
    page = text(leader.get("/workorders/board?kind=投诉"))
    assert "还有 2 张" in page
    assert "more=0:2#unit-0" in page
    assert "还有" not in text(leader.get("/workorders/board?more=0:2,x:1,3:0,9999:99999"))


def test_it_is_signed_for_and_assigned_from_there(session, leader):
    where, order = unit(session), own(session, title="多收二十元")
    unit(session, "老龄科")
    session.commit()
    page = text(leader.get("/workorders/board?platform=self"))
    assert "多收二十元" in page
    assert "手上没有工单的单位：" in page
    back = "/workorders/board?platform=self"
    answer = post(leader, f"/workorders/{order.order_no}/do/accept",
                  seen=order.updated_at.isoformat(), back=back)  # fmt: skip
    assert answer.location == back
    form = text(leader.get(f"/workorders/{order.order_no}/form/assign?back={back}"))
    assert f'name="back" value="{back}"' in form
    answer = post(leader, f"/workorders/{order.order_no}/do/assign", back=back, unit=where.key,
                  part="main", seen=seen(leader, order))  # fmt: skip
    assert answer.location == back
    now_ = text(leader.get("/workorders/board/now?platform=self"))
    assert "改派" in now_
    assert "待办理" in now_
    assert "没有等着派的工单" in now_
    session.expire_all()
    assert session.get(Order, order.id).state is State.ASSIGNED


def test_nobody_is_led_away_from_here(session, leader):
    order = own(session)
    session.commit()
    address = f"/workorders/{order.order_no}/do/accept"
    answer = post(leader, address, seen=order.updated_at.isoformat(), back="//example.org")
    assert answer.location == f"/workorders/{order.order_no}"
    page = text(leader.get(f"/workorders/{order.order_no}/form/assign?back=//example.org"))
    assert "example.org" not in page
