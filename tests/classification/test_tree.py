"""The level-2 tree: chosen from by agents, kept by admins, never losing what calls carry."""

import pytest

from hotline.agents.rules import Role
from hotline.classification import service
from hotline.classification.models import SubcategoryRow
from hotline.classification.vocabulary import Category, Group, Subcategory, category_of
from hotline.errors import Refused
from tests.people import form_token, signed_in


def labels(session, category, **more):
    branches = service.tree(session, **more)
    return [
        leaf.label for branch in branches if branch.category is category for leaf in branch.leaves
    ]


def test_the_shipped_tree_is_the_shipped_vocabulary(session):
    for code in Subcategory:
        row = session.get(SubcategoryRow, code.value)
        assert (row.label, row.category) == (code.label, category_of(code))


def test_each_month_offers_its_own_level_1_set(session):
    in_2020 = {branch.category for branch in service.tree(session, "2020-04")}
    in_2023 = {branch.category for branch in service.tree(session, "2023-11")}
    assert Category.SURVEY in in_2020 - in_2023
    assert Category.MANUAL in in_2023 - in_2020


def test_a_choice_of_another_months_set_is_refused(session):
    with pytest.raises(Refused, match="category_invalid"):
        service.require_choice(session, "2023-11", "survey", None)
    assert service.require_choice(session, "2020-04", "survey", None) == (Category.SURVEY, None)


def test_level_2_must_belong_to_its_level_1(session):
    with pytest.raises(Refused, match="subcategory_invalid"):
        service.require_choice(session, "2023-11", "booking", "fees")


def test_level_2_may_be_given_by_its_label(session):
    chosen = service.require_choice(session, "2023-11", "complaint", "收费")
    assert chosen == (Category.COMPLAINT, "fees")


def test_a_new_choice_is_offered_with_a_readable_code_and_initials(session):
    row = service.add(session, Group.CONSULTATION, "健康证")
    assert (row.code, row.initials) == ("jian_kang_zheng", "jkz")
    assert labels(session, Category.CONSULTATION)[-1] == "健康证"


def test_two_labels_of_the_same_sound_get_two_codes(session):
    codes = {service.add(session, Group.CONSULTATION, label).code for label in ("义诊", "疑诊")}
    assert codes == {"yi_zhen", "yi_zhen_2"}


@pytest.mark.parametrize("label", ["", "  ", "字" * 31, "预防接种"])
def test_empty_endless_and_repeated_labels_are_refused(session, label):
    with pytest.raises(Refused, match="label_invalid"):
        service.add(session, Group.CONSULTATION, label)


def test_a_retired_choice_is_no_longer_offered_but_keeps_its_label(session):
    service.retire(session, "fees", is_active=False)
    assert "收费" not in labels(session, Category.COMPLAINT)
    assert "收费" in labels(session, Category.COMPLAINT, with_retired=True)
    assert service.labels(session)["fees"] == "收费"
    with pytest.raises(Refused, match="停用"):
        service.require_choice(session, "2023-11", "complaint", "fees")


def test_a_category_never_loses_its_last_choice(session):
    codes = [leaf.code for branch in service.tree(session) for leaf in branch.leaves
             if branch.category is Category.BOOKING]  # fmt: skip
    for code in codes[:-1]:
        service.retire(session, code, is_active=False)
    with pytest.raises(Refused, match="last_subcategory"):
        service.retire(session, codes[-1], is_active=False)


def test_choices_change_places_within_their_group(session):
    before = labels(session, Category.BOOKING)
    service.move(session, "cancel", up=True)
    after = labels(session, Category.BOOKING)
    assert after[:2] == [before[1], before[0]]
    service.move(session, "cancel", up=True)  # already the first
    assert labels(session, Category.BOOKING) == after


def test_an_admin_renames_a_choice_in_the_browser(app, client, session):
    browser = signed_in(app, session, Role.ADMIN)
    form = {"deed": "rename", "label": "收费与医保", "csrf_token": form_token(browser)}
    assert browser.post("/admin/categories/fees", data=form).status_code == 302
    page = browser.get("/admin/categories")
    assert "收费与医保" in page.text
    assert "sfyyb" in page.text


def test_a_wrong_label_is_explained_and_kept_in_the_form(app, client, session):
    browser = signed_in(app, session, Role.ADMIN)
    form = {"group": "consultation", "label": "预防接种", "csrf_token": form_token(browser)}
    answer = browser.post("/admin/categories", data=form)
    assert answer.status_code == 422
    assert "已经存在" in answer.text
    assert 'value="预防接种"' in answer.text
