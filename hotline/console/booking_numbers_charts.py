"""Charts of how the pool is used."""

from __future__ import annotations

from typing import Any

from hotline.booking import figures
from hotline.booking.figures import Share, Use

CHARTED = 8


def shares_chart(what: str, uses: list[Use], name: str) -> dict[str, Any] | None:
    """A bar for each share that has a whole, the highest first; None when there is none."""
    found = [(use.name, share) for use in uses if (share := _share(use, name)).whole]
    if not found:
        return None
    found.sort(key=lambda each: each[1].rate or 0, reverse=True)
    top, share = found[0]
    shown = found[:CHARTED]
    return {
        "finding": f"{what}最高的是{top}：{(share.rate or 0):.1%}（{share.part} / {share.whole}）",
        "note": f"只画最高的 {CHARTED} 个" if len(found) > CHARTED else "",
        "spec": {
            "kind": "bar",
            "x": [_short(name) for name, _ in shown],
            "unit": "%",
            "across": True,
            "series": [
                {"name": what, "values": [round((one.rate or 0) * 100, 1) for _, one in shown]}
            ],
        },
    }


def _short(name: str) -> str:
    """As much of a hospital's name as stands under a bar."""
    return name.removeprefix("南京市").removeprefix("南京") or name


def _share(use: Use, name: str) -> Share:
    share: Share = getattr(use, name)
    return share


def lead_chart(leads: dict[int, int]) -> dict[str, Any] | None:
    """Bookings by days from booking to visit."""
    middle = figures.median_days(leads)
    if middle is None:
        return None
    return {
        "finding": f"一半的预约提前不超过 {middle} 天",
        "note": "",
        "spec": {
            "kind": "bar",
            "x": [f"{day} 天" for day in leads],
            "unit": "个",
            "series": [{"name": "预约", "values": list(leads.values())}],
        },
    }
