"""Codes that carry the Chinese words people see."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A code with its Chinese label: ``QUEUED = "queued", "排队中"``.

    The value is stored and sent; the label is shown.
    """

    _label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member._label = label
        return member

    @property
    def label(self) -> str:
        """The Chinese words for this code."""
        return self._label

    @classmethod
    def known(cls, value: str | None) -> Self | None:
        """The member with this code, or None if there is none."""
        try:
            return cls(value) if value is not None else None
        except ValueError:
            return None

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """(code, label) of every member, in order of declaration."""
        return [(member.value, member.label) for member in cls]
