"""One number has one spelling, and nobody sees it whole by accident."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import phone


@pytest.mark.parametrize(
    "raw",
    [
        "13800001111",
        "013800001111",
        "+8613800001111",
        "008613800001111",
        "8613800001111",
        "138 0000 1111",
        "138-0000-1111",
        "１３８００００１１１１",
    ],
)
def test_every_spelling_of_a_mobile_is_one_number(raw):
    assert phone.normalise(raw) == "+8613800001111"


def test_a_local_landline_is_completed_with_the_area_code():
    assert phone.normalise("83280000") == "+862583280000"
    assert phone.normalise("83280000", area_code="0512") == "+8651283280000"
    assert phone.normalise("025-83280000") == "+862583280000"


@pytest.mark.parametrize("code", ["110", "12320", "12345", "8001"])
def test_short_codes_and_extensions_stay_as_they_are(code):
    assert phone.normalise(code) == code


@pytest.mark.parametrize("raw", [None, "", "anonymous", "Unknown", "abc", "<script>", "9" * 40])
def test_withheld_and_nonsense_are_no_number(raw):
    assert phone.normalise(raw) is None


@given(st.text(max_size=60))
def test_normalising_never_fails_and_is_stable(raw):
    number = phone.normalise(raw)
    assert number is None or phone.normalise(number) == number


def test_masking_hides_the_middle():
    assert phone.mask("+8613800001111") == "138****1111"
    assert phone.mask("+862583280000") == "025****0000"
    assert phone.mask("12345") == "12345"
    assert phone.mask(None) == "未知号码"


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_mobile_inside_a_sentence_is_hidden(number):
    hidden = phone.redact(f"请回电{number}，谢谢")
    assert number not in hidden
    assert hidden.startswith("请回电")
    assert hidden.endswith("，谢谢")


def test_redacting_leaves_call_numbers_and_amounts_alone():
    text = "编号20261121-00123，金额1234567元"
    assert phone.redact(text) == text


def test_an_id_number_inside_a_sentence_is_hidden():
    assert phone.redact("身份证32010619490307123X") == "身份证320****123X"
