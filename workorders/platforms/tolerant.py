"""Reading JSON whose types a platform changed without telling: a value if one can be seen, and
a sentence for whatever was odd. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hotline.clock import from_local

MOST_WARNINGS = 50
MOST_ITEMS = 2_000
_YES = {"是", "true", "1", "y", "yes"}
_NO = {"否", "false", "0", "n", "no", ""}
_DIGITS = re.compile(r"[0-9]{1,19}")
_LARGEST = 2**63 - 1  # what a bigint holds
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Fields:
    """One JSON object, read field by field. ``warnings`` name the field and what was odd."""

    def __init__(
        self, raw: Mapping[str, Any], warnings: list[str] | None = None, within: str = ""
    ) -> None:
        self.raw = raw
        self.warnings: list[str] = [] if warnings is None else warnings
        self._within = within
        self._asked: set[str] = set()

    def value(self, name: str) -> Any:
        """The value as it came; None, with a warning, when it is missing or null."""
        self._asked.add(name)
        value = self.raw.get(name)
        if value is None:
            self.warn(name, "为空值" if name in self.raw else "没有提供")
        return value

    def text(self, name: str, longest: int) -> str:
        """A text of at most ``longest`` characters; empty when there is none."""
        value = self.value(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.warn(name, f"应为文字，收到{_kind(value)}")
            value = _as_text(value)
        return self._cut(name, self._storable(name, value), longest)

    def whole(self, name: str) -> int | None:
        """A whole number from 0 up, also one written as text or with a point and zeros."""
        value = self.value(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value if 0 <= value <= _LARGEST else None
        text = str(value).strip().removesuffix(".0") if isinstance(value, str | float) else ""
        if not _DIGITS.fullmatch(text) or int(text) > _LARGEST:
            return None
        self.warn(name, f"应为整数，收到{_kind(value)}")
        return int(text)

    def flag(self, name: str, *, missing: bool, unclear: bool) -> bool:
        """Yes or no, also as 是, "1" or 0."""
        value = self.value(name)
        if value is None:
            return missing
        if isinstance(value, bool):
            return value
        word = value.strip().lower() if isinstance(value, str) else _as_text(value)
        if word in _YES | _NO:
            self.warn(name, f"应为是否，收到{_kind(value)}")
            return word in _YES
        self.warn(name, f"看不懂，先按“{'是' if unclear else '否'}”处理")
        return unclear

    def instant(self, name: str) -> datetime | None:
        """A time as UTC: RFC 3339; without an offset Shanghai's; epoch seconds or milliseconds."""
        value = self.value(name)
        if value is None or value == "":
            return None
        try:
            found = self._instant(name, value)
        except (ValueError, OverflowError):
            found = None
        if found is None or not _EARLIEST <= found < _LATEST:
            self.warn(name, "时间看不懂，没有采用")
            return None
        return found

    def list(self, name: str) -> list[Any]:
        """Up to 2,000 items, of more the last ones: what was added lately. A single item where a
        list belongs counts as one."""
        value = self.value(name)
        if value is None or value == "":
            return []
        if not isinstance(value, list):
            self.warn(name, f"应为列表，收到{_kind(value)}")
            return [value]
        if len(value) > MOST_ITEMS:
            self.warn(name, f"超过 {MOST_ITEMS} 项，只取最后 {MOST_ITEMS} 项")
        return value[-MOST_ITEMS:]

    def within(self, name: str, value: object) -> Fields:
        """An object below this one; its warnings join ours. No object reads as an empty one."""
        if not isinstance(value, dict):
            self.warn(name, f"应为对象，收到{_kind(value)}")
            value = {}
        return Fields(value, self.warnings, f"{self._within}{name}.")

    def rest(self) -> dict[str, Any]:
        """What nobody asked for, kept aside."""
        more = {name: value for name, value in self.raw.items() if name not in self._asked}
        if more:
            listed = "、".join(sorted(self._storable("", str(name))[:40] for name in more)[:10])
            self.warnings.append(f"没有约定的字段：{listed}")
        return more

    def warn(self, name: str, sentence: str) -> None:
        """Note what was odd; a hopeless order need not list more than fifty."""
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(f"{self._within}{name}：{sentence}")

    def _instant(self, name: str, value: object) -> datetime | None:
        text = value.strip() if isinstance(value, str) else _as_text(value).removesuffix(".0")
        if _DIGITS.fullmatch(text) and len(text) in {10, 13}:
            self.warn(name, "应为带时区的时间，收到时间戳")
            return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
        if not isinstance(value, str):
            return None
        found = datetime.fromisoformat(text.replace("/", "-"))
        if found.tzinfo is not None:
            return found.astimezone(UTC)
        self.warn(name, "没有时区，按北京时间")
        return from_local(found)

    def _storable(self, name: str, text: str) -> str:
        """Without what neither UTF-8 nor PostgreSQL can hold."""
        clean = text.replace("\x00", "").encode(errors="replace").decode()
        if clean != text and name:
            self.warn(name, "含有无法保存的字符，已去掉")
        return clean

    def _cut(self, name: str, text: str, longest: int) -> str:
        if len(text) > longest:
            self.warn(name, f"超过 {longest} 个字，只取前 {longest} 个（原文另存）")
        return text[:longest]


def _kind(value: object) -> str:
    kinds = {bool: "是否", int: "数字", float: "数字", str: "文字", list: "列表", dict: "对象"}
    return kinds.get(type(value), "空值")


def _as_text(value: object) -> str:
    try:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return ""
