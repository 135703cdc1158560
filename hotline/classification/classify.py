"""One text in, one sorted answer out; the shape of ``hotline classify`` in the contracts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from hotline.classification.crisis import assess
from hotline.classification.departments import suggest_department
from hotline.classification.suggest import Suggestion, suggest

# Below this share a department is a guess, and a wrong queue costs the caller a day.
SURE_OF_DEPARTMENT = 0.5

Answer = dict[str, Any]


def classify(text: str, month: str | None = None) -> Answer:
    """Category code, level-2 label, confidence 0 to 1, crisis level with reasons, department.

    ``month`` is YYYY-MM and chooses the category set; default this month. What nothing spoke for
    is None.
    """
    danger = assess(text)
    best = next(iter(suggest(text, month, danger)), None)
    return {
        **_category(best),
        "crisis": {"level": str(danger.level), "reasons": list(danger.reasons)},
        "department": _department(text),
    }


def _category(best: Suggestion | None) -> Answer:
    if best is None:
        return {"category": None, "subcategory": None, "subcategory_code": None, "confidence": 0.0}
    level_2 = best.subcategory
    return {
        "category": str(best.category),
        "subcategory": level_2.label if level_2 else None,
        "subcategory_code": str(level_2) if level_2 else None,
        "confidence": best.confidence,
    }


def _department(text: str) -> str | None:
    best = next(iter(suggest_department(text)), None)
    return best[0] if best and best[1] >= SURE_OF_DEPARTMENT else None


def classify_lines(
    lines: Iterable[str], jsonl: bool = False, month: str | None = None
) -> Iterator[Answer]:
    """An answer for each line that is not blank, as they come.

    With ``jsonl`` a line is ``{"text": ...}``; a line that is not gives
    ``{"error", "line"}`` with its number, and the next one is read.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _answer(line, number, month) if jsonl else classify(line.strip(), month)


def _answer(line: str, number: int, month: str | None) -> Answer:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {"error": f"第{number}行不是有效的 JSON", "line": number}
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        return {"error": f"第{number}行缺少文本字段 text", "line": number}
    return classify(row["text"], month)
