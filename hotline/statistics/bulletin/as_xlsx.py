"""A month as a workbook: real numbers, frozen heads, the spreadsheet's own charts."""

from __future__ import annotations

import io
from copy import copy
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from hotline.statistics.bulletin import xlsx_charts
from hotline.statistics.bulletin.names import ORDERS
from hotline.statistics.bulletin.published import Edition
from hotline.statistics.bulletin.tabular import grid

LINE = Side(style="thin", color="888888")
BOX = Border(LINE, LINE, LINE, LINE)
SHEETS = {
    "booking_by_hospital": "预约挂号",
    "online_channels": "分途径",
    "platform_districts": "平台（区）",
    "platform_hospitals": "平台（医院）",
    "terminals": "自助终端",
}
WEEKDAYS = "一二三四五六日"
CHANGE = "+0.0%;-0.0%"
COUNT = "#,##0"
Rows = list[list[Any]]


def as_bytes(edition: Edition) -> bytes:
    """The workbook."""
    book = openpyxl.Workbook()
    made = edition.snapshot
    _headline(book.active, edition)
    for name, label in SHEETS.items():
        if table := made["tables"].get(name):
            _table(book.create_sheet(label), made, table)
    if len(made["province"]) > 1:
        rows = [[one["city"], one["calls"]] for one in made["province"]]
        _fill(book.create_sheet("全省"), "全省12320电话量", ["城市", "人次"],
              [*rows, ["合计", made["province_total"]]], ["", COUNT])  # fmt: skip
    _drawn(book, made)
    _checks(book.create_sheet("等式"), made)
    _sources(book.create_sheet("来源"), edition)
    xlsx_charts.draw(book, made)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _headline(sheet: Any, edition: Edition) -> None:
    made = edition.snapshot
    sheet.title = "概览"
    before, year = made["compared"]["before"], made["compared"]["year"]
    rows = [
        [one["label"], one["value"], _beside(one), _beside(other)]
        for one, other in zip(before["figures"], year["figures"], strict=True)
    ]
    rows += [[ORDERS[by], "未安装工单", "", ""] for by, n in made["orders"].items() if n is None]
    heads = ["项目", "本月", f"环比 {before['month']}", f"同比 {year['month']}"]
    _fill(
        sheet,
        f"{made['title']}（{edition.state}）",
        heads,
        rows,
        ["", COUNT, CHANGE, CHANGE],
    )


def _beside(one: dict[str, Any]) -> float | str:
    return str(one["note"]) if one["change"] is None else float(one["change"])


def _table(sheet: Any, made: dict[str, Any], table: dict[str, Any]) -> None:
    given = grid(table)
    month = f"{made['month'][:4]}年{int(made['month'][5:])}月"
    _fill(sheet, f"{month}{table['title']}", given.heads, given.cells, given.formats, total=True)


def _drawn(book: Any, made: dict[str, Any]) -> None:
    drawn = made["charts"]
    days = [[one["day"], one["calls"], one["offered"], one["answered"], one["in_time"],
             one["offered"] - one["short_offered"]] for one in drawn["days"]]  # fmt: skip
    heads = ["日期", "受理咨询电话", "应接", "接通", "15 秒内接通", "应接（不含短放弃）"]
    _fill(book.create_sheet("每日"), "每日话务", heads, days, ["", *[COUNT] * 5])
    heat = [
        [f"周{WEEKDAYS[place]}", *("<5" if cell is None else cell for cell in row)]
        for place, row in enumerate(drawn["heat"])
    ]
    sheet = book.create_sheet("时段")
    _fill(
        sheet, "各星期各时段来电", ["", *[f"{n}时" for n in range(24)]], heat, ["", *[COUNT] * 24]
    )
    _warm(sheet)


def _warm(sheet: Any) -> None:
    from openpyxl.formatting.rule import ColorScaleRule

    ends = {"start_color": "FFFFFF", "end_color": "1763B8"}
    scale = ColorScaleRule(start_type="min", end_type="max", **ends)
    sheet.conditional_formatting.add("B3:Y9", scale)
    for place in range(2, 26):
        sheet.column_dimensions[get_column_letter(place)].width = 7


def _checks(sheet: Any, made: dict[str, Any]) -> None:
    rows = [
        [one["name"], "必须一致" if one["kind"] == "hard" else "提醒", one["said"], one["summed"],
         _state(one), one["difference"]]
        for one in made["identities"]
    ]  # fmt: skip
    _fill(sheet, "等式", ["等式", "级别", "写的", "加起来", "结果", "差"], rows,
          ["", "", "", "", "", "General"])  # fmt: skip


def _state(one: dict[str, Any]) -> str:
    if not one["known"]:
        return "缺数据"
    return "成立" if one["holds"] else "不成立"


def _sources(sheet: Any, edition: Edition) -> None:
    rows = [
        [one["what"], one.get("file") or one["query"], one["rows"], one["rule"]]
        for one in edition.snapshot["provenance"]
    ]
    rows.append(["口径", "分类口径", "", edition.snapshot["category_set"]])
    rows += [
        [f"更正 {one.number}", one.reason, len(one.changes), one.closed_by]
        for one in edition.corrections
    ]
    _fill(
        sheet, "数据来源与更正", ["内容", "查询或文件", "行数", "规则"], rows, ["", "", COUNT, ""]
    )


def _fill(
    sheet: Any, title: str, heads: list[str], rows: Rows, formats: list[str], *, total: bool = False
) -> None:
    """Title in row 1, heads in row 2 (frozen), then the rows; a text is never a formula."""
    for row in ([title], heads, *rows):
        sheet.append(row)
    last = len(rows) + 2
    worn: dict[tuple[Any, ...], Any] = {}
    for line in sheet.iter_rows(min_row=1, max_row=last, max_col=len(heads)):
        for cell in line:
            is_bold = cell.row == 2 or (total and cell.row == last)
            _dress(cell, formats[cell.column - 1], worn, is_bold=is_bold)
    sheet.cell(1, 1).font = Font(name="宋体", bold=True, size=14)
    sheet.cell(1, 1).border = Border()
    sheet.freeze_panes = "B3" if formats[0] == "" else "C3"
    _set_page(sheet, heads, rows)


def _dress(cell: Any, number_format: str, worn: dict[Any, Any], *, is_bold: bool) -> None:
    """One cell's look; one that was worn before is copied, for making it costs the most."""
    is_text = isinstance(cell.value, str)
    if is_text:
        cell.data_type = "s"
    look = (number_format if not is_text else "", is_bold, cell.row == 2, cell.row == 1)
    if look in worn:
        cell._style = copy(worn[look])
        return
    cell.number_format = look[0] or "General"
    if cell.row > 1:
        _draw(cell, is_bold=is_bold)
    worn[look] = cell._style


def _draw(cell: Any, *, is_bold: bool) -> None:
    cell.font = Font(name="宋体", bold=is_bold, size=11)
    cell.border = BOX
    if cell.row == 2:
        cell.fill = PatternFill("solid", fgColor="E9EEF4")
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def _set_page(sheet: Any, heads: list[str], rows: Rows) -> None:
    """A4, one page wide, the heads on every page."""
    for place in range(1, len(heads) + 1):
        longest = max((_wide(row[place - 1]) for row in rows if place <= len(row)), default=4)
        width = min(max(longest + 3, min(_wide(heads[place - 1]), 16) + 2, 8), 44)
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape" if len(heads) > 8 else "portrait"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    sheet.print_title_rows = "1:2"
    sheet.oddFooter.center.text = "第 &P 页"


def _wide(value: Any) -> int:
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return sum(2 if ord(letter) > 255 else 1 for letter in text)
