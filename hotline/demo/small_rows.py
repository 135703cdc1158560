"""Turns of the voice line and stretches of presence as rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import insert
from sqlmodel import Session

from hotline.calls.models import CallTurn
from hotline.demo.plan import Stretch, TurnPlan


def write_turns(session: Session, turns: Iterable[tuple[str, int, TurnPlan]]) -> None:
    """Add turns, each with its call's uid and its place there."""
    rows = [
        {
            "call_uid": uid,
            "position": position,
            "at": turn.at,
            "expects": turn.expects,
            "prompt": turn.prompt,
            "heard": turn.heard,
            "outcome": turn.outcome,
            "slots": json.dumps(turn.slots, ensure_ascii=False),
        }
        for uid, position, turn in turns
    ]
    if rows:
        session.execute(insert(CallTurn), rows)


def write_presence(
    session: Session, stretches: Sequence[Stretch], people: Mapping[str, int]
) -> None:
    """Add closed stretches of presence."""
    rows = [
        (people[one.username], one.presence.value, one.starts, one.ends)
        for one in stretches
        if one.username in people
    ]
    driver = session.connection().connection.driver_connection
    assert driver is not None  # noqa: S101 - the connection is open
    command = "COPY presence_change (person_id, presence, from_at, until_at) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(command) as copy:
        for row in rows:
            copy.write_row(row)
