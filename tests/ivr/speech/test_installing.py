"""Installing: whole or not at all, whatever the archive or the network does."""

from __future__ import annotations

import stat
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hotline import settings
from hotline.errors import NotStarted
from hotline.settings import Settings
from ivr.cli import ivr
from ivr.speech import installing, models, unpack
from ivr.speech.download import fetch
from tests.ivr.speech.archives import TOP, archive

SMALL = models.OFFICIAL["small-cn"]


class Mirror(ThreadingHTTPServer):
    """Serves ``body`` under any name; breaks off after ``breaks_at`` bytes, once."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.body, self.tag = b"", '"one"'
        self.breaks_at: int | None = None
        self.asked: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Answer(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        begin = self._begin()
        piece = self.server.body[begin:]
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(piece)))
        self.send_header("ETag", self.server.tag)
        self.end_headers()
        self.wfile.write(piece[: self.server.breaks_at])
        self.server.breaks_at = None

    def _begin(self) -> int:
        self.server.asked.append(self.headers["Range"])
        same = self.headers["If-Range"] == self.server.tag
        return int(self.headers["Range"][6:-1]) if self.headers["Range"] and same else 0

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    server = Mirror()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _quiet(_: int, __: int | None) -> None:
    """Nobody looks."""


def test_what_broke_off_is_continued(mirror: Mirror, tmp_path: Path) -> None:
    mirror.body, mirror.breaks_at = bytes(range(256)) * 4000, 300_000
    target = tmp_path / "a.zip"
    with pytest.raises(NotStarted, match="从断开处继续"):
        fetch(mirror.url, target, _quiet, 2_000_000)
    assert not target.exists()
    seen: list[tuple[int, int | None]] = []
    fetch(mirror.url, target, lambda there, total: seen.append((there, total)), 2_000_000)
    assert target.read_bytes() == mirror.body
    assert mirror.asked == [None, "bytes=300000-"]
    assert seen[0][0] > 300_000
    assert seen[-1] == (1_024_000, 1_024_000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip"]


def test_another_file_under_the_same_name_is_not_appended(mirror: Mirror, tmp_path: Path) -> None:
    mirror.body, mirror.breaks_at = b"old" * 100_000, 1000
    with pytest.raises(NotStarted):
        fetch(mirror.url, tmp_path / "a.zip", _quiet, 2_000_000)
    mirror.body, mirror.tag = b"new" * 100_000, '"two"'
    fetch(mirror.url, tmp_path / "a.zip", _quiet, 2_000_000)
    assert (tmp_path / "a.zip").read_bytes() == mirror.body


def test_a_file_without_end_is_refused(mirror: Mirror, tmp_path: Path) -> None:
    mirror.body = bytes(3_000_000)
    with pytest.raises(NotStarted, match="不是预期的文件"):
        fetch(mirror.url, tmp_path / "a.zip", _quiet, 1_000_000)


def test_the_command_fetches_checks_and_installs(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = archive(tmp_path / "model.zip")
    mirror.body = packed.read_bytes()
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HOTLINE_IVR_MODEL_URL", mirror.url)
    settings.current.cache_clear()
    ask = ["model", "install", "small-cn"]
    refused = CliRunner().invoke(ivr, ask)
    assert isinstance(refused.exception, NotStarted)
    assert "--accept-unverified" in refused.exception.message
    assert mirror.asked == [], "nothing is fetched before that is settled"
    wrong = CliRunner().invoke(ivr, [*ask, "--sha256", "0" * 64])
    assert isinstance(wrong.exception, NotStarted)
    assert not models.folder(settings.current()).exists()
    done = CliRunner().invoke(ivr, [*ask, "--sha256", installing.sha256(packed)])
    assert done.exit_code == 0, done.output
    listed = CliRunner().invoke(ivr, ["model", "list"]).output
    assert "* small-cn" in listed
    assert "未安装，约 1300 MB" in listed
    settings.current.cache_clear()


def test_an_archive_at_hand_needs_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = archive(tmp_path / "model.zip")
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HOTLINE_IVR_MODEL_SHA256", f"cn:{'0' * 64},small-cn:{'f' * 64}")
    settings.current.cache_clear()
    ask = ["model", "install", "small-cn", "--from", str(packed)]
    wrong = CliRunner().invoke(ivr, ask)
    assert isinstance(wrong.exception, NotStarted)
    assert "f" * 64 in wrong.exception.message
    monkeypatch.delenv("HOTLINE_IVR_MODEL_SHA256")
    settings.current.cache_clear()
    done = CliRunner().invoke(ivr, [*ask, "--accept-unverified"])
    assert done.exit_code == 0, done.output
    assert installing.sha256(packed) in done.output
    settings.current.cache_clear()


def test_what_does_not_work_leaves_what_was_there(tmp_path: Path) -> None:
    site = Settings(data_dir=tmp_path / "data")
    installed = installing.install(site, SMALL, archive(tmp_path / "good.zip"))
    before = (installed.path / "am" / "final.mdl").stat().st_mtime_ns
    for bad in (
        archive(tmp_path / "lacking.zip", without="conf/model.conf"),
        archive(tmp_path / "damaged.zip", **{"am__final.mdl": b"no model"}),
    ):
        with pytest.raises(NotStarted):
            installing.install(site, SMALL, bad)
    assert [path.name for path in models.folder(site).iterdir()] == ["small-cn"]
    assert (installed.path / "am" / "final.mdl").stat().st_mtime_ns == before


def test_a_wide_model_takes_telephone_audio_once_installed(tmp_path: Path) -> None:
    wide = {"conf__mfcc.conf": b"--sample-frequency=16000\n--num-mel-bins=40\n--num-ceps=40\n"}
    site = Settings(data_dir=tmp_path / "data")
    installed = installing.install(site, SMALL, archive(tmp_path / "wide.zip", **wide))
    assert models.chosen(site).model == installed


def _zip(target: Path, *members: zipfile.ZipInfo | str) -> Path:
    with zipfile.ZipFile(target, "w") as packed:
        for member in members:
            packed.writestr(member, b"x")
    return target


def _link() -> zipfile.ZipInfo:
    link = zipfile.ZipInfo(f"{TOP}/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return link


@pytest.mark.parametrize(
    "member", ["../out", f"{TOP}/../../out", "/etc/out", f"{TOP}\\..\\out", _link(), "loose"]
)
def test_nothing_leaves_the_folder(tmp_path: Path, member: zipfile.ZipInfo | str) -> None:
    packed = _zip(tmp_path / "bad.zip", f"{TOP}/fine", member)
    with pytest.raises(NotStarted):
        unpack.unpack(packed, tmp_path / "into")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.zip"]


def test_nothing_fills_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = _zip(tmp_path / "many.zip", *(f"{TOP}/{number}" for number in range(30)))
    monkeypatch.setattr(unpack, "MOST_FILES", 20)
    with pytest.raises(NotStarted, match="30 个文件"):
        unpack.unpack(packed, tmp_path / "into")
    monkeypatch.setattr(unpack, "MOST_FILES", 40)
    monkeypatch.setattr(unpack, "MOST_BYTES", 20)
    with pytest.raises(NotStarted, match="20 字节"):
        unpack.unpack(packed, tmp_path / "into")


def test_no_zip_at_all(tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"<html>not found</html>")
    with pytest.raises(NotStarted, match="不是完好的 zip"):
        unpack.unpack(tmp_path / "no.zip", tmp_path / "into")
