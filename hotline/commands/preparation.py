"""Before anything serves: migrations, and the demonstration's data."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from hotline import db, migrate
from hotline.settings import Settings


def prepare(site: Settings, say: Callable[[str], None]) -> None:
    """Bring the database up to date; invent data for a demonstration.

    What the demonstration wants to be said at the end (its sign-ins) is left in
    ``run/welcome.txt`` for `hotline up`.
    """
    with db.engine().connect() as connection:
        applied = migrate.upgrade(connection)
    if applied:
        say(f"数据库结构升级到 {applied[-1]}")
    welcome = site.run_dir / "welcome.txt"
    welcome.unlink(missing_ok=True)
    if site.demo and find_spec("hotline.demo") and find_spec("hotline.demo.cli"):
        lines = _demonstrate(site, say)
        welcome.write_text("\n".join(lines), encoding="utf-8")


def _demonstrate(site: Settings, say: Callable[[str], None]) -> list[str]:
    import importlib

    found = importlib.import_module("hotline.demo.cli").prepare(site, say)
    return [str(line) for line in found or ()]
