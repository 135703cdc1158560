"""The learnt weights: what is in the files, and how they are read."""

import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from hotline.classification import crisis, suggest
from hotline.classification.evaluation import Message, markdown, read, split, table
from hotline.classification.linear import LinearModel, load, logistic, save, softmax

CARD = Path(__file__).parents[2] / "docs" / "model-cards" / "crisis.md"
TOY = LinearModel(("a", "b"), 2, (0.0, 0.5), {"疼": (1.0, -1.0), "很疼": (2.0, 0.0)})


@pytest.mark.parametrize(
    "path", [crisis.MODEL_FILE, suggest.MODEL_FILE], ids=lambda path: path.name
)
def test_the_card_names_the_bytes_of_the_weights(path: Path) -> None:
    assert hashlib.sha256(path.read_bytes()).hexdigest() in CARD.read_text(encoding="utf-8")


def test_no_sentence_can_be_read_back_from_the_danger_weights() -> None:
    assert max(map(len, load(crisis.MODEL_FILE).weights)) <= 3


def test_category_weights_cover_only_codes_with_words() -> None:
    assert set(load(suggest.MODEL_FILE).classes) <= set(suggest.word_scores(""))


def test_a_saved_model_reads_back_and_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    once, again = tmp_path / "once.json.gz", tmp_path / "again.json.gz"
    save(TOY, once)
    save(TOY, again)
    assert once.read_bytes() == again.read_bytes()
    assert load(once) == TOY


def test_a_text_is_the_set_of_its_known_n_grams_at_length_one() -> None:
    assert TOY.known("很疼很疼") == ["疼", "很疼"]
    assert TOY.logits("很疼") == pytest.approx([3 / 2**0.5, 0.5 - 1 / 2**0.5])


def test_a_text_of_strangers_scores_the_bias() -> None:
    assert TOY.logits("你好") == [0.0, 0.5]


def test_words_leave_out_parts_of_one_another() -> None:
    assert TOY.words("很疼", 0) == ("很疼",)


@pytest.mark.parametrize("logit", [-1e9, -1.0, 0.0, 1.0, 1e9])
def test_log_odds_become_shares_for_any_float(logit: float) -> None:
    assert 0.0 <= logistic(logit) <= 1.0
    assert sum(softmax([logit, 0.0, 3.0])) == pytest.approx(1.0)


def _labelled(count: int, label: str) -> list[Message]:
    return [Message(f"{label}{number}", label) for number in range(count)]


def test_the_split_keeps_the_share_of_each_label_and_repeats() -> None:
    messages = _labelled(100, "甲") + _labelled(10, "乙")
    development, held = split(messages)
    assert Counter(each.label for each in held) == {"甲": 20, "乙": 2}
    assert not set(development) & set(held)
    assert split(messages) == (development, held)


def test_the_table_counts_alarms_by_label() -> None:
    messages = [Message("x", "自杀计划"), Message("y", "自杀计划"), Message("y", "其他")]
    rows = table(messages, lambda text: "high" if text == "x" else "none")
    assert {(row.label, row.texts, row.alarmed, row.high) for row in rows} == {
        ("自杀计划", 2, 1, 1),
        ("（自杀各类合计）", 2, 1, 1),
        ("其他", 1, 0, 0),
    }
    assert "| 自杀计划 | 2 | 1 | 0.500 | 1 |" in markdown(rows)


def test_a_labelled_file_is_read_by_its_first_label(tmp_path: Path) -> None:
    path = tmp_path / "labelled.jsonl"
    path.write_text('{"text": "甲", "labels": ["一", "二"]}\n', encoding="utf-8")
    assert read(path) == [Message("甲", "一")]


def test_importing_reads_no_file_and_needs_no_training_library() -> None:
    code = """
import pathlib, sys
def refuse(*_, **__): raise AssertionError("a file was read at import")
pathlib.Path.read_text = pathlib.Path.read_bytes = refuse
import hotline.classification.classify, hotline.classification.train
assert not {"sklearn", "numpy", "scipy"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=CARD.parents[2])
