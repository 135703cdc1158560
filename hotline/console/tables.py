"""What a list page shows: columns, the conditions in its address, one piece of the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request

from hotline.console.page import changed
from hotline.web import Page


@dataclass(frozen=True)
class Column:
    """A column that a person may show or hide. ``sort`` is the word in the address."""

    key: str
    label: str
    sortable: bool = False
    is_number: bool = False
    is_text: bool = False
    is_short: bool = True
    is_default: bool = True


@dataclass(frozen=True)
class Chip:
    """A condition in words, and the address without it."""

    words: str
    without: str


@dataclass(frozen=True)
class Bulk:
    """What may be done to chosen rows: (value, words, question for the reason or '')."""

    address: str
    actions: Sequence[tuple[str, str, str]]


@dataclass
class Listing:
    """A list page: everything the ``table`` macro needs."""

    columns: Sequence[Column]
    page: Page[Any]
    chips: Sequence[Chip] = ()
    default_sort: str = ""
    link: Callable[[Any], str] | None = None
    row_tone: Callable[[Any], str] | None = None
    key: Callable[[Any], Any] = field(default=lambda row: row.id)

    @property
    def rows(self) -> list[Any]:
        """The rows of this piece."""
        return self.page.rows

    @property
    def total(self) -> int | None:
        """How many rows the conditions have, up to the cap."""
        return self.page.total

    @property
    def is_capped(self) -> bool:
        """Whether there are more than ``total``."""
        return self.page.is_capped

    @property
    def is_later(self) -> bool:
        """Whether this is not the first piece."""
        return bool(request.args.get("cursor"))

    @property
    def next_address(self) -> str | None:
        """Where the next piece is."""
        return changed(cursor=self.page.next_cursor) if self.page.next_cursor else None

    @property
    def _chosen(self) -> set[str]:
        asked = request.args.get("cols")
        known = {column.key for column in self.columns}
        chosen = known & set(asked.split(".")) if asked else set()
        return chosen or {column.key for column in self.columns if column.is_default}

    @property
    def shown(self) -> list[Column]:
        """The columns to show, in their order."""
        chosen = self._chosen
        return [column for column in self.columns if column.key in chosen]

    def shows(self, column: Column) -> bool:
        """Whether the column is shown."""
        return column.key in self._chosen

    def toggle(self, column: Column) -> str:
        """This page with the column shown or hidden."""
        chosen = self._chosen ^ {column.key}
        return changed(cols=".".join(one.key for one in self.columns if one.key in chosen))

    def sorted_by(self, column: Column) -> str:
        """``ascending``, ``descending`` or nothing."""
        present = request.args.get("sort") or self.default_sort
        if present.removeprefix("-") != column.key:
            return ""
        return "descending" if present.startswith("-") else "ascending"

    def sort_link(self, column: Column) -> str:
        """This page sorted by the column, or the other way round."""
        downwards = self.sorted_by(column) == "ascending"
        return changed(sort=f"-{column.key}" if downwards else column.key)


def chips(words: Mapping[str, str], values: Mapping[str, str]) -> list[Chip]:
    """Chips for the conditions in the address: ``words`` names them, ``values`` says them."""
    return [
        Chip(f"{words[name]}：{value}", changed(**{name: None}))
        for name, value in values.items()
        if name in words and value
    ]
