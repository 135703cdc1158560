"""Our files travel with a reply: by addresses that open one file, for a while, for one platform."""

import json
from datetime import timedelta
from urllib.parse import unquote

import pytest
from sqlmodel import col, select

from hotline import clock, settings
from hotline.agents.rules import Role
from hotline.audit import AuditEntry
from hotline.clock import now
from tests.people import signed_in
from tests.workorders.orders import LEADER, own, platform, received, remote, unit
from tests.workorders.pages.clicks import text
from workorders import attaching, doctor, following, merging, service, units
from workorders.exchange.models import Outgoing
from workorders.exchange.rules import OutgoingState
from workorders.models import Platform
from workorders.platforms.wire import EventType

PDF = b"%PDF-1.7 found"
BASE = "http://hotline.example.cn"
FILES = f"{BASE}/api/v1/workorders/files/"


@pytest.fixture
def public(session, monkeypatch):
    monkeypatch.setenv("HOTLINE_PUBLIC_URL", f"{BASE}/")
    settings.current.cache_clear()
    yield
    monkeypatch.undo()
    settings.current.cache_clear()


@pytest.fixture
def leader(app, session, redis):
    return signed_in(app, session, Role.SUPERVISOR, "banzhang")


def answer(session, order):
    """Answered and passed, through a unit."""
    service.accept(session, order, LEADER)
    units.assign(session, order, unit(session, f"医政科{order.order_no}"), LEADER)
    again(session, order)


def again(session, order):
    service.reply(session, order, "已核实并整改，已电话告知诉求人。", LEADER)
    service.pass_reply(session, order, LEADER)


def sent(session, order):
    """The answers written for an order's platform, each with its files."""
    kinds = (EventType.REPLY, EventType.REWORK_DONE)
    rows = select(Outgoing).where(Outgoing.order_id == order.key, col(Outgoing.type).in_(kinds))
    found = session.exec(rows.order_by(col(Outgoing.id)))
    return [json.loads(row.body)["attachments"] for row in found]


def path(named):
    assert named["url"].startswith(FILES)
    return named["url"].removeprefix(BASE)


def answered(session, **given):
    """A platform's order that went back with one file, and the file as it was named."""
    order = received(session, platform(session), **given)
    kept = attaching.add(session, order, "整改说明.pdf", PDF, LEADER)
    answer(session, order)
    session.commit()
    [[named]] = sent(session, order)
    return order, kept, named


def test_a_reply_names_the_files_and_the_platform_gets_them(session, public, client):
    order, kept, named = answered(session)
    assert (named["name"], named["sha256"]) == ("整改说明.pdf", kept.sha256.hex())
    assert order.order_no not in named["url"]
    got = client.get(path(named))
    assert (got.status_code, got.data) == (200, PDF)
    said = unquote(got.headers["Content-Disposition"])
    assert said == "attachment; filename*=UTF-8''整改说明.pdf"
    assert got.headers["Cache-Control"] == "no-store"
    read = session.exec(select(AuditEntry).where(AuditEntry.action == "record_read")).one()
    assert (read.subject, read.person_name, read.detail) == (
        order.subject, "市12345", {"attachment": kept.key},
    )  # fmt: skip


def test_each_round_names_only_what_is_new(session, public):
    order, _, _ = answered(session)
    row = platform_of(session, order)
    following.follow(session, row, remote(version=2, status="41"), now())
    attaching.add(session, order, "复查.pdf", PDF + b"2", LEADER)
    again(session, order)
    assert [[one["name"] for one in each] for each in sent(session, order)] == [
        ["整改说明.pdf"], ["复查.pdf"],
    ]  # fmt: skip


def test_what_the_platform_refused_goes_again(session, public):
    order, _, _ = answered(session)
    refused = session.exec(select(Outgoing).where(Outgoing.type == EventType.REPLY)).one()
    refused.state = OutgoingState.REFUSED
    following.follow(session, platform_of(session, order), remote(version=2, status="41"), now())
    again(session, order)
    assert [[one["name"] for one in each] for each in sent(session, order)] == [
        ["整改说明.pdf"]
    ] * 2


@pytest.mark.parametrize("confidential", [False, True])
def test_merged_orders_get_the_masters_files_unless_it_is_confidential(
    session, public, confidential
):
    master = received(session, platform(session), confidential=confidential)
    other = received(session, platform(session, "province"), no="JS-1", status="WAIT_SIGN")
    merging.merge(session, other, master, "同一件事", LEADER)
    attaching.add(session, master, "整改说明.pdf", PDF, LEADER)
    answer(session, master)
    assert len(sent(session, master)[0]) == 1
    assert len(sent(session, other)[0]) == (0 if confidential else 1)


def test_an_address_made_before_an_order_became_confidential_opens_no_more(session, public, client):
    master = received(session, platform(session))
    other = received(session, platform(session, "province"), no="JS-1", status="WAIT_SIGN")
    merging.merge(session, other, master, "同一件事", LEADER)
    attaching.add(session, master, "整改说明.pdf", PDF, LEADER)
    answer(session, master)
    session.commit()
    [[ours]], [[theirs]] = sent(session, master), sent(session, other)
    assert client.get(path(theirs)).status_code == 200
    master.confidential = True
    session.commit()
    assert client.get(path(theirs)).status_code == 404
    assert client.get(path(ours)).status_code == 200


def test_whatever_is_wrong_is_not_found(session, public, client):
    order, kept, named = answered(session)
    good = path(named)
    for bad in (good[:-1], good + "x", good.rpartition(".")[0], good.rpartition("/")[0] + "/x"):
        assert client.get(bad).status_code == 404, bad
    row = platform_of(session, order)
    row.is_active = False
    session.commit()
    assert client.get(good).status_code == 404
    row.is_active = True
    (attaching.directory() / kept.path).unlink()
    session.commit()
    assert client.get(good).status_code == 404


def test_an_address_grows_old(session, public, client, monkeypatch):
    _, _, named = answered(session)
    later = (clock.now() + timedelta(days=30, minutes=1)).timestamp()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    assert client.get(path(named)).status_code == 404


class Lines(list):
    """A logger that remembers."""

    def info(self, event, **told):
        self.append({"event": event} | told)


def test_the_log_does_not_open_the_file(session, public, client, monkeypatch):
    _, _, named = answered(session)
    lines = Lines()
    monkeypatch.setattr("hotline.app.log", lines)
    client.get(path(named))
    paths = [line["path"] for line in lines if line["event"] == "request"]
    assert paths == ["/api/v1/workorders/files/<token>"]


def test_nobody_outside_can_reach_us(session, redis, app, leader):
    order = received(session, platform(session))
    attaching.add(session, order, "整改说明.pdf", PDF, LEADER)
    session.commit()
    warned = "没有设置对外网址（HOTLINE_PUBLIC_URL），1 个附件不会随回复发给平台"
    assert warned in text(leader.get(f"/workorders/{order.order_no}"))
    found = " ".join(one.sentence for one in doctor.findings(settings.current()))
    assert "没有设置 HOTLINE_PUBLIC_URL：附件不会随回复" in found
    answer(session, order)
    assert sent(session, order) == [[]]


def test_the_page_and_the_form_of_a_reply_say_what_goes_along(session, public, leader):
    order = received(session, platform(session))
    attaching.add(session, order, "整改说明.pdf", PDF, LEADER)
    service.accept(session, order, LEADER)
    units.assign(session, order, unit(session), LEADER)
    session.commit()
    said = "1 个附件将随回复发给平台，平台 30 天内可取。"
    address = f"/workorders/{order.order_no}"
    assert said in text(leader.get(address))
    assert said in text(leader.get(f"{address}/form/reply"))
    assert "HOTLINE_PUBLIC_URL" not in " ".join(
        one.sentence for one in doctor.findings(settings.current())
    )


def test_our_own_orders_have_nobody_to_send_to(session, public, leader):
    order = own(session)
    attaching.add(session, order, "整改说明.pdf", PDF, LEADER)
    answer(session, order)
    session.commit()
    assert sent(session, order) == []
    assert "随回复" not in text(leader.get(f"/workorders/{order.order_no}"))


def platform_of(session, order):
    return session.get_one(Platform, order.platform)
