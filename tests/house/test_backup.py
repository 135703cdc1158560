"""Back up, destroy, restore: the rows and files are the same, or nothing has changed."""

from __future__ import annotations

import stat
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import literal_column, table, text
from sqlmodel import Session, select

from hotline import db, settings
from hotline.agents.models import Person
from hotline.agents.rules import Role
from hotline.agents.service import create_person
from hotline.backup.service import restore, save
from hotline.clock import SHANGHAI
from hotline.errors import NotStarted
from hotline.statistics import headline, tallies
from tests.statistics.days import told

SAY: list[str] = []


@pytest.fixture
def archive(committed: str, tmp_path: Path) -> Path:
    """A backup of a database with one person and one attachment."""
    kept = settings.current().data_dir / "attachments"
    kept.mkdir(exist_ok=True)
    (kept / "a.txt").write_text("附件")
    with db.transaction() as session:
        create_person(session, "zhang", Role.AGENT, "张三")
    target = tmp_path / "backup.tar"
    save(settings.current(), target)
    return target


def _rows() -> dict[str, list[tuple[object, ...]]]:
    with db.engine().connect() as connection:
        names = connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        ).all()
        return {
            name: sorted(
                map(
                    tuple, connection.execute(select(literal_column("*")).select_from(table(name)))
                ),
                key=str,
            )
            for name in names
        }


def test_what_was_saved_comes_back_whole(archive: Path) -> None:
    before = _rows()
    with db.transaction() as session:
        session.exec(select(Person)).one().name = "李四"
        session.connection().execute(text("DROP TABLE idempotency_key"))
    (settings.current().data_dir / "attachments" / "a.txt").unlink()
    restore(settings.current(), archive, SAY.append, force=True)
    assert _rows() == before
    assert (settings.current().data_dir / "attachments" / "a.txt").read_text() == "附件"


def test_figures_come_back_and_are_kept_up_again(committed: str, tmp_path: Path) -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=SHANGHAI)
    with db.transaction() as session:
        told(session, "a", noon, category="booking")
        tallies.take_in(session)
        told(session, "b", noon)  # waits to be taken in
    target = tmp_path / "backup.tar"
    save(settings.current(), target)
    with db.transaction() as session:
        told(session, "c", noon)
    restore(settings.current(), target, SAY.append, force=True)
    with db.transaction() as session:
        assert headline.counted(session, "2026-11").calls == 2
        told(session, "d", noon, category="crisis")
        session.connection().execute(text("DELETE FROM call WHERE call_uid = 'a'"))
    with db.transaction() as session:
        found = tallies.compare(session, "2026-11")
        assert (found.calls, found.differences) == (2, [])
        assert headline.counted(session, "2026-11").categories["crisis"] == 1


def test_people_at_work_are_not_overwritten_without_force(archive: Path) -> None:
    with pytest.raises(NotStarted, match="--force"):
        restore(settings.current(), archive, SAY.append)


def test_an_empty_database_takes_it_without_force(archive: Path) -> None:
    with db.engine().begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    restore(settings.current(), archive, SAY.append)
    with Session(db.engine()) as session:
        assert session.exec(select(Person.name)).all() == ["张三"]


def test_a_damaged_backup_changes_nothing(archive: Path) -> None:
    before = _rows()
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0xFF
    archive.write_bytes(content)
    with pytest.raises(NotStarted, match="已损坏"):
        restore(settings.current(), archive, SAY.append, force=True)
    assert _rows() == before


def test_keys_that_cannot_open_it_are_refused(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_HASH_KEY", "another-key-of-enough-characters-0123")
    settings.current.cache_clear()
    with pytest.raises(NotStarted, match="现有密钥解不开"):
        restore(settings.current(), archive, SAY.append, force=True)
    monkeypatch.undo()
    settings.current.cache_clear()


def test_no_secret_is_in_a_backup_and_only_its_owner_reads_it(archive: Path) -> None:
    site = settings.current()
    content = archive.read_bytes()
    assert site.secrets.signing.encode() not in content
    assert site.secrets.hashing not in content
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
