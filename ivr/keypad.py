"""Keys to entries. Pure; time is passed in. What was pressed is never logged."""

from __future__ import annotations

from collections import deque

from ivr.hearing import Digits, EndedBy, Keys, PersonWanted

MOST_AHEAD = 32
USED = frozenset("0123456789*#")
Entry = Digits | PersonWanted


class TypeAhead:
    """Keys pressed before they were asked for. Kept between turns, forgotten on an error."""

    def __init__(self) -> None:
        self._keys: deque[str] = deque()

    def keep(self, digit: str) -> None:
        """Keep a key; more than anyone can mean are dropped."""
        if digit in USED and len(self._keys) < MOST_AHEAD:
            self._keys.append(digit)

    def take(self) -> str | None:
        """The first one, if any."""
        return self._keys.popleft() if self._keys else None

    def forget(self) -> None:
        """They answered something else."""
        self._keys.clear()

    def __len__(self) -> int:
        return len(self._keys)


class Keypad:
    """One entry."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._entry = ""
        self._last = 0.0

    def press(self, digit: str, at: float) -> Entry | None:
        """A key; the entry if it is whole with it."""
        self._last = at
        if digit == "#":
            return self._whole(EndedBy.HASH)
        if digit == "*" and not (self._keys.star_in_number and self._entry):
            return Digits("*", EndedBy.STAR)
        if digit == "0" and not self._entry and not self._keys.zero_first:
            return PersonWanted()
        self._entry += digit
        return self._whole(EndedBy.FULL) if len(self._entry) >= self._keys.most else None

    def tick(self, at: float) -> Entry | None:
        """Time has passed; the entry if it counts as whole now."""
        if self._entry and at - self._last >= self._keys.inter_digit:
            return self._whole(EndedBy.TIME)
        return None

    def _whole(self, ended_by: EndedBy) -> Entry:
        if self._entry == "0":  # nothing followed: whatever is asked for, this is a person
            return PersonWanted()
        return Digits(self._entry, ended_by)
