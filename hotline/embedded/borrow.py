"""The database for one command: the one that runs, or the embedded one, started for a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hotline.embedded.servers import Servers
from hotline.settings import Settings


@contextmanager
def database_running(site: Settings) -> Iterator[None]:
    """Within this block ``site.database`` answers, as far as that is in our hands."""
    if site.database_url or (site.run_dir / "servers.json").exists():
        yield
        return
    servers = Servers(site.data_dir)
    try:
        servers.claim()
        _ = site.secrets  # made before there is anything they would have to open
        servers.start_database()
        servers.publish()
        yield
    finally:
        servers.stop()
