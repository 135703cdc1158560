"""Another instant for a thread that tells what has been; days as they are typed."""

import threading
from datetime import UTC, date, datetime

import pytest

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


@pytest.mark.parametrize(
    ("typed", "day"),
    [("2026-10-08", date(2026, 10, 8)), (None, None), ("", None), ("2026-02-30", None),
     ("9999-12-31", clock.LATEST), ("0001-01-01", clock.EARLIEST)],
)  # fmt: skip
def test_a_day_as_typed(typed: str | None, day: date | None) -> None:
    assert clock.parse_day(typed) == day
