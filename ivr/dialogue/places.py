"""Hospitals, departments and doctors that can be booked, and which of them somebody means. Pure.

First by what is said to the letter (the longest name first, nicknames too), then by what a
department is usually called, then by how it sounds, at last by symptoms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from hotline.classification.departments import called, suggest_department
from hotline.labels import Labelled


class How(Labelled):
    """How a place was recognised; the further down, the more it must be confirmed."""

    NAME = "name", "名称"
    KIND = "kind", "通称"
    SOUND = "sound", "读音"
    SYMPTOM = "symptom", "症状"


@dataclass(frozen=True)
class Place:
    """A hospital, department or doctor. ``within`` is the hospital's or department's id.

    ``forms`` are all the ways to say it, the full name first; ``weight`` is how much it is used.
    """

    id: int
    name: str
    within: int = 0
    forms: tuple[str, ...] = ()
    weight: int = 0

    @property
    def ways(self) -> tuple[str, ...]:
        """Every way to say it."""
        return self.forms or (self.name,)


@dataclass(frozen=True)
class Meant:
    """Who may be meant, the likeliest first, and how that was known."""

    places: tuple[Place, ...]
    how: How

    @property
    def only(self) -> Place | None:
        """The one that is meant, where there is just one."""
        return self.places[0] if len(self.places) == 1 else None


# What stands around a name when somebody says more than the name.
_AROUND = re.compile(
    r"我|想|要|麻烦|请|你好|您好|喂|帮|给|替|挂|预约|约|看(?:病|一下)?|到|去|在|的|那个|这个|一个|个|"
    r"专家|普通|主任|号|谢谢|吧|啊|呃|嗯|是|不|今天|明天|后天|上午|下午|早上"
)
_FIGURES = re.compile(r"[零〇一二三四五六七八九十两幺\d]")

# 六合区 before 人民医院: another hospital than the one that is called so without it.
_WHOSE = re.compile(r"([\u4e00-\u9fff]{2,6}?)(?:区|县|市|省|大学|学院)$")

# (what was said, every way to say something and whose it is) -> the ways near enough by sound,
# the nearest first.
Nearest = Callable[[str, Mapping[str, int]], list[str]]


def by_letter(_said: str, _ways: Mapping[str, int]) -> list[str]:
    """No ear for sounds: what recognises names only as they are written."""
    return []


@dataclass(frozen=True)
class Catalogue:
    """What can be booked now."""

    hospitals: tuple[Place, ...] = ()
    departments: tuple[Place, ...] = ()
    doctors: tuple[Place, ...] = ()
    nearest: Nearest = field(default=by_letter, compare=False)

    @cached_property
    def _hospitals_by_id(self) -> dict[int, Place]:
        return {place.id: place for place in self.hospitals}

    @cached_property
    def _departments_by_id(self) -> dict[int, Place]:
        return {place.id: place for place in self.departments}

    def hospital(self, id_: int) -> Place | None:
        """The hospital with this id."""
        return self._hospitals_by_id.get(id_)

    def department(self, id_: int) -> Place | None:
        """The department with this id."""
        return self._departments_by_id.get(id_)

    def departments_of(self, hospital: int | None) -> list[Place]:
        """A hospital's departments (of all hospitals when it is not known), the most used first."""
        found = [each for each in self.departments if hospital in (None, each.within)]
        return sorted(found, key=lambda place: (-place.weight, place.name))

    def doctors_of(self, department: int | None) -> list[Place]:
        """A department's doctors, the most used first."""
        found = [each for each in self.doctors if department in (None, each.within)]
        return sorted(found, key=lambda place: (-place.weight, place.name))

    def find_hospital(self, said: str, *, by_sound: bool = True) -> Meant | None:
        """The hospital somebody means."""
        meant, places = self._named(said, self.hospitals), self.hospitals
        if meant is not None and _is_of_another(said, meant):
            places = tuple(each for each in places if each not in meant.places)
            meant = None
        return meant or (self._by_sound(said, places) if by_sound else None)

    def hospital_in_passing(self, said: str) -> Meant | None:
        """The one hospital whose name sounds like what was said, where nobody has asked for it:
        a short name counts only when little else was said, and never for a number."""
        rest = _AROUND.sub("", said)
        ways = {way: owner for way, owner in _owners(self.hospitals).items()
                if len(way) >= 4 or _is_all(way, rest)}  # fmt: skip
        found = self.nearest(rest, ways) if len(rest) >= 2 and ways else []
        meant = _meant(How.SOUND, (each for each in self.hospitals if set(found) & {*each.ways}))
        return meant if meant and meant.only else None

    def find_department(
        self, said: str, hospital: int | None, *, by_sound: bool = True
    ) -> Meant | None:
        """The department somebody means; symptoms name one as well."""
        places = self.departments_of(hospital)
        return (
            self._named(said, places)
            or _by_kind(said, places)
            or (self._by_sound(said, places) if by_sound else None)
            or _by_symptom(said, places)
        )

    def find_doctor(
        self, said: str, department: int | None, *, by_sound: bool = True
    ) -> Meant | None:
        """The doctor somebody means."""
        return self._find(said, self.doctors_of(department), by_sound=by_sound)

    def _find(self, said: str, places: Sequence[Place], *, by_sound: bool) -> Meant | None:
        return self._named(said, places) or (self._by_sound(said, places) if by_sound else None)

    def _named(self, said: str, places: Iterable[Place]) -> Meant | None:
        """By the longest way that stands in what was said; all places that are called so, unless
        it is the very name of one."""
        hits = [(way, place) for place in places for way in place.ways if way in said]
        longest = max((len(way) for way, _ in hits), default=0)
        called_so = [(way, place) for way, place in hits if len(way) == longest]
        itself = [place for way, place in called_so if way == place.name]
        return _meant(How.NAME, itself or (place for _, place in called_so))

    def _by_sound(self, said: str, places: Sequence[Place]) -> Meant | None:
        found = self.nearest(said, _owners(places))
        return _meant(How.SOUND, (each for way in found for each in places if way in each.ways))


def _meant(how: How, places: Iterable[Place]) -> Meant | None:
    found = tuple(dict.fromkeys(places))
    return Meant(found, how) if found else None


def _owners(places: Iterable[Place]) -> dict[str, int]:
    return {way: place.id for place in places for way in place.ways}


def _is_of_another(said: str, meant: Meant) -> bool:
    """Is the short name a part of a longer one that is not this hospital's?"""
    way = max((way for each in meant.places for way in each.ways if way in said), key=len)
    whose = _WHOSE.search(_AROUND.sub("", said[: said.index(way)]))
    return whose is not None and all(
        way != each.name and whose[1] not in each.name for each in meant.places
    )


def _is_all(way: str, rest: str) -> bool:
    return len(rest) <= len(way) + 1 and not _FIGURES.search(rest)


def _by_kind(said: str, places: Sequence[Place]) -> Meant | None:
    """心内科 is 心血管内科, whichever of the two the hospital writes on its door."""
    wanted = set(called(said))
    return _meant(How.KIND, (place for place in places if wanted & set(called(place.name))))


def _by_symptom(said: str, places: Sequence[Place]) -> Meant | None:
    for name, _, _ in suggest_department(said):
        exact = [place for place in places if place.name == name or name in place.ways]
        found = _meant(How.SYMPTOM, exact or [each for each in places if name in each.name])
        if found is not None:
            return found
    return None
