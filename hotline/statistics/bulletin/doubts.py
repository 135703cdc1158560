"""What a sheet makes one doubt, and what becomes of it: people choose, nothing is guessed. Pure."""

from __future__ import annotations

import calendar
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from hotline.statistics.bulletin import cells, doubted_totals
from hotline.statistics.bulletin.doubt import AS_PRINTED, Doubt
from hotline.statistics.bulletin.reading import Sheet
from hotline.statistics.bulletin.rules import Cell, Holds, Kind

UNREPORTED = "未反馈"


Answers = Mapping[str, str]


def find(sheet: Sheet, month: str) -> list[Doubt]:
    """Everything that is doubtful, in the order it is settled."""
    found: list[Doubt] = []
    for look in _LOOKS:
        found += look(sheet, month)
    return found


def unanswered(doubts: list[Doubt], answers: Answers) -> list[Doubt]:
    """Those nobody has settled with one of their choices."""
    return [one for one in doubts if answers.get(one.key) not in dict(one.choices)]


def joined_digest(first: str, second: str) -> str:
    """The digest of a table that came in two files."""
    return hashlib.sha256((first + second).encode()).hexdigest()


def settle(sheet: Sheet, doubts: list[Doubt], answers: Answers) -> None:
    """Do what was chosen. Every doubt must have its answer."""
    dropped: set[int] = set()
    for doubt in doubts:
        _do(sheet, doubt, answers[doubt.key], dropped)
    kept = [place for place, line in enumerate(sheet.lines) if line not in dropped]
    sheet.rows = [sheet.rows[place] for place in kept]
    sheet.lines = [sheet.lines[place] for place in kept]


def _do(sheet: Sheet, doubt: Doubt, answer: str, dropped: set[int]) -> None:
    if answer == AS_PRINTED:
        return
    if answer == "swap":
        one, other = (sheet.place(key) for key in _keys(sheet, doubt.column))
        for row in sheet.rows:
            row[one], row[other] = row[other], row[one]
    elif answer == "unknown":
        place = next(p for p, one in enumerate(sheet.fields) if one.label == doubt.column)
        sheet.rows[sheet.lines.index(doubt.row)][place] = UNREPORTED
    elif answer in ("first", "last"):
        same = _same_name(sheet)[_identity(sheet, sheet.rows[sheet.lines.index(doubt.row)])]
        wanted = same[0] if answer == "first" else same[-1]
        dropped.update(sheet.lines[place] for place in same if place != wanted)


def _keys(sheet: Sheet, column: str) -> list[str]:
    labels = column.split("、")
    return [one.key for one in sheet.fields if one.label in labels]


def _identity(sheet: Sheet, row: list[Cell]) -> tuple[Cell, ...]:
    holds = (Holds.NAME, Holds.WORDS) if sheet.kind is Kind.REMOTE else (Holds.NAME,)
    named = [cell for one, cell in zip(sheet.fields, row, strict=True) if one.holds in holds]
    return tuple(named[:2])


def _same_name(sheet: Sheet) -> dict[tuple[Cell, ...], list[int]]:
    places: dict[tuple[Cell, ...], list[int]] = defaultdict(list)
    if sheet.kind is not Kind.CUMULATIVE:
        for place, row in enumerate(sheet.rows):
            places[_identity(sheet, row)].append(place)
    return places


def _duplicates(sheet: Sheet, _: str) -> Iterator[Doubt]:
    for name, places in _same_name(sheet).items():
        if len(places) < 2:
            continue
        rows = [sheet.lines[place] for place in places]
        said = "、".join(str(row) for row in rows)
        is_same = all(sheet.rows[place] == sheet.rows[places[0]] for place in places)
        like = "内容相同" if is_same else "数字不同"
        choices = [("first", f"只算第 {rows[0]} 行"), (AS_PRINTED, "都算")]
        if not is_same:
            choices.insert(1, ("last", f"只算第 {rows[-1]} 行"))
        question = (
            f"“{' '.join(map(str, name))}”出现 {len(places)} 次（第 {said} 行），{like}，怎么算？"
        )
        key = f"{sheet.kind.value}.{rows[-1]}.duplicate"
        yield Doubt(key, rows[-1], "", question, tuple(choices))


def _money_without_count(sheet: Sheet, _: str) -> Iterator[Doubt]:
    for one in (each for each in sheet.fields if each.goes_with):
        money, count = sheet.place(one.key), sheet.place(one.goes_with)
        label = sheet.fields[count].label
        for row, line in zip(sheet.rows, sheet.lines, strict=True):
            if row[count] == 0 and isinstance(row[money], int) and row[money]:
                said = cells.shown(one, row[money])
                yield Doubt(
                    f"{sheet.kind.value}.{line}.money_without_count", line, label,
                    f"{row[_name(sheet)]}：{label}是 0，{one.label}却有 {said}。",
                    ((AS_PRINTED, "照原样，次数是 0"), ("unknown", f"次数改记“{UNREPORTED}”")),
                )  # fmt: skip


def _days_beyond_the_month(sheet: Sheet, month: str) -> Iterator[Doubt]:
    days = calendar.monthrange(int(month[:4]), int(month[5:]))[1]
    for place, one in enumerate(sheet.fields):
        if one.holds is not Holds.DAYS:
            continue
        most = max((row[place] for row in sheet.rows if isinstance(row[place], int)), default=0)
        if isinstance(most, int) and most > days:
            yield _misplaced(sheet, place, days, most)


def _misplaced(sheet: Sheet, place: int, days: int, most: int) -> Doubt:
    """Days that cannot be, and the column whose cells look like days."""
    label = sheet.fields[place].label
    like = [
        other for other, one in enumerate(sheet.fields)
        if other != place and one.holds is Holds.COUNT and _looks_like_days(sheet, other, days)
    ]  # fmt: skip
    choices = [(AS_PRINTED, "照原样")]
    column, hint = label, ""
    if like:
        column = f"{label}、{sheet.fields[like[-1]].label}"
        hint = f"；“{sheet.fields[like[-1]].label}”每一格都不超过 {days}，像是天数，两列可能对调了"
        choices.append(("swap", "对调这两列"))
    question = f"“{label}”最大是 {most}，可这个月只有 {days} 天{hint}。"
    return Doubt(f"{sheet.kind.value}.days", sheet.lines[0], column, question, tuple(choices))


def _looks_like_days(sheet: Sheet, place: int, days: int) -> bool:
    found = [cell for row in sheet.rows if isinstance(cell := row[place], int)]
    return bool(found) and max(found) <= days


def _name(sheet: Sheet) -> int:
    return next(place for place, one in enumerate(sheet.fields) if one.holds is Holds.NAME)


_LOOKS: tuple[Callable[[Sheet, str], Iterator[Doubt]], ...] = (
    _days_beyond_the_month,
    _money_without_count,
    _duplicates,
    *doubted_totals.LOOKS,
)
