"""The month's tables as files, in the form the bulletin prints them: CSV and XLSX."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from hotline.booking.exporting import Row, as_csv
from hotline.booking.month import Month

WITHOUT = "（不包含12320电话预约、医院诊间预约、医院自有途径预约）"
NUMBERS = "#,##0"
WIDTHS = {1: 7, 2: 34}


def title(report: Month) -> str:
    """``2026年11月预约挂号服务统计``."""
    return f"{_in_words(report.month)}预约挂号服务统计"


def _in_words(month: str) -> str:
    return f"{month[:4]}年{int(month[5:])}月"


def cumulative(report: Month) -> str:
    """The line below the first table."""
    return f"（截止{int(report.month[5:])}月底，总预约挂号量为{report.to_date}次）"


def hospital_rows(report: Month) -> Iterator[Row]:
    """Table 1: headers, hospitals, 合计."""
    table = report.hospitals
    yield ["序号", "单位", *(each.label for each in table.layout.columns), "小计"]
    for number, row in enumerate(table.rows, 1):
        yield [number, row.name, *row.counts, row.total]
    yield ["合计", "", *table.totals.counts, table.totals.total]


def channel_rows(report: Month) -> Iterator[Row]:
    """Table 2: headers, channels, 合计."""
    yield ["序号", "名称", "预约数量"]
    for number, row in enumerate(report.channels.rows, 1):
        yield [number, row.name, row.bookings]
    yield ["合计", "", report.channels.total]


def csv_pieces(report: Month, table: str) -> Iterator[str]:
    """One table (``hospitals`` or ``channels``) with the headers the import of a month knows."""
    rows = channel_rows(report) if table == "channels" else hospital_rows(report)
    return as_csv([list(rows)])


def workbook(report: Month) -> bytes:
    """Both tables, a sheet each, ready to print."""
    import openpyxl

    book = openpyxl.Workbook()
    first, second = book.active, book.create_sheet("线上预约情况")
    first.title = "预约挂号服务统计"
    _fill(first, title(report), list(hospital_rows(report)), cumulative(report))
    heading = f"{_in_words(report.month)}线上预约情况"
    _fill(second, heading, list(channel_rows(report)), WITHOUT)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Any, heading: str, rows: list[Row], below: str) -> None:
    for row in ([heading], *rows, [below]):
        sheet.append(row)
    for line in sheet.iter_rows():
        for cell in line:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a name is a name, also one that begins with =
    _dress(sheet, len(rows) + 1, len(rows[0]))


def _dress(sheet: Any, last: int, columns: int) -> None:
    """The heading and the line below stand across the table; rows 2 to ``last`` have lines."""
    from openpyxl.styles import Alignment, Border, Font, Side

    line = Side(style="thin", color="888888")
    for row in sheet.iter_rows(min_row=2, max_row=last, max_col=columns):
        for cell in row:
            cell.border = Border(line, line, line, line)
            cell.number_format = NUMBERS
            cell.font = Font(bold=cell.row in (2, last))
            cell.alignment = Alignment(horizontal="center" if cell.row == 2 else None)
    for row in (1, last + 1):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=columns)
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    sheet.cell(1, 1).alignment = Alignment(horizontal="center")
    sheet.cell(last + 1, 1).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[last + 1].height = 32
    sheet.freeze_panes = "A3"
    _set_page(sheet, columns)


def _set_page(sheet: Any, columns: int) -> None:
    """One page of A4 wide, the heads on every page."""
    from openpyxl.utils import get_column_letter

    for place in range(1, columns + 1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDTHS.get(place, 15)
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    sheet.print_title_rows = "1:2"
