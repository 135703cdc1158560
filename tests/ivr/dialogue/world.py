"""A made-up city and a caller who follows a script: the dialogue without sound or database."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from hotline.booking.rules import ClinicKind, HalfDay
from ivr.dialogue.events import Began, Deed, Did, Do, Event, Go, Keyed, Listen, Said
from ivr.dialogue.facts import Booked, Claim, Found, Offered, Person, Slots, Standing
from ivr.dialogue.moves import advance
from ivr.dialogue.places import Catalogue, Place
from ivr.dialogue.state import State, Step

TODAY = date(2026, 11, 21)
GULOU = Place(1, "南京鼓楼医院", forms=("南京鼓楼医院", "鼓楼医院", "鼓楼"), weight=9)
CHILDREN = Place(2, "南京市儿童医院", forms=("南京市儿童医院", "儿童医院"), weight=8)
FIRST = Place(3, "南京市第一医院", forms=("南京市第一医院", "市一医院"), weight=7)
HEART = Place(11, "心血管内科", 1, weight=5)
BONES = Place(12, "骨科", 1, weight=4)
CHILDRENS_HEART = Place(21, "心血管内科", 2)
WANG = Place(101, "王建国", 11)
CITY = Catalogue((GULOU, CHILDREN, FIRST), (HEART, BONES, CHILDRENS_HEART), (WANG,))
MOTHER = Person(7, "王女士")
FATHER = Person(8, "李先生")
ID = "11010519491231002X"


def offer(number: int, day: date, half: HalfDay, at: int) -> Offered:
    """A slot of the heart department."""
    return Offered(number, 1, 11, "南京鼓楼医院", "心血管内科", "王建国", "主任医师",
                   ClinicKind.EXPERT, day, half, time(at))  # fmt: skip


@dataclass
class World:
    """What deeds come to: searches find ``offers``, ``refusals`` come in turn."""

    people: tuple[Person, ...] = ()
    offers: tuple[Offered, ...] = ()
    instead: bool = False
    refusals: list[str] = field(default_factory=list)
    last_four: str = "002X"
    mine: tuple[Standing, ...] = ()
    searched: list[Slots] = field(default_factory=list)
    held: list[Claim] = field(default_factory=list)
    holding: bool = False
    booked: int = 0
    cancelled: list[str] = field(default_factory=list)

    def do(self, doing: Do) -> Did:
        """Do it."""
        return getattr(self, f"_{doing.deed.value}")(doing.given)

    def _who_calls(self, _) -> Did:
        return Did(Deed.WHO_CALLS, self.people)

    def _search(self, slots) -> Did:
        self.searched.append(slots)
        return Did(Deed.SEARCH, Found(self.offers, self.instead))

    def _check(self, given) -> Did:
        return Did(Deed.CHECK, given[1].replace("*", "X") == self.last_four)

    def _hold(self, claim) -> Did:
        if self.refusals:
            return Did(Deed.HOLD, refused=self.refusals.pop(0))
        self.held.append(claim)
        self.holding = True
        return Did(Deed.HOLD, "hold-1")

    def _confirm(self, _) -> Did:
        assert self.holding
        if self.refusals:
            return Did(Deed.CONFIRM, refused=self.refusals.pop(0))
        self.holding, self.booked = False, self.booked + 1
        return Did(Deed.CONFIRM, Booked("20261121-000123", datetime(2026, 11, 22, tzinfo=UTC)))

    def _let_go(self, _) -> Did:
        self.holding = False
        return Did(Deed.LET_GO)

    def _mine(self, _) -> Did:
        return Did(Deed.MINE, self.mine)

    def _cancel(self, number) -> Did:
        if self.refusals:
            return Did(Deed.CANCEL, refused=self.refusals.pop(0))
        self.cancelled.append(number)
        return Did(Deed.CANCEL)

    def _answer(self, text) -> Did:
        return Did(Deed.ANSWER, "flu" if "流感" in text else None)


def tomorrow(offset: int = 1) -> date:
    """A day after today."""
    return TODAY + timedelta(days=offset)


def usual_offers() -> tuple[Offered, ...]:
    """Three slots of tomorrow and the day after."""
    return (
        offer(1, tomorrow(), HalfDay.MORNING, 8),
        offer(2, tomorrow(), HalfDay.MORNING, 9),
        offer(3, tomorrow(2), HalfDay.AFTERNOON, 14),
    )


class Caller:
    """A call: what was said so far, and where it stands."""

    def __init__(self, world: World | None = None, **state):
        self.world = world or World(offers=usual_offers())
        self.state = replace(State(today=TODAY), **state)
        self.heard: list[str] = []
        self.left: Go | None = None
        self.happens(Began())

    def happens(self, event: Event) -> Caller:
        """The event, and every deed that follows it."""
        assert self.left is None, "the call is over"
        reply = advance(self.state, event, CITY)
        self.state = reply.state
        self.heard = [prompt.id for prompt in reply.prompts]
        while isinstance(reply.then, Do):
            reply = advance(self.state, self.world.do(reply.then), CITY)
            self.state = reply.state
            self.heard += [prompt.id for prompt in reply.prompts]
        if isinstance(reply.then, Go):
            self.left = reply.then
        else:
            assert isinstance(reply.then, Listen)
            assert reply.then.step is self.state.step
        return self

    def says(self, *texts: str) -> Caller:
        """One answer after another."""
        for text in texts:
            self.happens(Said(text))
        return self

    def keys(self, *entries: str) -> Caller:
        """One entry after another."""
        for digits in entries:
            self.happens(Keyed(digits))
        return self

    @property
    def step(self) -> Step:
        """What is asked now."""
        return self.state.step
