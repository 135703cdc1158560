"""Who called again: counted, kept by day, let go when an older call changes."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from hotline.clock import day_bounds, local, now
from hotline.statistics import jobs, returning, tallies
from hotline.statistics.models import ReturnTally
from hotline.statistics.rules import AGAIN_WITHIN, Measured, Metric
from tests.statistics.days import told

# The definition from call to call, told another way than the module tells it.
_WINDOWS = text(
    """
    SELECT count(*) FILTER (WHERE is_ripe) AS ripe,
        count(*) FILTER (WHERE is_ripe AND is_done
            AND (next IS NULL OR next > started_at + :within)) AS solved,
        count(*) AS known, count(*) FILTER (WHERE before >= started_at - :within) AS again
    FROM (
        SELECT started_at, lead(started_at) OVER w AS next, lag(started_at) OVER w AS before,
            answered_at IS NOT NULL AND disposition IS NOT NULL AND category <> 'non_business'
                AND started_at < :ripe_before AS is_ripe,
            disposition NOT IN ('to_unit', 'call_back', 'work_order') AS is_done
        FROM call WHERE direction = 'inbound' AND caller_hash IS NOT NULL
        WINDOW w AS (PARTITION BY caller_hash ORDER BY started_at, id)
    ) AS each WHERE started_at >= :start AND started_at < :end
    """
)
NOON = day_bounds(local(now()).date())[0] - timedelta(hours=12)


def ago(days: float) -> datetime:
    return NOON - timedelta(days=days)


def found(session: Session, days: int = 45) -> tuple[Metric, Metric]:
    today = local(now()).date()
    start = day_bounds(today - timedelta(days=days))[0]
    solved, again = returning.returning(session, start, day_bounds(today)[1])
    return solved, again


def shares(session: Session) -> tuple[float, float, float, float]:
    solved, again = found(session)
    return (solved.numerator, solved.denominator, again.numerator, again.denominator)


def kept(session: Session) -> list[date]:
    return list(session.exec(select(ReturnTally.day).order_by(col(ReturnTally.day))))


def test_who_calls_again_within_a_week_had_not_been_helped(session: Session) -> None:
    told(session, "a", ago(20), category="booking", caller="+8613800000001")
    told(session, "b", ago(14), category="booking", caller="+8613800000001")
    told(session, "c", ago(19.9), category="booking", caller="+8613800000002")
    told(session, "d", ago(10), category="booking", caller="+8613800000002")
    told(session, "e", ago(19.8), category="non_business", caller="+8613800000003")
    told(session, "f", ago(19.7), category="booking", caller="+8613800000004")
    session.execute(text("UPDATE call SET disposition = 'work_order' WHERE call_uid = 'f'"))
    solved, again = found(session)
    assert (solved.what, solved.numerator, solved.denominator) == (Measured.FIRST_CALL, 3, 5)
    assert (again.numerator, again.denominator) == (1, 6)


def test_calls_of_this_week_are_not_judged_yet(session: Session) -> None:
    told(session, "a", ago(5), category="booking", caller="+8613800000001")
    solved, again = found(session)
    assert (solved.value, again.denominator) == (None, 1)


@pytest.mark.parametrize("seed", range(4))
def test_kept_or_not_it_is_what_the_calls_say_one_after_the_other(
    session: Session, seed: int
) -> None:
    rng = random.Random(seed)
    for n in range(80):
        category = rng.choice(("booking", "complaint", "non_business", None))
        caller = f"+86138000000{rng.randrange(12):02}"
        at = ago(rng.choice((rng.uniform(0, 40), rng.randrange(40))))
        told(session, f"{n}", at, category=category, caller=caller, answered=rng.random() < 0.8)
    start = day_bounds(local(now()).date() - timedelta(days=45))[0]
    given = {"start": start, "end": now(), "within": AGAIN_WITHIN}
    row = session.execute(_WINDOWS, given | {"ripe_before": now() - AGAIN_WITHIN}).one()
    said = (row.solved, row.ripe, row.again, row.known)
    assert said[1] > 0 < said[2]
    assert shares(session) == said
    for day in rng.sample(returning.to_keep(session), 15):
        returning.keep(session, day)
    assert shares(session) == said
    jobs.keep_returns()
    assert len(kept(session)) >= 35
    assert shares(session) == said


def test_a_late_word_of_an_older_call_lets_go_the_days_it_may_touch(session: Session) -> None:
    told(session, "a", ago(30), category="booking", caller="+8613800000001")
    told(session, "z", ago(12), category="booking", caller="+8613800000009")
    while tallies.take_in(session):
        pass
    jobs.keep_returns()
    before, whole = shares(session), kept(session)
    told(session, "b", ago(26), category="booking", caller="+8613800000001")
    tallies.take_in(session)
    gone = set(whole) - set(kept(session))
    late = local(ago(26)).date()
    assert gone == {day for day in whole if abs((day - late).days) <= AGAIN_WITHIN.days}
    assert before == (2, 2, 0, 2)
    assert shares(session) == (2, 3, 1, 3)


def test_what_has_been_counted_is_left_until_it_may_have_changed(session: Session) -> None:
    told(session, "a", ago(40), category="booking", caller="+8613800000001")
    while tallies.take_in(session):
        pass
    jobs.keep_returns()
    moving = returning.to_keep(session)
    assert local(ago(1)).date() in moving
    assert local(ago(20)).date() not in moving
    session.execute(text("UPDATE return_tally SET counted_at = counted_at - interval '2 days'"))
    again = returning.to_keep(session)
    assert local(ago(20)).date() in again
    assert local(ago(38)).date() not in again
