"""Category sets by month, and the level-2 tree."""

import pytest

from hotline.classification.vocabulary import (
    MEMBERS,
    Category,
    Subcategory,
    categories_in,
    category_of,
    group_of,
    published_categories,
    set_version,
)


def test_the_set_of_2020_has_the_survey_and_no_manual_service() -> None:
    assert Category.SURVEY in published_categories("2020-04")
    assert Category.MANUAL not in published_categories("2020-04")


def test_the_set_of_2023_has_manual_service_and_no_survey() -> None:
    assert Category.MANUAL in published_categories("2023-11")
    assert Category.SURVEY not in published_categories("2023-11")


@pytest.mark.parametrize(
    ("month", "version"),
    [("2019-12", "2020"), ("2020-01", "2020"), ("2022-12", "2020"), ("2023-01", "2023"),
     ("2031-07", "2023")],
)  # fmt: skip
def test_a_set_is_in_force_until_the_next_one(month: str, version: str) -> None:
    assert set_version(month) == version


@pytest.mark.parametrize("month", ["2020-04", "2023-11"])
def test_non_business_calls_are_kept_apart_from_what_is_published(month: str) -> None:
    assert Category.NON_BUSINESS not in published_categories(month)
    assert Category.NON_BUSINESS in categories_in(month)


def test_every_level_2_label_stands_under_exactly_one_heading() -> None:
    placed = [each for members in MEMBERS.values() for each in members]
    assert sorted(placed) == sorted(Subcategory)


def test_praise_and_suggestions_are_not_published_as_complaints() -> None:
    assert category_of(Subcategory.PRAISE) is Category.CONSULTATION
    assert category_of(Subcategory.SUGGESTION) is Category.CONSULTATION


def test_booking_has_its_four_kinds() -> None:
    labels = [each.label for each in Subcategory if category_of(each) is Category.BOOKING]
    assert labels == ["预约", "退约", "查询", "账号"]


def test_labels_are_those_of_the_form() -> None:
    assert group_of(Subcategory.ILLEGAL_PRACTICE).label == "举报"
    assert Category.CONSULTATION.label == "咨询类（不含专家咨询）"
