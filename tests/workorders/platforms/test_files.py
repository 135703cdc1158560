"""The file adapter: nothing half-written is taken, nothing is lost, nothing sent is doubled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.house.machine import wait_for
from tests.workorders.platforms.orders import order
from workorders.platforms.adapter import DigestLine, Exchange, NoAnswer, Result, Trouble
from workorders.platforms.files import FileAdapter
from workorders.platforms.folder import Folder, prepare
from workorders.platforms.wire import EventType, OutgoingEvent, RemoteOrder, Unreadable
from workorders.rules import Kind

EVENT = OutgoingEvent(
    event_id=UUID("7b1f8a52-0d0c-4c8e-9c3e-6c1f6b0f9a01"),
    type=EventType.REPLY,
    at=datetime(2026, 11, 21, 1, 30, tzinfo=UTC),
    operator="张三",
    content="已联系",
)
SHEET = """工单编号,版本,状态,诉求类型,姓名,电话,标题,内容,来电时间,保密,催办,附件,天气
A1,7,20,投诉,编造者,19900001234,排队,"等了,两小时",2026-11-21 09:00,是,请尽快,a.jpg|{digest}|https://x.example/a,雨
A2,1,10,咨询,,,,,,,,,
""".format(digest="ab" * 32)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A platform's folder in which every file has been finished for long."""
    prepare(tmp_path / "city")
    return Folder(tmp_path / "city", settle_seconds=0)


def drop(folder: Folder, name: str, content: bytes | str | object, within: str = "in") -> Path:
    """What the platform does."""
    if not isinstance(content, bytes | str):
        content = json.dumps(content, ensure_ascii=False)
    path = folder.root / within / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def names(folder: Folder, within: str) -> list[str]:
    """What lies there, without the mark of the content."""
    found = (path.name for path in (folder.root / within).iterdir())
    return sorted(name.partition("-")[2] or name for name in found if not name.startswith("."))


def take_all(adapter: FileAdapter, cursor: str = "", limit: int = 2) -> tuple[list[object], str]:
    """What a sync does: ask until there is no more."""
    seen: list[object] = []
    more = True
    while more:
        page = adapter.changes(cursor, limit)
        seen, cursor, more = [*seen, *page.items], page.next_cursor, page.more
    return seen, cursor


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_sheet_with_chinese_headers(folder: Folder, encoding: str) -> None:
    drop(folder, "工单.csv", SHEET.encode(encoding))
    (first, second), _ = take_all(FileAdapter(folder))
    assert isinstance(first, RemoteOrder)
    assert (first.no, first.version, first.kind, first.status) == ("A1", 7, Kind.COMPLAINT, "20")
    assert (first.caller.phone, first.content) == ("19900001234", "等了,两小时")
    assert first.called_at == datetime(2026, 11, 21, 1, tzinfo=UTC)
    assert first.confidential
    assert first.urged[0].content == "请尽快"
    assert first.attachments[0].sha256 == "ab" * 32
    assert first.extra == {"天气": "雨"}
    assert list(first.warnings) == ["没有约定的字段：天气"]
    assert isinstance(second, RemoteOrder)
    assert (second.confidential, second.reply_wanted) == (False, True)


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([order(), order(no="B")]),
        json.dumps({"items": [order(), order(no="B")]}),
        "\ufeff" + json.dumps(order(), ensure_ascii=False) + "\r\n\n" + json.dumps(order(no="B")),
        json.dumps([order(), order(no="B")], ensure_ascii=False).encode("gbk"),
    ],
)
def test_json_in_every_form(folder: Folder, content: bytes | str) -> None:
    drop(folder, "orders.json", content)
    found, _ = take_all(FileAdapter(folder))
    assert [item.no for item in found if isinstance(item, RemoteOrder)] == [order()["no"], "B"]
    assert names(folder, "in") == []
    assert names(folder, "taken") == ["orders.json"]


def test_one_bad_line_is_parked_and_the_rest_is_taken(folder: Folder) -> None:
    drop(folder, "a.jsonl", json.dumps(order()) + '\n{"no": \n7\n')
    drop(folder, "b.csv", "工单编号,版本,状态,诉求类型\nA1,1,10,投诉\nA2,1\n")
    found, _ = take_all(FileAdapter(folder))
    kinds = [type(item) for item in found]
    assert kinds == [RemoteOrder, Unreadable, Unreadable, RemoteOrder, Unreadable]
    assert names(folder, "taken") == ["a.jsonl", "b.csv"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json", "[{", "不是有效的 JSON"),
        ("a.json", "", "不是有效的 JSON"),
        ("a.csv", "", "缺少：工单编号、版本、状态"),
        ("a.csv", "编号,版本\n1,2\n", "缺少：工单编号、状态"),
        ("a.csv", "工单编号,版本,状态,状态\n", "重复"),
        ("a.csv", b"\xff\xfe\xff", "编码"),
        ("a.csv", '工单编号,版本,状态\n"' + "x" * 200_000, "引号"),
        ("a.json", "[" + " " * 3_000 + "]", "过大"),
    ],
)
def test_a_bad_file_goes_aside_with_its_reason(
    folder: Folder, name: str, content: bytes | str, reason: str
) -> None:
    drop(folder, name, content)
    drop(folder, "good.json", order())
    limit = 2_000 if "过大" in reason else 10**6
    adapter = FileAdapter(Folder(folder.root, settle_seconds=0, largest_file=limit))
    found, _ = take_all(adapter)
    assert len(found) == 1
    assert names(folder, "bad") == [name, f"{name}.txt"]
    (why,) = (folder.root / "bad").glob("*.txt")
    assert reason in why.read_text()


def test_what_is_still_written_is_not_taken(folder: Folder) -> None:
    adapter = FileAdapter(Folder(folder.root, settle_seconds=3_600))
    path = drop(folder, "a.json", json.dumps([order()])[:40])
    drop(folder, "b.json.part", [order()])
    drop(folder, ".c.json", [order()])
    assert take_all(adapter) == ([], "")
    path.write_text(json.dumps([order()]))
    assert take_all(adapter) == ([], "")
    drop(folder, "a.json.done", "")
    assert len(take_all(adapter)[0]) == 1
    assert names(folder, "in") == ["b.json.part"]


def test_a_link_is_no_file(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("[]")
    (folder.root / "in" / "a.json").symlink_to(tmp_path / "secret.json")
    assert take_all(FileAdapter(folder)) == ([], "")


def test_a_file_stays_until_its_orders_are_stored(folder: Folder) -> None:
    drop(folder, "a.json", [order(no=str(number)) for number in range(5)])
    page = FileAdapter(folder).changes("", 2)  # and killed before it was stored
    again = FileAdapter(folder).changes("", 2)
    assert [page.items, page.next_cursor] == [again.items, again.next_cursor]
    second = FileAdapter(folder).changes(again.next_cursor, 2)  # another process goes on
    last = FileAdapter(folder).changes(second.next_cursor, 2)
    numbers = [item.no for item in (*again.items, *second.items, *last.items)]
    assert numbers == ["0", "1", "2", "3", "4"]
    assert names(folder, "in") == ["a.json"]
    assert FileAdapter(folder).changes(last.next_cursor).items == []
    assert (names(folder, "in"), names(folder, "taken")) == ([], ["a.json"])
    assert FileAdapter(folder).changes(last.next_cursor).items == []  # killed before it moved


def test_a_file_that_changed_meanwhile_is_read_from_its_beginning(folder: Folder) -> None:
    drop(folder, "a.json", [order(no="1"), order(no="2")])
    page = FileAdapter(folder).changes("", 5)
    drop(folder, "a.json", [order(no="1"), order(no="2"), order(no="3")])
    found, _ = take_all(FileAdapter(folder), page.next_cursor)
    assert len(found) == 3


def test_older_files_come_first(folder: Folder) -> None:
    for number, name in enumerate(("z.json", "a.json", "m.json")):
        os.utime(drop(folder, name, order(no=name)), (number, number))
    found, _ = take_all(FileAdapter(folder))
    assert [item.no for item in found if isinstance(item, RemoteOrder)] == [
        "z.json",
        "a.json",
        "m.json",
    ]


def test_taken_files_go_when_their_time_is_over(folder: Folder) -> None:
    old = drop(folder, "old.json", order(), "taken")
    drop(folder, "new.json", order(), "taken")
    os.utime(old, (0, 0))
    FileAdapter(folder).changes("")
    assert names(folder, "taken") == ["new.json"]


def test_an_event_is_one_file_however_often_it_is_sent(folder: Folder) -> None:
    kept: list[Exchange] = []
    adapter = FileAdapter(folder, keep=kept.append)
    results = {adapter.send("A1", EVENT).result for _ in range(3)}
    assert results == {Result.UNKNOWN}
    assert adapter.send("A1", EVENT).trouble is Trouble.WAITING
    assert names(folder, "out") == [f"{EVENT.event_id}.json".partition("-")[2]]
    (path,) = (folder.root / "out").iterdir()
    said = json.loads(path.read_text())
    assert (said["no"], said["event_id"], said["content"]) == ("A1", str(EVENT.event_id), "已联系")
    assert kept[0].request == path.read_bytes()


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ({"code": 0}, Result.APPLIED),
        ({"code": 40901}, Result.APPLIED_BEFORE),
        ({"code": 42201, "message": "不可"}, Result.REFUSED),
        ({"code": 50000}, Result.UNKNOWN),
        ('{"code": 0, "mess', Result.UNKNOWN),
    ],
)
def test_an_answer_settles_it(folder: Folder, answer: object, result: Result) -> None:
    adapter = FileAdapter(folder)
    adapter.send("A1", EVENT)
    next((folder.root / "out").iterdir()).unlink()  # the platform has taken it
    drop(folder, f"{EVENT.event_id}.json", answer, "answers")
    assert adapter.send("A1", EVENT).result is result
    assert names(folder, "out") == []


def test_where_nobody_answers_laying_it_there_is_all(folder: Folder) -> None:
    assert FileAdapter(folder, answered=False).send("A1", EVENT).result is Result.APPLIED
    assert len(names(folder, "out")) == 1


def test_a_days_digest(folder: Folder) -> None:
    adapter = FileAdapter(folder)
    with pytest.raises(NoAnswer) as none:
        adapter.digest(date(2026, 11, 21))
    assert none.value.trouble is Trouble.WAITING
    drop(folder, "2026-11-21.csv", "工单编号,状态,版本\nA1,20,3\nA2,,\n", "digest")
    found = adapter.digest(date(2026, 11, 21))
    assert found.items[0] == DigestLine("A1", "20", 3)
    assert isinstance(found.items[1], Unreadable)


def test_a_share_that_is_not_mounted_is_no_empty_folder(tmp_path: Path) -> None:
    adapter = FileAdapter(Folder(tmp_path), answered=False)
    with pytest.raises(NoAnswer) as none:
        adapter.changes("")
    assert none.value.trouble is Trouble.FOLDER
    assert adapter.send("A1", EVENT).trouble is Trouble.FOLDER
    assert list(tmp_path.iterdir()) == []


def test_a_folder_cannot_be_asked_for_one_order(folder: Folder) -> None:
    with pytest.raises(NoAnswer) as none:
        FileAdapter(folder).order("A1")
    assert none.value.trouble is Trouble.NOT_OFFERED


# A process that takes orders and sends events until it is killed; what it stores, it stores in
# one step with its cursor, as a transaction would.
WORKER = """
import json, os, sys, uuid
from datetime import datetime, UTC
from pathlib import Path
from workorders.platforms.files import FileAdapter
from workorders.platforms.folder import Folder
from workorders.platforms.wire import EventType, OutgoingEvent
root, state = Path(sys.argv[1]), Path(sys.argv[2])
adapter = FileAdapter(Folder(root, settle_seconds=0), answered=False)
kept = json.loads(state.read_text()) if state.exists() else {"cursor": "", "orders": []}
while True:
    page = adapter.changes(kept["cursor"], 7)
    kept = {"cursor": page.next_cursor, "orders": kept["orders"] + [i.no for i in page.items]}
    draft = state.with_suffix(".tmp")
    draft.write_text(json.dumps(kept))
    draft.replace(state)
    for item in page.items:
        adapter.send(item.no, OutgoingEvent(
            event_id=uuid.uuid5(uuid.NAMESPACE_OID, item.no), type=EventType.ACCEPT,
            at=datetime(2026, 11, 21, tzinfo=UTC), operator="x", content="y" * 20_000))
"""


def test_killed_again_and_again_nothing_is_lost_or_half_written(
    folder: Folder, tmp_path: Path
) -> None:
    state, numbers = tmp_path / "state.json", []
    for round_ in range(5):
        for part in range(4):
            batch = [f"{round_}-{part}-{number}" for number in range(25)]
            numbers += batch
            draft = folder.root / "in" / f"{uuid4()}.json.part"
            draft.write_text(json.dumps([order(no=no) for no in batch]))
            draft.rename(draft.with_suffix(""))
        _kill_in_the_midst(folder, state, at_least=(round_ + 1) * 60)
    take = subprocess.Popen([sys.executable, "-c", WORKER, str(folder.root), str(state)])
    wait_for(lambda: names(folder, "in") == [])
    _kill(take)
    assert set(_stored(state)) == set(numbers)
    assert names(folder, "bad") == []
    assert len(names(folder, "taken")) == 20
    for path in (folder.root / "out").glob("[!.]*"):
        assert json.loads(path.read_text())["content"] == "y" * 20_000


def _stored(state: Path) -> list[str]:
    return list(json.loads(state.read_text())["orders"]) if state.exists() else []


def _kill_in_the_midst(folder: Folder, state: Path, at_least: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", WORKER, str(folder.root), str(state)])
    try:
        wait_for(lambda: len(_stored(state)) >= at_least)
    finally:
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(30)
