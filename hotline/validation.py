"""What is wrong with an input, in Chinese, field by field."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

_SENTENCES = {
    "missing": "必填，请补上。",
    "string_type": "应为文字。",
    "string_too_long": "太长，最多 {max_length} 个字符。",
    "string_too_short": "太短，至少 {min_length} 个字符。",
    "string_pattern_mismatch": "格式不正确。",
    "int_type": "应为整数。",
    "int_parsing": "应为整数。",
    "float_parsing": "应为数字。",
    "bool_type": "应为 true 或 false。",
    "bool_parsing": "应为 true 或 false。",
    "enum": "只能是 {expected} 之一。",
    "literal_error": "只能是 {expected} 之一。",
    "list_type": "应为列表。",
    "too_long": "太多，最多 {max_length} 项。",
    "too_short": "太少，至少 {min_length} 项。",
    "greater_than_equal": "不能小于 {ge}。",
    "less_than_equal": "不能大于 {le}。",
    "greater_than": "应大于 {gt}。",
    "less_than": "应小于 {lt}。",
    "datetime_parsing": "时间应写成 RFC 3339，例如 2026-11-21T09:30:00+08:00。",
    "datetime_from_date_parsing": "时间应写成 RFC 3339，例如 2026-11-21T09:30:00+08:00。",
    "timezone_aware": "时间必须带时区，例如 +08:00。",
    "date_parsing": "日期应写成 2026-11-21。",
    "date_from_datetime_parsing": "日期应写成 2026-11-21。",
    "json_invalid": "不是有效的 JSON。",
    "extra_forbidden": "没有这个字段，请删去。",
    "model_type": "应为 JSON 对象。",
    "model_attributes_type": "应为 JSON 对象。",
    "dict_type": "应为 JSON 对象。",
}


def in_chinese(error: ValidationError) -> dict[str, str]:
    """Field path -> sentence for every fault of a pydantic validation."""
    return {_path(item["loc"]): _sentence(dict(item)) for item in error.errors()}


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "body"


def _sentence(item: dict[str, Any]) -> str:
    kind, context = str(item["type"]), dict(item.get("ctx") or {})
    if kind == "value_error":
        return str(context.get("error", "不符合要求。"))
    sentence = _SENTENCES.get(kind, "格式不正确。")
    context["expected"] = str(context.get("expected", "")).replace(" or ", "、").replace(", ", "、")
    return sentence.format_map(context)
