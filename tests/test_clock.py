"""Another instant for a thread that tells what has been."""

import threading
from datetime import UTC, datetime

from hotline import clock

THEN = datetime(2026, 10, 8, 1, 0, tzinfo=UTC)


def test_within_it_is_what_was_told() -> None:
    with clock.told(THEN):
        assert clock.now() == THEN
        assert clock.today().isoformat() == "2026-10-08"
    assert clock.now() > THEN


def test_others_keep_their_time() -> None:
    seen: list[datetime] = []
    with clock.told(THEN):
        other = threading.Thread(target=lambda: seen.append(clock.now()))
        other.start()
        other.join()
    assert seen[0] > THEN
