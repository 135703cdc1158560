"""What the voice line says."""

from datetime import UTC, date, datetime, time

import pytest

from hotline.booking.rules import ClinicKind, HalfDay
from ivr.dialogue import (
    booking_moves,
    mine_moves,
    moves,
    offer_moves,
    patient_moves,
    prompts,
    words,
)
from ivr.dialogue.dates import Days
from ivr.dialogue.facts import Slots
from ivr.dialogue.replies import blanks_of, say
from ivr.dialogue.state import State, Step
from tests.ivr.dialogue.world import FATHER, GULOU, HEART, MOTHER, usual_offers


def test_numbers_are_said_digit_by_digit_with_pauses():
    assert "".join(words.booking_no("20261121-000123")) == "二零二六，幺幺二幺，零零零，幺二三"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (time(8), "八点"),
        (time(14, 30), "十四点三十分"),
        (time(9, 5), "九点零五分"),
        (time(2), "两点"),
    ],
)
def test_times(at, said):
    assert "".join(words.clock(at)) == said


def test_days():
    assert words.day(date(2026, 12, 3)) == ("十二月", "三号", "星期四")
    span = words.days(Days(date(2026, 11, 22), date(2026, 12, 5)))
    assert "".join(span) == "十一月二十二号星期日到十二月五号星期六"


@pytest.mark.parametrize(
    ("fee", "said"),
    [("25.00", "，挂号费二十五元"), ("100", "，挂号费一百元"), ("315", "，挂号费三百一十五元"),
     ("108", "，挂号费一百零八元"), (None, ""), ("7.50", "")],
)  # fmt: skip
def test_fees(fee, said):
    assert "".join(words.fee(fee)) == said


def test_what_was_understood_is_said_in_passing():
    slots = Slots(GULOU, HEART, kind=ClinicKind.EXPERT, any_doctor=True, half=HalfDay.MORNING)
    echo = booking_moves.echo(slots, (Step.HOSPITAL, Step.DEPARTMENT, Step.DOCTOR, Step.HALF))
    assert prompts.text(echo) == "好的，南京鼓楼医院，心血管内科，专家号，上午。"


def test_a_booking_is_read_twice():
    said = prompts.text(
        say(
            "booked", number="20261121-000123", pick_up_by=datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
        )
    )
    assert said.count("二零二六，幺幺二幺，零零零，幺二三") == 2
    assert "请在十一月二十二号星期日九点三十分前到医院取号。" in said


def full_state():
    offers = usual_offers()
    from ivr.dialogue.facts import Standing

    return State(slots=Slots(GULOU, HEART), people=(MOTHER, FATHER), person=MOTHER,
                 options=(GULOU,), choices=(GULOU, GULOU), offers=offers, chosen=offers[0],
                 mine=(Standing("1", offers[0]),))  # fmt: skip


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("level", ["", ".again", ".keys"])
def test_every_question_can_be_asked(step, level):
    said = prompts.text(prompts.Prompt(f"ask_{step.value}{level}", blanks_of(full_state())))
    assert said
    assert "{" not in said
    assert len(said) < 160


def test_every_sentence_the_moves_name_exists():
    import inspect
    import re

    named = set()
    for module in (moves, booking_moves, offer_moves, patient_moves, mine_moves):
        source = inspect.getsource(module)
        named |= set(re.findall(r'say\(\s*"(\w+)"', source))
        named |= set(re.findall(r'say\("(\w+)" if', source))
    named |= {f"refused_{code}" for code in patient_moves._A_PERSON}
    named |= {"miss", "silence", "near_by", "found", "cancelled", "cancel_not_allowed"}
    assert named <= set(prompts.sentences())


def test_every_fixed_piece_is_listed_for_recording():
    fixed = set(prompts.fixed_pieces())
    for step in Step:
        for level in ("", ".again", ".keys"):
            prompt = prompts.Prompt(f"ask_{step.value}{level}", blanks_of(full_state()))
            names = {GULOU.name, HEART.name, MOTHER.said, FATHER.said, "王建国医生"}
            left = set(prompts.pieces(prompt)) - fixed - names
            assert all(_is_of_the_calendar(piece) for piece in left), left


def _is_of_the_calendar(piece):
    known = {"，", "？", "；", "上午", "下午", "专家号"}
    return piece in known or piece[-1] in "月号点" or piece.startswith("星期")
