"""The embedded model is whole, and all of it goes into wheel and sdist."""

from __future__ import annotations

import hashlib
import json
import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[3]
MODEL = ROOT / "ivr" / "models" / "small-cn"


def _files() -> set[str]:
    return {str(path.relative_to(MODEL)) for path in MODEL.rglob("*") if path.is_file()}


def test_the_manifest_names_every_file_with_its_hash() -> None:
    sums = json.loads((MODEL / "model.json").read_text())["sha256"]
    assert set(sums) == _files() - {"model.json"}
    for name, digest in sums.items():
        assert hashlib.sha256((MODEL / name).read_bytes()).hexdigest() == digest, name


def test_every_file_matches_a_pattern_of_the_package() -> None:
    """Directories without ``__init__.py`` are packages to setuptools, so patterns decide."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert tool["packages"]["find"].get("namespaces", True)
    assert "ivr*" in tool["packages"]["find"]["include"]
    patterns = tool["package-data"]["*"]
    left_out = {name for name in _files() if not any(fnmatch(name, p) for p in patterns)}
    assert left_out == set()
