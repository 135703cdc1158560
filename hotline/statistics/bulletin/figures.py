"""A month's figures, wherever they come from, in one place; and each of them by its key. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hotline.statistics.bulletin import cells
from hotline.statistics.bulletin.layouts import channel_column, wording_of
from hotline.statistics.bulletin.rules import TOTAL, Cell, Field, Holds, Kind, Table, fields_of

ORDERS = ("city", "province", "self")


@dataclass(frozen=True)
class City:
    """One city's calls, our own among them."""

    name: str
    calls: int
    is_own: bool = False
    line: int = 0


@dataclass
class Month:
    """Everything a bulletin says. ``headline`` has the published categories by code in the
    bulletin's order; ``apart`` what stands in none of them. Orders are None where the work orders
    are not installed. ``folded`` are bookings of columns that the form does not print, ``both``
    (file, here) of columns that both count, ``ways`` the column of each channel counted here."""

    month: str
    city: str
    total: int
    headline: dict[str, int]
    apart: dict[str, int] = field(default_factory=dict)
    orders: dict[str, int | None] = field(default_factory=lambda: dict.fromkeys(ORDERS))
    cities: list[City] = field(default_factory=list)
    province_said: int | None = None
    own_said: int | None = None
    tables: dict[Kind, Table] = field(default_factory=dict)
    folded: dict[str, int] = field(default_factory=dict)
    both: dict[str, tuple[int, int]] = field(default_factory=dict)
    ways: dict[str, str] = field(default_factory=dict)
    cumulative: int | None = None
    before: int | None = None
    remote: dict[tuple[str, str], tuple[Cell, str]] = field(default_factory=dict)

    @property
    def layout(self) -> str:
        """The name of the form."""
        return wording_of(self.month).name

    @property
    def province_total(self) -> int | None:
        """全省: what the file says, else all cities; nothing where only our own is known."""
        if self.province_said is not None:
            return self.province_said
        return sum(one.calls for one in self.cities) if len(self.cities) > 1 else None

    @property
    def missing(self) -> list[Kind]:
        """Sheets of which nothing is known, neither from a file nor counted here."""
        there = set(self.tables)
        there |= {Kind.PROVINCE} if self.province_total is not None else set()
        there |= {Kind.REMOTE} if self.remote else set()
        there |= {Kind.CUMULATIVE} if self.cumulative is not None else set()
        return [kind for kind in Kind if kind not in there]

    @property
    def cities_ranked(self) -> list[City]:
        """The busiest first, as they are printed."""
        return sorted(self.cities, key=lambda one: -one.calls)


Key = tuple[str, ...]
Flat = dict[Key, Cell]


def flat(month: Month) -> Flat:
    """Every figure by its key. ``("booking_by_hospital", "鼓楼医院", "online")``."""
    found: Flat = {("headline", "total"): month.total}
    found |= {("headline", "category", code): n for code, n in month.headline.items()}
    found |= {("apart", code): number for code, number in month.apart.items()}
    found |= {("orders", by): number for by, number in month.orders.items() if number is not None}
    found |= {("province", one.name): one.calls for one in month.cities}
    found |= {("folded", column): number for column, number in month.folded.items()}
    for column, (theirs, ours) in month.both.items():
        found |= {("file", column): theirs, ("here", column): ours}
    for name in ("cumulative", "before"):
        if (number := getattr(month, name)) is not None:
            found[("cumulative", name)] = number
    if month.province_total is not None:
        found[("province", TOTAL)] = month.province_total
    if month.own_said is not None:
        found[("own_said",)] = month.own_said
    for table in month.tables.values():
        found |= dict(_of_table(table, month.ways))
    found |= {("remote", *key): count for key, (count, _) in month.remote.items()}
    return found


def _of_table(table: Table, ways: dict[str, str]) -> Iterator[tuple[Key, Cell]]:
    places = [p for p, one in enumerate(table.fields) if one.holds is Holds.NAME]
    name = places[0]
    seen: set[Cell] = set()
    for number, row in enumerate(table.rows, 1):
        # the same name twice: somebody said that both count
        called = f"{row[name]}（第 {number} 个）" if row[name] in seen else str(row[name])
        seen.add(row[name])
        yield from _of_row(table, called, row)
        if table.kind is Kind.CHANNELS:
            column = ways.get(called) or channel_column(called)
            yield ("way", column, called), row[-1]
    yield from _of_row(table, TOTAL, table.said or table.totals)


def _of_row(table: Table, name: str, row: list[Cell]) -> Iterator[tuple[Key, Cell]]:
    for one, cell in zip(table.fields, row, strict=True):
        if one.holds not in (Holds.NAME, Holds.NUMBER) and cell != "":
            yield (table.kind.value, name, one.key), cell


def field_of(key: Key, month: str) -> Field | None:
    """The column a table's figure stands in."""
    kind = Kind.known(key[0])
    if kind is None or len(key) < 3:
        return None
    return next((one for one in fields_of(kind, month) if one.key == key[2]), None)


def shown(key: Key, value: Any, month: str) -> str:
    """A figure as it is written: money with two decimals."""
    one = field_of(key, month)
    return cells.shown(one, value) if one else str(value)
