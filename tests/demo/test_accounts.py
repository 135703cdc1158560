"""The sign-ins of a demonstration: random per installation, true at each start, well kept."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from redis import Redis
from sqlmodel import Session, select

from hotline import db, security, settings
from hotline.agents.models import Person
from hotline.cli import hotline
from hotline.demo import accounts
from hotline.demo.cli import prepare
from hotline.demo.load import Order
from hotline.demo.people import WELL_KNOWN
from hotline.errors import NotStarted, Refused
from tests.demo.test_load import _real_call

TINY = Order(days=0, per_day=5)


@pytest.fixture
def site(
    committed: str, redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> settings.Settings:
    """A demonstration with a data directory of its own."""
    monkeypatch.setenv("HOTLINE_DEMO", "1")
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path))
    settings.current.cache_clear()
    return settings.current()


def _person(username: str) -> Person:
    with Session(db.engine()) as session:
        return session.exec(select(Person).where(Person.username == username)).one()


def test_one_sign_in_for_each_role(site: settings.Settings) -> None:
    lines = prepare(site, print, TINY)
    kept = accounts.kept(site)
    for role, username in WELL_KNOWN.items():
        person = _person(username)
        assert person.role is role
        assert security.password_matches(kept.password, person.password_hash)
        assert bool(person.totp_secret) == role.needs_second_factor
        assert any(username in line for line in lines)
    assert any(kept.password in line for line in lines)


def test_nobody_else_can_sign_in(site: settings.Settings) -> None:
    prepare(site, print, TINY)
    with Session(db.engine()) as session:
        people = session.exec(select(Person)).all()
    able = {person.username for person in people if person.password_hash}
    assert able == set(WELL_KNOWN.values())


def test_the_file_is_for_its_owner_only(site: settings.Settings) -> None:
    prepare(site, print, TINY)
    assert stat.S_IMODE(accounts.path(site).stat().st_mode) == 0o600


def test_two_installations_have_two_passwords(tmp_path: Path) -> None:
    one, two = (settings.Settings(data_dir=tmp_path / name, demo=True) for name in "ab")
    assert accounts.kept_or_made(one).password != accounts.kept_or_made(two).password
    assert accounts.kept_or_made(one) == accounts.kept(one)


def test_each_start_makes_the_file_true_again(site: settings.Settings) -> None:
    prepare(site, print, TINY)
    with db.transaction() as session:
        person = session.exec(select(Person).where(Person.username == "admin1")).one()
        person.password_hash = security.hash_password("Other-Words-9")
        person.failed_attempts, person.totp_secret = 4, None
        session.add(person)
    prepare(site, print, TINY)
    again = _person("admin1")
    assert security.password_matches(accounts.kept(site).password, again.password_hash)
    assert again.failed_attempts == 0
    assert again.totp_secret == accounts.kept(site).second_factors["admin1"]


def test_the_printed_code_opens_the_door(site: settings.Settings) -> None:
    prepare(site, print, TINY)
    said = CliRunner().invoke(hotline, ["demo", "code", "supervisor1"])
    assert said.exit_code == 0, said.output
    secret = _person("supervisor1").totp_secret
    assert secret
    assert security.totp_step(secret, said.output[:6]) is not None


def test_who_has_no_second_factor_is_told_so(site: settings.Settings) -> None:
    prepare(site, print, TINY)
    with pytest.raises(Refused, match="supervisor1"):
        accounts.kept(site).code("agent1")


def test_without_a_file_there_is_no_code(tmp_path: Path) -> None:
    with pytest.raises(NotStarted, match="demo load"):
        accounts.kept(settings.Settings(data_dir=tmp_path, demo=True))


def test_a_real_person_of_that_name_is_left_alone(site: settings.Settings) -> None:
    with db.transaction() as session:
        session.add(Person(username="agent1", name="王真", role="agent", password_hash="theirs"))
    lines = prepare(site, print, TINY)
    assert _person("agent1").password_hash == "theirs"
    assert not any("agent1 " in line for line in lines)


def test_prepare_leaves_a_real_database_alone(
    site: settings.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    _real_call()
    assert prepare(site, print, TINY) == []
    assert "真实来电" in capsys.readouterr().out


def test_made_up_calls_are_for_demonstrations_only(tmp_path: Path) -> None:
    with pytest.raises(NotStarted):
        prepare(settings.Settings(data_dir=tmp_path, demo=False), print)


def test_removal_wants_a_yes(site: settings.Settings) -> None:
    prepare(site, print, TINY)
    asked = CliRunner().invoke(hotline, ["demo", "remove"])
    assert isinstance(asked.exception, Refused)
    assert _person("agent1").is_active
    done = CliRunner().invoke(hotline, ["demo", "remove", "--yes"])
    assert done.exit_code == 0, done.output
    assert "200 名" in done.output


def test_load_says_when_there_is_nothing_to_do(site: settings.Settings) -> None:
    prepare(site, print, TINY)
    again = ["demo", "load", "--days", "0", "--per-day", "5"]
    said = CliRunner().invoke(hotline, again)
    assert said.exit_code == 0, said.output
    assert "没有新增" in said.output
