"""PostgreSQL from the wheel: made once, started in its directory, reached by a socket."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from hotline.embedded.account import Account
from hotline.errors import NotStarted
from hotline.processes.leftovers import stop_leftovers
from hotline.processes.reasons import reason
from hotline.processes.spawn import Process, ended_within, last_lines, run, spawn

MAJOR = "18"
READY_SECONDS = 60  # a crashed server replays its log first
# For a machine of 2 cores and 4 GB that runs everything else as well. Durability is not
# traded: fsync and synchronous_commit keep their defaults.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": ".",  # the data directory, whose path may be too long to say
    "unix_socket_permissions": "0700",
    "max_connections": "150",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "max_wal_size": "256MB",
    "wal_level": "minimal",  # nothing replicates from here
    "max_wal_senders": "0",
    "io_method": "sync",  # no I/O worker processes
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
}
# What a test may lose, it need not wait for.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def make(pgdata: Path, account: Account, password: str) -> None:
    """Make the cluster, its role and its database beside their place, then rename.

    A kill at any moment leaves either no cluster or a whole one; drafts are swept away.
    """
    for draft in pgdata.parent.glob(f"{pgdata.name}.new-*"):
        shutil.rmtree(draft, ignore_errors=True)
    if pgdata.exists():
        _require_same_major(pgdata)
        return
    draft = Path(tempfile.mkdtemp(dir=pgdata.parent, prefix=f"{pgdata.name}.new-"))
    try:
        account.hand_over(draft, account.maker)
        _initialise(draft, account, password)
        account.hand_over(draft, account.uid)
        draft.rename(pgdata)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise _not_made(pgdata, error) from None


def _not_made(pgdata: Path, error: OSError | subprocess.CalledProcessError) -> NotStarted:
    if isinstance(error, OSError):
        return NotStarted(f"不能在 {pgdata.parent} 建立内置数据库：{reason(error)}。", 73)
    said = error.output.decode(errors="replace").strip().splitlines()[-3:]
    return NotStarted("不能建立内置数据库，initdb 说：\n    " + "\n    ".join(said), 73)


def _require_same_major(pgdata: Path) -> None:
    version = pgdata / "PG_VERSION"
    found = version.read_text().strip() if version.exists() else "未知"
    if found != MAJOR:
        raise NotStarted(
            f"{pgdata} 是 PostgreSQL {found} 的数据，内置的是 {MAJOR}。"
            "请用原来的版本 hotline db backup，换一个空的数据目录后 hotline db restore。"
        )


def _initialise(draft: Path, account: Account, password: str) -> None:
    """The role that owns the database is no superuser, as it should be in production.

    The superuser can sign in nowhere: pg_hba.conf does not name it.
    """
    seen = account.as_seen(draft)
    options = ["--locale=C.UTF-8", "--encoding=UTF8", "--data-checksums", "--username=postgres"]
    initdb: list[str | Path] = [account.programs / "initdb", "-D", seen, *options, "--auth=trust"]
    run(initdb, cwd=draft, user=account.maker)
    statements = (
        f"CREATE ROLE hotline LOGIN CREATEDB PASSWORD '{password}'\n"
        "CREATE DATABASE hotline OWNER hotline\n"
    )
    single: list[str | Path] = [account.programs / "postgres", "--single", "-D", seen, "postgres"]
    run(single, cwd=draft, user=account.maker, text=statements)
    (draft / "pg_hba.conf").write_text("local all hotline scram-sha-256\n")


def start(pgdata: Path, account: Account, log: Path, *, durable: bool = True) -> Process:
    """Start the server and wait until it answers. Raises NotStarted with its last words."""
    stop_leftovers(pgdata, "postgres")
    # We hold the lock and nothing works here: a pid in this file is by now somebody else's.
    (pgdata / "postmaster.pid").unlink(missing_ok=True)
    options = SETTINGS | ({} if durable else CARELESS)
    flags = [f"--{name}={value}" for name, value in options.items()]
    server = spawn(
        [account.programs / "postgres", "-D", account.as_seen(pgdata), *flags],
        log=log,
        cwd=pgdata,
        user=account.uid,
        dying=signal.SIGINT,  # "fast": roll back, write all, end
    )
    _await(server, pgdata, log)
    return server


def _await(server: Process, pgdata: Path, log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while not _is_ready(server, pgdata):
        if server.poll() is not None or time.monotonic() > until:
            stop(server)
            raise NotStarted(f"内置数据库没有启动，日志 {log} 最后是：\n{last_lines(log)}")
        time.sleep(0.02)


def _is_ready(server: Process, pgdata: Path) -> bool:
    """The postmaster writes how it is doing into the last line of its pid file."""
    try:
        lines = (pgdata / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(server.pid) and lines[7].strip() == "ready"


def stop(server: Process, *, hurry: bool = False) -> None:
    """Fast shutdown; in a hurry, or when it takes long, the immediate kind (it recovers)."""
    if server.poll() is None:
        server.send_signal(signal.SIGQUIT if hurry else signal.SIGINT)
    if not ended_within(server, 10):
        server.send_signal(signal.SIGQUIT)
        if not ended_within(server, 5):
            server.kill()


def address(directory: Path, password: str, database: str = "hotline") -> str:
    """The URL for clients. ``directory`` holds the socket."""
    return f"postgresql://hotline:{password}@/{database}?host={quote(str(directory), safe='/')}"
