"""Both servers of one data directory, and the file by which other commands find them."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import IO

from hotline.embedded import account, directory, postgres, valkey
from hotline.processes.spawn import Process, trim


class Servers:
    """The embedded PostgreSQL and Valkey of a data directory we hold the lock of."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.data_dir = data_dir.absolute()
        self.durable = durable
        self.pgdata = self.data_dir / "postgres"
        self.valkey_dir = self.data_dir / "valkey"
        self.running: dict[str, Process] = {}
        self._links: list[tuple[Path, Path]] = []
        self._lock: IO[str] | None = None
        self._addresses = self.data_dir / "run" / "servers.json"
        self.found_leftovers = False

    def claim(self) -> None:
        """Take the data directory, or raise NotStarted."""
        self._lock = directory.claim(self.data_dir)
        self.found_leftovers = self._addresses.exists()  # their parent was killed
        self._addresses.unlink(missing_ok=True)
        self._passwords = directory.passwords(self.data_dir)

    def start_database(self) -> Process:
        """Make PostgreSQL's cluster the first time, and start it."""
        who = account.choose(self.data_dir)
        log = self._log("postgres")
        postgres.make(self.pgdata, who, self._passwords["postgres"])
        self.running["postgres"] = postgres.start(self.pgdata, who, log, durable=self.durable)
        return self.running["postgres"]

    def start_queue(self) -> Process:
        """Start Valkey."""
        self.valkey_dir.mkdir(mode=0o700, exist_ok=True)
        self.running["valkey"] = valkey.start(
            self.valkey_dir,
            self._passwords["valkey"],
            self._log("valkey"),
            socket_dir=self._short(self.valkey_dir),
            durable=self.durable,
        )
        return self.running["valkey"]

    def publish(self) -> dict[str, str]:
        """Write where the servers are for other commands to find, and return it."""
        addresses = {}
        if "postgres" in self.running:
            where = self._short(self.pgdata)
            addresses["database_url"] = postgres.address(where, self._passwords["postgres"])
        if "valkey" in self.running:
            where = self._short(self.valkey_dir)
            addresses["redis_url"] = valkey.address(where, self._passwords["valkey"])
        directory.write_private(self._addresses, json.dumps(addresses))
        return addresses

    def stop(self, *, hurry: bool = False) -> None:
        """Stop what runs, withdraw the addresses, and let the data directory go."""
        if not self._lock:
            return  # the directory is another's, and so are the addresses in it
        self._addresses.unlink(missing_ok=True)
        if server := self.running.pop("valkey", None):
            valkey.stop(server, hurry=hurry)
        if server := self.running.pop("postgres", None):
            postgres.stop(server, hurry=hurry)
        for link, target in self._links:
            directory.forget_link(link, target)
        self._links.clear()
        self._lock.close()
        self._lock = None

    def _log(self, name: str) -> Path:
        log = self.data_dir / "log" / f"{name}.log"
        with suppress(OSError):
            trim(log)
        return log

    def _short(self, path: Path) -> Path:
        """A path to the directory that is short enough for a socket's address."""
        for link, target in self._links:
            if target == path:
                return link
        link = directory.reachable_by_socket(path)
        self._links.append((link, path))
        return link
