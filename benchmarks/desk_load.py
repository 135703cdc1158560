"""How the desk feels when everybody is there: memory at rest and under load, p95 of pages.

Starts the whole service in a data directory of its own, measures the memory of each process at
rest, then lets AGENTS signed-in browsers hold live streams, open pages and look again whenever a
message says so, while calls come in. The baseline, in the same run and under the same load, is
``/healthz``: what an answer costs without us. Run: ``python -m benchmarks.desk_load``.
"""

from __future__ import annotations

import argparse
import http.client
import json
import math
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import defaultdict
from pathlib import Path

import psutil

THINK_SECONDS = 8.0
PAGES = ("/desk", "/desk", "/desk", "/calls", "/calls?q=%E6%8C%82%E5%8F%B7", "/callbacks")
# What the waiting desk asks for again when this message comes (see data-live in the templates).
LOOK_AGAIN = {
    "ring": ("/shell/ring", "/desk/now"),
    "call": ("/shell/ring", "/desk/now"),
    "presence": ("/shell/presence", "/desk/now"),
}
CALM_SECONDS = (4.0, 12.0)  # a desk is in no hurry to hear of others' calls (live.js)


def main() -> None:
    """Run the service, the load and print the figures."""
    asked = _arguments()
    data_dir = Path(tempfile.mkdtemp(prefix="hotline-bench-"))
    service = _start(data_dir, asked.port)
    try:
        time.sleep(asked.rest)
        _print_memory("at rest", service.pid)
        cookies, token = _people(asked.agents)
        load = Load(asked.port, cookies, token, asked.calls_per_second)
        load.run(asked.seconds)
        _print_memory(f"under {asked.agents} signed-in agents", service.pid)
        load.report()
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait(30)
        shutil.rmtree(data_dir, ignore_errors=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rest", type=float, default=10, help="seconds before measuring rest")
    parser.add_argument("--calls-per-second", type=float, default=0.5)
    parser.add_argument("--port", type=int, default=8399)
    return parser.parse_args()


def _start(data_dir: Path, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "hotline.cli", "up", "--no-demo", "--port", str(port)]
    os.environ["HOTLINE_DATA_DIR"] = str(data_dir)
    service = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while not _answers(port):
        if service.poll() is not None or time.monotonic() > until:
            raise SystemExit("the service did not start")
        time.sleep(0.2)
    return service


def _answers(port: int) -> bool:
    try:
        return _get(port, "/healthz")[0] == 200
    except OSError:
        return False


def _get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, float]:
    """(status, seconds) of one request, as a browser would make it on a new connection."""
    began = time.monotonic()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", path, headers=headers or {})
    answer = line.getresponse()
    answer.read()
    line.close()
    return answer.status, time.monotonic() - began


def _people(count: int) -> tuple[list[str], str]:
    """Cookies of so many signed-in agents, and a token for the PBX."""
    from flask.sessions import SecureCookieSessionInterface

    import wsgi
    from hotline import security
    from hotline.agents import tokens
    from hotline.agents.models import Person, SignIn
    from hotline.agents.rules import Presence, Role, Scope
    from hotline.db import transaction

    signer = SecureCookieSessionInterface().get_signing_serializer(wsgi.build())
    assert signer is not None, "the service has a secret key"
    cookies = []
    with transaction() as session:
        for number in range(count):
            person = Person(
                username=f"bench{number}",
                name=f"坐席{number}",
                role=Role.AGENT,
                extension=str(7000 + number),
                presence=Presence.READY,
            )
            session.add(person)
            session.flush()
            key = security.new_token()
            session.add(SignIn(token_hash=security.token_hash(key), person_id=person.key))
            cookies.append("hotline_session=" + signer.dumps({"token": key}))
        _, token = tokens.create_token(session, "bench", Role.INTEGRATION, [Scope.TELEPHONY])
    return cookies, token


class Load:
    """Agents at their desks and a PBX."""

    def __init__(self, port: int, cookies: list[str], token: str, calls_per_second: float) -> None:
        self.port, self.cookies, self.token = port, cookies, token
        self.calls_per_second = calls_per_second
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.failures: dict[str, int] = defaultdict(int)
        self.messages = 0
        self.is_over = threading.Event()

    def run(self, seconds: float) -> None:
        """Everybody works for so long."""
        workers = [threading.Thread(target=self._pbx), threading.Thread(target=self._baseline)]
        for cookie in self.cookies:
            workers += [
                threading.Thread(target=self._listen, args=(cookie,)),
                threading.Thread(target=self._browse, args=(cookie,)),
            ]
        for worker in workers:
            worker.daemon = True
            worker.start()
        time.sleep(seconds)
        self.is_over.set()
        time.sleep(1)

    def _ask(self, path: str, headers: dict[str, str]) -> None:
        try:
            status, took = _get(self.port, path, headers)
        except OSError:
            self.failures[path] += 1
            return
        if self.is_over.is_set():
            return
        if status in (200, 204, 302):
            self.seconds[path].append(took)
        else:
            self.failures[f"{path} {status}"] += 1

    def _browse(self, cookie: str) -> None:
        self.is_over.wait(random.uniform(0, THINK_SECONDS))
        while not self.is_over.is_set():
            self._ask(random.choice(PAGES), {"Cookie": cookie})
            self.is_over.wait(random.uniform(0.5, 1.5) * THINK_SECONDS)

    def _listen(self, cookie: str) -> None:
        """Hold a live stream; a message makes the page look again, once for several."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        line.request("GET", "/live", headers={"Cookie": cookie})
        answer = line.getresponse()
        if answer.status != 200:
            self.failures[f"/live {answer.status}"] += 1
            return
        calm_at = math.inf
        while not self.is_over.is_set():
            text = answer.fp.readline().decode() if answer.fp else ""
            if not text:
                return
            name = text.removeprefix("event: ").strip() if text.startswith("event: ") else ""
            self.messages += name in LOOK_AGAIN or name == "calls"
            if name == "calls" and calm_at == math.inf:
                calm_at = time.monotonic() + random.uniform(*CALM_SECONDS)
            if name in LOOK_AGAIN:
                time.sleep(0.25)  # as live.js gathers
                self._look_again(cookie, LOOK_AGAIN[name])
            if time.monotonic() >= calm_at:  # the heartbeat wakes us every two seconds
                calm_at = math.inf
                self._look_again(cookie, ("/desk/now",))

    def _look_again(self, cookie: str, paths: tuple[str, ...]) -> None:
        for path in paths:
            self._ask(path, {"Cookie": cookie, "HX-Request": "true"})

    def _baseline(self) -> None:
        while not self.is_over.is_set():
            self._ask("/healthz", {})
            self.is_over.wait(0.2)

    def _pbx(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        while not self.is_over.is_set():
            agent = str(7000 + random.randrange(len(self.cookies)))
            for kind, more in _story(agent):
                self._event(headers, kind, more)
            self.is_over.wait(random.expovariate(self.calls_per_second))

    def _event(self, headers: dict[str, str], kind: str, more: dict[str, str]) -> None:
        from hotline.clock import now

        body = {"event_id": str(uuid.uuid4()), "type": kind, "at": now().isoformat(), **more}
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        line.request("POST", "/api/v1/telephony/events", json.dumps(body), headers)
        if line.getresponse().status != 200:
            self.failures["events"] += 1
        line.close()

    def report(self) -> None:
        """p50 and p95 by page, and against the baseline."""
        bare = _quantile(self.seconds["/healthz"], 95)
        print(f"messages heard: {self.messages}; failures: {dict(self.failures) or 'none'}")
        for path, taken in sorted(self.seconds.items()):
            p50, p95 = _quantile(taken, 50), _quantile(taken, 95)
            print(
                f"{path:32} n={len(taken):6} p50={p50 * 1000:7.1f} ms p95={p95 * 1000:7.1f} ms "
                f"ratio to /healthz p95={p95 / bare:5.2f}"
            )


def _story(agent: str) -> list[tuple[str, dict[str, str]]]:
    uid = f"bench-{uuid.uuid4()}"
    caller = f"1990000{random.randrange(10_000):04}"
    return [
        ("started", {"call_uid": uid, "caller": caller, "called": "12320", "direction": "inbound"}),
        ("queued", {"call_uid": uid, "queue": "hotline"}),
        ("ringing", {"call_uid": uid, "agent": agent}),
        ("answered", {"call_uid": uid, "agent": agent}),
        ("ended", {"call_uid": uid, "cause": "normal", "by": "caller"}),
    ]


def _quantile(values: list[float], percent: int) -> float:
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=100)[percent - 1]


def _print_memory(when: str, pid: int) -> None:
    """Memory by kind of process: PSS, so that shared pages count once."""
    by_kind: dict[str, float] = defaultdict(float)
    for process in psutil.Process(pid).children(recursive=True):
        try:
            by_kind[_kind(process)] += process.memory_full_info().pss / 2**20
        except psutil.Error:
            continue
    figures = ", ".join(f"{kind} {size:.0f} MB" for kind, size in sorted(by_kind.items()))
    print(f"memory {when}: {figures}")


def _kind(process: psutil.Process) -> str:
    words = " ".join(process.cmdline()) or process.name()
    for kind in ("web", "worker", "valkey", "postgres"):
        if kind in words:
            return kind
    return "other"


if __name__ == "__main__":
    main()
