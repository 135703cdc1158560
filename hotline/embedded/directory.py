"""The data directory: whose it is, whether it can be used, and what is kept in it."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import IO

from hotline.errors import NotStarted
from hotline.processes.reasons import reason

NEEDED_BYTES = 300_000_000
SOCKET_PATH_BYTES = 100  # the kernel takes 107, and the longest of our socket names is 15


def claim(data_dir: Path) -> IO[str]:
    """Lock the data directory for this process; it stays ours until the file is closed.

    Raises NotStarted when it cannot be written, is full, or is another process's.
    """
    run = data_dir / "run"
    try:
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        for directory in (data_dir, run, data_dir / "log"):
            directory.mkdir(mode=0o700, exist_ok=True)
        lock = (run / "up.lock").open("a+")
    except OSError as error:
        raise NotStarted(
            f"不能使用数据目录 {data_dir}：{reason(error)}。"
            "请检查权限，或用 --data-dir（HOTLINE_DATA_DIR）另选一个目录。",
            73,
        ) from None
    try:
        _hold(lock, data_dir)
        _require_space(data_dir)
    except BaseException:
        lock.close()
        raise
    return lock


def _hold(lock: IO[str], data_dir: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        owner = lock.read().strip() or "未知"
        raise NotStarted(
            f"数据目录 {data_dir} 正被另一个 hotline up（进程号 {owner}）使用。"
            "请先停止它，或用 --data-dir 另选一个目录。",
        ) from None
    lock.seek(0)
    lock.truncate()
    lock.write(str(os.getpid()))
    lock.flush()


def _require_space(data_dir: Path) -> None:
    free = shutil.disk_usage(data_dir).free
    if free < NEEDED_BYTES:
        raise NotStarted(
            f"磁盘空间不足：{data_dir} 所在磁盘只剩 {free // 1_000_000} MB，"
            f"至少需要 {NEEDED_BYTES // 1_000_000} MB。",
            73,
        )


def write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by its owner only."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:  # mkstemp makes it 0600
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def passwords(data_dir: Path) -> dict[str, str]:
    """The passwords of the embedded servers, made the first time."""
    path = data_dir / "embedded.json"
    if not path.exists():
        if (data_dir / "postgres").exists():
            raise NotStarted(
                f"找不到内置数据库的口令文件 {path}。请放回它，或换一个空的数据目录再恢复备份。",
                78,
            )
        made = {name: secrets.token_urlsafe(24) for name in ("postgres", "valkey")}
        write_private(path, json.dumps(made))
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


def reachable_by_socket(directory: Path) -> Path:
    """The directory, or a short link to it: a socket's path may not be longer than 107 bytes."""
    if len(os.fsencode(directory)) <= SOCKET_PATH_BYTES - 16:
        return directory
    link = Path(tempfile.mkdtemp(prefix="hotline-")) / "s"  # mkdtemp makes it 0700
    link.symlink_to(directory)
    return link


def forget_link(address: Path, directory: Path) -> None:
    """Remove what ``reachable_by_socket`` made."""
    if address != directory:
        address.unlink(missing_ok=True)
        address.parent.rmdir()
