"""Who reads a confidential order, and what everybody else sees of it."""

import pytest
from sqlmodel import Session, select

from hotline.agents.rules import Role
from hotline.audit import AuditEntry
from hotline.errors import Refused
from tests.people import make_person
from tests.workorders.orders import own
from workorders import confidential
from workorders.confidential import HIDDEN, Reader
from workorders.models import Order


def secret(session: Session, **given) -> Order:
    said = {"caller_name": "林晓", "content": "我叫林晓，电话13800002222，医院泄露了我的病历"}
    return own(session, confidential=True, **(said | given))


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.SUPERVISOR, True), (Role.AGENT, False), (Role.MANAGER, False), (None, False)],
)
def test_a_confidential_order_opens_to_supervisors(session: Session, role, may) -> None:
    order = secret(session)
    reading = Reader(None, role)
    assert confidential.can_read(order, reading) is may
    found = session.exec(select(Order.id).where(confidential.readable(reading))).all()
    assert (order.id in found) is may


def test_and_to_who_handles_it_or_filed_it(session: Session) -> None:
    person, other = make_person(session), make_person(session, "li")
    order = secret(session)
    reading = Reader(person.key, Role.AGENT)
    for column in ("handler_id", "filed_by"):
        setattr(order, column, person.key)
        session.flush()
        assert confidential.can_read(order, reading)
        assert session.exec(select(Order.id).where(confidential.readable(reading))).all()
        assert not confidential.can_read(order, Reader(other.key, Role.AGENT))
        setattr(order, column, None)


def test_everybody_else_sees_a_masked_row(session: Session) -> None:
    said = confidential.content(secret(session), Reader(None, Role.MANAGER))
    assert set(said.values()) == {HIDDEN}


def test_who_may_read_sees_numbers_masked(session: Session) -> None:
    said = confidential.content(secret(session), Reader(None, Role.SUPERVISOR))
    assert said["caller_phone"] == "138****2222"
    assert said["caller_name"] == "林*"
    assert "13800002222" not in said["content"]


def test_reading_is_on_record_and_refused_to_the_rest(session: Session) -> None:
    order = secret(session)
    with pytest.raises(Refused, match=r"^order_confidential:"):
        confidential.opened(session, order, Reader(None, Role.AGENT))
    read = select(AuditEntry).where(AuditEntry.action == "record_read")
    assert session.exec(read).all() == []
    confidential.opened(session, order, Reader(None, Role.SUPERVISOR))
    assert [entry.subject for entry in session.exec(read)] == [order.subject]


def test_a_unit_never_learns_who_asked_in_confidence(session: Session) -> None:
    said = confidential.for_unit(secret(session))
    assert not any("林" in words or "2222" in words for words in said.values())
    assert "医院泄露了我的病历" in said["content"]
    assert confidential.for_unit(own(session, caller_name="林晓"))["caller_phone"] == "138****2222"
