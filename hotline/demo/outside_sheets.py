"""A month's sheets from outside as their senders would write them: invented, and they add up. Pure.

One thing does not, as it happens in life: the terminals' 缴费金额 total is 0.04 元 off its rows.
"""

from __future__ import annotations

import calendar
import csv
import io
import random
from collections.abc import Iterable, Mapping, Sequence

from hotline.demo.clinics import hospitals
from hotline.statistics.bulletin import remote_items
from hotline.statistics.bulletin.cells import money
from hotline.statistics.bulletin.rules import TOTAL, Holds, Kind, fields_of

OFF_BY_FEN = -4
BUSIEST = 900  # bookings of the busiest hospital in a month, of one column
CUMULATIVE = 21_600_000
_SHARES = {"online": 0.5, "quick": 0.12, "in_clinic": 1.0, "third_party": 0.22}
# The names tell which column of the first table a channel stands in.
_CHANNELS = {
    "online": {"健康南京客户端": 6, "南京卫生12320微信平台": 3, "南京卫生12320网": 1},
    "quick": {"12320快速预约": 1},
    "third_party": {"江苏省预约挂号网": 4, "我的南京客户端": 3, "银行自助机": 1},
}
_CITIES = {"苏州": 9200, "无锡": 5100, "南通": 4300, "徐州": 3900, "常州": 2800, "盐城": 2100,
           "扬州": 1700, "泰州": 1300, "连云港": 900, "镇江": 800, "宿迁": 500,
           "淮安": 400}  # fmt: skip
_DISTRICTS = ("江宁区", "六合区", "浦口区", "鼓楼区", "栖霞区", "溧水区", "高淳区", "秦淮区",
              "玄武区", "建邺区", "雨花台区")  # fmt: skip
_LARGE = {"报告": 42000, "图像": 3_600_000, "病例": 18000, "会诊量": 900, "会诊次数": 2600,
          "标本": 7600, "排名1": 5200, "排名2": 3100, "排名3": 1900, "入库亿条": 88,
          "接入机构": 64, "覆盖区": 11, "联通城市": 2}  # fmt: skip
Columns = Mapping[str, Mapping[str, int]]


def sheets(month: str, own: Columns, before: int | None = None) -> dict[str, bytes]:
    """Files by name. ``own``: bookings made here by column and hospital; a column of which there
    are some is taken over as it is. ``before``: the total to date at the end of the month before.
    """
    rng = random.Random(f"sheets:{month}")
    booked = _booked(rng, month, own)
    total = int(str(_summed(booked)[-1]))
    made = {
        Kind.BOOKING: [*booked, _summed(booked)],
        Kind.CHANNELS: _channels(rng, month, booked),
        Kind.PROVINCE: [[city, _about(rng, calls)] for city, calls in _CITIES.items()],
        Kind.DISTRICTS: [_uploads(rng, month, Kind.DISTRICTS, name) for name in _DISTRICTS],
        Kind.HOSPITALS: [
            _uploads(rng, month, Kind.HOSPITALS, name) for name in sorted(hospitals()[:12])
        ],
        Kind.TERMINALS: _terminals(rng),
        Kind.REMOTE: list(_remote(rng)),
    }
    files = {f"{kind.value}.csv": _written(kind, month, rows) for kind, rows in made.items()}
    cumulative = (CUMULATIVE if before is None else before) + total
    return files | {f"{Kind.CUMULATIVE.value}.txt": f"{cumulative}\n".encode()}


def _about(rng: random.Random, usual: float) -> int:
    return round(usual * rng.uniform(0.85, 1.15))


def _written(kind: Kind, month: str, rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([one.label for one in fields_of(kind, month)])
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _booked(rng: random.Random, month: str, own: Columns) -> list[list[object]]:
    """Number, hospital, its columns, 小计; the busiest first."""
    names = list(dict.fromkeys([*hospitals(), *(name for one in own.values() for name in one)]))
    columns = [one.key for one in fields_of(Kind.BOOKING, month)[2:-1]]
    rows = []
    for rank, name in enumerate(names, 1):
        counts = [
            own[key].get(name, 0)
            if own.get(key)
            else _about(rng, BUSIEST * _SHARES.get(key, 0.1) / rank)
            for key in columns
        ]
        rows.append([name, *counts, sum(counts)])
    rows.sort(key=lambda row: -int(str(row[-1])))
    return [[number, *row] for number, row in enumerate(rows, 1)]


def _summed(rows: list[list[object]]) -> list[object]:
    return [TOTAL, "", *(sum(int(str(cell)) for cell in column) for column in _counts(rows))]


def _counts(rows: list[list[object]]) -> Iterable[tuple[object, ...]]:
    return zip(*(row[2:] for row in rows), strict=True)


def _channels(rng: random.Random, month: str, booked: list[list[object]]) -> list[list[object]]:
    keys = [one.key for one in fields_of(Kind.BOOKING, month)[2:]]
    totals = dict(zip(keys, _summed(booked)[2:], strict=True))
    found: list[tuple[str, int]] = []
    for column, shares in _CHANNELS.items():
        found += _parted(rng, int(str(totals.get(column, 0))), shares)
    found.sort(key=lambda one: -one[1])
    rows: list[list[object]] = [[n, name, count] for n, (name, count) in enumerate(found, 1)]
    return [*rows, [TOTAL, "", sum(count for _, count in found)]]


def _parted(rng: random.Random, total: int, shares: Mapping[str, int]) -> list[tuple[str, int]]:
    """A number in parts that come to it."""
    first, *others = shares
    whole = sum(shares.values())
    parts = [(name, int(total * shares[name] / whole * rng.uniform(0.9, 1))) for name in others]
    return [(first, total - sum(count for _, count in parts)), *parts]


def _uploads(rng: random.Random, month: str, kind: Kind, name: str) -> list[object]:
    days = calendar.monthrange(int(month[:4]), int(month[5:]))[1]
    declared = rng.randint(48, 92)
    row: list[object] = []
    for one in fields_of(kind, month):
        if one.holds is Holds.NAME:
            row.append(name)
        elif one.holds is Holds.PAIR:
            row.append(f"{declared}/{129 if kind is Kind.DISTRICTS else 83}")
        elif one.holds is Holds.DAYS:
            row.append(days - (rng.random() < 0.2) * rng.randint(1, 4))
        else:
            row.append(declared if one.key == "uploaded" else _about(rng, 90_000))
    return row


def _terminals(rng: random.Random) -> list[list[object]]:
    """In fen until they are written; the total is what its sender made of it."""
    rows = []
    for rank, name in enumerate(hospitals()[:10], 1):
        visits, paid = _about(rng, 9000 / rank), _about(rng, 14000 / rank)
        fees = visits * rng.choice((1200, 1800, 2500))
        rows.append((name, _about(rng, 90 / rank), visits, fees, paid, paid * 21_737 + rank))
    units, visits, fees, paid, spent = (
        sum(int(cell) for cell in column) for column in list(zip(*rows, strict=True))[1:]
    )
    rows.append((TOTAL, units, visits, fees, paid, spent + OFF_BY_FEN))
    return [[name, u, v, money(f), p, money(s)] for name, u, v, f, p, s in rows]


def _remote(rng: random.Random) -> Iterable[list[object]]:
    names = hospitals()
    for platform, items in remote_items.known().items():
        counts = {item: _item(rng, item) for item in items}
        if "二级以上" in items and "社区中心" in items:
            counts["接入机构"] = sum(n for item, n in counts.items() if item in _KINDS_OF_PLACES)
        for place, item in enumerate(items):
            name = names[place % 9] if item.startswith("排名") else "马鞍山、滁州"
            yield [
                platform, item, counts[item],
                name if remote_items.needs_name(platform, item) else "",
            ]  # fmt: skip


def _item(rng: random.Random, item: str) -> int:
    usual = _LARGE.get(item, 20)
    return usual if item in _FIXED else _about(rng, usual)


_FIXED = ("覆盖区", "联通城市")
_KINDS_OF_PLACES = ("二级以上", "社区中心", "都市圈", "帮扶", "其他")
