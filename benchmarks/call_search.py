"""Pages and searches over many calls, beside the same SQL written by hand.

    python -m benchmarks.call_search [N=2000000] [--rounds 15]

Fills an embedded PostgreSQL with N calls of realistic Chinese summaries, then times each list
through ``queries.search_calls`` (filters, rows as objects, numbers decrypted, the count up to
10,000 on first pages) and as bare SQL text that asks for the same page and count.
Prints lower quartiles; goal: at most three times the bare SQL.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.servers import embedded, people

GOAL = 3.0
DICE = random.Random(12320)
END = datetime(2026, 11, 20, tzinfo=UTC)
NAMES = [
    family + given
    for family in "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
    for given in ("女士", "先生", "建国", "桂英", "小明", "丽华")
]
PLACES = [
    "鼓楼医院", "省人民医院", "儿童医院", "口腔医院", "妇幼保健院", "中大医院", "脑科医院",
    "胸科医院", "第一医院", "中医院", "社区卫生服务中心", "疾控中心",
]  # fmt: skip
MATTERS = [
    "咨询流感疫苗接种时间和地点", "预约心内科专家号", "投诉窗口排队时间太长",
    "询问核酸检测报告查询", "咨询孕妇建卡流程", "退约周三上午的号", "反映收费不清楚",
    "询问发热门诊开诊时间", "咨询戒烟门诊", "举报公共场所吸烟", "咨询健康证办理材料",
    "询问狂犬疫苗第三针", "表扬护士态度热情", "咨询老人体检项目", "询问医保异地备案",
    "咨询失眠焦虑找哪个科",
]  # fmt: skip
ENDINGS = [
    "，已当场答复", "，已告知电话和地址", "，来电人表示满意", "，建议到院就诊", "，约在下周一",
    "，需回访确认", "，已转工单", "，来电人情绪激动，已安抚",
]  # fmt: skip
RARE = "带状疱疹后遗神经痛"
CATEGORIES = ["consultation"] * 6 + ["booking"] * 8 + ["complaint"]
COLUMNS = (
    "call_uid call_no direction state source caller caller_hash caller_name called queue agent"
    " agent_id started_at queued_at answered_at ended_at waiting_since last_event_at wait_seconds"
    " talk_seconds abandoned_in category subcategory category_set disposition summary wrapped_up_at"
    " search_text grams created_at updated_at"
)
INDEXES = ("started", "caller", "agent", "category", "disposition", "open", "abandoned", "grams")


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("calls", type=int, nargs="?", default=2_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    with embedded():
        people()
        fill(given.calls)
        worst = max(compared(name, *pair, given.rounds) for name, pair in lists().items())
    print(f"worst {worst:.2f} times the bare SQL (goal {GOAL})")
    raise SystemExit(0 if worst <= GOAL else 1)


def fill(count: int) -> None:
    """COPY the calls without indexes, then build these and gather statistics."""
    from hotline import db

    began = time.perf_counter()
    with db.engine().connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("SET statement_timeout = 0")
        raw.execute("SET maintenance_work_mem = '512MB'")
        kept = [raw.execute("SELECT pg_get_indexdef(%s::regclass)", [f"ix_call_{n}"]).fetchone()[0]
                for n in INDEXES]  # fmt: skip
        raw.execute("DROP INDEX " + ", ".join(f"ix_call_{name}" for name in INDEXES))
        with raw.cursor().copy(f"COPY call ({COLUMNS.replace(' ', ', ')}) FROM STDIN") as copy:
            for line in lines(count):
                copy.write(line)
        raw.commit()
        raw.execute("SET statement_timeout = 0")
        raw.execute("SET maintenance_work_mem = '512MB'")
        for definition in kept:
            raw.execute(definition)
        raw.commit()
        raw.autocommit = True
        raw.execute("SET statement_timeout = 0")
        raw.execute("VACUUM ANALYZE call")
        raw.autocommit = False
    print(f"{count:,} calls filled and indexed in {time.perf_counter() - began:.0f} s")


def lines(count: int) -> Iterator[str]:
    """Rows in COPY's text form, oldest first, over two years."""
    callers, sayings = list(made_callers()), list(made_sayings())
    step = timedelta(days=730) / count
    for number in range(count):
        start = END - timedelta(days=730) + step * number
        yield line(number, start, DICE.choice(callers), DICE.choice(sayings))
        if number % 20_000 == 7:  # a hundred in two million
            yield line(count + number, start, callers[0], said("王女士", RARE))


def line(number: int, start: datetime, caller: tuple[str, str], words: tuple[str, ...]) -> str:
    """One call: six in seven answered and settled."""
    name, summary, text, grams = words
    answered = number % 7 != 0
    wait, talk = 3 + number % 40, 40 + number % 400
    end = start + timedelta(seconds=wait + talk)
    null = r"\N"
    agent = number % 40
    category = CATEGORIES[number % len(CATEGORIES)]
    cells = [
        f"b-{number}", f"{start:%Y%m%d}-{number:07}", "inbound", "closed", "import", *caller, name,
        "12320", "hotline", str(8000 + agent), str(agent + 1) if answered else null,
        start.isoformat(), start.isoformat(),
        (start + timedelta(seconds=wait)).isoformat() if answered else null, end.isoformat(),
        start.isoformat(), end.isoformat(), str(wait), str(talk if answered else 0),
        null if answered else "queue", category if answered else null, null,
        "2023" if answered else null, "answered" if answered else null,
        summary if answered else null, end.isoformat() if answered else null,
        text if answered else null, grams if answered else null, end.isoformat(), end.isoformat(),
    ]  # fmt: skip
    return "\t".join(cells) + "\n"


def made_callers() -> Iterator[tuple[str, str]]:
    """Twenty thousand numbers, encrypted and hashed, as COPY writes bytes."""
    from hotline import security

    for number in range(20_000):
        phone = f"+86138{number:08}"
        sealed, hashed = (
            security.encrypt("call.caller", phone),
            security.lookup_hash("phone", phone),
        )
        yield f"\\\\x{sealed.hex()}", f"\\\\x{hashed.hex()}"


def made_sayings() -> Iterator[tuple[str, ...]]:
    """Names and summaries with their codes."""
    for place in PLACES:
        for matter in MATTERS:
            for ending in ENDINGS:
                for name in DICE.sample(NAMES, 6):
                    yield said(name, f"来电人{matter}，涉及{place}{ending}。")


def said(name: str, summary: str) -> tuple[str, ...]:
    """(name, summary, search text, codes as COPY writes an array)."""
    from hotline.calls import grams

    text = grams.normalised(f"{name}\n{summary}")
    return name, summary, text, "{" + ",".join(map(str, grams.codes(text))) + "}"


def lists() -> dict[str, tuple[dict[str, Any], str, int]]:
    """Name -> (filters, the bare condition, page to ask for)."""
    from hotline import security
    from hotline.calls import grams

    def words(query: str) -> str:
        asked = grams.words(query)
        codes = ",".join(map(str, grams.codes_of(asked)))
        holds = " AND ".join(f"strpos(search_text, '{word}') > 0" for word in asked)
        return f"grams IS NOT NULL AND grams @> '{{{codes}}}'::int[] AND {holds}"

    month = {"from_at": datetime(2026, 3, 1, tzinfo=UTC), "to_at": datetime(2026, 4, 1, tzinfo=UTC)}
    in_month = "started_at >= '2026-03-01Z' AND started_at < '2026-04-01Z'"
    caller = security.lookup_hash("phone", "+8613800000001").hex()
    return {
        "newest page": ({}, "true", 1),
        "page 200": ({}, "true", 200),
        "one month": (month, in_month, 1),
        "one category": ({"category": "complaint"}, "category = 'complaint'", 1),
        "one agent": ({"agent_id": 7}, "agent_id = 7", 1),
        "one caller": ({"caller": "13800000001"}, f"caller_hash = '\\x{caller}'", 1),
        "abandoned in a month": (month | {"abandoned": True},
                                 f"{in_month} AND abandoned_in IS NOT NULL", 1),
        "word in half of all: 医院": ({"query": "医院"}, words("医院"), 1),
        "two-character word: 疫苗": ({"query": "疫苗"}, words("疫苗"), 1),
        "two words: 口腔 收费": ({"query": "口腔 收费"}, words("口腔 收费"), 1),
        "rare word: 疱疹": ({"query": "疱疹"}, words("疱疹"), 1),
        "one character: 疱": ({"query": "疱"}, words("疱"), 1),
        "a word nobody said: 龙舟": ({"query": "龙舟"}, words("龙舟"), 1),
    }  # fmt: skip


def compared(name: str, filters: dict[str, Any], where: str, page: int, rounds: int) -> float:
    """Milliseconds of both, and the ratio."""
    ours, bare = through_queries(filters, page), by_hand(where, page)
    found, expected = ours(), bare()
    assert found == expected, (name, found, expected)
    mine, theirs = quartiles(ours, bare, rounds)
    print(f"  {name:32} {mine:8.1f} ms   bare {theirs:8.1f} ms   {mine / theirs:5.2f}")
    return mine / theirs


def quartiles(ours: Callable[[], object], bare: Callable[[], object], rounds: int) -> list[float]:
    """Lower quartiles of so many rounds in turn, in milliseconds: a busy moment hits both."""
    spans: list[list[float]] = [[], []]
    for _ in range(rounds):
        for kept, act in zip(spans, (ours, bare), strict=True):
            began = time.perf_counter()
            act()
            kept.append((time.perf_counter() - began) * 1000)
    return [statistics.quantiles(kept, n=4)[0] for kept in spans]


def cursor_of(page: int) -> str | None:
    """Where a page begins."""
    from sqlalchemy import text

    from hotline import db
    from hotline.web import encode_cursor

    if page == 1:
        return None
    with db.engine().connect() as connection:
        at, key = connection.execute(
            text("SELECT started_at, id FROM call ORDER BY started_at DESC, id DESC"
                 " OFFSET :skip LIMIT 1"), {"skip": (page - 1) * 50 - 1},
        ).one()  # fmt: skip
    return encode_cursor(at.isoformat(), key)


def through_queries(filters: dict[str, Any], page: int) -> Callable[[], object]:
    """The page as the console gets it."""
    from hotline.calls.confidential import SYSTEM
    from hotline.calls.filters import Filters
    from hotline.calls.queries import search_calls
    from hotline.db import transaction

    cursor = cursor_of(page)

    def ask() -> object:
        with transaction() as session:
            found = search_calls(session, Filters(**filters), SYSTEM, cursor)
            return [call.id for call in found.rows]

    return ask


def by_hand(where: str, page: int) -> Callable[[], object]:
    """The same page and count as SQL text in a transaction of the same kind, rows as tuples."""
    from sqlalchemy import inspect, text

    from hotline.calls.models import Call
    from hotline.calls.queries import UNREAD
    from hotline.db import transaction
    from hotline.web import decode_cursor

    after = ""
    if values := decode_cursor(cursor_of(page), 2):
        after = f" AND (started_at, id) < (CAST('{values[0]}' AS timestamptz), {values[1]})"
    names = [c.key for c in inspect(Call).columns if c.key not in UNREAD]
    shown = ", ".join(["id", *(name for name in names if name != "id")])
    listed = (
        f"SELECT {shown} FROM call WHERE {where}{after} ORDER BY started_at DESC, id DESC LIMIT 51"
    )
    counted = f"SELECT count(*) FROM (SELECT FROM call WHERE {where} LIMIT 10001) AS few"
    page_of, count_of = (text(sql.replace(":", r"\:")) for sql in (listed, counted))

    def ask() -> object:
        with transaction() as session:
            rows = session.execute(page_of).all()
            if page == 1:
                session.execute(count_of).all()
            return [row[0] for row in rows[:50]]

    return ask


if __name__ == "__main__":
    main()
