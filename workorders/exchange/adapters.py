"""The way to a platform, opened from its row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hotline.errors import Refused
from workorders.models import Platform
from workorders.platforms.adapter import Adapter, Keep
from workorders.platforms.rest import RestAdapter
from workorders.platforms.transport import Line, Site

REST = "rest"
READ_SECONDS, WHOLE_SECONDS = 15.0, 45.0  # a job has two minutes, and other jobs wait behind it


@contextmanager
def opened(platform: Platform, keep: Keep | None = None) -> Iterator[Adapter]:
    """An adapter for this platform, hung up at the end. Raises Refused when its row is wrong."""
    if platform.adapter != REST:
        raise Refused("adapter_unknown", f"平台“{platform.name}”的对接方式不可用，请检查设置。")
    adapter = RestAdapter(Line(site(platform), keep))
    try:
        yield adapter
    finally:
        adapter.close()


def site(platform: Platform) -> Site:
    """Where a REST platform is, and who we are there."""
    ca_file = platform.settings.get("ca_file")
    return Site(
        platform=platform.code,
        base_url=platform.base_url or "",
        app_id=platform.app_id or "",
        secret=platform.secret or "",
        ca_file=Path(ca_file) if ca_file else None,
        read_seconds=float(platform.settings.get("read_seconds", READ_SECONDS)),
        whole_seconds=float(platform.settings.get("whole_seconds", WHOLE_SECONDS)),
    )
