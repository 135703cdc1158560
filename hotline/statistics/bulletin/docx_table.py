"""A bordered table of a Word document, written as its XML.

The library's own cells cost a search of the whole table each: two hundred rows took seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

HEAD, SONG, LATIN = "黑体", "宋体", "Times New Roman"
TWIPS = 567  # to a centimetre
NARROW_FROM = 8  # columns
SHORT = 14  # rows; a short table stays on one page
_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
_BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in _SIDES
)


def add(
    document: Document,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    sides: Sequence[str],
    widths: Sequence[float],
    *,
    bold_last: bool = False,
) -> None:
    """Add a table; its head is repeated on every page, no row is cut in two.

    ``sides`` are left, center or right for each column, ``widths`` are in cm.
    """
    twips = [round(width * TWIPS) for width in widths]
    half_points = 18 if len(heads) >= NARROW_FROM else 21
    keep = len(rows) <= SHORT
    centred = ["center"] * len(heads)
    lines = [_row(heads, centred, twips, HEAD, half_points, is_head=True, keep=True)]
    for place, row in enumerate(rows):
        is_last = place == len(rows) - 1
        name = HEAD if bold_last and is_last else SONG
        lines.append(_row(row, sides, twips, name, half_points, keep=keep and not is_last))
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in twips)
    made = (
        f"<w:tbl {nsdecls('w')}><w:tblPr>"
        f'<w:tblW w:w="{sum(twips)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{_BORDERS}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/>'
        f"</w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(lines)}</w:tbl>"
    )
    body = document.element.body
    body.insert(len(body) - 1, parse_xml(made))  # the last is the section


def _row(
    cells: Sequence[str],
    sides: Sequence[str],
    twips: Sequence[int],
    name: str,
    half_points: int,
    *,
    is_head: bool = False,
    keep: bool = False,
) -> str:
    head = "<w:tblHeader/>" if is_head else ""
    made = "".join(
        _cell(text, side, width, name, half_points, keep=keep)
        for text, side, width in zip(cells, sides, twips, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{made}</w:tr>"


def _cell(text: str, side: str, width: int, name: str, half_points: int, *, keep: bool) -> str:
    with_next = "<w:keepNext/>" if keep else ""
    fonts = f'<w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{name}"/>'
    size = f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f"<w:p><w:pPr>{with_next}"
        '<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/>'
        f'<w:jc w:val="{side}"/></w:pPr><w:r><w:rPr>{fonts}{size}</w:rPr>'
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p></w:tc>'
    )
