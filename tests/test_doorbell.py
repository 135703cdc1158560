"""A doorbell that many press at once."""

from __future__ import annotations

import threading

from hotline.doorbell import Doorbell


def test_it_rings_at_once_and_for_all_the_others_once_more():
    rung, twice = [], threading.Event()

    def ring(message):
        rung.append(message)
        if len(rung) == 2:
            twice.set()

    bell = Doorbell(ring, quiet=0.05)
    bell.press("a")
    assert rung == ["a"]
    for _ in range(100):
        bell.press("a")
    assert twice.wait(10)
    assert rung == ["a", "a"]


def test_other_news_does_not_wait():
    rung = []
    bell = Doorbell(rung.append, quiet=60)
    bell.press("a")
    bell.press("b")
    assert rung == ["a", "b"]


def test_what_is_pressed_in_the_quiet_is_not_lost_to_a_forked_process():
    """Only times are kept: a time that has passed lets the next one ring at once."""
    rung = []
    bell = Doorbell(rung.append, quiet=0.0)
    bell.press("a")
    bell.press("a")
    assert rung == ["a", "a"]


def test_a_late_ring_that_fails_harms_nobody():
    rung, tried = [], threading.Event()

    def ring(message):
        rung.append(message)
        if len(rung) == 2:
            tried.set()
            raise OSError

    bell = Doorbell(ring, quiet=0.02)
    bell.press("a")
    bell.press("a")
    assert tried.wait(10)
    bell.press("b")
    assert rung == ["a", "a", "b"]
