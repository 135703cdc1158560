"""The items of remote medicine that the bulletin's sentences name. Pure."""

from __future__ import annotations

import re

from hotline.statistics.bulletin.layouts import REMOTE
from hotline.statistics.bulletin.reading import Sheet

NAME = "名称"
_SLOT = re.compile(r"\{(\w+?)\}")
_OF_THE_MONTH = ("city", "month", "year")


def known() -> dict[str, list[str]]:
    """Items by platform, in the order of the sentences."""
    found: dict[str, list[str]] = {}
    for platform, sentence in REMOTE:
        slots = [slot for slot in _SLOT.findall(sentence) if slot not in _OF_THE_MONTH]
        found[platform] = list(dict.fromkeys(slot.removesuffix(NAME) for slot in slots))
    return found


def needs_name(platform: str, item: str) -> bool:
    """Whether a sentence says a name beside the number."""
    return any(of == platform and f"{{{item}{NAME}}}" in sentence for of, sentence in REMOTE)


def examine(sheet: Sheet) -> None:
    """Note items that are unknown, lack a name or are missing."""
    items = known()
    given: set[tuple[str, str]] = set()
    for row, line in zip(sheet.rows, sheet.lines, strict=True):
        platform, item, who = str(row[0]), str(row[1]), str(row[3])
        if item not in items.get(platform, []):
            sheet.report.fault(line, "指标", f"“{platform} {item}”不认识。{_choices(platform)}")
        elif needs_name(platform, item) and not who:
            sheet.report.fault(line, NAME, f"{platform} {item} 要写名称。")
        given.add((platform, item))
    for platform in dict.fromkeys(of for of, _ in given if of in items):
        for item in items[platform]:
            if (platform, item) not in given:
                sheet.report.fault(0, "指标", f"缺少“{platform} {item}”，这一段正文写不出来。")


def _choices(platform: str) -> str:
    items = known()
    if platform in items:
        return f"{platform}的指标有：{'、'.join(items[platform])}。"
    return f"平台有：{'、'.join(items)}。"
