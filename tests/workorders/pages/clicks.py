"""What tests do to a page."""

import html
import re

from tests.people import form_token


def post(browser, address, **typed):
    return browser.post(address, data={**typed, "csrf_token": form_token(browser)})


def text(answer) -> str:
    return re.sub(r"\s+", " ", html.unescape(answer.get_data(as_text=True)))


def seen(browser, order) -> str:
    """How the order stood when its page was opened."""
    page = text(browser.get(f"/workorders/{order.order_no}/form/flag"))
    return re.search(r'name="seen" value="([^"]*)"', page).group(1)


def do(browser, order, name, **typed):
    """Open a form of the order's page and send it."""
    return post(browser, f"/workorders/{order.order_no}/do/{name}",
                **({"seen": seen(browser, order)} | typed))  # fmt: skip
