"""Hospitals, departments and doctors that can be booked, and which of them somebody means. Pure.

First by what is said to the letter (the longest name first, nicknames too), then by what a
department is usually called, then by how it sounds, at last by symptoms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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


# (what was said, all ways to say something) -> those near enough by sound, the nearest first.
Nearest = Callable[[str, Sequence[str]], list[str]]


def by_letter(_said: str, _ways: Sequence[str]) -> list[str]:
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
        return self._find(said, self.hospitals, by_sound=by_sound)

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
        """By the longest way that stands in what was said; all places that are called so."""
        hits = [(way, place) for place in places for way in place.ways if way in said]
        longest = max((len(way) for way, _ in hits), default=0)
        return _meant(How.NAME, (place for way, place in hits if len(way) == longest))

    def _by_sound(self, said: str, places: Sequence[Place]) -> Meant | None:
        ways = {way: place for place in reversed(places) for way in place.ways}
        return _meant(How.SOUND, (ways[way] for way in self.nearest(said, list(ways))))


def _meant(how: How, places: Iterable[Place]) -> Meant | None:
    found = tuple(dict.fromkeys(places))
    return Meant(found, how) if found else None


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
