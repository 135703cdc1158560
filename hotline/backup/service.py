"""Make a backup, restore one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text

from hotline import __version__, db, migrate
from hotline.backup import archive
from hotline.backup.programs import Programs
from hotline.clock import local, now
from hotline.errors import NotStarted
from hotline.settings import Settings

Say = Callable[[str], None]
# Everything of ours is in this schema; the role of the service owns the database, so it may.
EMPTY = "SET lock_timeout = '30s';\nDROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n"


def save(site: Settings, target: Path) -> None:
    """Back up database and files into ``target``. The service may go on meanwhile."""
    programs = Programs(site.database)
    with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".backup-") as scratch:
        dump = Path(scratch) / "database.dump"
        with db.engine().connect() as connection:
            revision = migrate.current(connection)
        programs.dump(dump)
        manifest = archive.Manifest(
            archive.FORMAT,
            now().isoformat(timespec="seconds"),
            __version__,
            revision,
            archive.fingerprints(site.secrets),
            archive.sha256(dump),
        )
        archive.write(target.absolute(), manifest, dump, site.data_dir.absolute())


def restore(site: Settings, source: Path, say: Say, *, force: bool = False) -> None:
    """Put a backup in the place of what is there. Either all of the database changes or none.

    Refuses a database with people in it unless ``force``, keys that cannot open the backup,
    and a backup of a newer version. Files that were there are moved aside.
    """
    data_dir = site.data_dir.absolute()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data_dir, prefix="restore-") as scratch:
        unpacked = Path(scratch)
        manifest = archive.unpack(source, unpacked)
        _require_keys(site, manifest)
        _require_known(manifest)
        with db.engine().connect() as connection:
            if not force and _is_in_use(connection):
                raise NotStarted(
                    "数据库里已有数据。确认要用备份替换全部现有数据，请加 --force。", 73
                )
        db.engine().dispose()
        _replace_database(site, unpacked)
        _replace_files(unpacked / "files", data_dir, say)
    with db.engine().connect() as connection:
        migrate.upgrade(connection, lambda step: say(f"升级 {step}"))
    made_at = local(datetime.fromisoformat(manifest.made_at))
    say(f"已恢复 {made_at:%Y-%m-%d %H:%M} 的备份。")


def _require_keys(site: Settings, manifest: archive.Manifest) -> None:
    ours = archive.fingerprints(site.secrets)
    lacking = [name for name, mark in manifest.keys.items() if ours.get(name) != mark]
    if lacking:
        raise NotStarted(
            f"现有密钥解不开这份备份（不符：{'、'.join(lacking)}）。"
            "请先放回备份时的 secrets.json 或 HOTLINE_* 密钥设置。",
            78,
        )


def _require_known(manifest: archive.Manifest) -> None:
    scripts = ScriptDirectory.from_config(migrate.config())
    try:
        scripts.get_revision(manifest.revision or "base")
    except CommandError:
        raise NotStarted(
            f"备份来自更新的版本（{manifest.version}，结构 {manifest.revision}），请先升级本系统。",
            65,
        ) from None


def _is_in_use(connection: Connection) -> bool:
    if "person" not in inspect(connection).get_table_names():
        return False
    return bool(connection.scalar(text("SELECT EXISTS (SELECT FROM person)")))


def _replace_database(site: Settings, unpacked: Path) -> None:
    programs = Programs(site.database)
    empty, script = unpacked / "empty.sql", unpacked / "database.sql"
    empty.write_text(EMPTY)
    programs.script(unpacked / "database.dump", script)
    programs.execute([empty, script])


def _replace_files(files: Path, data_dir: Path, say: Say) -> None:
    if not files.exists():
        return
    mark = now().strftime("%Y%m%d%H%M%S")
    for kept in sorted(files.iterdir()):
        place = data_dir / kept.name
        if place.exists():
            aside = place.rename(data_dir / f"{kept.name}.before-{mark}")
            say(f"原来的 {kept.name} 移到 {aside}")
        kept.rename(place)
