"""What pages share: rendering, refusals, safe return addresses, keyset paging."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from flask import render_template

from hotline.errors import Refused

Row = TypeVar("Row")


def render(template: str, **values: Any) -> str:
    """A page. Who is asking, navigation and filters come from the console's context."""
    return render_template(template, **values)


def what_is_wrong(refusal: Refused | None) -> dict[str, Any]:
    """What a form shows of a refusal: ``errors`` beside the fields, ``notice`` above them."""
    if refusal is None:
        return {"errors": {}, "notice": None}
    return {"errors": refusal.fields, "notice": refusal.message}


def safe_path(path: str | None) -> str:
    """A path of our own to return to, or nothing: never another site's address."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")):
        return ""
    parts = urlsplit(path)
    return "" if parts.scheme or parts.netloc or "\n" in path or "\r" in path else path


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A piece of a list: the rows, where the next piece begins, and how many there are.

    ``total`` is counted up to a cap; ``is_capped`` says that there are more than that.
    """

    rows: list[Row]
    next_cursor: str | None = None
    total: int | None = None
    is_capped: bool = False


def encode_cursor(*values: str | int) -> str:
    """Where a page ended, in a form that fits an address."""
    packed = json.dumps(values, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode_cursor(cursor: str | None, size: int) -> list[Any] | None:
    """What ``encode_cursor`` was given. Raises Refused on a cursor that is not ours."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.urlsafe_b64decode(padded))
    except ValueError:
        values = None
    if not isinstance(values, list) or len(values) != size:
        raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400)
    return values
