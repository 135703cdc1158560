"""Connecting and synchronising from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from redis import Redis

from hotline.db import transaction
from hotline.errors import Refused
from tests.workorders.exchange import world
from workorders.cli import workorders
from workorders.exchange.locks import only_one
from workorders.models import Platform
from workorders.standin.running import CITY, PROVINCE, StandIn


def run(*words: str) -> Result:
    return CliRunner().invoke(workorders, list(words))


def refusal(*words: str) -> Refused:
    error = run(*words).exception
    assert isinstance(error, Refused), error
    return error


@pytest.fixture
def connected(standin: StandIn, committed: str, redis: Redis) -> StandIn:
    for code, account in (("city", CITY), ("province", PROVINCE)):
        made = run("platform", "set", code, "--adapter", "rest", "--url", standin.url,
                   "--app-id", account.app_id, "--secret", account.secret)  # fmt: skip
        assert made.exit_code == 0, made.output
        assert account.secret not in made.output
    return standin


def test_sync_once_brings_and_tells_everything(connected: StandIn) -> None:
    no = connected.place(connected.city)["no"]
    there = connected.place(connected.province)["no"]
    done = run("sync", "--once")
    assert done.exit_code == 0, done.output
    assert "市12345：收到 1 条，处理 1 条，发送 0 个事件。" in done.output
    world.deed(no, "accept")
    world.deed(there, "accept")
    done = run("sync", "--once", "--platform", "province")
    assert "发送 1 个事件" in done.output
    assert len(connected.province.events(there)) == 1
    assert connected.city.events(no) == []


def test_what_a_worker_is_sending_is_left_to_it(connected: StandIn) -> None:
    no = connected.place(connected.city)["no"]
    run("sync", "--once", "--platform", "city")
    world.deed(no, "accept")
    with only_one("send", "city") as alone:
        assert alone
        done = run("sync", "--once", "--platform", "city")  # and does not ask in circles
    assert "发送 0 个事件" in done.output
    assert connected.city.events(no) == []


def test_trouble_is_said_and_shown(connected: StandIn) -> None:
    run("platform", "set", "city", "--secret", "x" * 32)
    done = run("sync", "--once")
    assert done.exit_code == 1
    assert "签名" in done.output
    listed = run("platform", "list").output
    assert "有失败，正在重试" in listed
    assert "省12345  正常" in listed


def test_changes_leave_the_rest_as_it_was(connected: StandIn) -> None:
    assert run("platform", "set", "city", "--name", "南京12345", "--off").exit_code == 0
    with transaction() as session:
        row = session.get_one(Platform, "city")
    assert (row.name, row.is_active, row.secret) == ("南京12345", False, CITY.secret)
    assert row.mapping["50"] == "done"
    assert "南京12345  已停用" in run("platform", "list").output
    assert refusal("sync", "--once", "--platform", "city").code == "platform_unknown"


def test_what_is_missing_is_said(committed: str) -> None:
    assert refusal("platform", "set", "city").code == "platform_incomplete"
    assert refusal("platform", "set", "self", "--adapter", "rest").code == "platform_code_invalid"
    words = ("platform", "set", "city", "--url", "nonsense", "--app-id", "a", "--secret", "b")
    assert refusal(*words).code == "url_invalid"
    with transaction() as session:
        assert session.get(Platform, "city") is None
    assert "还没有平台" in run("platform", "list").output


def test_a_shared_folder(committed: str, redis: Redis, tmp_path: Path) -> None:
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
    made = run("platform", "set", "city", "--adapter", "file", "--folder", str(tmp_path),
               "--no-answers")  # fmt: skip
    assert made.exit_code == 0, made.output
    header = "工单编号,版本,状态,诉求类型,标题,内容"
    (tmp_path / "in" / "orders.csv").write_text(f"{header}\nNJ-1,1,10,投诉,排队,三小时\n")
    (tmp_path / "in" / "orders.csv.done").touch()
    done = run("sync", "--once")
    assert "收到 1 条，处理 1 条" in done.output, done.output
    world.deed("NJ-1", "accept")
    assert "发送 1 个事件" in run("sync", "--once").output
    assert len(list((tmp_path / "out").glob("*.json"))) == 1
