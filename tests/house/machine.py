"""A machine for tests of processes: a data directory, free ports, `hotline` as others call it."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

HOTLINE = [sys.executable, "-P", "-m", "hotline.cli"]


def environment(data_dir: Path) -> dict[str, str]:
    """As a newcomer has it: nothing set but the data directory."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    return plain | {"HOTLINE_DATA_DIR": str(data_dir), "HOTLINE_WEB_WORKERS": "1"}


def hotline(data_dir: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*HOTLINE, *arguments],
        env=environment(data_dir) | settings,
        cwd=data_dir.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def free_port() -> int:
    """A port nobody listens on; below those that outgoing connections are given meanwhile."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as door, suppress(OSError):
            door.bind(("127.0.0.1", port))
            return port


class Up:
    """`hotline up` in a process of its own."""

    def __init__(self, data_dir: Path, *options: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.output = data_dir.parent / f"{data_dir.name}.out"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*HOTLINE, "up", "--port", str(self.port), *(options or ("--no-demo",))],
                env=environment(data_dir) | {"HOTLINE_JOB_WORKERS": "1"},
                cwd=data_dir.parent,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        """What it has printed so far."""
        return self.output.read_text()

    def ready(self) -> Up:
        """Wait until the page answers and all is announced."""
        wait_for(lambda: "已就绪" in self.said() or self.process.poll() is not None, 60)
        assert self.process.poll() is None, self.said()
        return self

    def get(self, path: str) -> int:
        """The status of a page."""
        try:
            return int(urllib.request.urlopen(self.address(path), timeout=5).status)  # noqa: S310
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except OSError:
            return 0

    def address(self, path: str) -> str:
        """A URL of this machine."""
        return f"http://127.0.0.1:{self.port}{path}"

    def servers(self) -> dict[str, str]:
        """Where its servers are."""
        found: dict[str, str] = json.loads((self.data_dir / "run" / "servers.json").read_text())
        return found

    def stop(self, number: signal.Signals = signal.SIGINT, seconds: float = 20) -> int:
        """Ask it to stop; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(seconds)


def wait_for(fact: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something is true."""
    until = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.05)
