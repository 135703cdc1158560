"""The servers, databases and fences of a test run.

One PostgreSQL and one Valkey for the whole run, started by the process that directs it; the
migrations run once, into a template; each worker copies it. A test chooses its height:

``session``    a transaction that is rolled back; ``db.transaction()`` works inside it
``committed``  a database of its own: real commits, several connections
``redis``      an empty Redis database;  ``client``  the whole application, on ``session``
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as trials
from redis import Redis
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from hotline import db, migrate, settings
from hotline.embedded.servers import Servers

pytest_plugins = ["tests.browser"]
# How long an example takes says how busy the machine is, nothing else.
trials.register_profile("house", deadline=None)
trials.load_profile("house")
TEMPLATE = "hotline"
_started: list[Servers] = []


def pytest_configure(config: pytest.Config) -> None:
    """Settings that belong to nobody's machine; with xdist, the servers."""
    os.environ.update(_test_environment())
    settings.Settings.model_config["env_file"] = None
    settings.current.cache_clear()
    if config.getoption("numprocesses", None):
        config.stash[ADDRESSES] = _start_servers()


def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist where the servers are."""
    node.workerinput["servers"] = json.dumps(node.config.stash[ADDRESSES])


def pytest_unconfigure() -> None:
    """Stop the servers and remove what they wrote."""
    for servers in _started:
        servers.stop()
        shutil.rmtree(servers.data_dir, ignore_errors=True)
    _started.clear()
    shutil.rmtree(os.environ["HOTLINE_DATA_DIR"], ignore_errors=True)


ADDRESSES = pytest.StashKey[dict[str, str]]()


def _test_environment() -> dict[str, str]:
    for name in [name for name in os.environ if name.startswith("HOTLINE_")]:
        del os.environ[name]
    return {
        "HOTLINE_DATA_DIR": tempfile.mkdtemp(prefix="hotline-test-"),
        "HOTLINE_SECRET_KEY": secrets.token_urlsafe(48),
        "HOTLINE_HASH_KEY": secrets.token_urlsafe(48),
        "HOTLINE_ENCRYPTION_KEYS": "1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "HOTLINE_LOG_LEVEL": "WARNING",
    }


def _start_servers() -> dict[str, str]:
    servers = Servers(Path(tempfile.mkdtemp(prefix="hotline-test-")), durable=False)
    _started.append(servers)
    servers.claim()
    servers.start_queue()
    servers.start_database()
    addresses = servers.publish()
    engine = create_engine(_psycopg(addresses["database_url"]))
    with engine.connect() as connection:
        migrate.upgrade(connection)
    engine.dispose()  # a template with connections cannot be copied
    return addresses


def _psycopg(url: str) -> URL:
    return make_url(url).set(drivername="postgresql+psycopg")


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> dict[str, str]:
    """Addresses of the running servers: ``database_url`` (the template) and ``redis_url``."""
    worker = getattr(request.config, "workerinput", None)
    found: dict[str, str] = json.loads(worker["servers"]) if worker else _start_servers()
    os.environ["HOTLINE_REDIS_URL"] = f"{found['redis_url']}?db={_worker_number(request)}"
    settings.current.cache_clear()
    return found


def _worker_number(request: pytest.FixtureRequest) -> int:
    worker = getattr(request.config, "workerinput", {"workerid": "gw0"})["workerid"]
    return int(worker.removeprefix("gw")) + 1


@pytest.fixture(scope="session")
def database(servers: dict[str, str], request: pytest.FixtureRequest) -> Iterator[str]:
    """This worker's migrated database; the settings point to it."""
    name = f"worker{_worker_number(request)}"
    url = _create(servers["database_url"], name)
    _use(url)
    yield url
    db.engine().dispose()


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    """A session whose commits are undone after the test; `db.transaction()` sees its rows."""
    with db.engine().connect() as connection:
        outer = connection.begin()
        unbind = db.bind(connection)
        try:
            with Session(
                connection, join_transaction_mode="create_savepoint", expire_on_commit=False
            ) as session:
                yield session
        finally:
            unbind()
            outer.rollback()


@pytest.fixture
def committed(servers: dict[str, str], database: str) -> Iterator[str]:
    """A database of its own for a test that commits, races, or uses processes; its URL."""
    name = f"own_{secrets.token_hex(6)}"
    url = _create(servers["database_url"], name)
    _use(url)
    yield url
    db.engine().dispose()
    _use(database)
    _administer(servers["database_url"], f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def redis(servers: dict[str, str]) -> Iterator[Redis]:
    """An empty Redis database, the one the settings point to."""
    client = Redis.from_url(settings.current().redis)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


@pytest.fixture(scope="session")
def app(database: str) -> Flask:
    """The whole application."""
    import wsgi

    app = wsgi.build()
    app.testing = True
    return app


@pytest.fixture
def client(app: Flask, session: Session, redis: Redis) -> FlaskClient:
    """A browser or machine in front of the application, inside ``session``'s transaction."""
    return app.test_client()


def _create(server: str, name: str) -> str:
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _administer(server: str, statement: str) -> None:
    """Run a statement beside the databases. A vacuum of the server's own may be in the one that
    is to go, and it may not be ended by us: then wait until it has left."""
    url = _psycopg(server).set(database="postgres")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    until = time.monotonic() + 60
    try:
        while True:
            try:
                with engine.connect() as connection:
                    connection.execute(text(statement))
                    return
            except DBAPIError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
    finally:
        engine.dispose()


def _use(url: str) -> None:
    os.environ["HOTLINE_DATABASE_URL"] = url
    settings.current.cache_clear()
    for engine in db._engines.values():
        engine.dispose()
    db._engines.clear()


@pytest.fixture(autouse=True)
def _no_outside_contact(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that calls out of this machine fails at once."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if host is not None and host != "localhost" and not str(host).startswith(("127.", "::1")):
            pytest.fail(f"outside contact: {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
