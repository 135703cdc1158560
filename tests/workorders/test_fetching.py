"""取回: a platform's file comes when asked for, from the platform only, and only as it said."""

import hashlib

import pytest
from sqlmodel import select

from hotline.agents.rules import Role
from hotline.errors import Refused
from tests.people import signed_in
from tests.workorders.orders import LEADER, platform, received
from tests.workorders.pages.clicks import post, text
from tests.workorders.platforms.speaker import Speaker, http
from workorders import attaching, fetching
from workorders.models import OrderStep
from workorders.platforms.fetching import Wanted, fetch
from workorders.side_models import Attachment

PDF = b"%PDF-1.7 complaint"
SHA = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def leader(app, session, redis):
    return signed_in(app, session, Role.SUPERVISOR, "banzhang")


def named(session, there, *, path="/files/1", name="材料.pdf", sha256=""):
    """An order of the platform at ``there`` with one file of its, not fetched."""
    source = platform(session)
    source.base_url = there
    file = {"name": name, "sha256": sha256, "url": there + path}
    order = received(session, source, attachments=[file])
    session.commit()
    return order, session.exec(select(Attachment)).one()


def address(order, kept):
    return f"/workorders/{order.order_no}/attachments/{kept.key}"


def press(browser, order, kept):
    """取回, and the page it leads back to."""
    answer = post(browser, f"{address(order, kept)}/fetch")
    assert answer.status_code == 302
    return browser.get(answer.location)


@pytest.mark.parametrize("sha256", ["", SHA])
def test_it_comes_at_the_press_of_a_button_and_lies_encrypted(session, leader, sha256):
    with Speaker(http(PDF)) as there:
        order, kept = named(session, there.url, sha256=sha256)
        page = text(leader.get(f"/workorders/{order.order_no}"))
        assert f"{address(order, kept)}/fetch" in page
        assert leader.get(address(order, kept)).status_code == 404
        assert there.heard == []
        shown = press(leader, order, kept)
    assert "附件“材料.pdf”已取回。" in text(shown)
    assert b"X-App-Id" not in there.heard[0]
    got = leader.get(address(order, kept))
    assert (got.data, got.mimetype) == (PDF, "application/pdf")
    session.refresh(kept)
    assert PDF not in (attaching.directory() / kept.path).read_bytes()
    assert "/fetch" not in text(leader.get(f"/workorders/{order.order_no}"))
    steps = session.exec(select(OrderStep.content).where(OrderStep.order_id == order.key))
    assert "从平台取回“材料.pdf”" in list(steps)


@pytest.mark.parametrize(("says", "given", "sentence"), [
    (http(PDF + b"x"), {"sha256": SHA}, "文件与平台给出的校验值不一致"),
    (http(b"MZ" + PDF), {}, "内容不是 pdf 文件"),
    (http(b"MZ"), {"name": "a.exe"}, "类型不能添加"),
    (http(b"", "302 Found", "Location: http://127.0.0.1:1/"), {}, "平台把地址转到了别处"),
    (http(b"", "404 Not Found"), {}, "平台没有给出文件（404）"),
    (http(PDF)[:-3], {}, "应答只收到一部分"),
    (http(b"%PDF-" + bytes(10 * 1024 * 1024)), {}, "超过 10 MB"),
])  # fmt: skip
def test_what_is_not_as_it_should_be_is_not_kept(session, leader, says, given, sentence):
    with Speaker(says) as there:
        order, kept = named(session, there.url, **given)
        shown = press(leader, order, kept)
    assert sentence in text(shown)
    assert "附件没有取回" in text(shown)
    session.refresh(kept)
    assert (kept.path, kept.size) == (None, 0)
    assert "在平台上，还没有取回" in text(shown)


@pytest.mark.parametrize("url", [
    "http://localhost:1/a.pdf", "http://10.0.0.1/a.pdf", "http://127.0.0.1@10.0.0.1/a.pdf",
    "http://u:p@127.0.0.1/a.pdf", "http://127.0.0.1.example.cn/a.pdf", "file:///etc/passwd",
    "ftp://127.0.0.1/a.pdf", "//127.0.0.1/a.pdf", "a.pdf", "http://[::1/a.pdf", "",
])  # fmt: skip
def test_no_address_leads_our_server_elsewhere(url):
    with pytest.raises(Refused, match=r"^file_not_fetched:.*(主机|http)"):
        fetch(Wanted(url, "http://127.0.0.1:1"))


def test_a_platform_without_an_address_of_its_own_is_asked_nothing():
    with pytest.raises(Refused, match="自己的主机"):
        fetch(Wanted("http://127.0.0.1:1/a.pdf", None))


def test_a_silent_platform_is_left():
    with Speaker() as there:
        there._says.append(there.silent)
        with pytest.raises(Refused, match="没有按时应答"):
            fetch(Wanted(there.url, there.url, seconds=0.2))


def test_a_dripping_platform_is_left():
    with Speaker() as there:

        def drip(caller):
            caller.sendall(http(bytes(1000))[:-1000])
            while not there.let_go.wait(0.02):
                caller.sendall(b"x")

        there._says.append(drip)
        with pytest.raises(Refused, match="没有按时应答"):
            fetch(Wanted(there.url, there.url, seconds=0.3))


def test_the_same_file_twice_is_kept_once(session):
    order, kept = named(session, "http://127.0.0.1:1")
    fetching.keep(session, order, kept.key, PDF, LEADER)
    first = kept.path
    fetching.keep(session, order, kept.key, PDF, LEADER)
    assert kept.path == first


def test_the_address_tells_the_type_where_the_name_does_not(session):
    order, kept = named(session, "http://127.0.0.1:1", name="材料", path="/a/1.PDF?x=1")
    fetching.keep(session, order, kept.key, PDF, LEADER)
    assert (kept.name, kept.media_type) == ("材料", "application/pdf")


def test_our_own_files_and_other_orders_are_not_fetched(session, leader):
    order, kept = named(session, "http://127.0.0.1:1")
    ours = attaching.add(session, order, "a.pdf", PDF, LEADER)
    other = received(session, platform(session, "province"), no="JS-1", status="WAIT_SIGN")
    session.commit()
    for wrong in (address(order, ours), address(other, kept)):
        assert post(leader, f"{wrong}/fetch").status_code == 404


def test_a_confidential_order_is_not_fetched_for_others(session, app):
    order, kept = named(session, "http://127.0.0.1:1")
    order.confidential = True
    session.commit()
    agent = signed_in(app, session, Role.AGENT, "xiaomei")
    assert post(agent, f"{address(order, kept)}/fetch").status_code == 403
