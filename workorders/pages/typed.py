"""What people type into forms, read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask import request
from werkzeug.datastructures import FileStorage, MultiDict

from hotline.clock import from_local
from hotline.errors import Refused


@dataclass(frozen=True)
class Typed:
    """A form as it was sent."""

    form: Mapping[str, str]
    files: Mapping[str, FileStorage] = field(default_factory=dict)

    def words(self, name: str) -> str:
        """Text; nothing typed is an empty one. What no database holds was never typed."""
        return self.form.get(name, "").replace("\x00", "").strip()

    def many(self, name: str) -> list[str]:
        """What was ticked under one name."""
        return self.form.getlist(name) if isinstance(self.form, MultiDict) else []

    def number(self, name: str) -> int | None:
        """A whole number, if one was typed."""
        typed = self.words(name)
        return int(typed) if typed.isdecimal() and len(typed) < 16 else None

    def instant(self, name: str) -> datetime | None:
        """A wall-clock time (``2026-11-25T18:00``); None when it was left empty."""
        typed = self.words(name)
        try:
            return from_local(datetime.fromisoformat(typed)) if typed else None
        except ValueError:
            sentence = "请填写日期和时间，如 2026-11-25 18:00。"
            raise Refused("time_invalid", sentence, fields={name: sentence}) from None

    def yes_or_no(self, name: str) -> bool | None:
        """``yes``, ``no``, or nothing said."""
        return {"yes": True, "no": False}.get(self.words(name))

    def require_yes_or_no(self, name: str, sentence: str) -> bool:
        """The same where it must be said."""
        said = self.yes_or_no(name)
        if said is None:
            raise Refused("choice_needed", sentence, fields={name: sentence})
        return said


def typed() -> Typed:
    """The form of the request at hand."""
    return Typed(request.form, request.files)


def choose(name: str, sentence: str) -> Refused:
    """A choice was not made."""
    return Refused("choice_needed", sentence, fields={name: sentence})
