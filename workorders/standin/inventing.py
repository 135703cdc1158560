"""Orders that were never placed: invented people at invented places, in the forms of real ones."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from hotline import clock, phone
from hotline.demo.callers import POPULATION, SURNAMES, caller
from workorders.rules import Kind, Urgency

_T = TypeVar("_T")
FILE = Path(__file__).parent / "data" / "cases.json"
_KINDS = {
    Kind.CONSULTATION: 30, Kind.HELP: 20, Kind.COMPLAINT: 28, Kind.REPORT: 8, Kind.SUGGESTION: 9,
    Kind.PRAISE: 5,
}  # fmt: skip
_URGENCIES = {Urgency.NORMAL: 85, Urgency.URGENT: 12, Urgency.MOST_URGENT: 3}
_DAYS = {Urgency.NORMAL: 5, Urgency.URGENT: 2, Urgency.MOST_URGENT: 1}


@cache
def cases() -> dict[str, Any]:
    """The pieces orders are made of."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def order(rng: random.Random, no: str, now: datetime, **given: Any) -> dict[str, Any]:
    """A new order by the contract, without status and version; what is given stands."""
    kind = Kind(given.get("kind") or _one_of(rng, _KINDS))
    urgency = Urgency(given.get("urgency") or _one_of(rng, _URGENCIES))
    called_at = now - timedelta(minutes=rng.randint(5, 90))
    content = {
        "no": no,
        "kind": kind.value,
        "urgency": urgency.value,
        "confidential": rng.random() < 0.08,
        "reply_wanted": rng.random() < 0.9,
        "caller": _caller(rng),
        **_matter(rng, kind),
        "called_at": _written(called_at),
        "dispatched_at": _written(now),
        "due_at": _written(now + timedelta(days=_DAYS[urgency])),
        "urged": [],
        "supervised": [],
        "attachments": [],
    }
    return content | given


def number(platform: str, day: datetime, sequence: int) -> str:
    """A number as such a platform writes it."""
    prefix = {"city": "NJ", "province": "SZ"}.get(platform, "PT")
    return f"{prefix}{clock.local(day):%Y%m%d}{sequence:06d}"


def sentence(rng: random.Random, thread: str) -> str:
    """What is said when an order is urged or supervised."""
    return str(rng.choice(cases()["urging" if thread == "urged" else "supervising"]))


def _matter(rng: random.Random, kind: Kind) -> dict[str, str]:
    made, places = cases(), cases()["places"]
    code, title, text = rng.choice(made["cases"][kind.value])
    district = rng.choice(places["districts"])
    place = f"{district}{rng.choice(places['roads'])}{rng.randint(1, 300)}号"
    target = rng.choice(made["hospitals"]) if "{target}" in text else ""
    return {
        "category_code": code,
        "title": title,
        "content": text.format(place=place, target=target, days=rng.randint(2, 9)),
        "place": place,
        "target": target,
    }


def _caller(rng: random.Random) -> dict[str, str]:
    made = caller(rng.randrange(POPULATION))
    sex = rng.choice(("男", "女"))
    name = f"{rng.choice(SURNAMES)}{'先生' if sex == '男' else '女士'}"
    return {"name": name, "sex": sex, "phone": phone.national(made.number or "")}


def _one_of(rng: random.Random, shares: dict[_T, int]) -> _T:
    return rng.choices(list(shares), list(shares.values()))[0]


def _written(instant: datetime) -> str:
    return clock.local(instant).isoformat(timespec="seconds")
