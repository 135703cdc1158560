"""Web processes die in the middle of batches: nothing is lost, nothing doubled."""

from __future__ import annotations

import http.client
import json
import random
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.house.machine import Up, hotline

CALLS = 200
KINDS = ("started", "queued", "ringing", "answered", "ended")


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    machine = Up(tmp_path / "var").ready()
    yield machine
    machine.stop(signal.SIGTERM)


def _events() -> list[dict[str, object]]:
    """Of the last hours: calls that have been silent for long are closed by the worker."""
    begin = datetime.now(UTC) - timedelta(hours=4)
    return [
        {
            "event_id": f"call{call}-{kind}",
            "call_uid": f"call{call}",
            "type": kind,
            "at": (begin + timedelta(minutes=call, seconds=second)).isoformat(),
            "caller": f"1990000{call:04}",
            "agent": "8001",
        }
        for call in range(CALLS)
        for second, kind in enumerate(KINDS)
    ]


def _post(up: Up, token: str, batch: list[dict[str, object]]) -> bool:
    """Whether the batch was answered; a PBX sends again what was not."""
    line = http.client.HTTPConnection("127.0.0.1", up.port, timeout=10)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        line.request("POST", "/api/v1/telephony/events", json.dumps(batch), headers)
        answer = line.getresponse()
        body = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        line.close()
    assert answer.status == 200, body
    assert body["refused"] == []
    return True


def _web_workers(up: Up) -> list[psutil.Process]:
    """gunicorn's workers: children of the process that ``hotline up`` started as web."""
    children = psutil.Process(up.process.pid).children()
    masters = [process for process in children if process.cmdline()[-1:] == ["web"]]
    return [worker for master in masters for worker in master.children()]


def _kill_workers(up: Up, killed: list[int]) -> None:
    for process in _web_workers(up):
        killed.append(process.pid)
        process.kill()


def test_events_sent_until_answered_are_kept_once_though_workers_are_killed(up: Up) -> None:
    token = hotline(
        up.data_dir, "token", "create", "--role", "integration", "--scope", "telephony",
        "--name", "pbx",
    ).stdout.strip()  # fmt: skip
    events = _events()
    random.Random(7).shuffle(events)
    killed: list[int] = []
    batches = [events[start : start + 10] for start in range(0, len(events), 10)]
    for number, batch in enumerate(batches):
        if number % 15 == 5:  # while this batch is on its way, a little later each time
            threading.Timer(number / 4000, _kill_workers, (up, killed)).start()
        until = time.monotonic() + 30
        while not _post(up, token, batch):
            assert time.monotonic() < until, "the web service does not come back"
            time.sleep(0.05)
    assert len(killed) >= 4, "hardly anybody was killed: the test proves nothing"
    with psycopg.connect(up.servers()["database_url"]) as connection:
        kept = connection.execute("SELECT count(*), count(DISTINCT event_id) FROM call_event")
        assert kept.fetchone() == (len(events), len(events))
        calls = connection.execute("SELECT state, count(*), sum(talk_seconds) FROM call GROUP BY 1")
        assert calls.fetchall() == [("wrap_up", CALLS, CALLS)]
