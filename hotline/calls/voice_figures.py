"""Figures of the voice line over [since, until): what callers got, where they were missed, when
they gave up, why they went to a person, how long they waited for an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlmodel import Session

from hotline.labels import Labelled


class End(Labelled):
    """How a call ended as far as the voice line is concerned; each call counts once."""

    BOOKED = "booked", "预约成功"
    CANCELLED = "cancelled", "退号成功"
    ANSWERED = "answered", "问题已答"
    PERSON = "person", "转人工"
    ABANDONED = "abandoned", "中途挂断"
    CUT_OFF = "cut_off", "系统中断"
    NOTHING = "nothing", "未办就结束"


SETTLED = (End.BOOKED, End.CANCELLED, End.ANSWERED)
# What a call got counts before how it left: who books and then asks for a person has booked.
END = (
    "CASE WHEN achieved <> 'nothing' THEN achieved WHEN went IN ('person', 'crisis') THEN 'person'"
    " WHEN went = 'hung_up' THEN 'abandoned' WHEN went = 'cut_off' THEN 'cut_off'"
    " ELSE 'nothing' END"
)
# Calls that are still with us count when they have left.
_BETWEEN = (
    "FROM voice_call WHERE started_at >= :since AND started_at < :until AND went <> 'under_way'"
)


@dataclass(frozen=True)
class Group:
    """Calls that have something in common. ``key`` is None where it is not known."""

    key: Any
    ends: dict[End, int]
    seconds_booked: float | None
    turns_booked: float | None
    turns: int
    missed: int

    @property
    def calls(self) -> int:
        """All of them."""
        return sum(self.ends.values())

    @property
    def settled(self) -> int:
        """Those the voice line served by itself."""
        return sum(self.ends[end] for end in SETTLED)

    @property
    def success(self) -> float | None:
        """Share served by the voice line alone, 0 to 1."""
        return self.settled / self.calls if self.calls else None

    @property
    def miss_rate(self) -> float | None:
        """Share of the turns that brought the caller no further."""
        return self.missed / self.turns if self.turns else None


_COUNTED = ", ".join(f"count(*) FILTER (WHERE ended = '{end}') AS \"{end}\"" for end in End)
_GROUPS = """
    WITH c AS (SELECT *, {ended} AS ended,
                      started_at AT TIME ZONE 'Asia/Shanghai' AS here {between})
    SELECT {key} AS key, {counted}, sum(turns) AS turns, sum(missed) AS missed,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE ended = 'booked')
               AS seconds_booked,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY c.turns) FILTER (WHERE ended = 'booked')
               AS turns_booked
    FROM c GROUP BY 1 ORDER BY 1
"""
_KEYS = {
    "all": "0",
    "day": "here::date",
    "hour": "extract(hour FROM here)::int",
    "age": "age_band",
    "model": "model",
}
_BY = {
    name: text(_GROUPS.format(key=key, ended=END, between=_BETWEEN, counted=_COUNTED))
    for name, key in _KEYS.items()
}


def groups(session: Session, by: str, since: datetime, until: datetime) -> list[Group]:
    """Calls by ``all``, ``day``, ``hour``, ``age`` (band) or ``model``."""
    rows = session.execute(_BY[by], {"since": since, "until": until}).mappings()
    return [_group(row) for row in rows]


def _group(row: RowMapping) -> Group:
    return Group(
        row["key"],
        {end: row[end.value] for end in End},
        row["seconds_booked"],
        row["turns_booked"],
        int(row["turns"]),
        int(row["missed"]),
    )


_ABANDONED = text(
    f"SELECT last_step AS key, count(*) AS calls {_BETWEEN} AND {END} = 'abandoned'"
    " GROUP BY 1 ORDER BY 2 DESC, 1"
)
_TRANSFERRED = text(
    f"SELECT coalesce(reason, '') AS key, count(*) AS calls {_BETWEEN}"
    " AND went IN ('person', 'crisis') GROUP BY 1 ORDER BY 2 DESC, 1"
)


def abandoned_at(session: Session, since: datetime, until: datetime) -> dict[str, int]:
    """The question at which callers hung up -> calls, the most first."""
    return _counts(session, _ABANDONED, since, until)


def transferred_for(session: Session, since: datetime, until: datetime) -> dict[str, int]:
    """Why callers went to a person -> calls, also after they had booked."""
    return _counts(session, _TRANSFERRED, since, until)


def _counts(session: Session, query: Any, since: datetime, until: datetime) -> dict[str, int]:
    rows = session.execute(query, {"since": since, "until": until}).mappings()
    return {row["key"] or "": row["calls"] for row in rows}


@dataclass(frozen=True)
class Turns:
    """Turns that have something in common. Waits are in seconds, of spoken answers."""

    asked: int
    missed: int
    silent: int
    wait_p50: float | None
    wait_p95: float | None

    @property
    def miss_rate(self) -> float | None:
        """Share of the answers given (silence is none) that were not understood."""
        given = self.asked - self.silent
        return self.missed / given if given else None

    @property
    def silent_rate(self) -> float | None:
        """Share of the questions that met silence."""
        return self.silent / self.asked if self.asked else None


# Hanging up is no answer, and neither a miss nor silence.
_TURNS = text(
    """
    WITH t AS (
        SELECT expects, model, (at AT TIME ZONE 'Asia/Shanghai')::date AS day, missed, outcome,
               CASE WHEN outcome IN ('speech', 'no_match') THEN replied_ms - ended_ms END AS wait
        FROM call_turn
        WHERE at >= :since AND at < :until AND outcome <> 'hung_up' AND began_ms IS NOT NULL
    )
    SELECT grouping(expects, model, day) AS left_out, expects, model, day, count(*) AS asked,
           count(*) FILTER (WHERE missed AND outcome <> 'no_input') AS missed,
           count(*) FILTER (WHERE outcome = 'no_input') AS silent,
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY wait) AS waits
    FROM t GROUP BY GROUPING SETS ((), (expects), (model), (day)) ORDER BY day
    """
)
_BY_STEP, _BY_MODEL, _BY_DAY, _ALL = 0b011, 0b101, 0b110, 0b111


@dataclass(frozen=True)
class TurnFigures:
    """Of all turns, by question, by model, by day."""

    all: Turns
    by_step: dict[str, Turns]
    by_model: dict[str, Turns]
    by_day: dict[date, Turns]


def turns(session: Session, since: datetime, until: datetime) -> TurnFigures:
    """One look at every turn of the time."""
    found: dict[int, dict[Any, Turns]] = {one: {} for one in (_BY_STEP, _BY_MODEL, _BY_DAY, _ALL)}
    for row in session.execute(_TURNS, {"since": since, "until": until}).mappings():
        key = row["expects"] or row["model"] or row["day"]
        found[row["left_out"]][key] = _turns(row)
    return TurnFigures(found[_ALL][None], found[_BY_STEP], found[_BY_MODEL], found[_BY_DAY])


def _turns(row: RowMapping) -> Turns:
    p50, p95 = (wait / 1000 if wait is not None else None for wait in row["waits"] or (None, None))
    return Turns(row["asked"], row["missed"], row["silent"], p50, p95)
