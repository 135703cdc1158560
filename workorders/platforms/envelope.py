"""``{"code": 0, "message": "", "data": ...}``: what a platform's answer says. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from workorders.platforms.adapter import NoAnswer, Outcome, Result, Trouble

APPLIED_BEFORE = "40901"
LONGEST_WAIT = 86_400.0
_REFUSALS = {Trouble.REFUSED, Trouble.NOT_FOUND}


@dataclass(frozen=True)
class Envelope:
    """One answer. ``code`` as text, "0" for success; ``trouble`` when it is none."""

    code: str
    message: str
    data: Any
    trouble: Trouble | None
    retry_after: float | None


def opened(status: int, body: bytes, retry_after: str, now: datetime) -> Envelope:
    """The answer with this HTTP status. Raises NoAnswer when it is not the contract's."""
    wait = seconds_to_wait(retry_after, now)
    content = _content(body)
    code = _code(content)
    trouble = _trouble_of_status(status) or (_trouble_of_code(code, status) if content else None)
    if trouble is None and content is None:
        is_half = body.lstrip().startswith(b"{") and not body.rstrip().endswith(b"}")
        raise NoAnswer(Trouble.CUT_OFF if is_half else Trouble.NOT_JSON)
    return Envelope(code, _words(content), (content or {}).get("data"), trouble, wait)


def must_be_good(envelope: Envelope) -> Any:
    """The data of a success. Raises NoAnswer."""
    if envelope.trouble is None:
        return envelope.data
    words = f"{envelope.trouble.label}（{envelope.code or '无代码'}）：{envelope.message}"
    raise NoAnswer(envelope.trouble, words.rstrip("："), envelope.retry_after)


def outcome(envelope: Envelope) -> Outcome:
    """What became of an event."""
    code, message, wait = envelope.code, envelope.message, envelope.retry_after
    if envelope.trouble is None:
        return Outcome(Result.APPLIED, code, message)
    if code == APPLIED_BEFORE and envelope.trouble is Trouble.REFUSED:
        return Outcome(Result.APPLIED_BEFORE, code, message)
    result = Result.REFUSED if envelope.trouble in _REFUSALS else Result.UNKNOWN
    return Outcome(result, code, message, envelope.trouble, wait)


def seconds_to_wait(retry_after: str, now: datetime) -> float | None:
    """What a Retry-After header asks for, seconds or a date; at most a day."""
    text = retry_after.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(float(text), LONGEST_WAIT)
    try:
        wait = (parsedate_to_datetime(text) - now).total_seconds()
    except (ValueError, TypeError):  # no date, or one without a zone
        return None
    return min(max(wait, 0.0), LONGEST_WAIT)


def _content(body: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and _code(content) else None


def _code(content: dict[str, Any] | None) -> str:
    code = (content or {}).get("code")
    return str(code).strip()[:20] if isinstance(code, int | str) and code is not True else ""


def _words(content: dict[str, Any] | None) -> str:
    message = (content or {}).get("message")
    text = message if isinstance(message, str) else ""
    return text.replace("\x00", "").encode(errors="replace").decode()[:500]


def _trouble_of_status(status: int) -> Trouble | None:
    if status in {401, 403}:
        return Trouble.NOT_LET_IN
    if status in {408, 425, 429}:
        return Trouble.BUSY
    return Trouble.SERVER_ERROR if status >= 500 else None


def _trouble_of_code(code: str, status: int) -> Trouble | None:
    """Of a code that is none of the contract's nothing is known, so it is tried again."""
    if code == "0":
        return None if 200 <= status < 300 else Trouble.NOT_JSON
    for beginning, trouble in _CODES:
        if re.fullmatch(beginning, code):
            return trouble
    return Trouble.SERVER_ERROR


_CODES = (
    (r"40[13]\d\d", Trouble.NOT_LET_IN),
    (r"404\d\d", Trouble.NOT_FOUND),
    (r"4(08|25|29)\d\d", Trouble.BUSY),
    (r"4\d{4}", Trouble.REFUSED),
)
