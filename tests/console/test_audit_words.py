"""An audit line reads as a sentence."""

from hypothesis import given
from hypothesis import strategies as st

from hotline.console.audit_subjects import subject_begun, subject_words
from hotline.console.audit_words import in_words


def test_a_change_is_shown_as_before_and_after_in_the_words_of_the_trade():
    detail = {
        "before": {"category": None, "disposition": None},
        "after": {"category": "complaint", "disposition": "work_order"},
        "caller": "139****1234",
    }
    words = "分类：未填 → 医疗服务投诉；结果：未填 → 转工单；号码：139****1234"
    assert in_words(detail) == words


def test_what_stayed_the_same_is_not_mentioned():
    same = {"role": "agent", "active": True}
    assert in_words({"before": same, "after": {**same, "active": False}}) == "启用：是 → 否"


def test_a_plain_rename_is_shown():
    assert in_words({"before": "收费", "after": "收费与医保"}) == "收费 → 收费与医保"


def test_lists_of_codes_are_read_out():
    assert in_words({"scopes": ["telephony", "calls"]}) == "范围：话务事件、来电记录"


values = st.none() | st.booleans() | st.integers() | st.text(max_size=5)


@given(
    st.dictionaries(
        st.text(max_size=8), values | st.lists(values) | st.dictionaries(st.text(), values)
    )
)
def test_no_detail_breaks_the_page(detail):
    assert isinstance(in_words(detail), str)


def test_a_subject_is_read_in_words_and_may_be_typed_so():
    assert subject_words("call:20261122-00009") == "来电 20261122-00009"
    assert subject_words("reconciliation:city:2026-11-21:1") == "对账 city:2026-11-21:1"
    assert [subject_words(one) for one in ("voice_line", "hospital:3", None)] == [
        "语音线路", "hospital:3", "",
    ]  # fmt: skip
    typed = ("来电 2026", "来电", "call:2026", "来电人", "工单：WO1")
    assert [subject_begun(one) for one in typed] == [
        "call:2026", "call", "call:2026", "来电人", "work_order:WO1",
    ]  # fmt: skip
