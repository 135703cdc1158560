"""What a page of figures is asked for, from its address."""

from __future__ import annotations

import re

from flask import request
from sqlmodel import Session, select

from hotline.agents.models import Team
from hotline.agents.rules import Role
from hotline.clock import month_of, now
from hotline.errors import Refused
from hotline.statistics import service

LEADERS = (Role.SUPERVISOR, Role.MANAGER)
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
FILES = "<any(csv, xlsx):file_format>"


def month() -> str:
    """``month=2026-11``, the present one unless said. Raises Refused on one that is to come."""
    asked = request.args.get("month") or month_of(now())
    if not MONTH.fullmatch(asked) or asked > month_of(now()):
        raise Refused("month_invalid", "请选择已经开始的月份，例如 2026-11。")
    return asked


def in_words(month: str) -> str:
    """``2026年11月``."""
    return f"{month[:4]}年{int(month[5:])}月"


def months(session: Session) -> list[tuple[str, str]]:
    """Months there are calls of, as a choice, the newest first."""
    return [(one, in_words(one)) for one in reversed(service.months(session))]


def one_of(name: str, choices: tuple[str, ...]) -> str:
    """A word of a few; the first unless another is said."""
    asked = request.args.get(name, "")
    return asked if asked in choices else choices[0]


def number(name: str, usual: int, least: int, most: int) -> int:
    """A whole number within bounds. Raises Refused on what is none."""
    asked = request.args.get(name, "").strip()
    if not asked:
        return usual
    if not asked.isdecimal() or not least <= int(asked) <= most:
        sentence = f"请填 {least} 到 {most} 之间的整数。"
        raise Refused(f"{name}_invalid", sentence, fields={name: sentence})
    return int(asked)


def teams(session: Session) -> list[tuple[int, str]]:
    """Teams by name, as a choice."""
    return sorted(((team.key, team.name) for team in session.exec(select(Team))),
                  key=lambda pair: pair[1])  # fmt: skip


def team() -> int | None:
    """``team=3``; None for everybody."""
    asked = request.args.get("team", "")
    return int(asked) if asked.isdecimal() and len(asked) < 18 else None
