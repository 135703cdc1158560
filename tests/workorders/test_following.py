"""What platforms say, in every order and as often as they like."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, func, select

from hotline.clock import now
from hotline.errors import Refused
from tests.workorders.orders import LEADER, own, platform, received, remote, replied
from workorders import flags, following, merging, service
from workorders.following import Result
from workorders.models import Order, OrderStep
from workorders.rules import FlagKind, State
from workorders.side_models import OrderFlag


def test_the_same_version_again_changes_nothing(session: Session) -> None:
    city = platform(session)
    order = received(session, city)
    before = session.exec(select(func.count()).select_from(OrderStep)).one()
    for _ in range(4):
        assert following.follow(session, city, remote(), now()).result is Result.OLDER
    assert session.exec(select(func.count()).select_from(Order)).one() == 1
    assert session.exec(select(func.count()).select_from(OrderStep)).one() == before
    assert order.remote_version == 1


def test_an_older_version_that_comes_late_changes_nothing(session: Session) -> None:
    city = platform(session)
    order = received(session, city, version=5, status="20", title="新的标题")
    late = following.follow(session, city, remote(version=3, title="旧的标题"), now())
    assert late.result is Result.OLDER
    assert (order.title, order.remote_status, order.state) == ("新的标题", "20", State.ACCEPTED)


def test_an_unknown_status_is_parked_verbatim_and_moves_nothing(session: Session) -> None:
    city = platform(session)
    order = received(session, city)
    odd = following.follow(session, city, remote(version=2, status="99"), now())
    assert odd.result is Result.PARKED
    assert "99" in (odd.reason or "")
    assert (order.remote_status, order.state) == ("99", State.RECEIVED)


def test_a_new_order_with_an_unknown_status_is_kept_all_the_same(session: Session) -> None:
    found = following.follow(session, platform(session), remote(status="X9"), now())
    assert found.result is Result.PARKED
    assert (found.order.state, found.order.remote_status) == (State.RECEIVED, "X9")


def test_urging_that_is_repeated_is_one(session: Session) -> None:
    city = platform(session)
    urged = [{"at": "2026-11-19T09:00:00+08:00", "by": "市平台", "content": "请尽快办理"}]
    order = received(session, city)
    for version in (2, 3, 4):
        following.follow(session, city, remote(version=version, urged=urged), now())
    flags = session.exec(select(OrderFlag)).all()
    assert [flag.content for flag in flags] == ["请尽快办理"]
    assert order.flags == ["urged"]


def test_a_platform_behind_us_does_not_take_us_back(session: Session) -> None:
    city = platform(session)
    order = replied(session, received(session, city))
    following.follow(session, city, remote(version=2, status="20"), now())
    session.refresh(order)
    assert order.state is State.CALLBACK


def test_a_returned_order_that_is_dispatched_again_starts_anew(session: Session) -> None:
    city = platform(session)
    order = received(session, city)
    following.follow(session, city, remote(version=2, status="70"), now())
    following.follow(session, city, remote(version=3, status="10"), now())
    session.refresh(order)
    assert (order.state, order.closed_at) == (State.RECEIVED, None)


def test_a_confidential_order_is_marked(session: Session) -> None:
    order = received(session, platform(session), confidential=True)
    assert order.confidential
    assert order.flags == ["confidential"]


def test_a_merged_order_is_answered_with_its_master(session: Session) -> None:
    city = platform(session)
    master, child = received(session, city), received(session, city, no="NJ-2")
    merging.merge(session, child, master, "同一诉求", LEADER)
    replied(session, master)
    from workorders.exchange.models import Outgoing

    rows = session.exec(select(Outgoing).where(Outgoing.order_id == child.key)).all()
    assert [row.type.value for row in rows] == ["accept", "reply"]
    odd = following.follow(session, city, remote(no="NJ-2", version=2, status="41"), now())
    assert odd.result is Result.PARKED
    assert child.state is State.MERGED


def test_a_repetition_is_shown_before_it_is_filed(session: Session) -> None:
    first = own(session)
    own(session, title="噪声扰民", content="夜间施工", caller_phone="13900003333",
        place="江宁区", target="工地")  # fmt: skip
    again = merging.Matter(
        "又被多收费", "挂号收费与公示不一致，多收二十元", "13800002222", "玄武区"
    )
    found = merging.repeats(session, again)
    assert [each.order.order_no for each in found] == [first.order_no]
    assert "同一号码" in found[0].signs


def test_another_matter_of_the_same_caller_is_told_apart(session: Session) -> None:
    own(session)
    other = merging.Matter("咨询流感疫苗", "社区医院哪里可以打流感疫苗", "13800002222")
    assert merging.repeats(session, other) == []


def test_rework_that_is_asked_for_once_is_done_once(session: Session) -> None:
    """Somebody urges while our second answer is on its way: the status is still 重办."""
    city = platform(session)
    order = replied(session, received(session, city))
    following.follow(session, city, remote(version=2, status="41"), now())
    service.reply(session, order, "再次核实", LEADER)
    service.pass_reply(session, order, LEADER)
    urged = [{"at": "2026-11-20T09:00:00+08:00", "by": "市平台", "content": "请尽快"}]
    following.follow(session, city, remote(version=3, status="41", urged=urged), now())
    assert (order.state, order.round, order.flags) == (State.CALLBACK, 2, ["urged"])


def test_another_status_under_the_same_version_is_shown_to_a_person(session: Session) -> None:
    city = platform(session)
    order = received(session, city, version=4, status="20")
    odd = following.follow(session, city, remote(version=4, status="50"), now())
    assert odd.result is Result.PARKED
    assert "版本号 4 没有变" in (odd.reason or "")
    assert (order.state, order.remote_status) == (State.ACCEPTED, "20")
    following.follow(session, city, remote(version=4, status="50"), now(), again=True)
    assert order.state is State.CLOSED


def test_a_merged_order_that_is_urged_urges_its_master(session: Session) -> None:
    city = platform(session)
    master, child = received(session, city), received(session, city, no="NJ-2")
    merging.merge(session, child, master, "同一诉求", LEADER)
    again = following.follow(session, city, remote(no="NJ-2", version=2, urged=["请快"]), now())
    assert again.result is Result.CHANGED
    assert (child.flags, master.flags) == (["urged"], ["urged"])
    following.follow(session, city, remote(no="NJ-2", version=3, urged=["请快"]), now())
    raised = session.exec(select(OrderFlag).where(OrderFlag.order_id == master.key)).all()
    assert [flag.content for flag in raised] == [f"并入的 {child.order_no}：请快"]


def test_the_same_words_twice_without_a_time_are_two_demands(session: Session) -> None:
    city = platform(session)
    received(session, city, urged=["请尽快", "请尽快"])
    for version in (2, 3):
        following.follow(session, city, remote(version=version, urged=["请尽快"] * 3), now())
    assert len(session.exec(select(OrderFlag)).all()) == 3


def test_two_demands_of_one_long_name_are_two(session: Session) -> None:
    city = platform(session)
    urged = [{"at": "2026-11-20T09:00:00+08:00", "by": "某" * 60, "content": words}
             for words in ("请尽快", "请回电")]  # fmt: skip
    received(session, city, urged=urged)
    assert len(session.exec(select(OrderFlag)).all()) == 2


def test_what_a_platform_leaves_out_or_masks_later_is_not_lost(session: Session) -> None:
    city = platform(session)
    order = received(session, city)
    due, hashed = order.remote_due_at, order.phone_hash
    masked = {"name": "林*", "sex": None, "phone": "138****1111"}
    following.follow(
        session, city,
        remote(version=2, status="20", caller=masked, content="", title=None, place=None,
               due_at=None), now(),
    )  # fmt: skip
    session.refresh(order)
    assert (order.caller_name, order.caller_phone) == ("林晓", "+8613800001111")
    assert (order.title, order.place) == ("门诊排队时间过长", "鼓楼区")
    assert order.content.startswith("上午在门诊")
    assert (order.remote_due_at, order.phone_hash) == (due, hashed)
    other = {"name": "林小", "sex": "女", "phone": "13800009999"}
    following.follow(session, city, remote(version=3, status="20", caller=other), now())
    assert order.caller_phone == "+8613800009999"


def test_an_order_that_is_over_is_not_urged_by_hand(session: Session) -> None:
    city = platform(session)
    order = received(session, city, status="60")
    with pytest.raises(Refused, match=r"^order_over:"):
        flags.raise_flag(session, order, FlagKind.URGED, LEADER, "请快")
    assert flags.raise_flag(session, order, FlagKind.CONFIDENTIAL, LEADER, "来电人要求")


STATUSES = ["10", "20", "30", "31", "32", "40", "41", "50", "60", "70", "99"]


@settings(max_examples=40, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.lists(st.tuples(st.integers(1, 8), st.sampled_from(STATUSES)), max_size=14), st.data())
def test_any_history_ends_with_the_newest_version(
    session: Session, heard: list[tuple[int, str]], data: st.DataObject
) -> None:
    """One status a version; versions come in any order and as often as they like."""
    said = dict(heard)
    session.rollback()  # the example before
    city = platform(session)
    for version, _ in heard:
        following.follow(session, city, remote(version=version, status=said[version]), now())
        order = session.exec(select(Order)).one()
        if order.state is State.RECEIVED and data.draw(st.booleans()):
            service.accept(session, order, LEADER)
    if heard:
        order = session.exec(select(Order)).one()
        assert order.remote_version == max(said)
        assert order.remote_status == said[max(said)]
