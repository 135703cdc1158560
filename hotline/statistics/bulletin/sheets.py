"""The sheets of a month as they are kept: which counts now, and as tables again."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from hotline.statistics.bulletin.doubt import AS_PRINTED
from hotline.statistics.bulletin.models import BulletinSheet
from hotline.statistics.bulletin.reading import Sheet
from hotline.statistics.bulletin.rules import Kind, Table, fields_of


def content_of(sheet: Sheet) -> dict[str, Any]:
    """A settled sheet as it is stored."""
    return {"rows": sheet.rows, "said": sheet.said, "lines": sheet.lines}


def in_force(session: Session, month: str) -> dict[Kind, BulletinSheet]:
    """The newest sheet of each kind."""
    wanted = select(BulletinSheet).where(col(BulletinSheet.month) == month)
    rows = session.exec(wanted.order_by(col(BulletinSheet.id)))
    return {row.kind: row for row in rows}


def table_of(sheet: BulletinSheet) -> Table:
    """The figures of a stored sheet."""
    content = sheet.content
    return Table(
        sheet.kind,
        fields_of(sheet.kind, sheet.month),
        [list(row) for row in content["rows"]],
        content["said"],
        tuple(content["lines"]),
        prints_said=sheet.answers.get(f"{sheet.kind.value}.total") == AS_PRINTED,
    )
