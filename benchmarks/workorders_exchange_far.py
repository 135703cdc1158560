"""The stand-in for ``benchmarks.workorders_exchange``, told by lines what to do.

``place N`` invents orders, ``down`` and ``up`` switch it, ``heard`` says when events came.
"""

from __future__ import annotations

import json
import sys
import time
from unittest.mock import patch

from workorders.standin import platform as far
from workorders.standin.answers import Said
from workorders.standin.faults import Fault
from workorders.standin.running import StandIn


def main() -> None:
    """Serve until the input ends."""
    at: list[float] = []
    known = far.Platform.apply

    def noted(self: far.Platform, no: str, event: dict[str, object]) -> Said:
        at.append(time.time())
        return known(self, no, event)

    with patch.object(far.Platform, "apply", noted), StandIn() as standin:
        print(standin.url, flush=True)
        for line in sys.stdin:
            what, _, count = line.strip().partition(" ")
            if what == "place":
                for _ in range(int(count)):
                    standin.place(standin.city)
            elif what == "down":
                standin.city.faults.set(Fault.DOWN)
            elif what == "up":
                standin.city.faults.clear()
            events = [
                e["event_id"] for no in standin.city.numbers() for e in standin.city.events(no)
            ]
            doubled = len(events) - len(set(events))
            said = {"at": at, "events": len(events), "doubled": doubled}
            print(json.dumps(said if what == "heard" else {}), flush=True)


if __name__ == "__main__":
    main()
