"""Attachments: nothing is written for who may not, nothing is left that nobody names."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from hotline.audit import AuditEntry
from hotline.clock import now
from hotline.errors import Refused
from tests.people import make_person
from tests.workorders.orders import LEADER, agent, own
from workorders import attaching, attaching_jobs

PDF = b"%PDF-1.7 found"


def files() -> list[Path]:
    return sorted(attaching.directory().glob("??/*.rec"))


@pytest.fixture(autouse=True)
def _empty() -> None:
    for path in files():
        path.unlink()


def test_who_may_not_attach_leaves_no_file(session: Session) -> None:
    stranger = make_person(session)
    order = own(session)
    with pytest.raises(Refused, match=r"^not_your_order:"):
        attaching.add(session, order, "a.pdf", PDF, agent(stranger.key))
    assert files() == []


def test_what_no_attachment_names_is_swept_after_a_day(session: Session) -> None:
    kept = attaching.add(session, own(session), "a.pdf", PDF, LEADER)
    left, fresh = attaching._write(b"left"), attaching._write(b"fresh")
    long_ago = (now() - timedelta(days=2)).timestamp()
    for path in (kept.path, left):
        os.utime(attaching.directory() / path, (long_ago, long_ago))
    assert attaching_jobs.sweep() == 1
    assert {attaching.place(path) for path in files()} == {kept.path, fresh}


def test_the_log_names_no_file_which_may_name_a_person(session: Session) -> None:
    order = own(session)
    kept = attaching.add(session, order, "林晓病历.pdf", PDF, LEADER)
    _, pieces = attaching.content(session, order, kept.key)
    assert b"".join(pieces) == PDF
    said = [str(entry.detail) for entry in session.exec(select(AuditEntry))]
    assert not any("林晓" in words for words in said)


def test_a_file_that_is_gone_is_said_to_be(session: Session) -> None:
    order = own(session)
    kept = attaching.add(session, order, "a.pdf", PDF, LEADER)
    files()[0].unlink()
    with pytest.raises(Refused, match=r"^attachment_lost:"):
        attaching.content(session, order, kept.key)
