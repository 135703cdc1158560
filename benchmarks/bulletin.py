"""How long the bulletin's documents take, and how much memory.

    python -m benchmarks.bulletin [--hospitals 118] [--runs 5]

A snapshot of a large month: 118 hospitals, 12 districts, 60 terminals, a correction of 200
figures. Each document is made in a process of its own, which says its time (the first, which
imports the library, and the middle of several more) and what Python allocated at most.
Goal: under two seconds each, so that a download needs no job with a progress line.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import time
import tracemalloc
from datetime import UTC, datetime
from typing import Any

GOAL_SECONDS = 2.0
FORMATS = ("docx", "xlsx", "json", "csv")


def main() -> None:
    """Measure each format and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hospitals", type=int, default=118)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    slowest = 0.0
    for wanted in FORMATS:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            first, middle, size, memory = pool.apply(measure, (wanted, given.hospitals, given.runs))
        slowest = max(slowest, first)
        print(f"{wanted:5} first {first:5.2f} s   then {middle:5.2f} s   {size / 1024:7.0f} kB"
              f"   peak +{memory:5.0f} MB")  # fmt: skip
    raise SystemExit(0 if slowest <= GOAL_SECONDS else 1)


def measure(wanted: str, hospitals: int, runs: int) -> tuple[float, float, int, float]:
    """(seconds of the first, of the middle one, bytes, peak memory in MB)."""
    from hotline.statistics.bulletin import outputs

    given = edition(hospitals)
    took, body = [], b""
    for _ in range(runs + 1):
        began = time.perf_counter()
        body = outputs.body(given, wanted)
        took.append(time.perf_counter() - began)
    tracemalloc.start()
    outputs.body(given, wanted)
    return took[0], statistics.median(took[1:]), len(body), tracemalloc.get_traced_memory()[1] / 1e6


def edition(hospitals: int) -> Any:
    """A made-up edition of 2023-05, closed and corrected once."""
    from hotline.statistics.bulletin.models import BulletinEdition
    from hotline.statistics.bulletin.published import Edition

    changes = [{"key": str(n), "name": f"数字{n}", "before": "1", "after": "2"} for n in range(200)]
    at = datetime(2023, 6, 5, tzinfo=UTC)
    one = BulletinEdition(month="2023-05", number=1, snapshot={}, digest="", closed_at=at,
                          closed_by="张三", reason="补报", changes=changes)  # fmt: skip
    return Edition(snapshot(hospitals), 1, at, "张三", (one,))


def snapshot(hospitals: int) -> dict[str, Any]:
    """Everything the documents are made of, out of the same code as the real one."""
    from hotline.statistics.bulletin import checking, comparing
    from hotline.statistics.bulletin.figures import City, Month
    from hotline.statistics.bulletin.rules import Kind, Table, fields_of
    from hotline.statistics.bulletin.snapshot import figures_of

    categories = ("consultation", "complaint", "booking", "manual", "crisis", "self_service")
    month = Month("2023-05", "南京", 600, dict.fromkeys(categories, 100), {"unfiled": 0},
                  {"city": 30, "province": 15, "self": 100})  # fmt: skip
    month.cities = [City("南京", 600, is_own=True), City("苏州", 40)]
    for kind, count in ((Kind.BOOKING, hospitals), (Kind.CHANNELS, 8), (Kind.DISTRICTS, 12),
                        (Kind.HOSPITALS, 40), (Kind.TERMINALS, 60)):  # fmt: skip
        fields = fields_of(kind, "2023-05")
        rows = [[_cell(one, row) for one in fields] for row in range(count)]
        month.tables[kind] = Table(kind, fields, rows, lines=tuple(range(count)))
    made = figures_of(month)
    made["identities"] = [one.as_json for one in checking.check(month)]
    made |= {"charts": _charts(), "trend": [], "provenance": []}
    made["compared"] = {
        name: {"month": other, "figures": comparing.compare(made, None, other)}
        for name, other in (("before", "2023-04"), ("year", "2022-05"))
    }
    return made


def _cell(one: Any, row: int) -> Any:
    words = {"name": f"第{row}人民医院", "number": "", "pair": "52/129"}
    return words.get(one.holds.value, 1000 + row)


def _charts() -> dict[str, Any]:
    service = dict.fromkeys(("offered", "answered", "in_time", "short_offered"), 20)
    days = [
        {"day": f"2023-05-{n:02}", "calls": 20, "off": False, "holiday": "", **service}
        for n in range(1, 32)
    ]
    return {"days": days, "heat": [[5] * 24] * 7, "level_2": {}, "service": service, "rows": 1,
            "service_rule": "calls-1"}  # fmt: skip


if __name__ == "__main__":
    main()
