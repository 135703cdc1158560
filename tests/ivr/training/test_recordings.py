"""Recordings, what the line makes of them, and the examples that come out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ivr.media import g711
from ivr.training import examples, features, phones, recordings, telephone
from ivr.training.batches import UNLABELLED, plan, together
from ivr.training.examples import Example
from ivr.training.order import PAUSE
from tests.ivr.training import voices

UTTERANCES = [("眼科",), ("人工", "取消")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return voices.record(tmp_path / "speech", [*UTTERANCES, UTTERANCES[1]]).parent


def _numbers(*names: str) -> tuple[int, ...]:
    return tuple(phones.NUMBER.get(name, PAUSE) for name in names)


def test_a_recording_says_its_sounds_with_pauses_around_words(folder: Path) -> None:
    one, two, _ = recordings.of_file(folder / "a.jsonl")
    assert one.name == "a:0"
    assert one.said == _numbers("|", "ian", "k", "e", "|")
    assert two.said == _numbers("|", "r", "en", "g", "ong", "|", "q", "v", "x", "iao", "|")
    assert one.rate == 16000
    assert one.marks[0] == (phones.NUMBER["ian"], pytest.approx(0.2), pytest.approx(0.325))
    assert len(two.samples) == pytest.approx(16000 * (0.4 + 4 * 0.2))


def test_stops_are_no_words_and_what_is_no_syllable_is_left_out(tmp_path: Path) -> None:
    listing = voices.record(tmp_path, UTTERANCES)
    rows = listing.read_text().splitlines()
    rows[0] = rows[0].replace('["眼科"]', '["，", "眼科", ","]')
    rows[1] = rows[1].replace('"ren2"', '"n2"')
    listing.write_text("\n".join(rows))
    [one] = recordings.of_file(listing)
    assert one.said.count(PAUSE) == 2


def test_the_voices_that_measure_never_teach(tmp_path: Path) -> None:
    for voice in recordings.HELD_OUT:
        listing = voices.record(tmp_path, [("眼科",)], voice=f"af_bella+{voice}|zf_xiaobei")
        with pytest.raises(ValueError, match="must not teach"):
            list(recordings.of_file(listing))


def test_words_that_are_not_the_syllables_are_an_error(tmp_path: Path) -> None:
    listing = voices.record(tmp_path, [("眼科",)])
    listing.write_text(listing.read_text().replace('["眼科"]', '["眼科门诊"]'))
    with pytest.raises(ValueError, match="do not make up"):
        list(recordings.of_file(listing))


def test_labels_follow_the_marks_whatever_the_line_did_to_time(folder: Path) -> None:
    [one, *_] = recordings.of_file(folder / "a.jsonl")
    for speed, lead in ((1.0, 0.0), (1.1, 0.3), (0.9, 0.1)):
        heard = telephone.Heard(np.zeros(0), speed, lead)
        made = recordings.labels(one, heard, 150)
        middle = int(((0.2 + 0.0625) / speed + lead) * 100)  # of the first final
        assert made[middle] == phones.NUMBER["ian"], (speed, lead)
        assert made[0] == made[149] == 0
        seconds = (made == phones.NUMBER["e"]).sum() / 100
        assert seconds == pytest.approx(0.125 / speed, abs=0.03)


def test_quiet_behind_the_last_final_is_silence(tmp_path: Path) -> None:
    listing = voices.record(tmp_path, [("眼科",)])
    listing.write_text(listing.read_text().replace(", 21]", ", 28]"))
    [one] = recordings.of_file(listing)
    assert one.marks[-1][2] == pytest.approx(0.7)
    made = recordings.labels(one, telephone.Heard(np.zeros(0)), 70)
    assert made[50] == phones.NUMBER["e"]
    assert not made[57:].any()


def test_a_line_changes_the_sound_but_not_what_chance_decided(folder: Path) -> None:
    [one, *_] = recordings.of_file(folder / "a.jsonl")
    babble = telephone.plain(voices.spoken(["取消"])[0], 16000).samples
    copies = [
        telephone.over_the_line(one.samples, one.rate, np.random.default_rng(seed), babble)
        for seed in range(40)
    ]
    for copy in copies:
        assert np.isfinite(copy.samples).all()
        assert 0 < np.abs(copy.samples).max() <= 32768
        expected = len(one.samples) / 2 / copy.speed + 8000 * copy.lead
        assert 0 <= len(copy.samples) - expected < 8000 * 0.4 + 3
    assert len({copy.samples.tobytes() for copy in copies}) == 40
    again = telephone.over_the_line(one.samples, one.rate, np.random.default_rng(7), babble)
    assert (again.samples == copies[7].samples).all()


def test_codes_are_those_of_g711() -> None:
    said = np.arange(-32767.0, 32768, 37)
    law = np.frombuffer(g711.from_alaw(g711.to_alaw(said.astype("<i2").tobytes())), "<i2")
    made = [telephone.coded(said, np.random.default_rng(seed)) for seed in range(30)]
    assert any((one == law).all() for one in made), "A-law"
    assert any((one == said).all() for one in made), "neither"
    mulaw = set(np.frombuffer(g711.from_mulaw(bytes(range(256))), "<i2").tolist())
    assert any(set(one.astype(int).tolist()) <= mulaw for one in made), "µ-law"


def test_silence_goes_over_the_line_too() -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        heard = telephone.over_the_line(np.zeros(16000), 16000, rng, np.zeros(10))
        assert np.isfinite(heard.samples).all()


def test_making_examples_goes_on_where_it_was_and_is_the_same(folder: Path, tmp_path: Path) -> None:
    said: list[str] = []
    examples.make(folder, tmp_path / "one", 3, 5, said.append)
    [file] = sorted((tmp_path / "one").glob("*.npz"))
    before = file.stat().st_mtime_ns
    examples.make(folder, tmp_path / "one", 3, 5, said.append)
    assert file.stat().st_mtime_ns == before
    assert len(said) == 1
    examples.make(folder, tmp_path / "two", 3, 5, said.append)
    examples.make(folder, tmp_path / "other", 3, 6, said.append)
    one, two, other = (
        list(examples.read(sorted((tmp_path / name).glob("*.npz"))))
        for name in ("one", "two", "other")
    )
    assert [each.name for each in one] == ["a:0"] * 3 + ["a:1"] * 3 + ["a:2"] * 3
    assert all((a.cepstra == b.cepstra).all() for a, b in zip(one, two, strict=True))
    assert (
        one[0].cepstra.shape != other[0].cepstra.shape or (one[0].cepstra != other[0].cepstra).any()
    )
    assert {each.said for each in one[:3]} == {_numbers("|", "ian", "k", "e", "|")}
    assert all(len(each.labels) == each.frames for each in one)
    assert examples.seconds(one) == pytest.approx(sum(each.frames for each in one) / 100)


def _example(frames: int, said: tuple[int, ...] = (PAUSE, 5, PAUSE)) -> Example:
    cepstra = np.arange(frames * 40, dtype=np.float16).reshape(frames, 40)
    return Example(str(frames), cepstra, np.full(frames, 5, dtype=np.int8), said)


def test_what_is_too_short_for_its_sounds_does_not_teach() -> None:
    assert _example(100).teaches
    assert not _example(30).teaches
    assert not _example(2000).teaches
    assert not _example(90, (PAUSE, *[5, 6] * 20, PAUSE)).teaches


def test_batches_hold_every_example_once_and_no_more_than_they_may() -> None:
    some = [_example(frames) for frames in (100, 70, 300, 310, 290, 95, 64, 700)]
    plans = plan(some, 700, np.random.default_rng(1))
    assert sorted(place for places in plans for place in places) == list(range(8))
    for places in plans:
        assert max(some[place].frames for place in places) * len(places) <= 700
    assert plans != plan(some, 700, np.random.default_rng(2))


def test_a_batch_repeats_the_last_frame_and_does_not_label_it() -> None:
    made = together([_example(100), _example(94)], skipped=1)
    assert made.cepstra.shape == (2, 99, features.COEFFICIENTS)
    assert (made.cepstra[1, 93:] == made.cepstra[1, 92]).all()
    assert made.lengths.tolist() == [33, 31]
    assert (made.labels[1, 31:] == UNLABELLED).all()
    assert (made.labels[0] == 5).all()
