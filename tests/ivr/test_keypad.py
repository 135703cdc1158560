"""Keys to entries."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ivr.hearing import Digits, EndedBy, Keys, PersonWanted
from ivr.keypad import MOST_AHEAD, Keypad, TypeAhead

ID = Keys(most=18, star_in_number=True)


def entered(keys: Keys, pressed: str, wait: float = 0.0):
    """What the keys make, pressed half a second apart, after a wait."""
    pad, at = Keypad(keys), 0.0
    for digit in pressed:
        at += 0.5
        if (entry := pad.press(digit, at)) is not None:
            return entry
    return pad.tick(at + wait)


def test_entries():
    assert entered(Keys(), "3") == Digits("3")
    assert entered(Keys(most=4), "12#") == Digits("12", EndedBy.HASH)
    assert entered(Keys(most=4), "#") == Digits("", EndedBy.HASH)
    assert entered(Keys(most=4), "1234") == Digits("1234")
    assert entered(Keys(most=4), "12", wait=2.9) is None
    assert entered(Keys(most=4), "12", wait=3.0) == Digits("12", EndedBy.TIME)
    assert entered(Keys(most=4), "", wait=99) is None


def test_a_star_goes_back_or_stands_for_x():
    assert entered(Keys(most=4), "12*") == Digits("*", EndedBy.STAR)
    assert entered(ID, "*") == Digits("*", EndedBy.STAR)
    assert entered(ID, "32010219490101123*") == Digits("32010219490101123*")


def test_nought_alone_is_a_person_whatever_is_asked():
    assert entered(Keys(most=11), "0") == PersonWanted()
    zero_first = Keys(most=11, zero_first=True)
    assert entered(zero_first, "0", wait=3) == PersonWanted()
    assert entered(zero_first, "0#") == PersonWanted()
    assert entered(zero_first, "025", wait=3) == Digits("025", EndedBy.TIME)
    assert entered(Keys(most=1, zero_first=True), "0") == PersonWanted()


def test_digits_do_not_show_when_printed():
    assert "320102" not in repr(Digits("320102"))


@given(st.text("0123456789*#ABCDxyz", max_size=200))
def test_keys_ahead_are_bounded_and_in_order(pressed):
    ahead = TypeAhead()
    for digit in pressed:
        ahead.keep(digit)
    kept = [key for key in pressed if key in "0123456789*#"][:MOST_AHEAD]
    assert [ahead.take() for _ in range(len(ahead))] == kept
    assert ahead.take() is None
