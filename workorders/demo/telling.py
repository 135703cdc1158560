"""One order lives its life through our own use cases, each deed at its own instant.

The platform's side is the stand-in's own state machine in this process: what we tell it is
applied there, what it says is followed here, as the network would do it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from hotline import clock
from hotline.agents.rules import Role
from hotline.calls.models import Call
from hotline.errors import Refused
from workorders import asking, call_backs, filing, following, requests, service, units
from workorders.actors import Actor
from workorders.call_backs import Answer
from workorders.demo import words
from workorders.demo.plan import Course, OwnStory, Story, office
from workorders.exchange.models import Outgoing
from workorders.exchange.rules import OutgoingState
from workorders.filing import Draft
from workorders.models import Order, Unit
from workorders.models import Platform as Row
from workorders.platforms.reading import read
from workorders.rules import Origin, RequestKind, Satisfaction, State
from workorders.standin import machine, scenarios
from workorders.standin.platform import Platform

Deed = tuple[datetime, Callable[[], object]]
_GRADES = (Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED, Satisfaction.FAIRLY_SATISFIED)


@dataclass(frozen=True)
class Cast:
    """Who plays: our people and units, and the platforms, by code."""

    leader: Actor
    handlers: list[Actor]
    units: list[Unit]
    rows: dict[str, Row]
    platforms: dict[str, Platform]


def person(person_id: int, name: str, role: Role) -> Actor:
    """One of our people at their page."""
    return Actor(Origin.PERSON, name, person_id, role, "127.0.0.1")


class Life:
    """One order from its coming until an instant."""

    def __init__(self, session: Session, cast: Cast, story: Story, until: datetime) -> None:
        self.session, self.cast, self.story, self.until = session, cast, story, until
        self.rng = random.Random(story.seed)
        self.order: Order

    def live(self) -> Order:
        """Do what is due until then, each deed at its own instant."""
        for at, deed in self._deeds():
            if at > self.until:
                break
            with clock.told(at):
                deed()
                self._exchange()
        return self.order

    def _deeds(self) -> Iterator[Deed]:
        """The course of the order; later deeds look at what the earlier ones made."""
        story, rng, pace = self.story, self.rng, self.story.pace
        yield story.at, self._arrive
        signed = office(story.at, 1.5 * pace + rng.random())
        yield signed, lambda: service.accept(self.session, self.order, self.cast.leader)
        handler = rng.choice(self.cast.handlers)
        yield (
            signed,
            lambda: service.hand_to(
                self.session, self.order, handler.person_id or 0, handler.name, self.cast.leader
            ),
        )
        if story.course in (Course.RETURNED, Course.RETURN_DENIED):
            asked = office(signed, 2)
            yield from self._return(asked)
            if story.course is Course.RETURNED:
                return
            signed = office(asked, 4)
        yield from self._handle(signed, handler)

    def _arrive(self) -> None:
        if isinstance(self.story, OwnStory):
            self.order = self._file_own(self.story)
            return
        platform = self.cast.platforms[self.story.platform]
        remote = scenarios.place(platform, self.rng, self.story.at)
        self.order = self._follow(remote)

    def _file_own(self, story: OwnStory) -> Order:
        call = self.session.get(Call, story.call_id)
        said = (call.summary if call else None) or "来电投诉"
        draft = Draft(
            kind=story.kind, title=said[:40].rstrip("。"), content=said,
            caller_name=call.caller_name if call else None,
            caller_phone=call.caller if call else None,
            reply_wanted=bool(call and call.caller), called_at=story.at,
        )  # fmt: skip
        return filing.file_own(self.session, draft, self.cast.leader, call=call, is_demo=True)

    def _handle(self, signed: datetime, handler: Actor) -> Iterator[Deed]:
        rng, pace = self.rng, self.story.pace
        assigned = office(signed, 1.0)
        unit = rng.choice(self.cast.units)
        yield assigned, lambda: self._assign(unit)
        if self.story.course is Course.UNIT_RETURNED:
            back, other = office(assigned, 3), self._other_than(unit)
            why = words.one_of(rng, words.UNIT_RETURN_REASONS)
            yield (
                back,
                lambda: units.take_back(self.session, self.order, unit, why, self.cast.leader),
            )
            yield office(back, 1), lambda: self._assign(other)
            assigned, unit = office(back, 1), other
        called = words.one_of(rng, words.CONTACTS)
        yield (
            office(assigned, 2 * pace),
            lambda: service.contact(self.session, self.order, True, called, handler),
        )
        answered = office(assigned, self._hours() * pace)
        if self.story.course is Course.EXTENDED:
            yield from self._extend(office(assigned, 3 * pace))
            answered = office(answered, 14)
        yield from self._answer(answered, unit, handler)

    def _hours(self) -> float:
        """How long an answer takes, by what is asked."""
        return 5.0 if self.order.kind.value == "咨询" else 30.0

    def _answer(self, at: datetime, unit: Unit, handler: Actor) -> Iterator[Deed]:
        said = words.one_of(self.rng, words.UNIT_REPLIES)
        yield at, lambda: units.take_reply(self.session, self.order, unit, said, self.cast.leader)
        yield office(at, 1), lambda: self._reply(handler)
        yield office(at, 2), lambda: service.pass_reply(self.session, self.order, self.cast.leader)
        unhappy = self.story.course is Course.REWORKED
        yield office(at, 8), lambda: self._call_back(handler, unhappy)
        if unhappy:
            yield office(at, 9), self._approve_rework
            again = office(at, 20)
            yield again, lambda: self._reply(handler)
            yield (
                office(again, 1),
                lambda: service.pass_reply(self.session, self.order, self.cast.leader),
            )
            yield office(again, 6), lambda: self._call_back(handler, False)
        yield office(at, 40), self._file

    def _assign(self, unit: Unit) -> None:
        said = words.one_of(self.rng, words.INSTRUCTIONS)
        units.assign(self.session, self.order, unit, self.cast.leader, instruction=said)

    def _other_than(self, unit: Unit) -> Unit:
        return self.rng.choice([each for each in self.cast.units if each.key != unit.key])

    def _reply(self, handler: Actor) -> None:
        service.reply(self.session, self.order, words.REPLIES[self.order.kind], handler)

    def _call_back(self, handler: Actor, unhappy: bool) -> None:
        if self.order.state is not State.CALLBACK:
            return
        if unhappy:
            said = words.one_of(self.rng, words.DISSATISFIED)
            answer = Answer(True, True, False, Satisfaction.DISSATISFIED, said)
        else:
            grade = self.rng.choices(
                (
                    Satisfaction.VERY_SATISFIED,
                    Satisfaction.SATISFIED,
                    Satisfaction.FAIRLY_SATISFIED,
                ),
                (5, 4, 1),
            )[0]
            answer = Answer(True, True, True, grade, words.one_of(self.rng, words.SATISFIED))
        call_backs.record(self.session, self.order, answer, handler)

    def _approve_rework(self) -> None:
        """A platform decides itself; ours waits for the supervisor."""
        asked = asking.undecided(self.session, self.order, RequestKind.REWORK)
        if asked is not None:
            requests.approve(self.session, self.order, asked.key, self.cast.leader)

    def _return(self, asked: datetime) -> Iterator[Deed]:
        why = words.one_of(self.rng, words.RETURN_REASONS)
        yield asked, lambda: self._ask(RequestKind.RETURN, why)
        granted = self.story.course is Course.RETURNED
        yield office(asked, 3), lambda: self._decide(granted)

    def _extend(self, asked: datetime) -> Iterator[Deed]:
        why = words.one_of(self.rng, words.EXTENSION_REASONS)
        yield asked, lambda: self._ask(RequestKind.EXTEND, why, days=3)
        yield office(asked, 2), lambda: self._decide(True)

    def _ask(self, kind: RequestKind, why: str, days: int | None = None) -> None:
        with suppress(Refused):  # slow people ask too late
            asked = requests.ask(self.session, self.order, kind, why, self.cast.leader, days=days)
            requests.approve(self.session, self.order, asked.key, self.cast.leader)

    def _decide(self, granted: bool) -> None:
        """The platform decides by its own rules; one that was refused there has nothing to."""
        platform = self._platform()
        if platform is not None:
            self._follow(platform.act(
                self.order.remote_no or "",
                lambda filed, now: machine.decided(filed, now, is_approved=granted)
                if filed.before else filed,
            ))  # fmt: skip

    def _file(self) -> None:
        platform = self._platform()
        if self.order.state is not State.CLOSED:
            return
        if platform is None:
            service.archive(self.session, self.order, self.cast.leader)
        else:
            self._follow(platform.act(
                self.order.remote_no or "",
                lambda filed, now: machine.by_itself(filed, now, machine.Patience()) or filed,
            ))  # fmt: skip

    def _platform(self) -> Platform | None:
        return self.cast.platforms.get(self.order.platform)

    def _exchange(self) -> None:
        """What is due for the platform is applied there; what it then says is followed."""
        platform = self._platform()
        if platform is None:
            return
        due = select(Outgoing).where(
            Outgoing.order_id == self.order.key, Outgoing.state == OutgoingState.DUE
        )
        for row in self.session.exec(due.order_by(col(Outgoing.id))).all():
            self._deliver(platform, row)

    def _deliver(self, platform: Platform, row: Outgoing) -> None:
        number = self.order.remote_no or ""
        try:
            platform.apply(number, json.loads(row.body))
            row.state = OutgoingState.SENT
        except machine.Refusal as refusal:
            row.state, row.last_error = OutgoingState.REFUSED, refusal.message[:300]
        row.attempts, row.settled_at = 1, clock.now()
        self.session.add(row)
        self._follow(platform.order(number))

    def _follow(self, remote: dict[str, object]) -> Order:
        row = self.cast.rows[self.story.platform]
        at = clock.now() + timedelta(seconds=1)
        return following.follow(self.session, row, read(remote), at).order
