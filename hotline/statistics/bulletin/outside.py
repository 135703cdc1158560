"""Importing a month's outside figures: read, ask, store. All of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from hotline import audit
from hotline.booking import month as booking_month
from hotline.clock import month_of, now
from hotline.errors import Refused
from hotline.statistics.bulletin import doubts as doubting
from hotline.statistics.bulletin import merging, reading, remote_items, sheets
from hotline.statistics.bulletin.closing import Closer, is_invented
from hotline.statistics.bulletin.doubt import AS_PRINTED, Doubt
from hotline.statistics.bulletin.models import BulletinSheet
from hotline.statistics.bulletin.reading import Sheet
from hotline.statistics.bulletin.rules import Kind

SUFFIXES = (".csv", ".xlsx")
TEXT = "cumulative_bookings.txt"


@dataclass(frozen=True)
class Fault:
    """What is wrong, where."""

    file: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        where = " ".join(each for each in (f"第 {self.row} 行" if self.row else "", self.column))
        return f"{self.file} {where}：{self.message}".replace(" ：", "：")


@dataclass
class Import:
    """What was found in some files. ``asked`` are doubts without an answer."""

    month: str
    sheets: list[Sheet] = field(default_factory=list)
    doubts: list[tuple[Sheet, Doubt]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    unchanged: list[Kind] = field(default_factory=list)
    stored: list[Kind] = field(default_factory=list)

    @property
    def asked(self) -> list[tuple[Sheet, Doubt]]:
        """Doubts nobody has settled."""
        return [
            (sheet, one) for sheet, one in self.doubts
            if doubting.unanswered([one], self.answers)
        ]  # fmt: skip

    @property
    def may_be_stored(self) -> bool:
        """Whether nothing is wrong and nothing is open."""
        return bool(self.sheets) and not self.faults and not self.asked


def is_sheet(name: str) -> bool:
    """Whether a file of a folder may be one of ours."""
    return name.lower().endswith(SUFFIXES) or name.lower() == TEXT


def check(
    session: Session, month: str, files: Mapping[str, bytes], answers: Mapping[str, str],
    *, as_printed: bool = False,
) -> Import:  # fmt: skip
    """Read files by name, note what is wrong and what is doubtful. Writes nothing."""
    if month > month_of(now()):
        raise Refused("month_invalid", "请选择已经开始的月份，例如 2026-10。")
    found = Import(month, answers=dict(answers))
    for name in sorted(files):
        _read(found, name, files[name])
    _join(found)
    for sheet in found.sheets:
        found.notes += [f"{sheet.source}：{note}" for note in sheet.report.notes]
        found.faults += [
            Fault(sheet.source, one.row, one.column, one.message) for one in sheet.report.faults
        ]
    if not found.faults:
        _doubt(session, found)
    if as_printed:
        found.answers |= {one.key: _as_printed(one) for _, one in found.asked}
    if not found.sheets and not found.faults:
        found.faults.append(Fault("", 0, "", "没有找到可导入的文件。"))
    return found


def _as_printed(doubt: Doubt) -> str:
    """The choice that takes the file as it is."""
    codes = [code for code, _ in doubt.choices]
    return AS_PRINTED if AS_PRINTED in codes else "file"


def _read(found: Import, name: str, data: bytes) -> None:
    try:
        sheet = reading.read(found.month, name, data)
    except Refused as refusal:
        found.faults.append(Fault(name, 0, "", refusal.message))
        return
    if sheet.kind is Kind.REMOTE and not sheet.report.faults:
        remote_items.examine(sheet)
    found.sheets.append(sheet)


def _join(found: Import) -> None:
    """A table that came in two files is one table."""
    first: dict[Kind, Sheet] = {}
    for sheet in found.sheets:
        if sheet.kind not in first:
            first[sheet.kind] = sheet
            continue
        whole = first[sheet.kind]
        offset, base = max(whole.lines, default=0), len(whole.rows)
        whole.rows += sheet.rows
        whole.totals += [(offset + n, base + upto, t) for n, upto, t in sheet.totals]
        whole.lines += [offset + line for line in sheet.lines]
        whole.report.notes.append(f"接上 {sheet.source}，行号接着第 {offset} 行数。")
        whole.report.faults += sheet.report.faults
        whole.source = f"{whole.source} + {sheet.source}"[:120]
        whole.digest = doubting.joined_digest(whole.digest, sheet.digest)
    found.sheets = list(first.values())


def _doubt(session: Session, found: Import) -> None:
    for sheet in found.sheets:
        some = doubting.find(sheet, found.month)
        if sheet.kind is Kind.BOOKING:
            own = booking_month.by_hospital(session, found.month)
            some += merging.doubts(own, sheet.rows, found.month)
        found.doubts += [(sheet, one) for one in some]


def store(session: Session, found: Import, who: Closer) -> None:
    """Keep what was read. Raises Refused when something is wrong or open."""
    if not found.may_be_stored:
        raise Refused("import_not_ready", "还有错误或没有回答的问题，没有写入任何内容。", 409)
    in_force = sheets.in_force(session, found.month)
    is_demo = is_invented(session, found.month)
    for sheet in found.sheets:
        mine = [one for of, one in found.doubts if of is sheet]
        answers = {one.key: found.answers[one.key] for one in mine}
        last = in_force.get(sheet.kind)
        if last and (last.digest, last.answers) == (sheet.digest, answers):
            found.unchanged.append(sheet.kind)
            continue
        doubting.settle(sheet, [one for one in mine if not one.key.endswith(".source")], answers)
        session.add(_row(found.month, sheet, answers, who, is_demo=is_demo))
        found.stored.append(sheet.kind)
    detail = {"kind": [kind.label for kind in found.stored], "rows": _rows(found)}
    audit.record(
        session, audit.Action.IMPORTED, f"bulletin:{found.month}",
        person_id=who.person_id, person_name=who.name, detail=detail,
    )  # fmt: skip


def _rows(found: Import) -> int:
    return sum(len(sheet.rows) for sheet in found.sheets if sheet.kind in found.stored)


def _row(
    month: str, sheet: Sheet, answers: dict[str, str], who: Closer, *, is_demo: bool
) -> BulletinSheet:
    return BulletinSheet(
        month=month, kind=sheet.kind, source=sheet.source[:120], digest=sheet.digest,
        rows=len(sheet.rows), content=sheets.content_of(sheet), answers=answers,
        imported_by_id=who.person_id, imported_by=who.name, is_demo=is_demo,
    )  # fmt: skip
