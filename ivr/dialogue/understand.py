"""What somebody said, put into the slots of a booking: as many at once as were said. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from hotline.booking.rules import ClinicKind
from ivr.dialogue import commands, dates, times
from ivr.dialogue.commands import Command
from ivr.dialogue.dates import Days, NoSuchDay
from ivr.dialogue.facts import Slots
from ivr.dialogue.places import Catalogue, Meant, Place
from ivr.dialogue.state import Step

_KINDS = (
    (ClinicKind.MULTIDISCIPLINARY, re.compile(r"多学科|会诊门诊")),
    (ClinicKind.FAMOUS_EXPERT, re.compile(r"著名|知名|名医|名专家")),
    (ClinicKind.SPECIALTY, re.compile(r"专科|专病")),
    (ClinicKind.EXPERT, re.compile(r"专家|主任|教授")),
    (ClinicKind.GENERAL, re.compile(r"普通|便民|一般的?号|随便.{0,3}医生")),
)
_A_DEPARTMENT = re.compile(r"(?<!什么)(?<!哪个)(?<!哪一)(?<!啥)科")
_A_DOCTOR = re.compile(r"医生|大夫|主任|教授")
# How far "the earliest" looks: the longest window any hospital has for callers.
EARLIEST_DAYS = 14


@dataclass(frozen=True)
class Understood:
    """The slots as they are now, what changed, and what is in doubt.

    ``choices`` are places that are called alike (of ``about``); ``no_such_day`` a day that is
    not in the calendar.
    """

    slots: Slots
    changed: tuple[Step, ...] = ()
    choices: tuple[Place, ...] = ()
    about: Step | None = None
    no_such_day: bool = False

    @property
    def anything(self) -> bool:
        """Whether anything was understood."""
        return bool(self.changed or self.choices or self.no_such_day)


def fill(said: str, slots: Slots, step: Step, city: Catalogue, today: date) -> Understood:
    """Every slot that was spoken of. What was asked is also recognised by its sound."""
    now = _hospital(said, Understood(slots), step, city)
    rest = _without_hospital(said, city)
    now = _department(rest, now, step, city)
    now = _doctor(rest, now, step, city)
    now = _kind(rest, now)
    return _moment(rest, _days(rest, now, step, today), step)


def _filled(now: Understood, step: Step, **changes: Any) -> Understood:
    slots = replace(now.slots, **changes)
    if slots == now.slots:
        return now  # what was known already is no answer to anything else
    changed = now.changed if step in now.changed else (*now.changed, step)
    return replace(now, slots=slots, changed=changed)


def _doubt(now: Understood, step: Step, meant: Meant) -> Understood:
    return replace(now, choices=meant.places, about=step)


def _hospital(said: str, now: Understood, step: Step, city: Catalogue) -> Understood:
    meant = city.find_hospital(said, by_sound=step is Step.HOSPITAL)
    if meant is None and step is Step.MENU and now.slots.hospital is None:
        meant = city.hospital_in_passing(said)
    if meant is None:
        return now
    if meant.only is None:
        return _doubt(now, Step.HOSPITAL, meant)
    return at_hospital(now, meant.only, city)


def at_hospital(now: Understood, hospital: Place, city: Catalogue) -> Understood:
    """Another hospital: its department of the same name stays, its doctors are others."""
    before = now.slots
    if before.hospital == hospital:
        return now
    wanted = before.department.name if before.department else before.department_said
    meant = city.find_department(wanted, hospital.id) if wanted else None
    return _filled(now, Step.HOSPITAL, hospital=hospital, doctor=None, department_said="",
                   department=meant.only if meant else None)  # fmt: skip


def _without_hospital(said: str, city: Catalogue) -> str:
    """眼科医院 is a hospital, and no wish for an eye department."""
    meant = city.find_hospital(said, by_sound=False)
    ways = [way for place in meant.places for way in place.ways] if meant else []
    for way in sorted(ways, key=len, reverse=True):
        said = said.replace(way, " ")
    return re.sub(r"^ 医院", " ", said)


def _department(said: str, now: Understood, step: Step, city: Catalogue) -> Understood:
    hospital = now.slots.hospital
    named = step is Step.MENU and _A_DEPARTMENT.search(said) is not None
    meant = city.find_department(
        said, hospital.id if hospital else None, by_sound=named or step is Step.DEPARTMENT
    )
    if meant is None:
        return now
    if hospital is None:
        return _department_somewhere(now, meant, city)
    if meant.only is None:
        return _doubt(now, Step.DEPARTMENT, meant)
    if meant.only == now.slots.department:
        return now
    return _filled(now, Step.DEPARTMENT, department=meant.only, doctor=None)


def _department_somewhere(now: Understood, meant: Meant, city: Catalogue) -> Understood:
    """Before the hospital is known; where only one has such a department, that is it."""
    if meant.only and now.about is None and (only := city.hospital(meant.only.within)):
        now = _filled(now, Step.HOSPITAL, hospital=only)
        return _filled(now, Step.DEPARTMENT, department=meant.only)
    return _filled(now, Step.DEPARTMENT, department_said=meant.places[0].name)


def _doctor(said: str, now: Understood, step: Step, city: Catalogue) -> Understood:
    department = now.slots.department
    if department is None or not (step is Step.DOCTOR or _A_DOCTOR.search(said)):
        return now
    meant = city.find_doctor(said, department.id, by_sound=step is Step.DOCTOR)
    if meant is not None and meant.only is None:
        return _doubt(now, Step.DOCTOR, meant)
    if meant is not None:
        return _filled(now, Step.DOCTOR, doctor=meant.only, any_doctor=False)
    if step is Step.DOCTOR and commands.command(said) is Command.ANY:
        return _filled(now, Step.DOCTOR, any_doctor=True, doctor=None)
    return now


def _kind(said: str, now: Understood) -> Understood:
    kind = next((kind for kind, words in _KINDS if words.search(said)), None)
    if kind is None or now.slots.doctor is not None:
        return now
    return _filled(now, Step.DOCTOR, kind=kind, any_doctor=True)


def _days(said: str, now: Understood, step: Step, today: date) -> Understood:
    try:
        days = dates.find(said, today)
    except NoSuchDay:
        return replace(now, no_such_day=True)
    if days is None and _means_earliest(said, step):
        days = Days(today + timedelta(days=1), today + timedelta(days=EARLIEST_DAYS))
    return _filled(now, Step.DAY, days=days) if days else now


def _means_earliest(said: str, step: Step) -> bool:
    asked = step is Step.DAY and commands.command(said) is Command.ANY
    return asked or dates.EARLIEST.search(said) is not None


def _moment(said: str, now: Understood, step: Step) -> Understood:
    moment = times.find(said)
    if moment is not None:
        return _filled(now, Step.HALF, half=moment.half, at=moment.at, any_half=False)
    if step is Step.HALF and commands.command(said) is Command.ANY:
        return _filled(now, Step.HALF, any_half=True, half=None, at=None)
    return now
