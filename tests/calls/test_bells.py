"""Whose pages hear of a call."""

from __future__ import annotations

import json

from redis import Redis
from sqlmodel import Session

from hotline import live
from hotline.agents.rules import Role
from hotline.agents.service import create_person
from hotline.calls import desk
from hotline.db import transaction


def told(redis: Redis, deed) -> set[tuple[str, str]]:
    """Topic and event of what a deed tells."""
    with redis.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(live.channel())
        heard.get_message(timeout=1)
        with transaction() as session:
            deed(session)
        found = set()
        while message := heard.get_message(timeout=0.2):
            said = json.loads(message["data"])
            found.add((said["topic"], said["event"]))
    return found


def test_a_call_that_rings_at_the_next_is_told_to_both(session: Session, redis: Redis) -> None:
    first, second = (
        create_person(session, name, Role.AGENT, name)[0].key for name in ("wang.min", "li.hua")
    )
    call = desk.start(session, "13900001234")
    desk.queue(session, call, "hotline")
    rung = told(redis, lambda session: desk.ring(session, call, "wang.min"))
    assert (f"agent:{first}", "ring") in rung
    passed_on = told(redis, lambda session: desk.ring(session, call, "li.hua"))
    assert passed_on >= {(f"agent:{second}", "ring"), (f"agent:{first}", "call")}
