"""Servers of a measurement's own."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def embedded() -> Iterator[None]:
    """Durable embedded servers in a directory that goes away."""
    place = Path(tempfile.mkdtemp(prefix="hotline-bench-"))
    os.environ |= {
        "HOTLINE_DATA_DIR": str(place),
        "HOTLINE_SECRET_KEY": secrets.token_urlsafe(48),
        "HOTLINE_HASH_KEY": secrets.token_urlsafe(48),
        "HOTLINE_ENCRYPTION_KEYS": "1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "HOTLINE_LOG_LEVEL": "ERROR",
    }
    from hotline import db, migrate
    from hotline.embedded.servers import Servers

    servers = Servers(place)
    servers.claim()
    servers.start_queue()
    servers.start_database()
    servers.publish()
    try:
        with db.engine().connect() as connection:
            migrate.upgrade(connection)
        yield
    finally:
        db.engine().dispose()
        servers.stop()
        shutil.rmtree(place, ignore_errors=True)


def people() -> None:
    """Forty agents with extensions."""
    from hotline.agents.rules import Role
    from hotline.agents.service import create_person
    from hotline.db import transaction

    with transaction() as session:
        for number in range(40):
            name = f"agent{number:02}"
            create_person(session, name, Role.AGENT, f"坐席{number}", extension=str(8000 + number))
