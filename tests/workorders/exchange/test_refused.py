"""What a platform refuses for a reason of its own."""

from sqlmodel import Session, col, select

from hotline.clock import now
from tests.workorders.orders import LEADER, platform, received
from workorders import requests, service
from workorders.deadlines.models import WorkOrderClock
from workorders.exchange import sending
from workorders.exchange.models import Outgoing
from workorders.exchange.rules import OutgoingState
from workorders.models import OrderRequest
from workorders.platforms.adapter import Outcome, Result
from workorders.rules import RequestKind, RequestState


def test_a_request_the_platform_does_not_take_does_not_stop_the_clocks_for_ever(
    session: Session,
) -> None:
    order = received(session, platform(session))
    service.accept(session, order, LEADER)
    asked = requests.ask(session, order, RequestKind.RETURN, "不属于职责", LEADER)
    requests.approve(session, order, asked.key, LEADER)
    paused = select(WorkOrderClock).where(col(WorkOrderClock.paused_since).is_not(None))
    assert session.exec(paused).all()
    for outcome in (Outcome(Result.APPLIED), Outcome(Result.REFUSED, "42201", "已过退单期限")):
        claimed = sending.claim(session, "city", now())
        assert claimed is not None
        sending.settle(session, claimed, outcome, None, now())
    session.expire_all()
    request = session.exec(select(OrderRequest)).one()
    assert request.state is RequestState.DENIED
    assert not session.exec(paused).all()
    stuck = session.exec(select(Outgoing).where(Outgoing.state == OutgoingState.REFUSED)).one()
    assert stuck.last_error == "42201 已过退单期限"
