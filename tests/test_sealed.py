"""Encrypted files: what was written comes back, what was altered does not, keys can change."""

from __future__ import annotations

import base64
import os

import pytest

from hotline import sealed, settings

PIECES = [b"first" * 1000, b"", b"second", os.urandom(100_000)]


@pytest.fixture
def file(tmp_path):
    """A file of several pieces."""
    path = tmp_path / "a" / "b.rec"
    with sealed.Writer(path, "recording:1") as writer:
        for piece in PIECES:
            writer.write(piece)
    return path


def test_what_was_written_comes_back(file):
    assert list(sealed.read(file, "recording:1")) == PIECES
    assert file.stat().st_mode & 0o077 == 0
    assert b"second" not in file.read_bytes()


def test_it_belongs_to_its_call(file):
    with pytest.raises(ValueError, match="altered"):
        list(sealed.read(file, "recording:2"))


def test_an_altered_byte_is_noticed(file):
    content = bytearray(file.read_bytes())
    content[-50] ^= 1
    file.write_bytes(content)
    with pytest.raises(ValueError, match="piece 3"):
        list(sealed.read(file, "recording:1"))


def test_a_killed_writer_leaves_what_was_whole(file):
    file.write_bytes(file.read_bytes()[:-10])
    assert list(sealed.read(file, "recording:1")) == PIECES[:3]


def test_nothing_is_overwritten(file):
    with pytest.raises(FileExistsError):
        sealed.Writer(file, "recording:1")


@pytest.mark.parametrize("content", [b"", b"H12S", b"H12S\x01\x00\x00", os.urandom(500)])
def test_another_file_is_no_sealed_one(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ValueError, match=r"sealed file|cut short"):
        list(sealed.read(tmp_path / "x", "recording:1"))


def test_keys_are_changed_in_the_head_only(file, monkeypatch):
    before = file.read_bytes()
    assert not sealed.reseal(file, "recording:1")
    old = os.environ["HOTLINE_ENCRYPTION_KEYS"]
    new = "2:" + base64.b64encode(os.urandom(32)).decode()
    _use(monkeypatch, f"{old},{new}")
    named = file.rename(file.with_name("1.rec"))
    (file.parent / "0.rec").write_bytes(b"damaged")
    assert sealed.reseal_all(file.parent, "recording") == 1
    assert sealed.reseal_all(file.parent, "recording") == 0
    file = named
    assert len(file.read_bytes()) == len(before)
    _use(monkeypatch, new)
    assert list(sealed.read(file, "recording:1")) == PIECES
    _use(monkeypatch, old)


def _use(monkeypatch, keys: str) -> None:
    monkeypatch.setenv("HOTLINE_ENCRYPTION_KEYS", keys)
    settings.current.cache_clear()
