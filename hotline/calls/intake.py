"""The one way into a call: events are stored, and the calls they touch folded anew.

Order of locks, the same for everyone: spoken numbers, new calls by uid, known calls by uid,
events by id. So batches that share calls wait for each other but never in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import Session

from hotline import settings
from hotline.calls import bells, call_store, callbacks, event_store, leg_store
from hotline.calls.facts import CallEvent, CallFacts, Heard
from hotline.calls.fold import fold
from hotline.calls.folded import Folded, Known
from hotline.calls.rules import Source, State, is_stale
from hotline.clock import now


@dataclass
class Intake:
    """What became of each event, by id, and the calls it touched."""

    accepted: list[str] = field(default_factory=list)
    duplicate: list[str] = field(default_factory=list)
    conflicting: list[str] = field(default_factory=list)
    calls: list[Folded] = field(default_factory=list)


def record_events(
    session: Session,
    heard: Sequence[Heard],
    *,
    source: Source = Source.PBX,
    is_demo: bool = False,
    received_at: datetime | None = None,
) -> Intake:
    """Store events and fold their calls. The same event again is a duplicate; the same id
    with other content is a conflict, and is not stored."""
    at = received_at or now()
    result, fresh = _sort_out(session, heard)
    if fresh:
        batch = [one for one, _ in fresh.values()]
        told = _Told(session, at, source, is_demo)
        result.calls, stored = told.take_in(batch, list(fresh.values()))
        _say_what_went_in(session, fresh, stored, result)
        bells.after_intake(session, result.calls, at)
    return result


def refold(session: Session, known: Mapping[str, Known], at: datetime) -> list[Folded]:
    """Fold calls whose rows are locked from all their stored events, and write them."""
    events = event_store.events_of(session, list(known))
    calls = [_as_before(known[uid], events[uid], at) for uid in sorted(known) if events[uid]]
    _prepare(session, calls)
    call_store.update_folded(session, calls, at)
    leg_store.replace_legs(session, calls)
    callbacks.keep_duties(session, calls, at)
    return calls


@dataclass
class _Told:
    """One batch on its way in."""

    session: Session
    at: datetime
    source: Source
    is_demo: bool

    def take_in(
        self, batch: list[Heard], printed: list[tuple[Heard, bytes]]
    ) -> tuple[list[Folded], set[str]]:
        """The calls touched, and the ids of the events that went in."""
        said = _by_call(batch)
        new = {call.call_uid: call for call in self._insert_new(said)}
        known = call_store.lock(self.session, said.keys() - new.keys())
        stored = event_store.insert_events(self.session, printed, self.at)
        if robbed := {one.call_uid for one in batch if one.event_id not in stored} & new.keys():
            # Another process gave one of these ids to another call: look again at what is left.
            known |= call_store.lock(self.session, robbed)
        again = refold(self.session, known, self.at) if known else []
        emptied = robbed - {call.call_uid for call in again}
        call_store.delete_empty(self.session, sorted(emptied))
        return [call for uid, call in new.items() if uid not in robbed] + again, stored

    def _insert_new(self, said: Mapping[str, list[CallEvent]]) -> list[Folded]:
        """Calls nobody has heard of: their events are all here, so they are folded at once."""
        calls = [
            Folded(uid, _fold(said[uid], self.at), source=self.source, is_demo=self.is_demo)
            for uid in call_store.missing(self.session, list(said))
        ]
        if not calls:
            return []
        for call in calls:
            _close_old_import(call, self.at)
        _prepare(self.session, calls)
        call_store.insert_new(self.session, calls, self.at)
        mine = [call for call in calls if call.id]
        leg_store.add_legs(self.session, mine)
        callbacks.keep_duties(self.session, mine, self.at)
        return mine


def _sort_out(
    session: Session, heard: Iterable[Heard]
) -> tuple[Intake, dict[str, tuple[Heard, bytes]]]:
    printed = [(one, event_store.digest(one)) for one in heard]
    known = event_store.known_digests(session, [one.event_id for one, _ in printed])
    result, fresh = Intake(), {}
    for one, print_ in printed:
        seen = known.setdefault(one.event_id, print_)
        if seen is not print_:
            (result.duplicate if seen == print_ else result.conflicting).append(one.event_id)
        else:
            fresh[one.event_id] = (one, print_)
    return result, fresh


def _say_what_went_in(
    session: Session,
    fresh: Mapping[str, tuple[Heard, bytes]],
    stored: set[str],
    result: Intake,
) -> None:
    """What another process stored meanwhile is a duplicate, or a conflict."""
    result.accepted = [event_id for event_id in fresh if event_id in stored]
    lost = [event_id for event_id in fresh if event_id not in stored]
    theirs = event_store.known_digests(session, lost) if lost else {}
    for event_id in lost:
        same = theirs.get(event_id) == fresh[event_id][1]
        (result.duplicate if same else result.conflicting).append(event_id)


def _by_call(batch: Iterable[Heard]) -> dict[str, list[CallEvent]]:
    said: dict[str, list[CallEvent]] = {}
    for one in batch:
        said.setdefault(one.call_uid, []).append(one.event)
    return said


def _fold(events: Iterable[CallEvent], at: datetime | None = None) -> CallFacts:
    received = (event if event.received_at else replace(event, received_at=at) for event in events)
    return fold(received, settings.current().short_abandon_seconds)


def _as_before(known: Known, events: Iterable[CallEvent], at: datetime) -> Folded:
    call = Folded(
        known.call_uid,
        _fold(events),
        before=known,
        id=known.id,
        call_no=known.call_no,
        source=known.source,
        is_demo=known.is_demo,
        stale_closed_at=known.stale_closed_at,
    )
    _close_old_import(call, at)
    _settle_stale(call)
    return call


def _close_old_import(call: Folded, at: datetime) -> None:
    """A file may not know a call's end; last year's call must not stand on the board."""
    if call.source is Source.IMPORT and call.facts.ended_at is None:
        minutes = settings.current().stale_call_minutes
        if call.stale_closed_at is None and is_stale(call.facts.last_event_at, at, minutes):
            call.stale_closed_at = at
            _settle_stale(call)


def _settle_stale(call: Folded) -> None:
    """A real end, or a sign of life after the sweep, corrects what the sweep made up."""
    facts, swept_at = call.facts, call.stale_closed_at
    if swept_at is None:
        return
    if facts.ended_at or facts.last_event_at > swept_at:
        call.stale_closed_at = None
    else:
        facts.state, facts.ended_at = State.CLOSED, facts.last_event_at


def _prepare(session: Session, calls: Sequence[Folded]) -> None:
    for call in calls:
        call_store.seal_caller(call)
    leg_store.resolve_agents(session, calls)
