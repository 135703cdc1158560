"""The month's tables on 预约统计: as the bulletin prints them, what does not add up, as files."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from flask import Response, request
from sqlmodel import Session

from hotline import access, audit, settings
from hotline.booking import month, month_sheet
from hotline.booking.month import Month, Start
from hotline.booking.month_checks import Identity, differences, identities
from hotline.clock import month_of, now
from hotline.console.booking_numbers import READERS, bp
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import render

__all__ = ["bp"]
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@bp.get("/month")
@access.allowed(*READERS)
def month_tables() -> str:
    """One month, the present one unless said."""
    with transaction() as session:
        report = _report(session)
        names = month.months(session)
    checks = _checks(report)
    return render(
        "booking/month.html",
        report=report,
        months=[(name, f"{name[:4]}年{int(name[5:])}月") for name in names],
        form={"month": report.month},
        is_open=report.month >= month_of(now()),
        title=month_sheet.title(report),
        cumulative=month_sheet.cumulative(report),
        without=month_sheet.WITHOUT,
        checks=checks,
        wrong=differences(checks),
        chart=_chart(report),
    )


@bp.get("/month/<any(csv, xlsx):file_format>")
@access.allowed(*READERS)
def month_file(file_format: str) -> Response:
    """The tables as a file; CSV holds one of them (``table=channels`` for the second)."""
    with transaction() as session:
        report = _report(session)
        detail = {"month": report.month, "format": file_format}
        audit.record(session, audit.Action.EXPORTED, "booking_month", detail=detail)
    table = request.args.get("table", "hospitals")
    body = (
        month_sheet.workbook(report)
        if file_format == "xlsx"
        else "".join(month_sheet.csv_pieces(report, table))
    )
    name = quote(f"{month_sheet.title(report)}.{file_format}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(body, content_type=TYPES[file_format], headers=headers)


def _report(session: Session) -> Month:
    asked = request.args.get("month") or month_of(now())
    if not MONTH.fullmatch(asked) or asked > month_of(now()):
        raise Refused("month_invalid", "请选择已经开始的月份，例如 2026-11。")
    start = Start.read(settings.current().bookings_before or "")
    return month.report(session, asked, start)


def _checks(report: Month) -> list[Identity]:
    return identities(
        report.hospitals, report.channels, to_date=report.to_date, before=report.before
    )


def _chart(report: Month) -> dict[str, Any] | None:
    """How the month's bookings came, by printed column."""
    totals = report.hospitals.totals
    if not totals.total:
        return None
    labels = [each.label for each in report.hospitals.layout.columns]
    most = max(range(len(labels)), key=lambda place: totals.counts[place])
    top, whole = totals.counts[most], totals.total
    return {
        "finding": f"{labels[most]}最多，占 {top / whole:.1%}（{top:,} / {whole:,}）",
        "spec": {
            "kind": "bar",
            "x": labels,
            "unit": "个",
            "series": [{"name": "预约", "values": list(totals.counts)}],
        },
    }
