"""A form that is sent twice does its deed once; what no database holds is no error of ours."""

from threading import Event, Thread

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from hotline.clock import now
from hotline.db import transaction
from hotline.errors import Refused
from tests.workorders.orders import LEADER, own
from workorders import flags, merging, requests, service
from workorders.models import OrderStep
from workorders.pages.typed import Typed
from workorders.rules import FlagKind, RequestKind, Step
from workorders.side_models import FlagNote

WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def test_who_files_the_same_at_once_sees_the_first(committed: object) -> None:
    found: list[merging.Likeness] = []
    filed = Event()

    def again() -> None:
        filed.wait()
        with transaction() as session:
            merging.one_at_a_time(session)
            order = own(session)
            found.extend(merging.repeats(session, merging.Matter.of(order), except_id=order.key))

    other = Thread(target=again)
    other.start()
    with transaction() as session:
        merging.one_at_a_time(session)
        own(session)
        session.flush()
        filed.set()
        while other.is_alive() and not session.execute(WAITING).scalar_one():
            other.join(0.01)
    other.join()
    assert len(found) == 1


def test_the_same_flag_and_the_same_words_below_it_are_there_once(session: Session) -> None:
    order = own(session)
    flag = flags.raise_flag(session, order, FlagKind.URGED, LEADER, "请尽快")
    with pytest.raises(Refused, match=r"^flag_there:"):
        flags.raise_flag(session, order, FlagKind.URGED, LEADER, "请尽快")
    flags.raise_flag(session, order, FlagKind.URGED, LEADER, "请今天回电")
    for _ in range(2):
        flags.add_note(session, order, flag.key, LEADER, "已催办医院")
    assert len(session.exec(select(FlagNote)).all()) == 1
    noted = select(OrderStep).where(OrderStep.step == Step.NOTED)
    assert len(session.exec(noted).all()) == 1


def test_what_is_too_long_is_said_to_be(session: Session) -> None:
    order = own(session)
    service.accept(session, order, LEADER)
    with pytest.raises(Refused, match=r"^public_needed:"):
        service.reply(session, order, "已处理", LEADER, public="长" * 10_001)
    asked = requests.ask(session, order, RequestKind.EXTEND, "会诊", LEADER, days=1, at=now())
    with pytest.raises(Refused, match=r"^words_needed:"):
        requests.approve(session, order, asked.key, LEADER, words="长" * 501)


def test_what_no_database_holds_was_never_typed() -> None:
    assert Typed({"reason": "\x00 甲\x00乙 "}).words("reason") == "甲乙"
