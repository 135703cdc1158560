"""Orders are read, or parked with a reason; nothing a platform sends brings us down."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workorders.platforms.orders import order
from workorders.platforms.reading import raw_text, read, read_each, read_text
from workorders.platforms.wire import LARGEST_ORDER, RemoteOrder, Unreadable
from workorders.rules import Kind, Urgency


def test_an_order_by_the_contract_is_read_without_a_warning() -> None:
    found = read(order())
    assert found.warnings == ()
    assert (found.no, found.version, found.status) == ("NJ20261121000123", 3, "20")
    assert (found.kind, found.urgency, found.confidential) == (
        Kind.COMPLAINT,
        Urgency.URGENT,
        True,
    )
    assert found.caller.phone == "19900001234"
    assert found.due_at == datetime(2026, 11, 27, 10, tzinfo=UTC)
    assert found.urged[0].content == "请尽快"
    assert found.attachments[0].sha256 == "ab" * 32
    assert found.raw == order()


def test_nothing_personal_is_printed() -> None:
    shown = repr(read(order()))
    for secret in ("19900001234", "编造者", "挂号窗口", "某路", "编造医院", "排队太久"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("changed", "field", "wanted", "warned"),
    [
        ({"version": "7"}, "version", 7, "version：应为整数，收到文字"),
        ({"version": 7.0}, "version", 7, "version：应为整数，收到数字"),
        ({"status": 20}, "status", "20", "status：应为文字，收到数字"),
        ({"status": "87"}, "status", "87", None),
        ({"status": None}, "status", "", "status：为空值"),
        ({"confidential": "是"}, "confidential", True, "confidential：应为是否，收到文字"),
        ({"confidential": 0}, "confidential", False, "confidential：应为是否，收到数字"),
        ({"confidential": "也许"}, "confidential", True, "confidential：看不懂，先按“是”处理"),
        ({"urgency": "火急"}, "urgency", Urgency.URGENT, "urgency：不认识，先按“紧急”处理"),
        ({"urgency": None}, "urgency", Urgency.NORMAL, "urgency：为空值"),
        ({"urged": None}, "urged", (), "urged：为空值"),
        ({"attachments": None}, "attachments", (), "attachments：为空值"),
        ({"due_at": None}, "due_at", None, "due_at：为空值"),
        ({"due_at": "明天"}, "due_at", None, "due_at：时间看不懂，没有采用"),
        ({"due_at": "9999-12-31T23:59:59-12:00"}, "due_at", None, "due_at：时间看不懂，没有采用"),
        ({"place": 12}, "place", "12", "place：应为文字，收到数字"),
        ({"place": "a\x00b\ud800"}, "place", "ab?", "place：含有无法保存的字符，已去掉"),
        ({"weather": "雨"}, "extra", {"weather": "雨"}, "没有约定的字段：weather"),
    ],
)
def test_what_changed_is_read_and_said(
    changed: dict[str, Any], field: str, wanted: object, warned: str | None
) -> None:
    found = read(order(**changed))
    assert getattr(found, field) == wanted
    assert list(found.warnings) == ([warned] if warned else [])


@pytest.mark.parametrize(
    "written",
    ["2026-11-27 18:00:00", "2026/11/27 18:00", 1795773600, "1795773600", 1795773600000],
)
def test_times_without_an_offset_are_shanghais(written: object) -> None:
    found = read(order(due_at=written))
    assert found.due_at == datetime(2026, 11, 27, 10, tzinfo=UTC)
    assert len(found.warnings) == 1


def test_fields_that_are_missing_are_said_one_by_one() -> None:
    found = read({"no": "A1", "version": 1, "kind": "咨询", "status": "10"})
    assert found.reply_wanted
    assert not found.confidential
    assert "place：没有提供" in found.warnings
    assert found.urged == ()


def test_a_note_may_be_a_mere_sentence() -> None:
    (note,) = read(order(urged=["快点"])).urged
    assert (note.content, note.at) == ("快点", None)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"no": None}, "没有工单编号，或编号不可用"),
        ({"no": ".."}, "没有工单编号，或编号不可用"),
        ({"no": "a\nb"}, "没有工单编号，或编号不可用"),
        ({"no": "1" * 65}, "没有工单编号，或编号不可用"),
        ({"no": ["1"]}, "没有工单编号，或编号不可用"),
        ({"version": None}, "没有版本号，或版本号不是整数"),
        ({"version": True}, "没有版本号，或版本号不是整数"),
        ({"version": -1}, "没有版本号，或版本号不是整数"),
        ({"version": "v7"}, "没有版本号，或版本号不是整数"),
        ({"version": 2**63}, "没有版本号，或版本号不是整数"),
        ({"kind": "闲聊"}, "诉求类型不认识"),
        ({"content": "长" * LARGEST_ORDER}, f"超过 {LARGEST_ORDER} 个字符"),
    ],
)
def test_what_cannot_be_read_is_parked_with_its_reason(
    changed: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Unreadable) as parked:
        read(order(**changed))
    assert parked.value.reason == reason
    assert parked.value.raw == order(**changed)


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, '{"version": ' + "9" * 5000 + "}", "\xff"]
)
def test_text_that_is_no_json_is_parked(text: str) -> None:
    with pytest.raises(Unreadable):
        read_text(text.encode("latin-1"))


def test_one_bad_item_does_not_spoil_its_page() -> None:
    found = read_each([order(), 7, order(no="B")])
    assert [type(item) for item in found] == [RemoteOrder, Unreadable, RemoteOrder]


def test_what_is_too_long_is_cut_and_kept_whole_beside() -> None:
    found = read(order(title="长" * 600))
    assert len(found.title) == 500
    assert len(found.raw["title"]) == 600


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=20)
    | st.sampled_from(["2026-11-21T10:00:00", "0001-01-01T00:00:00+23:59", "咨询", "7", "是"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(order())), _JSON) | _JSON)
def test_whatever_comes_is_an_order_or_parked(changed: Any) -> None:
    (found,) = read_each([order(**changed) if isinstance(changed, dict) else changed])
    if isinstance(found, Unreadable):
        assert found.reason
        assert raw_text(found.raw).isascii()
    else:
        found.title.encode()  # what is stored can be stored
        assert "\x00" not in found.content
        assert found.no
        assert found.version >= 0


@given(st.binary(max_size=60) | st.builds(lambda o: json.dumps(o).encode()[:-3], st.just(order())))
def test_whatever_bytes_come_are_an_order_or_parked(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read_text(data)
