"""Bring an official model onto this machine: checked, tried, then put in place."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from hotline.errors import NotStarted
from hotline.settings import Settings
from ivr.speech import layout, models
from ivr.speech.download import Progress, fetch
from ivr.speech.models import Official, SpeechModel
from ivr.speech.unpack import unpack
from ivr.speech.verdicts import Verdicts

MOST_ARCHIVE_BYTES = 2_500_000_000


def expected(site: Settings, name: str) -> str | None:
    """The SHA-256 the site's settings give for a model's archive.

    The makers publish none, and none is built in: nobody here could vouch for it.
    """
    pairs = (pair.partition(":") for pair in (site.ivr_model_sha256 or "").split(",") if pair)
    return {known: digest for known, _, digest in pairs}.get(name)


def obtain(site: Settings, official: Official, progress: Progress) -> Path:
    """The archive, fetched into the data directory. Raises NotStarted."""
    target = models.folder(site).parent / "downloads" / official.archive
    fetch(
        site.ivr_model_url.rstrip("/") + "/" + official.archive,
        target,
        progress,
        MOST_ARCHIVE_BYTES,
    )
    return target


def check(archive: Path, digest: str) -> None:
    """Raise NotStarted unless the archive has this SHA-256."""
    if (found := sha256(archive)) != digest.lower():
        raise NotStarted(
            f"{archive.name} 的 SHA-256 是 {found}，应为 {digest}。"
            "文件可能损坏或被替换，没有安装；请重新下载。",
            65,
        )


def sha256(archive: Path) -> str:
    """The archive's SHA-256 in hexadecimal."""
    with archive.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def install(site: Settings, official: Official, archive: Path) -> SpeechModel:
    """Unpack, try out, and move into place; whatever fails leaves what was there before."""
    place = models.folder(site)
    place.mkdir(parents=True, exist_ok=True)
    draft, final = place / f".{official.name}.new", place / official.name
    shutil.rmtree(draft, ignore_errors=True)
    try:
        unpack(archive, draft)
        if lacking := layout.missing(draft):
            raise NotStarted(f"压缩包里缺少 {'、'.join(lacking)}，不是 Vosk 语音模型。", 65)
        layout.allow_upsampling(draft)
        if why := Verdicts(place.parent / "verdicts.json").refusal(draft):
            raise NotStarted(f"模型不能用，没有安装：{why}", 65)
        _exchange(draft, final)
    except OSError as error:
        raise NotStarted(f"写入 {place} 失败：{error.strerror}。请检查磁盘和权限。", 73) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return SpeechModel(official.name, final)


def _exchange(draft: Path, final: Path) -> None:
    old = final.with_name(f".{final.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        final.rename(old)
    draft.rename(final)
    shutil.rmtree(old, ignore_errors=True)
