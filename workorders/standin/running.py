"""The stand-in as a whole: two platforms behind one port, in threads of this process."""

from __future__ import annotations

import random
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import structlog
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from hotline import clock
from workorders.platforms.mapping import Template, template
from workorders.standin import app as web
from workorders.standin import door, scenarios
from workorders.standin.answers import Account
from workorders.standin.machine import Patience
from workorders.standin.platform import Platform
from workorders.standin.pushing import Pusher
from workorders.standin.scenarios import Course, Scenario
from workorders.standin.store import Store

log = structlog.get_logger(__name__)
CITY = Account("hotline-city", "standin-city-secret")
PROVINCE = Account("hotline-province", "standin-province-secret")
_TICK_SECONDS = 1.0


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Addresses of requests are nobody's business."""


class StandIn:
    """A city's and a province's platform. ``with StandIn() as standin: standin.url``.

    ``state_file`` keeps orders and events over a restart; ``push_to`` is our own base address.
    Without a scenario nothing happens but what it is told.
    """

    def __init__(
        self,
        *,
        city: Account = CITY,
        province: Account = PROVINCE,
        state_file: Path | None = None,
        scenario: Scenario | None = None,
        push_to: str | None = None,
        now: Callable[[], datetime] = clock.now,
        patience: Patience | None = None,
        seed: int = 12345,
    ) -> None:
        self._store, self._now = Store(state_file), now
        self._stopping = threading.Event()
        self._random = random.Random(seed)
        make = {"store": self._store, "now": now, "patience": patience}
        self.city = Platform("city", template(Template.CITY), city, **make)  # type: ignore[arg-type]
        self.province = Platform("province", template(Template.PROVINCE), province, **make)  # type: ignore[arg-type]
        self.platforms = [self.city, self.province]
        self._remember()
        self.pusher = Pusher(push_to) if push_to else None
        self._course = Course(scenario, self.platforms, seed) if scenario else None
        self._server: BaseWSGIServer | None = None
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        """The base address of both; which is meant, the app id says."""
        if self._server is None:
            raise RuntimeError("not started")
        scheme = "https" if self._server.ssl_context else "http"
        return f"{scheme}://{self._server.host}:{self._server.port}"

    def start(
        self, port: int = 0, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> Self:
        """Listen, on a free port unless one is named. Raises OSError when it is taken."""
        application = web.create(self.platforms, self._stopping)
        door.install(application, self.place)
        with socket.create_server((host, port)) as opened:  # werkzeug would exit instead of raising
            self._server = make_server(
                host,
                port,
                application,
                threaded=True,
                request_handler=_Quiet,
                ssl_context=tls,
                fd=opened.fileno(),
            )
        self._threads = [
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True),
            threading.Thread(target=self._live, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Stop listening; whoever is kept waiting is let go."""
        self._stopping.set()
        if self._server is not None:
            self._server.shutdown()
        for thread in self._threads:
            thread.join(30)
        if self._server is not None:
            self._server.server_close()
        if self.pusher:
            self.pusher.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def place(self, platform: Platform, **given: Any) -> dict[str, Any]:
        """Invent an order; what is given stands. The order by the contract."""
        return scenarios.place(platform, self._random, self._now(), **given)

    def beat(self) -> None:
        """What happens every second: the scenario, the platforms' own deeds, the pushes."""
        if self._course:
            self._course.step(self._now())
        for platform in self.platforms:
            platform.tick()
            if self.pusher:
                self.pusher.push_changes(platform)

    def _live(self) -> None:
        while not self._stopping.is_set():
            try:
                self.beat()
            except Exception:  # a full disk, say: the platform goes on answering
                log.exception("standin_beat")
            self._stopping.wait(_TICK_SECONDS)

    def _remember(self) -> None:
        by_code = {platform.code: platform for platform in self.platforms}
        for line in self._store.lines():
            if line["platform"] in by_code:
                by_code[line["platform"]].remember(line)
