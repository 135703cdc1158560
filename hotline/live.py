"""Live updates: "something changed" travels by Redis to every page that may know.

A message never carries personal data, only what to look at again. Messages may be lost
(rows are the truth); pages refresh by themselves now and then.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlmodel import Session

from hotline import settings
from hotline.agents.rules import DESK_ROLES, Role
from hotline.db import after_commit
from hotline.doorbell import Doorbell

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 2.0
STREAM_SECONDS = 600  # then the browser comes back and is recognised anew
BACKLOG = 200
# Topics that everybody hears change many times a second in a rush; a page looks again at
# most this often, or two hundred desks would ask for every call of the others.
SHARED_TOPICS = frozenset({"calls", "board", "bookings", "orders"})
GATHER_SECONDS = 2.0
QUIET_SECONDS = 0.05  # and a process tells of them at most this often


def topics_of(person_id: int, role: Role) -> frozenset[str]:
    """What a person's pages may hear of."""
    topics = {f"agent:{person_id}", f"role:{role.value}", "all"}
    if role in DESK_ROLES:
        topics |= {"calls", "board", "bookings", "orders"}
    if role in {Role.SUPERVISOR, Role.COUNSELLOR}:
        topics |= {"alerts"}
    if role in {Role.MANAGER, Role.ADMIN}:
        topics |= {"board"}
    return frozenset(topics)


def publish(session: Session, topic: str, event: str, data: dict[str, Any]) -> None:
    """After the commit, tell every page that listens to ``topic``; the same only once."""
    message = json.dumps({"topic": topic, "event": event, "data": data})
    told: set[str] = session.info.setdefault("told", set())
    if message in told:
        return
    told.add(message)
    ring = _gathered.press if topic in SHARED_TOPICS else _ring
    after_commit(session, lambda: ring(message))


def _ring(message: str) -> None:
    _client(timeout=2).publish(channel(), message)


# Pages gather such news anyhow: in a rush, telling each took a sixth of a booking's time.
_gathered = Doorbell(_ring, QUIET_SECONDS)


def channel() -> str:
    """Published to by every process of this site: Redis' own channels know no database number."""
    return f"hotline:live:{_client(timeout=2).connection_pool.connection_kwargs.get('db') or 0}"


class _Hub:
    """One listener a process; each open page has a queue."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.pages: dict[queue.Queue[tuple[str, str]], frozenset[str]] = {}
        self.thread: threading.Thread | None = None
        self.gathered: dict[tuple[str, str], str] = {}
        self.told_at: dict[tuple[str, str], float] = {}

    def join(self, topics: frozenset[str]) -> queue.Queue[tuple[str, str]]:
        """Begin to listen."""
        page: queue.Queue[tuple[str, str]] = queue.Queue(BACKLOG)
        with self.lock:
            self.pages[page] = topics
            if self.thread is None:
                self.thread = threading.Thread(target=self._listen, name="live", daemon=True)
                self.thread.start()
        return page

    def leave(self, page: queue.Queue[tuple[str, str]]) -> None:
        """Stop listening."""
        with self.lock:
            self.pages.pop(page, None)

    def _listen(self) -> None:
        while self._is_wanted():
            try:
                self._listen_once()
            except (redis.RedisError, OSError, ValueError):
                log.warning("live_listener_lost", exc_info=True)
                self._tell_all("refresh", "{}")
                time.sleep(1)

    def _is_wanted(self) -> bool:
        """The listener ends with the last page; the next page starts another."""
        with self.lock:
            if not self.pages:
                self.thread = None
            return bool(self.pages)

    def _listen_once(self) -> None:
        with _client(timeout=None).pubsub(ignore_subscribe_messages=True) as subscribed:
            subscribed.subscribe(channel())
            # What was said while nobody listened is lost: let every page look again.
            self._tell_all("refresh", "{}")
            while self.pages:
                message = subscribed.get_message(timeout=GATHER_SECONDS / 4)
                if message is not None:
                    self._hear(json.loads(message["data"]))
                self._tell_gathered()

    def _hear(self, message: dict[str, Any]) -> None:
        topic, event, body = message["topic"], message["event"], json.dumps(message["data"])
        if topic in SHARED_TOPICS:
            self.gathered[topic, event] = body
        else:
            self._tell(topic, event, body)

    def _tell_gathered(self) -> None:
        """The last word on each shared topic, when its time has come."""
        at = time.monotonic()
        for key in list(self.gathered):
            if at - self.told_at.get(key, -GATHER_SECONDS) >= GATHER_SECONDS:
                self.told_at[key] = at
                self._tell(*key, self.gathered.pop(key))

    def _tell(self, topic: str, event: str, body: str) -> None:
        with self.lock:
            listening = [page for page, topics in self.pages.items() if topic in topics]
        for page in listening:
            _offer(page, event, body)

    def _tell_all(self, event: str, body: str) -> None:
        with self.lock:
            listening = list(self.pages)
        for page in listening:
            _offer(page, event, body)


def _offer(page: queue.Queue[tuple[str, str]], event: str, body: str) -> None:
    try:
        page.put_nowait((event, body))
    except queue.Full:
        log.warning("live_page_too_slow")


_hub = _Hub()


def stream(person_id: int, role: Role) -> Iterator[str]:
    """Server-sent events for one page: messages as they come, a heartbeat in between."""
    page = _hub.join(topics_of(person_id, role))
    ends_at = time.monotonic() + STREAM_SECONDS
    try:
        yield "retry: 1000\nevent: hello\ndata: {}\n\n"
        while time.monotonic() < ends_at:
            yield _next(page)
    finally:
        _hub.leave(page)


def _next(page: queue.Queue[tuple[str, str]]) -> str:
    try:
        event, body = page.get(timeout=HEARTBEAT_SECONDS)
    except queue.Empty:
        return "event: beat\ndata: {}\n\n"
    return f"event: {event}\ndata: {body}\n\n"


_clients: dict[tuple[str, float | None], redis.Redis] = {}


def _client(timeout: float | None) -> redis.Redis:
    """A client of this process (redis-py reconnects by itself, after a fork too)."""
    key = (settings.current().redis, timeout)
    if key not in _clients:
        _clients[key] = redis.Redis.from_url(
            key[0],
            socket_connect_timeout=1,
            socket_timeout=timeout,
            health_check_interval=30,
            # A doorbell is not worth waiting for: an answer hangs on it when Redis is away.
            retry=Retry(NoBackoff(), 1),
        )
    return _clients[key]
