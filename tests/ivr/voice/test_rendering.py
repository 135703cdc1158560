"""Rendering what is missing: resumed, stopped, replaced whole."""

import numpy as np
import pytest
from click.testing import CliRunner

from ivr.voice import cli
from ivr.voice.clips import Clips
from ivr.voice.rendering import BREATH, Rendering, breaths, speed
from ivr.voice.wanted import Piece

PIECES = (
    Piece("医院", "鼓楼医院"),
    Piece("医院", "儿童医院"),
    Piece("固定语句", "请稍等", "。"),
    Piece("固定语句", "请稍等", "。", slow=True),
)


class Humming:
    """Reads everything as a hum, a tenth of a second a character; stops when told to."""

    def __init__(self, stop_after=None):
        self.read_aloud = []
        self._stop_after = stop_after

    def read(self, texts, speed):
        if self._stop_after is not None and len(self.read_aloud) >= self._stop_after:
            raise KeyboardInterrupt
        self.read_aloud += [text.text for text in texts]
        return [self._hum(len(text.text) * 2400 / speed) for text in texts]

    def _hum(self, length):
        hum = 0.3 * np.sin(np.arange(round(length)) * 2 * np.pi * 220 / 24_000)
        return hum.astype(np.float32)


@pytest.fixture
def rendering(tmp_path):
    return Rendering(tmp_path / "local.zip", tmp_path / "parts")


def render(rendering, reader, pieces=PIECES):
    return cli.render(rendering, pieces, reader)


def test_everything_missing_is_recorded(rendering, tmp_path):
    assert render(rendering, Humming())
    kept = Clips([tmp_path / "local.zip"])
    assert all(piece.key in kept for piece in PIECES)
    assert len(kept.sound("请稍等", slow=True)) > len(kept.sound("请稍等"))


def test_what_is_recorded_is_not_read_again(rendering):
    render(rendering, Humming())
    again = Humming()
    render(rendering, again, [*PIECES, Piece("医院", "胸科医院")])
    assert again.read_aloud == ["胸科医院"]


def test_a_stop_loses_nothing_and_the_next_run_goes_on(rendering, tmp_path):
    assert not render(rendering, Humming(stop_after=2))
    kept = Clips([tmp_path / "local.zip"])
    assert "鼓楼医院" in kept
    assert "请稍等" not in kept
    rest = Humming()
    assert render(rendering, rest)
    assert rest.read_aloud == ["请稍等", "请稍等"]
    assert kept.sound("请稍等") is not None


def test_a_kill_loses_nothing_either(tmp_path):
    killed = Rendering(tmp_path / "local.zip", tmp_path / "parts")
    with pytest.raises(KeyboardInterrupt):
        killed.render(PIECES, Humming(stop_after=2), lambda _: None)
    rest = Humming()
    render(Rendering(tmp_path / "local.zip", tmp_path / "parts"), rest)
    assert rest.read_aloud == ["请稍等", "请稍等"]


def test_recordings_nobody_wants_any_more_go(rendering, tmp_path):
    render(rendering, Humming())
    render(rendering, Humming(), PIECES[:1])
    kept = Clips([tmp_path / "local.zip"])
    assert "鼓楼医院" in kept
    assert "儿童医院" not in kept


def test_an_archive_keeps_what_it_has_when_the_folder_is_gone(tmp_path):
    render(Rendering(tmp_path / "local.zip", tmp_path / "parts"), Humming())
    reader = Humming()
    render(Rendering(tmp_path / "local.zip", tmp_path / "other"), reader, PIECES)
    assert reader.read_aloud == []
    assert Clips([tmp_path / "local.zip"]).sound("儿童医院") is not None


def test_a_digit_is_never_the_first_or_the_last_of_what_is_read(rendering):
    reader = Humming()
    digits = [Piece("数字", digit) for digit in "零幺二"]
    render(rendering, reader, digits)
    assert reader.read_aloud == ["零", "零", "幺", "二", "二"]
    assert rendering.missing(digits) == []


def test_short_pieces_are_read_as_lists_of_one_kind_and_speed():
    dates = [Piece("日期", f"{number}号") for number in range(40)]
    slow = [Piece("日期", "三号", slow=True), Piece("时间", "八点", slow=True)]
    read = list(breaths([*dates, *slow]))
    assert [piece for breath in read for piece in breath] == [*dates, *slow]
    assert len(read) < 6
    for breath in read:
        assert len({(piece.group, speed(piece)) for piece in breath}) == 1
        assert sum(len(piece.text) for piece in breath) <= BREATH


def test_names_and_sentences_are_read_by_themselves():
    assert list(breaths(PIECES)) == [[piece] for piece in PIECES]


def test_without_the_extra_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(cli, "NEEDED", ("no_such_package",))
    refusal = CliRunner().invoke(cli.build, []).exception
    assert "pip install" in refusal.message
