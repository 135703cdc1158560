"""A snapshot is of one moment, whoever writes; and of two who close, one does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from hotline import db
from hotline.errors import Refused
from hotline.statistics.bulletin import closing, snapshot
from hotline.statistics.bulletin.checking import failing
from tests.statistics.bulletin import april, may
from tests.statistics.bulletin.may import MONTH, SHEETS

SOMEBODY_ELSES = "INSERT INTO call"


@pytest.fixture
def month(committed: str) -> str:
    with db.transaction() as session:
        may.fill(session)
    return MONTH


@contextmanager
def a_call_is_sorted_after_the_first_figure() -> Iterator[list[str]]:
    """Another connection writes and commits between two statements of whoever counts."""
    written: list[str] = []

    def write(*given: Any) -> None:
        if "call_tally_now" in given[2] and not written:
            written.append(given[2])
            with db.transaction() as session:
                april.fill_calls(session, {"manual": 1}, may.START)

    event.listen(db.engine(), "after_cursor_execute", write)
    try:
        yield written
    finally:
        event.remove(db.engine(), "after_cursor_execute", write)


@pytest.mark.parametrize(
    ("door", "failing_then"), [(db.still, {SHEETS}), (db.transaction, {SHEETS, "categories"})]
)
def test_figures_of_several_statements_are_of_one_moment(
    month: str, door: Callable[[], AbstractContextManager[Session]], failing_then: set[str]
) -> None:
    """The second case shows that the writer would be seen."""
    with a_call_is_sorted_after_the_first_figure() as written, door() as session:
        made, checks = snapshot.of(session, month)
    assert written
    assert {one.code for one in failing(checks)} - {"province"} == failing_then
    assert made["headline"]["manual"] == 7


def test_what_is_closed_amid_writing_is_what_stood_there_before(month: str) -> None:
    with a_call_is_sorted_after_the_first_figure(), db.still() as session:
        closing.close(session, month, april.CLERK, [SHEETS])
    with db.still() as session:
        last = closing.editions(session, month)[-1]
        assert last.snapshot["headline"]["total"] == 51
        found = closing.differences(last.snapshot, snapshot.of(session, month)[0])
    assert found[0]["after"] == "52"


def test_of_two_who_close_at_once_one_is_told(month: str) -> None:
    begin = Barrier(2)

    def close() -> str:
        begin.wait()
        try:
            with db.still() as session:
                closing.close(session, month, april.CLERK, [SHEETS])
        except Refused as refusal:
            return refusal.code
        return "closed"

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(close) for _ in range(2)]
    assert sorted(one.result() for one in done) == ["already_closed", "closed"]
    with db.transaction() as session:
        assert len(closing.editions(session, month)) == 1
