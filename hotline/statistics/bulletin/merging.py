"""Bookings counted here and those of a file in one table, each column from one of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from hotline.booking.month_tables import HospitalTable
from hotline.statistics.bulletin.doubt import Doubt
from hotline.statistics.bulletin.rules import Cell, Kind, Table, fields_of

Counts = dict[str, dict[str, int]]  # by column, by hospital
MOST_NAMED = 3
FIRST = 2  # number and name stand before the counts


def own_counts(own: HospitalTable) -> Counts:
    """What was booked here, by printed column and hospital; without those who have none."""
    return {
        printed.column.value: {row.name: row.counts[p] for row in own.rows if row.counts[p]}
        for p, printed in enumerate(own.layout.columns)
    }


def own_table(own: HospitalTable, month: str) -> Table:
    """The table when nothing came from outside."""
    rows: list[list[Cell]] = [["", row.name, *row.counts, row.total] for row in own.rows]
    return Table(Kind.BOOKING, fields_of(Kind.BOOKING, month), rows, lines=(0,) * len(rows))


def doubts(own: HospitalTable, rows: list[list[Cell]], month: str) -> list[Doubt]:
    """Columns that we count too, and otherwise than the file does."""
    found = []
    for place, one in enumerate(fields_of(Kind.BOOKING, month)):
        ours = own_counts(own).get(one.key, {})
        theirs = _column(rows, place)
        if ours and ours != theirs:
            key = f"{Kind.BOOKING.value}.{one.key}.source"
            said = f"“{one.label}”文件里共 {sum(theirs.values())}，本系统数到 {sum(ours.values())}"
            choices = (("file", "用文件的数"), ("own", "用本系统的数"))
            question = f"{said}（{_named(ours, theirs)}）。用哪一个？"
            found.append(Doubt(key, 0, one.label, question, choices))
    return found


def _column(rows: list[list[Cell]], place: int) -> dict[str, int]:
    return {str(row[1]): cell for row in rows if isinstance(cell := row[place], int) and cell}


def _named(ours: Mapping[str, int], theirs: Mapping[str, int]) -> str:
    names = [name for name in {**theirs, **ours} if ours.get(name, 0) != theirs.get(name, 0)]
    said = [f"{n} {theirs.get(n, 0)}/{ours.get(n, 0)}" for n in names[:MOST_NAMED]]
    more = f" 等 {len(names)} 家" if len(names) > MOST_NAMED else ""
    return "、".join(said) + more


def merged(table: Table, own: HospitalTable, answers: Mapping[str, str]) -> Table:
    """The file's table, the columns chosen to be ours exchanged."""
    own_ones = {key for key, choice in answers.items() if choice == "own"}
    chosen = {one.key for one in table.fields if f"{table.kind.value}.{one.key}.source" in own_ones}
    if not chosen:
        return table
    counts = {key: values for key, values in own_counts(own).items() if key in chosen}
    rows, lines = [list(row) for row in table.rows], list(table.lines)
    known = {str(row[1]) for row in rows}
    for name in dict.fromkeys(n for values in counts.values() for n in values if n not in known):
        rows.append(["", name, *([0] * (len(table.fields) - FIRST))])
        lines.append(0)
    for row in rows:
        _exchange(table, row, counts)
    order = sorted(range(len(rows)), key=lambda place: -_number(rows[place][-1]))
    return Table(
        table.kind, table.fields, [rows[p] for p in order], None, tuple(lines[p] for p in order)
    )


def _exchange(table: Table, row: list[Cell], counts: Counts) -> None:
    for place, one in enumerate(table.fields):
        if one.key in counts:
            row[place] = counts[one.key].get(str(row[1]), 0)
    row[-1] = sum(_number(cell) for cell in row[FIRST:-1])


def _number(cell: Cell) -> int:
    return cell if isinstance(cell, int) else 0


def both(table: Table, own: HospitalTable) -> dict[str, tuple[int, int]]:
    """(file, here) of each column that both know."""
    ours = {key: sum(values.values()) for key, values in own_counts(own).items()}
    return {key: (table.total_of(key) or 0, total) for key, total in ours.items() if total}
