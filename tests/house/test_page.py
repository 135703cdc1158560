"""The first page a newcomer sees, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_the_sign_in_page_is_whole(page: Page) -> None:
    page.goto("/")
    expect(page).to_have_title(re.compile("12320"))
    expect(page.locator("input[type=password]")).to_be_visible()
