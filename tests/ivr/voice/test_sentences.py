"""How a piece is cut into what is recorded."""

import pytest

from ivr.dialogue.prompts import fixed_pieces
from ivr.voice.sentences import STOPS, sentences


@pytest.mark.parametrize(
    ("piece", "cut"),
    [
        ("您好，这里是12320卫生热线。", [("您好，这里是12320卫生热线", "。")]),
        ("预约成功。您的预约号是", [("预约成功", "。"), ("您的预约号是", "")]),
        ("。人工按0。", [("", "。"), ("人工按0", "。")]),
        ("，别人按9。", [("", "，"), ("别人按9", "。")]),
        ("；", [("", "；")]),
        ("吗？", [("吗", "？")]),
        ("按1", [("按1", "")]),
        ("", []),
    ],
)
def test_sentences_are_cut_at_their_ends(piece, cut):
    assert list(sentences(piece)) == cut


def test_nothing_that_is_said_gets_lost():
    for piece in fixed_pieces():
        assert "".join(text + stops for text, stops in sentences(piece)) == piece
        assert not any(text and (text[0] in STOPS or text[-1] in STOPS)
                       for text, _ in sentences(piece))  # fmt: skip
