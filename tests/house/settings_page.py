"""docs/settings.md, written from the settings themselves.

python -m tests.house.settings_page > docs/settings.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from hotline.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
HEAD = """\
# 设置

全部设置都是环境变量，也可以写在当前目录的 `.env` 文件里（环境变量优先）。启动时读一次，
写错了会指出是哪一个。`hotline secrets` 生成密钥，`hotline doctor` 检查设置。

本页由 `python -m tests.house.settings_page` 生成。

| 变量 | 默认 | 说明 |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return HEAD + "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        meaning = f"{field.description}{_range(field)}"
        yield f"| `HOTLINE_{name.upper()}` | {_default(field)} | {meaning} |"


def _default(field: FieldInfo) -> str:
    value: Any = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value == {}:
        return "（无）"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _range(field: FieldInfo) -> str:
    """「（1 到 64）」 where there are bounds."""
    lower = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    upper = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    if lower is None and upper is None:
        return ""
    return f"（{lower} 到 {upper}）" if upper is not None else f"（至少 {lower}）"


if __name__ == "__main__":
    sys.stdout.write(page())
