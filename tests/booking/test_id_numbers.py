"""Which identity documents hold together."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.booking import names
from hotline.booking.id_numbers import Document, Sex, age_on, check_digit, mask, read
from hotline.errors import Refused

TODAY = date(2026, 11, 21)


def card(born: str = "19491231", region: str = "320102", order: str = "001") -> str:
    """A number that holds together; nobody's, or anybody's."""
    first = f"{region}{born}{order}"
    return first + check_digit(first)


def test_the_example_of_the_standard_holds():
    identity = read("11010519491231002X", TODAY)  # GB 11643-1999, appendix
    assert (identity.document, identity.sex) == (Document.ID_CARD, Sex.FEMALE)
    assert identity.born_on == date(1949, 12, 31)


@pytest.mark.parametrize(
    "written",
    ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２\uff38",
     "110105-19491231-002X"],
)  # fmt: skip
def test_the_way_it_is_written_does_not_matter(written):
    assert read(written, TODAY).number == "11010519491231002X"


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(place, more):
    number = card()
    wrong = str((int(number[place]) + more) % 10)
    with pytest.raises(Refused, match="id_number_invalid"):
        read(number[:place] + wrong + number[place + 1 :], TODAY)


@given(st.integers(0, 15))
def test_two_neighbours_exchanged_are_always_noticed(place):
    number = card("19870623", "321183", "481")
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        with pytest.raises(Refused):
            read(swapped, TODAY)


@given(st.text(max_size=25))
def test_whatever_is_typed_is_read_or_refused_with_a_sentence(text):
    try:
        answer = read(text, TODAY).document.label
    except Refused as refusal:
        answer = f"{refusal.code} {refusal.message[-1]}"
    assert answer in {each.label for each in Document} | {"id_number_invalid 。"}


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (card("19990229"), "出生日期不存在"),
        (card("20261122"), "不合理"),
        (card("18991231"), "不合理"),
        (card(region="000000"), "地区代码"),
        ("110105491231002", "15 位"),
        ("1101051949123100", "16 位"),
        ("11010519491231002Y", "数字"),
        ("٣٢٠١٠٢١٩٤٩١٢٣١٠٠١٣", "只能含"),
        ("", "不正确"),
        ("12345", "不正确"),
    ],
)
def test_what_is_wrong_is_said(number, says):
    with pytest.raises(Refused) as refusal:
        read(number, TODAY)
    assert says in refusal.value.message


def test_a_leap_day_is_a_birthday():
    identity = read(card("20240229", order="017"), TODAY)
    assert (identity.born_on, identity.sex) == (date(2024, 2, 29), Sex.MALE)
    assert age_on(date(2024, 2, 29), date(2026, 2, 28)) == 1
    assert age_on(date(2024, 2, 29), date(2026, 3, 1)) == 2


@pytest.mark.parametrize(
    ("number", "document"),
    [
        (card(region="810000"), Document.RESIDENCE_PERMIT),
        (card(region="911100"), Document.FOREIGN_PERMIT),
        ("H12345678", Document.HK_MACAU_PASS),
        ("m1234567801", Document.HK_MACAU_PASS),
        ("12345678", Document.TAIWAN_PASS),
        ("1234567801B", Document.TAIWAN_PASS),
        ("E12345678", Document.PASSPORT),
        ("EA1234567", Document.PASSPORT),
        ("CHN110012345678", Document.FOREIGN_PERMIT),
    ],
)
def test_other_papers_are_known_by_their_form(number, document):
    assert read(number, TODAY).document is document


def test_what_is_shown_of_a_number_is_not_the_number():
    assert mask("11010519491231002X") == "110***********002X"
    assert mask("E12345678") == "E12****5678"


@pytest.mark.parametrize("name", ["王芳", "𠮷田", "阿依古丽·买买提", "〇一", "O'Neil", "J. Smith"])
def test_names_as_people_write_them_stay_as_they_are(name):
    assert names.clean(f" {name} ") == name


def test_the_dot_of_a_name_has_one_spelling():
    wanted = "阿依古丽·买买提"
    written = ["阿依古丽•买买提", "阿依古丽 ・ 买买提", "阿依古丽\uff0e买买提", "阿依古丽‧买买提"]
    assert {names.clean(each) for each in written} == {wanted}


@pytest.mark.parametrize("name", ["", "王", "王1", "王\x00芳", "·王芳", "王" * 51, "<b>王芳</b>"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(Refused, match="name_invalid"):
        names.clean(name)


def test_what_is_shown_of_a_name_is_its_first_character():
    assert names.mask("𠮷田太郎") == "𠮷***"
    assert names.mask("王芳") == "王*"
