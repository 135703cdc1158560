"""Platforms are connected, tried out, watched; what is wrong with them is said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from hotline.agents.rules import Role
from hotline.audit import AuditEntry
from hotline.clock import now
from hotline.db import transaction
from tests.people import signed_in
from tests.workorders.exchange import world
from tests.workorders.exchange.test_stuck_pages import arrived, event
from tests.workorders.orders import platform, received, remote
from tests.workorders.pages.clicks import post
from tests.workorders.pages.clicks import text as words
from workorders import doctor
from workorders.exchange import platform_health, platform_trial
from workorders.exchange.models import Exchange, PlatformHealth
from workorders.exchange.reconciling_models import Reconciliation
from workorders.exchange.reconciling_rules import RunState
from workorders.models import Platform
from workorders.standin.faults import Fault

PATH = "/workorders/exchange"
GIVEN = {
    "code": "city", "name": "南京市12345", "adapter": "rest", "url": "https://12345.example.cn",
    "app_id": "hotline", "secret": "a-long-secret", "codes": "city", "is_active": "yes",
}  # fmt: skip


@pytest.fixture
def admin(app, session, redis):
    return signed_in(app, session, Role.ADMIN, "guanli")


def test_a_platform_is_added_and_its_secret_never_shown(session, admin):
    assert "还没有连接平台" in words(admin.get(f"{PATH}/platforms"))
    post(admin, f"{PATH}/platforms/new", **GIVEN)
    row = session.get(Platform, "city")
    assert (row.name, row.base_url, row.secret) == (
        "南京市12345", "https://12345.example.cn", "a-long-secret",
    )  # fmt: skip
    assert row.mapping["10"] == "wait_sign"
    shown = admin.get(f"{PATH}/platforms/city").text
    assert "a-long-secret" not in shown
    assert "已保存，不显示" in shown
    post(admin, f"{PATH}/platforms/city", **GIVEN | {"name": "市12345", "secret": ""})
    session.expire_all()
    row = session.get(Platform, "city")
    assert (row.name, row.secret) == ("市12345", "a-long-secret")
    entry = session.exec(
        select(AuditEntry).where(AuditEntry.subject == "work_order_platform:city")
    ).first()
    assert "a-long-secret" not in str(entry.detail)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("code", "市", "平台代码应为"),
        ("name", "", "请填写平台的名称。"),
        ("url", "12345.example.cn", "平台地址应写成"),
        ("secret", "", "请填写。"),
        ("adapter", "soap", "请选择对接方式。"),
        ("send_per_second", "很快", "0.01 到 200"),
        ("ca_file", "/nowhere.pem", "CA 证书文件"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(session, admin, field, value, sentence):
    answer = post(admin, f"{PATH}/platforms/new", **GIVEN | {field: value})
    assert answer.status_code == 422
    assert sentence in words(answer)
    if field != "url":
        assert "https://12345.example.cn" in answer.text
    session.rollback()
    assert session.get(Platform, "city") is None


def test_a_code_is_taken_once(session, admin):
    platform(session)
    session.commit()
    assert "这个代码已有平台" in words(post(admin, f"{PATH}/platforms/new", **GIVEN))


def test_the_table_of_codes_is_changed_and_audited(session, admin):
    row = platform(session)
    session.commit()
    statuses, meanings = [*row.mapping, "99", ""], [*row.mapping.values(), "doing", ""]
    post(admin, f"{PATH}/platforms/city/codes", status=statuses, meaning=meanings)
    session.expire_all()
    assert session.get(Platform, "city").mapping["99"] == "doing"
    entry = session.exec(select(AuditEntry).order_by(col(AuditEntry.id).desc())).first()
    assert entry.detail == {"before": {"99": None}, "after": {"99": "办理中"}}


@pytest.mark.parametrize(
    ("statuses", "meanings", "sentence"),
    [
        (["10", "10"], ["doing", "done"], "同一个状态码填了两次"),
        (["10"], [""], "要选一个含义"),
        ([""], [""], "不能是空的"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(session, admin, statuses, meanings, sentence):
    before = dict(platform(session).mapping)
    session.commit()
    answer = post(admin, f"{PATH}/platforms/city/codes", status=statuses, meaning=meanings)
    assert answer.status_code == 422
    assert sentence in words(answer)
    session.expire_all()
    assert session.get(Platform, "city").mapping == before


def test_a_code_seen_lately_is_offered_and_explained(session, admin):
    source = platform(session)
    arrived(session, source, remote(status="99"))
    shown = words(admin.get(f"{PATH}/platforms/city"))
    assert "没有对照的状态码" in shown
    assert "1 条消息等待，1 张工单现在是它" in shown
    post(admin, f"{PATH}/platforms/city/meaning", status="99", meaning="doing")
    assert "1 条等待的消息正在重新处理" in words(admin.get(f"{PATH}/platforms/city"))


def test_trying_it_out_says_how_it_went(standin, city):
    assert platform_trial.try_out("city").is_well
    city.faults.set(Fault.DOWN, times=1)
    tried = platform_trial.try_out("city")
    assert not tried.is_well
    with transaction() as session:
        row = session.get_one(Platform, "city")
        row.secret = "another"
    tried = platform_trial.try_out("city")
    assert "请核对 App-Id、密钥和本机时间" in tried.words
    with transaction() as session:
        row = session.get_one(Platform, "city")
        row.base_url = "http://127.0.0.1:1"
    assert "连不上平台" in platform_trial.try_out("city").words


def test_a_trial_brings_nothing_and_loses_nothing(standin, city):
    standin.place(city)
    assert platform_trial.try_out("city").is_well
    assert world.incoming() == []
    world.ring_and_work()
    assert len(world.incoming()) == 1


def test_health_tells_what_waits_and_what_failed(app, session, redis):
    leader = signed_in(app, session, Role.SUPERVISOR, "banzhang")
    source = platform(session)
    order = received(session, source)
    event(session, order, created_at=now() - timedelta(hours=2))
    arrived(session, source, remote(no="NJ-2", status="99"))
    session.add(PlatformHealth(platform="city", polled_at=now(), failures=6, pull_failures=2,
                               failed_at=now(), open_until=now() + timedelta(minutes=3),
                               last_error="连不上平台。"))  # fmt: skip
    for outcome in ("applied", "unknown", "refused"):
        session.add(Exchange(platform="city", what="send:accept", outcome=outcome))
    session.add(Exchange(platform="city", what="pull", outcome="down"))
    session.add(Exchange(platform="city", what="pull", outcome="3 items"))
    session.commit()
    shown = words(leader.get(f"{PATH}/health"))
    assert "连续失败，暂停发送" in shown
    assert "连续 2 次没有拉取到" in shown
    assert "多次未送达 <b>1</b>" in shown
    assert "最早 2小时00分前" in shown
    assert "待人工核对 <b>1</b>" in shown
    assert "连不上平台。" in shown
    assert "24 小时交换 5 次，3 次没有成功" in shown
    (found,) = platform_health.facts(session, now())
    assert [sum(hour[group] for hour in found.tried.values()) for group in range(4)] == [2, 1, 1, 1]
    assert len(found.tried) == 24
    assert leader.get(f"{PATH}/health/now").text.lstrip().startswith("<div id=")


def said(session) -> str:
    return " ".join(f"{one.mark}{one.sentence}" for one in doctor.watched(session, now()))


def test_the_doctor_asks_for_a_platform(session):
    assert "！还没有连接 12345 平台" in said(session)


def test_the_doctor_names_what_is_wrong(session, redis):
    source = platform(session)
    assert "！市12345还没有同步过" in said(session)
    health = PlatformHealth(platform="city", polled_at=now(), succeeded_at=now())
    session.add(health)
    session.flush()
    assert "✓市12345同步正常，待发 0 个" in said(session)
    order = received(session, source)
    session.commit()
    event(session, order)
    arrived(session, source, remote(no="NJ-2", status="99"))
    assert "！市12345的状态码 99 没有对照" in said(session)
    assert "！市12345有 2 条等人处理" in said(session)
    health.polled_at = health.succeeded_at = now() - timedelta(minutes=42)
    health.last_error = "平台内部出错。"
    session.add(Reconciliation(platform="city", day=now().date(), state=RunState.DONE,
                               ended_at=now() - timedelta(days=4)))  # fmt: skip
    session.flush()
    assert "✗市12345 42 分钟没有同步成功，最近的错误：平台内部出错。" in said(session)
    assert "！1 份对账报告超过 3 天没有签字" in said(session)


def test_backlog_and_lag_are_gauges(session, client):
    source = platform(session)
    order = received(session, source)
    session.commit()
    event(session, order)
    session.add(PlatformHealth(platform="city", polled_at=now() - timedelta(seconds=90)))
    session.commit()
    told = client.get("/metrics").text
    line = 'hotline_workorders_waiting{direction="out",platform="city",state="given_up"} 1.0'
    assert line in told
    assert 'hotline_workorders_pull_lag_seconds{platform="city"} 9' in told
