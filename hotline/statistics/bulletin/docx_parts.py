"""Pieces of a document as Chinese offices print them: fonts, borders, repeated heads, page numbers.

Fonts are named, not embedded: 仿宋, 黑体 and 宋体 are on every office machine.
"""

from __future__ import annotations

from typing import Any

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

BODY, HEAD, SONG = "仿宋", "黑体", "宋体"
LATIN = "Times New Roman"
CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
RED = RGBColor(0xC0, 0x00, 0x00)


def font(run: Any, name: str, points: float, *, bold: bool = False, colour: Any = None) -> None:
    """Set a run's font for Chinese and Latin text alike."""
    run.font.size, run.font.bold, run.font.name = Pt(points), bold, LATIN
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)
    if colour is not None:
        run.font.color.rgb = colour


def set_page(document: Document) -> None:
    """A4 with the margins of official papers, Chinese as the language."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.2), Cm(2.8)
    section.left_margin, section.right_margin = Cm(2.6), Cm(2.4)
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = LATIN, Pt(16)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), BODY)
    language = OxmlElement("w:lang")
    language.set(qn("w:eastAsia"), "zh-CN")
    style.element.get_or_add_rPr().append(language)


def line(
    document: Document, text: str, *, name: str = BODY, points: float = 16, bold: bool = False,
    align: Any = None, colour: Any = None, indent: bool = False, keep: bool = False,
    before: float = 0, after: float = 0, level: int | None = None,
) -> Any:  # fmt: skip
    """One paragraph; ``indent`` by two characters, ``keep`` with what follows."""
    made = document.add_paragraph()
    font(made.add_run(text), name, points, bold=bold, colour=colour)
    shape = made.paragraph_format
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    shape.line_spacing = Pt(max(28, points * 1.4)) if points >= 14 else 1.2
    shape.keep_with_next = keep
    if align is not None:
        made.alignment = align
    if indent:
        shape.first_line_indent = Pt(points * 2)
    if level is not None:
        _outline(made, level)
    return made


def _outline(paragraph: Any, level: int) -> None:
    """A place in the document's outline, without the look of a Western heading."""
    mark = OxmlElement("w:outlineLvl")
    mark.set(qn("w:val"), str(level))
    paragraph._element.get_or_add_pPr().append(mark)


def rule_below(paragraph: Any, colour: str = "C00000", eighths: int = 18) -> None:
    """The line under an issue's head."""
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "4"), ("color", colour)):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    paragraph._element.get_or_add_pPr().append(borders)


def both_ends(document: Document, left: str, right: str) -> Any:
    """One line with a text at each end."""
    made = line(document, left, points=14)
    made.paragraph_format.tab_stops.add_tab_stop(Cm(16), alignment=2)
    font(made.add_run(f"\t{right}"), BODY, 14)
    return made


def page_numbers(document: Document) -> None:
    """``— 3 —`` at the foot of each page."""
    foot = document.sections[0].footer.paragraphs[0]
    foot.alignment = CENTRE
    font(foot.add_run("— "), SONG, 12)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = foot.add_run()
        font(run, SONG, 12)
        run._element.append(_field(kind, text))
    font(foot.add_run(" —"), SONG, 12)


def _field(kind: str, text: str) -> Any:
    made = OxmlElement("w:fldChar" if kind else "w:instrText")
    if kind:
        made.set(qn("w:fldCharType"), kind)
    made.text = text or None
    return made


def head_of_pages(document: Document, text: str) -> None:
    """What stands above every page."""
    top = document.sections[0].header.paragraphs[0]
    top.alignment = RIGHT
    font(top.add_run(text), SONG, 9)
