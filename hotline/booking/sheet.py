"""Files of hospitals, schedules and rules: headers, cells, and what is wrong with them by row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path

from hotline.booking.schedules_typed import HEADERS as PATTERN_HEADERS
from hotline.booking.values import a_clock
from hotline.errors import Refused
from hotline.labels import Labelled
from hotline.telephony import files
from hotline.telephony.files import Report


class Kind(Labelled):
    """What a file holds, in the order they are imported."""

    HOSPITALS = "hospitals", "医院"
    SCHEDULE = "schedule", "排班"
    PATTERN = "pattern", "固定排班"
    RULES = "rules", "规则"


HEADERS = {
    Kind.HOSPITALS: ("医院", "简称", "级别", "区", "地址", "城市"),
    Kind.SCHEDULE: (
        "医院", "院区", "科室", "医生", "职称", "号别", "日期", "午别", "开始", "结束",
        "号源数", "挂号费", "类别", "项目", "城市",
    ),
    Kind.PATTERN: PATTERN_HEADERS,
    Kind.RULES: ("医院", "规则", "值", "生效日期", "渠道", "号别", "城市"),
}  # fmt: skip
MAY_BE_MISSING = {
    Kind.HOSPITALS: {"简称", "级别", "区", "地址", "城市"},
    Kind.SCHEDULE: {"院区", "医生", "职称", "开始", "结束", "挂号费", "类别", "项目", "城市"},
    Kind.PATTERN: set(PATTERN_HEADERS)
    - {"医院", "科室", "号别", "星期", "午别", "号源数", "生效日期"},
    Kind.RULES: {"渠道", "号别", "城市"},
}
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?: 00:00:00)?")


@dataclass
class ImportReport(Report):
    """What was found in a file, and what became of it."""

    kind: Kind | None = None
    created: dict[str, list[str]] = field(default_factory=dict)

    def create(self, what: str, name: str) -> None:
        """Note something that was not known before."""
        self.created.setdefault(what, []).append(name)


@dataclass(frozen=True)
class Line:
    """One row by its headers."""

    number: int
    cells: dict[str, str]
    report: ImportReport

    def wrong(self, column: str, sentence: str) -> None:
        """Note what is wrong with a cell."""
        self.report.fault(self.number, column, sentence)

    def text(self, column: str, longest: int, *, needed: bool = True) -> str:
        """A cell's text, which may have to be there."""
        value = self.cells.get(column, "")
        if needed and not value:
            self.wrong(column, "不能为空。")
        if len(value) > longest:
            self.wrong(column, f"不能超过 {longest} 个字。")
        return value

    def day(self, column: str) -> date | None:
        """A date as people and spreadsheets write it."""
        value = self.text(column, 30)
        found = _DAY.fullmatch(unicodedata.normalize("NFKC", value))
        try:
            return date(int(found[1]), int(found[2]), int(found[3])) if found else _no_day()
        except ValueError:
            if value:
                self.wrong(column, f"日期“{value}”不存在或看不懂，应为 2026-11-24。")
            return None

    def clock(self, column: str) -> time | None:
        """A time of day; nothing for an empty cell."""
        value = self.text(column, 30, needed=False)
        try:
            return a_clock(value) if value else None
        except ValueError:
            self.wrong(column, f"时间“{value}”看不懂，应为 08:30。")
            return None

    def one_of(self, column: str, codes: type[Labelled]) -> Labelled | None:
        """A code by its label."""
        value = self.text(column, 30)
        found = next((each for each in codes if value in (each.label, each.value)), None)
        if value and found is None:
            listed = "、".join(each.label for each in codes)
            self.wrong(column, f"“{value}”不认识，应为：{listed}。")
        return found


def _no_day() -> date:
    raise ValueError


def read(path: Path) -> tuple[ImportReport, list[Line]]:
    """The rows of a file. Raises Refused when it cannot be read at all."""
    return read_data(str(path), files.read_bytes(path))


def read_data(name: str, data: bytes) -> tuple[ImportReport, list[Line]]:
    """The rows of a file's content; its name says which form it has. Raises Refused."""
    report = ImportReport(name)
    if name.lower().endswith(".xlsx"):
        rows = files.xlsx_rows(data)
    else:
        rows = files.csv_rows(files.decode(data, report))
    return report, list(_lines(rows, report))


def _lines(rows: Iterable[tuple[int, list[str]]], report: ImportReport) -> Iterator[Line]:
    iterator = iter(rows)
    number, names = next(iterator, (1, []))
    report.kind = _kind(names)
    if not _headers_fit(report, report.kind, number, names):
        return
    for number, cells in iterator:
        report.rows += 1
        yield Line(number, dict(zip(names, cells, strict=False)), report)


def _kind(names: list[str]) -> Kind:
    if "规则" in names:
        return Kind.RULES
    if "星期" in names:
        return Kind.PATTERN
    if "号源数" in names or "日期" in names:
        return Kind.SCHEDULE
    if "医院" in names:
        return Kind.HOSPITALS
    raise Refused(
        "format_unknown",
        "认不出文件内容：首行应为表头，排班含“医院、科室、日期、号源数”，固定排班含“星期、生效日期”，医院表含“医院”，"
        "规则表含“医院、规则、值、生效日期”。",
    )


def _headers_fit(report: ImportReport, kind: Kind, number: int, names: list[str]) -> bool:
    lacking = [
        name for name in HEADERS[kind] if name not in names and name not in MAY_BE_MISSING[kind]
    ]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    for name in lacking:
        report.fault(number, name, "缺少这一列。")
    for name in twice:
        report.fault(number, name, "这一列出现了两次。")
    if more := [name for name in names if name and name not in HEADERS[kind]]:
        report.notes.append("未使用的列：" + "、".join(more))
    return not (lacking or twice)
