"""The command line: doctor, users, tokens, secrets; whatever says no says it in one sentence."""

from __future__ import annotations

import os
import subprocess
from datetime import date
from pathlib import Path

import pytest
from redis import Redis
from sqlmodel import select

from hotline import db, doctor, settings
from hotline.agents.models import ApiToken, Person
from tests.house.machine import HOTLINE, hotline


@pytest.fixture
def run(committed: str, redis: Redis, tmp_path: Path) -> object:
    """`hotline …` on the test's own database."""
    site = settings.current()
    named = {
        "HOTLINE_DATABASE_URL": committed,
        "HOTLINE_REDIS_URL": site.redis,
        **_secrets(),
    }
    return lambda *arguments: hotline(tmp_path / "var", *arguments, **named)


def _secrets() -> dict[str, str]:
    names = ("HOTLINE_SECRET_KEY", "HOTLINE_HASH_KEY", "HOTLINE_ENCRYPTION_KEYS")
    return {name: os.environ[name] for name in names}


def test_a_user_is_made_with_a_password_shown_once(run) -> None:
    made = run("user", "create", "zhang", "--role", "agent", "--name", "张三")
    assert made.returncode == 0, made.stderr
    assert "一次性密码：" in made.stdout
    with db.transaction() as session:
        assert session.exec(select(Person.name)).one() == "张三"
    again = run("user", "create", "zhang", "--role", "agent")
    assert (again.returncode, again.stderr) == (65, "用户名 zhang 已被使用，请换一个。\n")


def test_a_token_alone_is_on_standard_output(run) -> None:
    made = run("token", "create", "--role", "integration", "--scope", "telephony", "--name", "PBX")
    assert made.returncode == 0, made.stderr
    assert len(made.stdout.split()) == 1
    with db.transaction() as session:
        assert session.exec(select(ApiToken.scopes)).one() == ["telephony"]


def test_doctor_says_what_is_missing_and_how_to_get_it(run) -> None:
    found = run("doctor")
    assert found.returncode == 1  # no worker runs in this test
    assert "✓ PostgreSQL 18" in found.stdout
    assert "是最新的" in found.stdout
    assert "请运行 hotline worker" in found.stdout
    assert found.stderr == ""


def test_doctor_on_a_bare_machine_is_no_traceback(tmp_path: Path) -> None:
    found = hotline(tmp_path / "var", "doctor")
    assert found.returncode == 1
    assert "hotline up" in found.stdout
    assert found.stderr == ""


def test_doctor_warns_when_next_year_is_missing_from_the_calendar(
    session: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor.clock, "today", lambda: date(2030, 1, 1))
    (finding,) = doctor._calendar(settings.current())
    assert finding.mark == "✗"


def test_secrets_are_fresh_and_accepted(tmp_path: Path) -> None:
    first, second = (hotline(tmp_path / "var", "secrets").stdout for _ in range(2))
    assert first != second
    named = dict(line.split("=", 1) for line in first.splitlines())
    accepted = hotline(tmp_path / "var", "doctor", **named)
    assert "密钥齐全，来自环境变量" in accepted.stdout


@pytest.mark.parametrize(
    "command", [["web"], ["worker"], ["user", "create", "a1", "--role", "agent"]]
)
def test_without_servers_there_is_one_sentence(tmp_path: Path, command: list[str]) -> None:
    refused = hotline(tmp_path / "var", *command)
    assert refused.returncode == 69
    assert "hotline up" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_an_unreachable_database_is_one_sentence(tmp_path: Path) -> None:
    named = {"HOTLINE_DATABASE_URL": "postgresql://127.0.0.1:1/none", **_secrets()}
    refused = hotline(tmp_path / "var", "user", "create", "a1", "--role", "agent", **named)
    assert refused.returncode == 69
    assert refused.stderr.startswith("连不上数据库")


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    refused = hotline(tmp_path / "var", "web", HOTLINE_PORT="0")
    assert refused.returncode == 78
    assert "HOTLINE_PORT" in refused.stderr


def test_the_data_directory_may_be_said_before_or_after_the_command(tmp_path: Path) -> None:
    for arguments in (["--data-dir", "x", "doctor"], ["doctor", "--data-dir", "x"]):
        said = subprocess.run(
            [*HOTLINE, *arguments],
            cwd=tmp_path,
            env={"PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert str(tmp_path / "x") in said.stdout
