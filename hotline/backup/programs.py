"""PostgreSQL's own programs for dump and restore, of a version that fits the server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from hotline.embedded.account import wheel
from hotline.errors import NotStarted
from hotline.processes.spawn import last_words

_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


class Programs:
    """pg_dump, pg_restore and psql against one database."""

    def __init__(self, database: str) -> None:
        url = database.replace("postgresql+psycopg://", "postgresql://", 1)
        said = conninfo_to_dict(url)
        # In the environment: a password among the arguments shows in ps.
        self.environment = {_VARIABLES[k]: str(v) for k, v in said.items() if k in _VARIABLES}
        with psycopg.connect(url, connect_timeout=5) as connection:
            self.server_major = connection.info.server_version // 10000

    def dump(self, target: Path) -> None:
        """The whole database into ``target``, compressed, in PostgreSQL's custom format."""
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--file={target}"]
        self._run([self._find("pg_dump"), *options])

    def script(self, dump: Path, target: Path) -> None:
        """A dump as SQL statements."""
        options = ["--no-owner", "--no-privileges", f"--file={target}"]
        self._run([self._find("pg_restore"), *options, str(dump)])

    def execute(self, scripts: Sequence[Path]) -> None:
        """Run SQL files in one transaction: all of it happens or nothing."""
        options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        files = [f"--file={script}" for script in scripts]
        self._run([self._find("psql"), *options, "--output=/dev/null", *files])

    def _run(self, command: Sequence[str]) -> None:
        done = subprocess.run(  # noqa: S603 - our own programs
            command,
            env={**os.environ, **self.environment, "PGCONNECT_TIMEOUT": "5"},
            capture_output=True,
            check=False,
        )
        if done.returncode:
            name = Path(command[0]).name
            raise NotStarted(f"{name} 没有成功：\n{last_words(done.stderr)}", 70)

    def _find(self, name: str) -> str:
        """The wheel's program, or this machine's: it must not be older than the server."""
        candidates = [str(wheel() / "pginstall" / "bin" / name), shutil.which(name)]
        for program in filter(None, candidates):
            if _major(program) >= self.server_major:
                return program
        raise NotStarted(
            f"数据库是 PostgreSQL {self.server_major}，需要同版本或更新的 {name}。"
            f"请安装 postgresql-client-{self.server_major} 后重试。"
        )


def _major(program: str) -> int:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(rb"(\d+)(?:\.\d+)?", said.stdout)
    return int(found.group(1)) if found else 0
