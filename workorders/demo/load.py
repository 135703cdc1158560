"""Brings the made-up orders up to now: once, at the first start; afterwards the stand-in lives."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from hotline import settings
from hotline.agents.models import Person
from hotline.agents.rules import Role
from hotline.calls.models import Call
from hotline.calls.rules import Disposition
from hotline.clock import day_bounds, local, now
from hotline.db import transaction
from hotline.demo import locks
from workorders.actors import Actor
from workorders.demo import history, words
from workorders.demo.plan import OwnStory, Story, own_story, stories_of
from workorders.demo.telling import Cast, Life, person
from workorders.exchange import health
from workorders.models import Order, Unit
from workorders.models import Platform as Row
from workorders.platforms import mapping
from workorders.rules import Kind
from workorders.standin.answers import Account
from workorders.standin.platform import Platform
from workorders.standin.store import Store

DAYS = 5  # days told deed by deed; what is older is over
HISTORY_DAYS = 30
PLATFORMS = {"city": ("南京市12345", mapping.Template.CITY),
             "province": ("江苏省12345", mapping.Template.PROVINCE)}  # fmt: skip
_REPORTED = {"illegal_practice", "smoking_in_public", "health_inspection"}
Progress = Callable[[int, int], None]


def prepare(progress: Progress = lambda _done, _total: None, at: datetime | None = None) -> int:
    """What a demonstration needs before it serves; how many orders were added."""
    moment = at or now()
    with locks.held(locks.Lock.DATA):
        with transaction() as session:
            _platforms(session)
            known = session.exec(select(Order.id).where(col(Order.is_demo)).limit(1)).first()
        added = 0 if known else _tell_all(moment, progress)
        with transaction() as session:
            _point_at_standin(session)
    return added


def state_file() -> Path:
    """Where the stand-in keeps what it knows."""
    return settings.current().data_dir.absolute() / "standin.jsonl"


def port() -> int:
    """The port of this data directory's stand-in, as the platforms' rows have it."""
    with transaction() as session:
        row = session.get(Row, "city")
        return int((row.base_url or "").rpartition(":")[2]) if row and row.is_demo else 0


def accounts() -> dict[str, Account]:
    """Who we are at the stand-in, by platform."""
    with transaction() as session:
        rows = session.exec(select(Row).where(col(Row.is_demo)))
        return {row.code: Account(row.app_id or "", row.secret or "") for row in rows}


def _platforms(session: Session) -> None:
    """Two platforms with secrets of this installation, unless real ones are set up."""
    for code, (name, template) in PLATFORMS.items():
        if session.get(Row, code) is None:
            session.add(
                Row(
                    code=code, name=name, adapter="rest", app_id=f"demo-{code}",
                    secret=secrets.token_hex(24), mapping=mapping.template(template).column(),
                    settings={"may_suspend": code == "province"}, is_demo=True,
                )
            )  # fmt: skip


def _point_at_standin(session: Session) -> None:
    """The stand-in listens on a port that is free now; the rows say which."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        free = found.getsockname()[1]
    for row in session.exec(select(Row).where(col(Row.is_demo))):
        row.base_url = f"http://127.0.0.1:{free}"
        session.add(row)


def _tell_all(at: datetime, progress: Progress) -> int:
    """All or none: a load that is killed begins anew, and the stand-in's file with it."""
    state_file().unlink(missing_ok=True)
    store = Store(state_file())
    try:
        with transaction() as session:
            cast = _cast(session, store)
            past = _days(at, HISTORY_DAYS, DAYS)
            written = history.write(session, cast, store, past, sorted(_REPORTED))
            stories = _stories(session, at)
            for done, story in enumerate(stories):
                progress(done, len(stories))
                Life(session, cast, story, at).live()
            progress(len(stories), len(stories))
            _remember_cursors(session, cast)
            session.info.pop("after_commit", None)  # told already: nobody is to be rung for
    finally:
        store.close()
    return written + len(stories)


def _cast(session: Session, store: Store) -> Cast:
    rows = {row.code: row for row in session.exec(select(Row).where(col(Row.is_demo)))}
    platforms = {
        code: Platform(
            code, mapping.from_column(row.mapping),
            Account(row.app_id or "", row.secret or ""), store=store,
        )
        for code, row in rows.items()
    }  # fmt: skip
    leader = _people(session, Role.SUPERVISOR)[0]
    return Cast(leader, _people(session, Role.AGENT)[:8], _units(session), rows, platforms)


def _people(session: Session, role: Role) -> list[Actor]:
    query = select(Person).where(col(Person.is_demo), col(Person.role) == role)
    found = session.exec(query.order_by(col(Person.id)))
    return [person(each.key, each.name, role) for each in found]


def _units(session: Session) -> list[Unit]:
    known = {unit.name: unit for unit in session.exec(select(Unit))}
    for name in words.UNITS:
        if name not in known:
            known[name] = Unit(name=name, is_demo=True)
            session.add(known[name])
    session.flush()
    return [known[name] for name in words.UNITS]


def _stories(session: Session, at: datetime) -> list[Story]:
    days = _days(at, DAYS, -1)
    told = [story for day in days for story in stories_of(day) if story.at <= at]
    return sorted([*told, *_own(session, at)], key=lambda story: story.at)


def _days(at: datetime, first: int, last: int) -> list[date]:
    """The days from ``first`` days ago until, not with, ``last`` days ago."""
    return [local(at).date() - timedelta(days=back) for back in range(first, last, -1)]


def _own(session: Session, at: datetime) -> Iterable[OwnStory]:
    query = select(Call.id, Call.ended_at, Call.subcategory).where(
        col(Call.is_demo),
        col(Call.disposition) == Disposition.WORK_ORDER,
        col(Call.ended_at) >= day_bounds(local(at).date() - timedelta(days=DAYS))[0],
    )
    for call_id, ended_at, subcategory in session.exec(query):
        kind = Kind.REPORT if subcategory in _REPORTED else Kind.COMPLAINT
        yield own_story(call_id or 0, local(ended_at or at), kind)


def _remember_cursors(session: Session, cast: Cast) -> None:
    """What the platforms said so far has been followed."""
    for code, platform in cast.platforms.items():
        end, more = 0, True
        while more:
            _, end, more = platform.changes(str(end), 500)
        health.of(session, code).cursor = str(end)
