"""The stand-in platforms of a demonstration: ``python -m workorders.demo.serve``.

A process of `hotline up`: quiet, on the port the platforms' rows name, with the secrets of this
installation, and it remembers over a restart.
"""

from __future__ import annotations

import signal
import threading

from workorders.demo import load
from workorders.standin.running import StandIn
from workorders.standin.scenarios import Scenario


def main() -> None:
    """Serve until told to end; without made-up platforms there is nothing to serve."""
    told = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: told.set())
    accounts = load.accounts()
    if {"city", "province"} <= set(accounts):
        standin = StandIn(
            city=accounts["city"], province=accounts["province"],
            state_file=load.state_file(), scenario=Scenario.QUIET,
        )  # fmt: skip
        standin.start(load.port())
        told.wait()
        standin.stop()
    else:
        load.state_file().unlink(missing_ok=True)  # what one wrote that outlived its platforms
        told.wait()


if __name__ == "__main__":
    main()
