"""The way to a platform, opened from its row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hotline.errors import Refused
from hotline.labels import Labelled
from workorders.models import Platform
from workorders.platforms.adapter import Adapter, Keep
from workorders.platforms.files import FileAdapter
from workorders.platforms.folder import Folder
from workorders.platforms.rest import RestAdapter
from workorders.platforms.transport import Line, Site


class Way(Labelled):
    """How a platform is reached."""

    REST = "rest", "接口"
    FILE = "file", "共享文件夹"


READ_SECONDS, WHOLE_SECONDS = 15.0, 45.0  # a job has two minutes, and other jobs wait behind it


@contextmanager
def opened(platform: Platform, keep: Keep | None = None) -> Iterator[Adapter]:
    """An adapter for this platform, hung up at the end. Raises Refused when its row is wrong."""
    way = Way.known(platform.adapter)
    if way is None:
        raise Refused("adapter_unknown", f"平台“{platform.name}”的对接方式不可用，请检查设置。")
    if way is Way.FILE:
        yield _by_file(platform, keep)
        return
    rest = RestAdapter(Line(site(platform), keep))
    try:
        yield rest
    finally:
        rest.close()


def _by_file(platform: Platform, keep: Keep | None) -> FileAdapter:
    folder = platform.settings.get("folder")
    if not folder:
        raise Refused("folder_missing", f"平台“{platform.name}”没有设置交换目录。")
    answered = bool(platform.settings.get("answered", True))
    return FileAdapter(Folder(Path(folder)), answered=answered, keep=keep)


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
