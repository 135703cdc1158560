"""What may become of an order."""

import pytest

from workorders import rules
from workorders.rules import HANDLING, OPEN, OVER, Meaning, State, Step


def test_the_way_of_an_order() -> None:
    way = [Step.ACCEPT, Step.ASSIGN, Step.START, Step.REPLY, Step.REPLY_PASSED, Step.CALL_BACK,
           Step.CLOSE, Step.ARCHIVE]  # fmt: skip
    state = State.RECEIVED
    seen = [state]
    for step in way:
        after = rules.after(state, step)
        assert after is not None, (state, step)
        state = after
        seen.append(state)
    assert [each.value for each in seen] == [
        "received", "accepted", "assigned", "in_progress", "replied", "callback", "callback",
        "closed", "archived",
    ]  # fmt: skip


def test_what_is_over_stays_over() -> None:
    assert rules.possible(State.ARCHIVED) == []
    assert rules.possible(State.MERGED) == [Step.CALL_BACK, Step.SPLIT]


def test_only_a_platform_brings_a_returned_order_back() -> None:
    assert rules.possible(State.RETURNED) == [Step.DISPATCHED_AGAIN]


@pytest.mark.parametrize("step", [Step.REPLY, Step.ASSIGN, Step.PROGRESS])
def test_an_order_is_signed_for_before_it_is_handled(step: Step) -> None:
    assert rules.after(State.RECEIVED, step) is None


def test_every_state_is_open_or_over() -> None:
    assert set(OPEN) | set(OVER) == set(State)
    assert not set(OPEN) & set(OVER)


def test_every_state_can_be_reached() -> None:
    reached = {State.RECEIVED}
    for _ in State:
        reached |= {to for moves in rules.MOVES.values() for at, to in moves.items()
                    if at in reached}  # fmt: skip
    assert reached == set(State)


@pytest.mark.parametrize("meaning", list(Meaning))
@pytest.mark.parametrize("state", list(State))
def test_a_platform_says_the_same_twice_and_moves_us_once(state: State, meaning: Meaning) -> None:
    led = rules.followed(state, None, meaning)
    if led is not None:
        again = rules.followed(led[1], meaning, meaning)
        # A platform that signed only once has not signed for us what we did not: 20 after 20.
        assert again is None or again[1] is not led[1]


@pytest.mark.parametrize("state", [*HANDLING, State.REPLIED, State.CALLBACK, State.CLOSED])
def test_a_platform_that_is_behind_us_moves_nothing(state: State) -> None:
    for meaning in (Meaning.WAIT_SIGN, Meaning.SIGNED, Meaning.DOING):
        assert rules.followed(state, meaning, meaning) is None


def test_a_reply_the_platform_did_not_take_comes_back() -> None:
    back = rules.followed(State.CALLBACK, Meaning.WAIT_VISIT, Meaning.DOING)
    assert back == (Step.REWORK, State.IN_PROGRESS)
