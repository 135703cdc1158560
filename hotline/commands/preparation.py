"""Before anything serves: migrations, and the demonstration's data."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.util import find_spec

from sqlalchemy import text

from hotline import db, migrate
from hotline.settings import Settings


def prepare(site: Settings, say: Callable[[str], None]) -> None:
    """Bring the database up to date; invent data for a demonstration.

    What is to be said at the end (the demonstration's sign-ins, or the first step) is left
    in ``run/welcome.txt`` for `hotline up`.
    """
    with db.engine().connect() as connection:
        applied = migrate.upgrade(connection)
    if applied:
        say(f"数据库结构升级到 {applied[-1]}")
    welcome = site.run_dir / "welcome.txt"
    welcome.unlink(missing_ok=True)
    lines = _demonstrate(site, say) if site.demo else _first_steps()
    _index_names()
    welcome.write_text("\n".join(lines), encoding="utf-8")


def _index_names() -> None:
    """What a migration cannot compute: it has neither the look-up key nor the dictionaries."""
    from hotline.booking.jobs import index_names

    index_names()


def _demonstrate(site: Settings, say: Callable[[str], None]) -> list[str]:
    if not (find_spec("hotline.demo") and find_spec("hotline.demo.cli")):
        return []
    found = importlib.import_module("hotline.demo.cli").prepare(site, say)
    return [str(line) for line in found or ()]


def _first_steps() -> list[str]:
    with db.transaction() as session:
        if session.connection().scalar(text("SELECT EXISTS (SELECT FROM person)")):
            return []
    return ["还没有用户。新建第一个管理员：hotline user create admin --role admin --name 姓名"]
