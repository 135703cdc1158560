"""A status is looked up, never guessed."""

from __future__ import annotations

import pytest

from hotline.errors import Refused
from workorders.platforms import mapping
from workorders.platforms.mapping import Template
from workorders.rules import Meaning, State

CONTRACT = {
    Template.CITY: "10 待签收, 20 已签收, 30 办理中, 31 退单待审, 32 延期待审, 40 待回访, 41 重办, "
    "50 已办结, 60 已归档, 70 已退单",
    Template.PROVINCE: "WAIT_SIGN 待签收, SIGNED 已签收, DOING 办理中, BACK_APPLY 退单待审, "
    "DELAY_APPLY 延期待审, WAIT_VISIT 待回访, REDO 重办, DONE 已办结, FILED 已归档, BACKED 已退单",
}


@pytest.mark.parametrize("which", list(Template))
def test_every_code_of_the_contract_has_its_meaning(which: Template) -> None:
    words = dict(pair.split(" ") for pair in CONTRACT[which].split(", "))
    codes = mapping.template(which)
    assert {code: codes.meaning(code).label for code in words} == words  # type: ignore[union-attr]
    assert len(codes.meanings) == len(words)
    assert all(codes.meaning(codes.code(meaning) or "") is meaning for meaning in Meaning)


@pytest.mark.parametrize("status", ["", "33", "1", "SIGNED", "二十", "010"])
def test_an_unknown_code_means_nothing(status: str) -> None:
    assert mapping.template(Template.CITY).meaning(status) is None


def test_a_row_brings_back_what_it_was_given() -> None:
    codes = mapping.template(Template.PROVINCE)
    assert mapping.from_column(codes.column()) == codes


def test_a_wrong_row_is_refused_code_by_code() -> None:
    with pytest.raises(Refused) as refusal:
        mapping.from_column({"10": "wait_sign", "20": "no idea", " ": "done"})
    assert set(refusal.value.fields) == {"20", " "}


def test_every_state_but_ours_alone_agrees_with_some_status() -> None:
    known = {state for states in mapping.STATES.values() for state in states}
    assert known == set(State) - {State.MERGED}
    assert mapping.agree(State.ASSIGNED, Meaning.SIGNED)
    assert not mapping.agree(State.CLOSED, Meaning.DOING)
    assert mapping.agree(State.MERGED, Meaning.DOING)
