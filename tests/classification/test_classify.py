"""The answer line, and the command that writes it."""

import json

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.classification.classify import classify, classify_lines
from hotline.classification.cli import classify as command


def test_an_answer_has_the_contracts_shape() -> None:
    answer = classify("拉肚子三天了应该挂什么科", "2023-11")
    assert answer == {
        "category": "consultation",
        "subcategory": "寻医问药/就医指导",
        "subcategory_code": "care_guidance",
        "confidence": answer["confidence"],
        "crisis": {"level": "none", "reasons": []},
        "department": "消化内科",
    }
    assert 0.5 < answer["confidence"] <= 1


def test_danger_is_told_with_reasons() -> None:
    answer = classify("我不想活了")
    assert answer["category"] == "crisis"
    assert answer["crisis"]["level"] == "watch"
    assert answer["crisis"]["reasons"]


def test_an_empty_text_has_no_category() -> None:
    assert classify("") == {
        "category": None,
        "subcategory": None,
        "subcategory_code": None,
        "confidence": 0.0,
        "crisis": {"level": "none", "reasons": []},
        "department": None,
    }


@pytest.mark.parametrize(
    "line",
    ["{", "文字", "[1]", "3", "null", '{"text": 5}', '{"other": "x"}', "[" * 50_000, '"text"'],
)
def test_a_bad_line_is_named_and_the_next_one_is_read(line: str) -> None:
    first, second = classify_lines([line, '{"text": "想戒烟"}'], jsonl=True)
    assert first["line"] == 1
    assert "第1行" in first["error"]
    assert second["subcategory"] == "戒烟"


def test_blank_lines_are_skipped_and_still_counted() -> None:
    answers = list(classify_lines(["\n", "{}\n", "  "], jsonl=True))
    assert [answer["line"] for answer in answers] == [2]


def test_answers_come_as_lines_come() -> None:
    def lines() -> object:
        yield "想戒烟\n"
        raise AssertionError("read ahead of the first answer")

    assert next(classify_lines(lines()))["category"] == "consultation"  # type: ignore[arg-type]


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_line_gets_one_json_answer(text: str) -> None:
    for answer in classify_lines([text, json.dumps({"text": text})], jsonl=True):
        json.dumps(answer)


def _run(arguments: list[str], given_bytes: bytes = b"") -> list[dict[str, object]]:
    result = CliRunner().invoke(command, arguments, input=given_bytes)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def test_the_command_reads_one_text_from_its_argument() -> None:
    assert _run(["投诉收费"])[0]["subcategory"] == "收费"


def test_the_command_reads_lines() -> None:
    answers = _run(["--month", "2023-11"], "转人工\n打错了\n".encode())
    assert [answer["category"] for answer in answers] == ["manual", "non_business"]


def test_the_command_reads_json_lines_with_a_mark_and_stray_bytes() -> None:
    answers = _run(
        ["--jsonl"], b'\xef\xbb\xbf{"text": "\xe6\x88\x92\xe7\x83\x9f"}\n{"text": "\xff"}\n'
    )
    assert answers[0]["subcategory"] == "戒烟"
    assert answers[1]["crisis"] == {"level": "none", "reasons": []}


def test_a_month_is_written_as_year_and_month() -> None:
    result = CliRunner().invoke(command, ["--month", "2023-13", "你好"])
    assert result.exit_code == 2
    assert "YYYY-MM" in result.output


def test_the_month_chooses_the_set() -> None:
    assert _run(["--month", "2020-04", "满意度调查"])[0]["category"] == "survey"
    assert _run(["--month", "2023-11", "满意度调查"])[0]["category"] != "survey"
