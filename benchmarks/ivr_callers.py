"""Simulated callers on the voice line: how many book what they want, how many something else.

    python -m benchmarks.ivr_callers --clips DIR [--calls 20] [--noise 12] [--names]

The real dialogue, recogniser, voice and database; the telephone and the callers are made here, in
virtual time, so that a call of a minute takes as long as the recogniser needs. DIR holds clips of
voices the model has not been trained on (``*.json``: wav, text, set, voice), by kind of answer:
hospital, department, date, command. Each manner of calling books so many times on a clean line
and so many on a noisy one. Goals: 92 % done on a clean line, 81 % on a noisy one; wrong bookings
at most 0.5 %. One caller in ten does not listen to what is repeated.

Done: the slot wanted is booked. Wrong: another one is. The rest got a person, or gave up.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count, product
from pathlib import Path
from statistics import mean
from uuid import uuid4

import numpy as np

from benchmarks.ivr_people import MANNERS, Caller, Clips, Goal, goal
from benchmarks.servers import embedded
from hotline import demo
from ivr import training
from ivr.catalogue import Living
from ivr.hearing import Expects, Heard, Listening, Outcome, Recogniser
from ivr.media.memory import Deed, MemoryTransport
from ivr.media.transport import FRAME_BYTES, Audio, CallInfo, Event
from ivr.speech.engine import load
from ivr.turn import RECOGNITION_SECONDS, Turns
from ivr.turn_kept import Turn
from ivr.voice import speaker
from ivr.voice.speaker import Speaker

NOT_BOOKED_BY_NAME = {"发热门诊", "疫苗接种门诊", "检验科", "放射科"}
TWICE = {"南京理工大学校医院", "南京医科大学附属眼科医院"}  # under another name as well
CLEAN_GOAL, NOISY_GOAL, WRONG_GOAL = 0.92, 0.81, 0.005
KINDS = {"hosp": "hospital", "dept": "department", "date": "date", "cmd": "command"}


def main() -> None:
    """Call, count, print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--clips", type=Path, required=True)
    asked.add_argument("--calls", type=int, default=20, help="a manner and line")
    asked.add_argument("--noise", type=float, default=12, help="dB under the voice")
    asked.add_argument("--seed", type=int, default=12320)
    asked.add_argument("--failures", action="store_true", help="show the turns of what failed")
    given = asked.parse_args()
    with embedded():
        os.environ["HOTLINE_LOG_LEVEL"] = "CRITICAL"
        voices = heard_voices(given.clips)
        make_city(voices)
        results = asyncio.run(call_all(voices, given))
    report(results, failures=given.failures)
    done, wrong = share(results, "booked"), share(results, "wrong")
    print(f"all: {done:.1%} done, {wrong:.2%} wrong; goals {CLEAN_GOAL:.0%} clean,"
          f" {NOISY_GOAL:.0%} noisy, {WRONG_GOAL:.1%} wrong")  # fmt: skip


def heard_voices(folder: Path) -> list[Clips]:
    """The clips, voice by voice."""
    from ivr.training.evaluate import samples

    kept: dict[str, dict[str, dict[str, bytes]]] = {}
    for listing in sorted(folder.glob("*.json")):
        for row in json.loads(listing.read_text(encoding="utf-8")):
            kind = KINDS.get((row.get("set") or "").removeprefix("slot_"))
            if kind:
                said = kept.setdefault(row["voice"], {}).setdefault(kind, {})
                said[row["text"]] = samples(folder / row["wav"])
    return [Clips(by_kind) for by_kind in kept.values()]


def make_city(voices: list[Clips]) -> None:
    """Every hospital that is there has every department the callers can say, free for two weeks,
    and a few are booked more than the others."""
    from sqlalchemy import text
    from sqlmodel import select

    from hotline.booking.models import BookingRule, Hospital
    from hotline.db import transaction

    names = sorted({name for each in voices for name in each.by_kind["department"]})
    with transaction() as session:
        there = set(session.exec(select(Hospital.name)))
        session.add_all(
            Hospital(city="南京", name=name) for name in hospitals() if name not in there
        )
        session.flush()
        for name in set(names) - NOT_BOOKED_BY_NAME:
            session.execute(
                text("INSERT INTO department (hospital_id, name, initials)"
                     " SELECT id, :name, '' FROM hospital"),
                {"name": name},
            )  # fmt: skip
        session.execute(
            text("INSERT INTO resource (kind, clinic_kind, department_id)"
                 " SELECT 'clinic', 'general', id FROM department")
        )  # fmt: skip
        session.execute(
            text(
                "INSERT INTO slot (resource_id, hospital_id, department_id, clinic_kind, day,"
                " half_day, capacity) SELECT r.id, d.hospital_id, d.id, r.clinic_kind,"
                " (now() AT TIME ZONE 'Asia/Shanghai')::date + n, half, 50 FROM resource r"
                " JOIN department d ON d.id = r.department_id, generate_series(1, 14) n,"
                " unnest(ARRAY['morning', 'afternoon']) half"
            )
        )
        session.add(BookingRule(name="window_days", value="14", effective_on=date(2020, 1, 1)))


def hospitals() -> list[str]:
    """A city's: those of a real bulletin, and those whose names the model was taught."""
    with (Path(demo.__file__).parent / "data" / "hospitals.csv").open(encoding="utf-8") as file:
        listed = [row["医院"] for row in csv.DictReader(line for line in file if line[0] != "#")]
    taught = json.loads((Path(training.__file__).parent / "data" / "booking.json").read_text())
    return sorted({*listed, *(name.replace(" ", "") for name in taught["hospitals"])} - TWICE)


@dataclass
class Result:
    """How a call went."""

    manner: str
    noisy: bool
    ending: str
    turns: int
    seconds: float
    said: list[tuple[str, str | None]] = field(default_factory=list)
    goal: Goal | None = None


class Line(MemoryTransport):
    """Virtual time stands still while the recogniser works; the line hisses."""

    def __init__(self, script: Iterator[Deed], info: CallInfo, noise: np.ndarray | None) -> None:
        super().__init__(script, info)
        self.works = 0
        self._noise, self._at = noise, 0

    async def events(self) -> AsyncIterator[Event]:
        """See ``Transport``."""
        async for event in super().events():
            while self.works:
                await asyncio.sleep(0.001)
            yield self._with_noise(event) if isinstance(event, Audio) else event

    def _with_noise(self, event: Audio) -> Audio:
        if self._noise is None:
            return event
        size = FRAME_BYTES // 2
        noise = self._noise[self._at : self._at + size]
        self._at = (self._at + size) % (len(self._noise) - size)
        mixed = np.frombuffer(event.pcm, "<i2").astype(np.float32) + noise
        return Audio(np.clip(mixed, -32768, 32767).astype("<i2").tobytes(), event.at)


class Ear:
    """The recogniser; tells the caller what is asked and the line when it works."""

    def __init__(self, engine: Recogniser, line: Line) -> None:
        self._engine, self._line = engine, line

    def listen(self, expects: Expects) -> Listening:
        """See ``Recogniser``."""
        return Working(self._engine.listen(expects), self._line)


class Watched(Turns):
    """Tells the caller which question is asked, and what the line has understood by then."""

    def __init__(self, line: Line, ear: Ear, told: Callable[[Expects], None]) -> None:
        super().__init__(line, ear)
        self._told = told

    async def ask(self, expects: Expects, prompt: bytes = b"") -> Outcome:
        """See ``Turns``."""
        self._told(expects)
        return await super().ask(expects, prompt)


@dataclass(frozen=True)
class World:
    """What all calls share. ``noise`` is in dB under the voice."""

    voices: list[Clips]
    noise: float
    engine: Recogniser
    voice: Speaker
    living: Living


class Working:
    """An utterance; while its text is worked out the line's clock stands still."""

    def __init__(self, inner: Listening, line: Line) -> None:
        self._inner, self._line = inner, line
        self.feed, self.cancel = inner.feed, inner.cancel
        self._pausing: asyncio.Task[None] | None = None

    @property
    def settled(self) -> Heard | None:
        """See ``Listening``."""
        return self._inner.settled

    def pause(self) -> None:
        """See ``Listening``."""
        self._inner.pause()
        self._pausing = asyncio.ensure_future(self._settle())

    async def _settle(self) -> None:
        self._line.works += 1
        try:
            async with asyncio.timeout(RECOGNITION_SECONDS):
                while self._inner.settled is None:
                    await asyncio.sleep(0.001)
        finally:
            self._line.works -= 1

    async def finish(self) -> Heard:
        """See ``Listening``."""
        self._line.works += 1
        try:
            return await self._inner.finish()
        finally:
            self._line.works -= 1


def hiss(loudest: float, below: float, dice: np.random.Generator) -> np.ndarray:
    """Ten seconds of noise, falling to the treble as on a line, so many dB below a voice."""
    spectrum = np.fft.rfft(dice.standard_normal(80_000))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)) / 800, 1))
    noise = np.fft.irfft(spectrum)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)) * loudest * 10 ** (-below / 20))


def voice_level(clips: Clips) -> float:
    """Root mean square of what is loud in this voice."""
    sound = np.concatenate(
        [np.frombuffer(pcm, "<i2") for said in clips.by_kind.values() for pcm in said.values()]
    ).astype(np.float64)
    return float(np.sqrt(np.mean(sound[np.abs(sound) > 500] ** 2)))


async def call_all(voices: list[Clips], given: argparse.Namespace) -> list[Result]:
    """Every manner, so many times on each line; four calls at once."""
    from hotline import settings

    site, room, numbers = settings.current(), asyncio.Semaphore(4), count(1)
    engine, voice = load(site), speaker.at(site.data_dir.absolute())
    if engine is None:
        raise SystemExit("no speech model works")
    world = World(voices, given.noise, engine, voice, Living())

    async def one(manner: str, seed: int, *, noisy: bool) -> Result:
        async with room:
            return await call(world, next(numbers), manner, seed, noisy=noisy)

    try:
        return list(await asyncio.gather(*(
            one(manner, given.seed * 1000 + number, noisy=noisy)
            for manner in MANNERS for noisy in (False, True) for number in range(given.calls)
        )))  # fmt: skip
    finally:
        voice.close()
        engine.close()


async def call(world: World, number: int, manner: str, seed: int, *, noisy: bool) -> Result:
    """One call from greeting to end, and what became of it."""
    from hotline.clock import today
    from hotline.db import transaction
    from ivr.session import Session

    dice = random.Random(f"{manner}{seed}")
    clips = dice.choice(world.voices)
    mobile, last_four = register(number)
    with transaction() as session:
        city = world.living.current(session, today())
    wanted = goal(clips, city, today(), dice)
    caller = Caller(manner, wanted, clips, last_four, dice, attentive=dice.random() >= 0.1)
    below = world.noise if noisy or manner == "noisy" else None
    noise = None if below is None else hiss(voice_level(clips), below, np.random.default_rng(seed))
    line = Line(caller.script(), CallInfo(str(uuid4()), mobile), noise)
    kept: list[tuple[str, str | None]] = []

    def keep(turn: Turn) -> None:
        kept.append((turn.expects, turn.heard or turn.outcome))

    ear = Ear(world.engine, line)
    session_of_call = Session(line, ear, world.voice, keep, lambda: city)

    def told(expects: Expects) -> None:
        caller.asked, caller.state = expects.name, session_of_call._state

    session_of_call._turns = Watched(line, ear, told)
    leave = await session_of_call.run()
    caller.state = session_of_call._state
    ending = booked(caller, line.info.uuid) or leave.value
    return Result(manner, noisy, ending, len(kept), line.now, kept, wanted)


def register(number: int) -> tuple[str, str]:
    """A patient known under a mobile of his own; the mobile and the document's last four."""
    from hotline.booking import patients
    from hotline.booking.id_numbers import check_digit
    from hotline.clock import now
    from hotline.db import transaction

    day = date(1940, 1, 1) + timedelta(days=number)
    first = f"320102{day:%Y%m%d}{number % 999:03}"
    mobile, document = f"139{number:08}", first + check_digit(first)
    with transaction() as session:
        said = patients.Applicant("王小明", document, mobile)
        patients.register(session, patients.read(said, now()), 5, now())
    return mobile, document[-4:].replace("X", "*")


BOOKED = """
SELECT s.hospital_id, d.name AS department, s.day, s.half_day FROM booking b
JOIN slot s ON s.id = b.slot_id JOIN department d ON d.id = s.department_id
WHERE b.call_uid = :uid AND b.state = 'confirmed'
"""


def booked(caller: Caller, uid: str) -> str:
    """ "booked" when what stands in the pool is what was wanted, "wrong" when it is not."""
    from sqlalchemy import text

    from hotline.db import transaction

    with transaction() as session:
        rows = session.execute(text(BOOKED), {"uid": uid}).all()
    goal = caller.goal
    half = {"上午": "morning", "下午": "afternoon"}[goal.half]
    right = [tuple(row) == (goal.meant.id, goal.department, goal.day, half) for row in rows]
    return "" if not rows else "booked" if right == [True] else "wrong"


def share(results: list[Result], ending: str) -> float:
    """The share that ended so."""
    return sum(each.ending == ending for each in results) / len(results)


def report(results: list[Result], *, failures: bool) -> None:
    """A line for each manner and line."""
    for manner, noisy in product(MANNERS, (False, True)):
        some = [each for each in results if (each.manner, each.noisy) == (manner, noisy)]
        done = [each for each in some if each.ending == "booked"]
        turns, seconds = ([getattr(each, what) for each in done] for what in ("turns", "seconds"))
        print(
            f"{manner:<10} {'noisy' if noisy else 'clean'} {len(some):4} calls"
            f" {share(some, 'booked'):6.1%} done {share(some, 'wrong'):6.2%} wrong"
            f" {mean(turns or [0]):5.1f} turns {mean(seconds or [0]):5.0f} s"
            f"  {dict(Counter(each.ending for each in some))}"
        )
    for noisy in (False, True):
        some = [each for each in results if each.noisy is noisy]
        print(f"{'noisy' if noisy else 'clean'}: {share(some, 'booked'):.1%} done,"
              f" {share(some, 'wrong'):.2%} wrong of {len(some)}")  # fmt: skip
    for each in results if failures else ():
        if each.ending != "booked":
            print(each.manner, each.noisy, each.ending, each.goal, each.said)


if __name__ == "__main__":
    main()
