"""Background work with the platforms. Each job is safe to run twice, and may be lost: the sweep
rings for whatever is due."""

from __future__ import annotations

from workorders.exchange import bells, rounds


def send(code: str) -> None:
    """Tell a platform what it must hear, until nothing is due or the turn is over."""
    bells.heard(bells.SEND, code)
    row = rounds.platform(code)
    if row is not None and rounds.tell(row) is not None and rounds.has_to_tell(code):
        bells.ring(bells.SEND, code)


def pull(code: str) -> None:
    """Ask a platform what changed, and ring again while there is more."""
    bells.heard(bells.PULL, code)
    row = rounds.platform(code)
    pulled = rounds.ask(row) if row is not None else None
    if pulled is not None and pulled.more:
        bells.ring(bells.PULL, code)


def apply(code: str) -> None:
    """Make orders of what came from a platform."""
    bells.heard(bells.APPLY, code)
    if rounds.take_in(code) is not None and code in rounds.with_mail():
        bells.ring(bells.APPLY, code)


def pull_all() -> None:
    """Every platform is asked."""
    for code in rounds.codes():
        bells.ring(bells.PULL, code)


def sweep() -> None:
    """Ring for what is due, whatever became of the doorbells."""
    for code in rounds.codes():
        if rounds.has_to_tell(code):
            bells.ring(bells.SEND, code)
    for code in rounds.with_mail():
        bells.ring(bells.APPLY, code)
