"""What the web report draws, as the ``chart`` macro takes it; titles say the finding. Pure."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hotline.classification.vocabulary import Category
from hotline.console.voice_charts import bars, lines

MOST_HOSPITALS = 15
SHADES = 6
WEEKDAYS = "一二三四五六日"
Chart = dict[str, Any]


def of(made: dict[str, Any]) -> dict[str, Chart]:
    """The charts by name; one without figures is left out."""
    found = {
        "days": days(made),
        "shares": shares(made),
        "trend": trend(made),
        "hospitals": hospitals(made),
        "channels": channels(made),
        "service": served(made),
    }
    return {name: chart for name, chart in found.items() if chart}


def days(made: dict[str, Any]) -> Chart | None:
    """Calls of each day, days off marked."""
    rows = made["charts"]["days"]
    most = max(rows, key=lambda one: one["calls"])
    if not most["calls"]:
        return None
    begun = next(place for place, one in enumerate(rows) if one["calls"])
    mean = sum(one["calls"] for one in rows) / len(rows[begun:])  # since the line was there
    finding = f"{_day(most)}最多，{most['calls']:,} 个；平均每天 {mean:,.0f} 个"
    chart = lines(finding, [_short(one) for one in rows],
                  {"受理咨询电话": [one["calls"] for one in rows]}, "个")  # fmt: skip
    chart["spec"]["marks"] = _days_off(rows)
    chart["spec"]["whole"] = True
    return chart


def _day(one: dict[str, Any]) -> str:
    return f"{int(one['day'][5:7])}月{int(one['day'][8:])}日"


def _short(one: dict[str, Any]) -> str:
    return f"{int(one['day'][8:])}日"


def _days_off(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bands from the first to the last of days off in a row."""
    marks: list[dict[str, Any]] = []
    was_off = False
    for one in rows:
        if one["off"] and was_off:
            marks[-1]["to"] = _short(one)
            marks[-1]["label"] = marks[-1]["label"] or one["holiday"]
        elif one["off"]:
            marks.append({"label": one["holiday"], "from": _short(one), "to": _short(one)})
        was_off = one["off"]
    return [mark | {"label": mark["label"] or "休"} for mark in marks]


def shares(made: dict[str, Any]) -> Chart | None:
    """How the calls divide."""
    counts = {code: n for code, n in made["headline"].items() if code != "total"}
    total = made["headline"]["total"]
    if not total:
        return None
    ranked = sorted(counts.items(), key=lambda one: -one[1])
    top = Category(ranked[0][0]).label
    finding = f"{top}最多，占 {ranked[0][1] / total:.1%}"
    chart = bars(finding, [f"{Category(code).label} {n / total:.1%}" for code, n in ranked],
                 {"来电": [n for _, n in ranked]}, "个")  # fmt: skip
    chart["spec"]["across"] = True
    return chart


def trend(made: dict[str, Any]) -> Chart | None:
    """The closed months of a year and this one; where the categories changed there is a line."""
    now = {"month": made["month"], "total": made["headline"]["total"],
           "category_set": made["category_set"]}  # fmt: skip
    rows = [*made["trend"], now]
    if len(rows) < 2:
        return None
    before = rows[-2]["total"]
    change = f"{(now['total'] - before) / before:+.1%}" if before else "无法比较"
    finding = f"受理咨询电话 {now['total']:,} 个，比{rows[-2]['month']}{change}"
    totals = {"受理咨询电话": [one["total"] for one in rows]}
    chart = bars(finding, [one["month"] for one in rows], totals, "个")
    chart["spec"]["marks"] = [
        {"label": "口径变化", "from": one["month"]}
        for last, one in pairwise(rows)
        if last["category_set"] != one["category_set"]
    ]
    return chart


def hospitals(made: dict[str, Any]) -> Chart | None:
    """The busiest hospitals."""
    table = made["tables"].get("booking_by_hospital")
    if not table or not table["rows"]:
        return None
    rows = table["rows"][:MOST_HOSPITALS]
    whole = table["totals"][-1]
    top = f"{rows[0][1]}最多，占 {rows[0][-1] / whole:.1%}" if whole else "没有预约"
    finding = f"{top}；前 {len(rows)} 家共 {sum(row[-1] for row in rows):,} 个"
    chart = bars(finding, [row[1] for row in rows], {"预约": [row[-1] for row in rows]}, "个")
    chart["spec"]["across"] = True
    return chart


def channels(made: dict[str, Any]) -> Chart | None:
    """The ways of booking online."""
    table = made["tables"].get("online_channels")
    if not table or not table["totals"][-1]:
        return None
    rows = sorted(table["rows"], key=lambda row: -row[-1])
    finding = f"{rows[0][1]}最多，占 {rows[0][-1] / table['totals'][-1]:.1%}"
    chart = bars(finding, [row[1] for row in rows], {"预约": [row[-1] for row in rows]}, "个")
    chart["spec"]["across"] = True
    return chart


def served(made: dict[str, Any]) -> Chart | None:
    """Answered, and answered in time, of what was owed each day, in per cent."""
    rows = made["charts"]["days"]
    if not sum(_owed(one) for one in rows):
        return None
    whole = service(made)
    finding = f"接通率 {_percent(whole['connected'])}，15 秒接起率 {_percent(whole['in_time'])}"
    chart = lines(
        finding,
        [_short(one) for one in rows],
        {
            "接通率": [_rate(one["answered"], _owed(one)) for one in rows],
            "15 秒接起率": [_rate(one["in_time"], _owed(one)) for one in rows],
        },
        "%",
    )
    chart["spec"]["marks"] = [{"label": "95%", "y": 95}]
    return chart


def _owed(one: dict[str, Any]) -> int:
    return int(one["offered"] - one["short_offered"])


def _rate(part: int, whole: int) -> Any:
    """Per cent; None on a day on which nothing was owed, which leaves a gap in the line."""
    return round(part * 100 / whole, 1) if whole else None


def _percent(rate: tuple[int, int]) -> str:
    return f"{rate[0] / rate[1]:.1%}" if rate[1] else "—"


def service(made: dict[str, Any]) -> dict[str, Any]:
    """(numerator, denominator) of the two rates, and who gave up where."""
    given = made["charts"]["service"]
    owed = _owed(given)
    return {
        "connected": (given["answered"], owed),
        "in_time": (given["in_time"], owed),
        "abandoned": [("语音导航", given["abandoned_ivr"]), ("排队", given["abandoned_queue"]),
                      ("振铃", given["abandoned_ringing"])],
        "rule": made["charts"]["service_rule"],
    }  # fmt: skip


def heat(made: dict[str, Any]) -> dict[str, Any]:
    """Hours by weekday with a shade from 0 to 6 each, and the finding."""
    rows = made["charts"]["heat"]
    known = [cell for row in rows for cell in row if cell]
    most = max(known, default=0)
    shaded = [
        (f"周{WEEKDAYS[place]}", [(cell, _shade(cell, most)) for cell in row])
        for place, row in enumerate(rows)
    ]
    if not most:
        return {"rows": shaded, "finding": ""}
    day, hour = next((d, h) for d, row in enumerate(rows) for h, c in enumerate(row) if c == most)
    return {"rows": shaded, "finding": f"周{WEEKDAYS[day]} {hour} 时最忙，共 {most:,} 个"}


def _shade(cell: int | None, most: int) -> int:
    if not cell or not most:
        return 0
    return 1 + min(SHADES - 1, cell * SHADES // (most + 1))
