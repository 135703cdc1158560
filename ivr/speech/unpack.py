"""Unpack an archive nobody vouches for: nothing leaves the folder, nothing fills the disk."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath

from hotline.errors import NotStarted

MOST_FILES = 2000
MOST_BYTES = 6_000_000_000


def unpack(archive: Path, target: Path) -> None:
    """Unpack into ``target`` without the archive's own top folder. Raises NotStarted."""
    try:
        with zipfile.ZipFile(archive) as packed:
            members = [member for member in packed.infolist() if not member.is_dir()]
            top = _checked(members)
            for member in members:
                _write(packed, member, target / PurePosixPath(member.filename).relative_to(top))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise NotStarted(f"{archive.name} 不是完好的 zip 文件：{error}", 65) from None


def _checked(members: list[zipfile.ZipInfo]) -> str:
    """The one folder everything lies in, after everything has been found harmless."""
    if not members or len(members) > MOST_FILES:
        raise NotStarted(f"压缩包里有 {len(members)} 个文件，不像语音模型。", 65)
    if sum(member.file_size for member in members) > MOST_BYTES:
        raise NotStarted(f"压缩包解开后超过 {MOST_BYTES:,} 字节。", 65)
    for member in members:
        _harmless(member)
    tops = {PurePosixPath(member.filename).parts[0] for member in members}
    if len(tops) != 1 or any("/" not in member.filename for member in members):
        raise NotStarted("压缩包里应当只有一个目录，其中是模型。", 65)
    return tops.pop()


def _harmless(member: zipfile.ZipInfo) -> None:
    path = PurePosixPath(member.filename)
    leaves = path.is_absolute() or ".." in path.parts or "\\" in member.filename
    kind = stat.S_IFMT(member.external_attr >> 16)
    if leaves or kind not in {0, stat.S_IFREG}:
        raise NotStarted(f"压缩包里有不安全的路径：{member.filename[:80]!r}", 65)


def _write(packed: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with packed.open(member) as source, target.open("xb") as file:
        shutil.copyfileobj(source, file, 1024 * 1024)
