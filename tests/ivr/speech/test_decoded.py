"""The recogniser's JSON as texts with probabilities."""

from __future__ import annotations

import json
from math import log

import pytest

from ivr.speech.decoded import Decoded, decoded


def _segment(*readings: tuple[float, str]) -> str:
    """Readings as (share, words): a word a second."""
    return json.dumps(
        {
            "alternatives": [
                {
                    "confidence": 100 + log(share),
                    "text": words,
                    "result": [
                        {"word": word, "start": float(place), "end": place + 1.0}
                        for place, word in enumerate(words.split())
                    ],
                }
                for share, words in readings
            ]
        }
    )


def test_likelihoods_become_shares() -> None:
    found = decoded([_segment((0.7, "鼓楼 医院"), (0.2, "口腔 医院"), (0.1, "鼓楼 病院"))])
    assert found.text == "鼓楼医院"
    assert [one.text for one in found.alternatives] == ["鼓楼医院", "口腔医院", "鼓楼病院"]
    assert found.confidence == pytest.approx(0.7)
    assert [word.confidence for word in found.words] == pytest.approx([0.8, 0.9])


def test_readings_that_read_the_same_are_one() -> None:
    found = decoded([_segment((0.4, "鼓 楼"), (0.4, "鼓楼"), (0.2, "口腔"))])
    assert [(one.text, round(one.confidence, 6)) for one in found.alternatives] == [
        ("鼓楼", 0.8),
        ("口腔", 0.2),
    ]


def test_segments_are_joined_and_silent_ones_are_nothing() -> None:
    silent = _segment((0.6, ""), (0.4, "有"))
    halves = [
        _segment((0.9, "鼓楼"), (0.1, "口腔")),
        silent,
        _segment((0.8, "医院"), (0.2, "一院")),
    ]
    found = decoded([*halves, silent])
    assert found.text == "鼓楼医院"
    assert found.confidence == pytest.approx(0.72)
    assert [one.text for one in found.alternatives] == [
        "鼓楼医院",
        "鼓楼一院",
        "口腔医院",
        "口腔一院",
    ]


def test_foreign_speech_has_no_text_but_leaves_its_guesses() -> None:
    found = decoded([_segment((0.6, "[unk]"), (0.4, "不是"))])
    assert (found.text, found.foreign) == ("", 1.0)
    assert [one.text for one in found.alternatives] == ["不是"]
    half = decoded([_segment((1.0, "[unk] 眼科"))])
    assert (half.text, half.foreign) == ("眼科", 0.5)


def test_an_empty_end_keeps_the_partial() -> None:
    for empty in ('{"text": ""}', '{"alternatives": []}', _segment((1.0, ""))):
        kept = decoded([empty], "鼓楼 [unk] 医院")
        assert (kept.text, kept.confidence, kept.from_partial) == ("鼓楼医院", 0.0, True)
        assert decoded([empty], "") == Decoded()


def test_a_phrase_counts_more_than_its_words_put_together_anew() -> None:
    segment = _segment((0.6, "一月 下午"), (0.3, "下 月"), (0.1, "[unk]"))
    assert decoded([segment]).text == "一月下午"
    found = decoded([segment], phrases={"下月", "一月"})
    assert found.text == "下月"
    assert [word.text for word in found.words] == ["下", "月"]
    assert found.confidence == pytest.approx(0.3 / (0.6 * 0.2 + 0.3 + 0.1))
