"""When a pause may count as the end of an answer."""

from datetime import date

import pytest

from ivr import questions
from ivr.dialogue.state import State, Step
from ivr.hearing import Heard
from tests.ivr.dialogue.world import CITY


def is_whole(step: Step, text: str, confidence: float | None = 0.9) -> bool:
    expected = questions.expects(State(step=step, today=date(2026, 11, 21)), CITY)
    return expected.whole is not None and expected.whole(Heard(text, confidence=confidence))


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Step.HOSPITAL, "南京市儿童医院"),
        (Step.HOSPITAL, "转人工"),
        (Step.DAY, "下周三上午"),
        (Step.HALF, "下午的"),
        (Step.OFFER, "第一个"),
        (Step.CANCEL, "不退"),
        (Step.CANCEL, "是的"),
    ],
)
def test_nobody_goes_on_from_a_whole_answer(step, text):
    assert is_whole(step, text)
    assert not is_whole(step, text, 0.7), "what is not sure waits for the silence"
    assert not is_whole(step, text, None)


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Step.HOSPITAL, "鼓楼"),  # 鼓楼医院
        (Step.HOSPITAL, "不是"),  # 不是，是儿童医院
        (Step.HOSPITAL, "南京市儿童医院我想"),
        (Step.DAY, "明天"),  # 明天上午
        (Step.DAY, "下周"),  # 下周三
        (Step.OFFER, "不要"),
        (Step.HALF, "下午"),  # 下午的
        (Step.HOSPITAL, ""),
    ],
)
def test_from_others_they_do(step, text):
    assert not is_whole(step, text)


@pytest.mark.parametrize("step", [Step.MENU, Step.NAME, Step.CONFIRM, Step.QUESTION, Step.MOBILE])
def test_where_much_may_follow_or_much_hangs_on_it_the_silence_decides(step):
    assert not is_whole(step, "是的")
    assert not is_whole(step, "发烧")
