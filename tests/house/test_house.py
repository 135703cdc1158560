"""What holds for the whole tree."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.settings_page import PAGE, page

ROOT = Path(__file__).parents[2]
# Addresses of registries and homes of people have no place in what is committed. The pieces
# are put together here so that this file does not find itself.
NOT_COMMITTED = [
    re.compile(pattern)
    for pattern in (
        r"https?://[\w.-]*(?:py" r"pi|npm" r"js|npm" r"mirror|registry)[\w.-]*",
        r"--index" r"-url|--extra-index" r"-url",
        r"/ho" r"me/\w+|/Us" r"ers/\w+|/wo" r"rk/(?:main|shared)|/ro" r"ot/\w+",
    )
]


def _tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    said = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in said.stdout.decode().split("\0") if name]


def test_nothing_committed_names_a_registry_or_a_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in _tracked()
        if path.is_file() and path.stat().st_size < 2_000_000
        for pattern in NOT_COMMITTED
        if (match := pattern.search(path.read_text(errors="ignore")))
    ]
    assert found == []


def test_nothing_committed_was_made_by_a_build() -> None:
    parts = {"node_modules", "__pycache__", "var", ".venv", "vendor"}
    made = [str(path) for path in _tracked() if parts & set(path.relative_to(ROOT).parts)]
    assert made == []


def test_every_setting_is_on_the_page() -> None:
    """`python -m tests.house.settings_page > docs/settings.md` writes it anew."""
    assert PAGE.read_text(encoding="utf-8") == page()


# An address of a page of ours, or of a picture: what follows # is a heading there.
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#[^)]*)?\)")


def test_every_link_of_a_document_leads_somewhere() -> None:
    lost = [
        f"{page.relative_to(ROOT)}: {where}"
        for page in _tracked()
        if page.suffix == ".md"
        for where in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / where).exists()
    ]
    assert lost == []


# Importing must be free of consequences: workers fork, tools read, tests choose their database.
IMPORT_ALL = """
import importlib, pkgutil, socket, sys, threading
def refuse(*arguments): raise AssertionError(f"opened at import: {arguments}")
socket.socket.connect = refuse
def watch(event, arguments):
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        refuse(event, arguments)
sys.addaudithook(watch)
import hotline, ivr, workorders
for package in (hotline, ivr, workorders):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not found.name.endswith(("__main__", ".tether")):
            importlib.import_module(found.name)
from hotline import db, settings
assert not db._engines, "an engine at import"
assert settings.current.cache_info().currsize == 0, "settings were read at import"
assert threading.active_count() == 1, threading.enumerate()
"""


def test_imports_open_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"PYTHONDONTWRITEBYTECODE": "1", "HOTLINE_PORT": "not a number"},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_help_imports_no_feature() -> None:
    script = "import hotline.cli, sys; sys.argv = ['hotline', '--help']\n"
    script += "try: hotline.cli.main()\nexcept SystemExit: pass\n"
    script += "print([name for name in ('flask', 'sqlalchemy', 'redis') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().endswith("[]")
    assert "hotline" in done.stdout
