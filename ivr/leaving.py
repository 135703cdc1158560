"""Who has a call when it leaves this process: a PBX, a person of ours, or nobody. Pure."""

from __future__ import annotations

from ivr.callbook import DRAINING
from ivr.media.line import Ending, Line
from ivr.media.transport import Reason

_LOST = {Reason.LOST, Reason.FAULT}


def is_over(line: Line, ending: Ending) -> bool:
    """Is a call that was to stay with us over? Lost, a PBX takes its caller to its own queue; who
    came by a browser is gone."""
    if not line.stays or (line.goes_on and ending.reason in {*_LOST, Reason.TRANSFERRED}):
        return False
    return line.waits_in is not None or ending.reason in _LOST


def hand_over(line: Line) -> None:
    """We stop: to the PBX, where there is one; who is with us only cannot be kept."""
    if line.goes_on:
        line.end(Ending(Reason.TRANSFERRED, line.waits_in or ""))
    else:
        line.hangup(DRAINING)
