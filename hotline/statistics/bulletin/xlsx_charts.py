"""The workbook's own charts, on a sheet of their own, from the cells of the other sheets."""

from __future__ import annotations

from typing import Any

from openpyxl.chart import BarChart, LineChart, PieChart, Reference
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties

MOST_HOSPITALS = 15
WIDTH, HEIGHT = 17.0, 8.5  # cm
BLUE, GREY, GREEN = "1763B8", "8A97A5", "0F7B6C"


def draw(book: Any, made: dict[str, Any]) -> None:
    """Five charts, two beside each other; that of the hospitals is twice as high."""
    sheet = book.create_sheet("图表", 1)
    places = iter(["A1", "K1", "A19", "K19", "K37"])
    days = book["每日"]
    last = len(made["charts"]["days"]) + 2
    sheet.add_chart(_line(days, "每日受理咨询电话（个）", 2, 2, last), next(places))
    sheet.add_chart(_shares(book["概览"], made), next(places))
    if "预约挂号" in book.sheetnames:
        sheet.add_chart(_hospitals(book["预约挂号"], made), next(places))
    if "分途径" in book.sheetnames:
        sheet.add_chart(_channels(book["分途径"], made), next(places))
    sheet.add_chart(_line(days, "每日应接、接通、15 秒内接通（个）", 3, 5, last), next(places))
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 1
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _sized(chart: Any, title: str) -> Any:
    chart.title, chart.width, chart.height = title, WIDTH, HEIGHT
    for name in ("x_axis", "y_axis"):
        axis = getattr(chart, name, None)
        if axis is not None:
            axis.delete = False  # newer spreadsheets hide an axis that is not said to be there
    if hasattr(chart, "y_axis"):
        chart.y_axis.majorGridlines = ChartLines(
            spPr=GraphicalProperties(ln=LineProperties(solidFill="E0E5EA"))
        )
    return chart


def _line(sheet: Any, title: str, first: int, last_column: int, last: int) -> Any:
    chart = _sized(LineChart(), title)
    data = Reference(sheet, min_col=first, max_col=last_column, min_row=2, max_row=last)
    chart.add_data(data, titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=3, max_row=last))
    for series, colour in zip(chart.series, (BLUE, GREY, GREEN), strict=False):
        series.graphicalProperties.line.solidFill = colour
        series.graphicalProperties.line.width = 22000
        series.smooth = False
    chart.y_axis.number_format, chart.y_axis.scaling.min = "#,##0", 0
    chart.legend.position = "b"
    return chart


def _shares(sheet: Any, made: dict[str, Any]) -> Any:
    """The categories: rows 4 on of the overview, after the total."""
    chart = _sized(PieChart(), "各类来电")
    last = 3 + len(made["headline"]) - 1
    chart.add_data(Reference(sheet, min_col=2, min_row=4, max_row=last))
    chart.set_categories(Reference(sheet, min_col=1, min_row=4, max_row=last))
    chart.dataLabels = DataLabelList(showPercent=True, showVal=False, showSerName=False,
                                     showCatName=False, showLegendKey=False)  # fmt: skip
    chart.legend.position = "r"
    return chart


def _bars(sheet: Any, title: str, column: int, last: int) -> Any:
    chart = _sized(BarChart(), title)
    chart.type, chart.gapWidth, chart.legend = "bar", 40, None
    chart.add_data(Reference(sheet, min_col=column, min_row=3, max_row=last))
    chart.set_categories(Reference(sheet, min_col=2, min_row=3, max_row=last))
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.crosses = "max"  # upside down: the numbers belong below
    chart.y_axis.number_format = "#,##0"
    chart.series[0].graphicalProperties.solidFill = BLUE
    return chart


def _hospitals(sheet: Any, made: dict[str, Any]) -> Any:
    table = made["tables"]["booking_by_hospital"]
    count = min(len(table["rows"]), MOST_HOSPITALS)
    chart = _bars(sheet, f"预约量前 {count} 的医院（个）", len(table["fields"]), count + 2)
    chart.height = 2 * HEIGHT + 0.5
    return chart


def _channels(sheet: Any, made: dict[str, Any]) -> Any:
    count = len(made["tables"]["online_channels"]["rows"])
    return _bars(sheet, "线上各途径预约（个）", 3, count + 2)
