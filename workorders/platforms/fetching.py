"""A file that a platform named by its address, fetched from the platform and nowhere else."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import urllib3
from urllib3 import exceptions
from urllib3.util import Timeout, Url, parse_url

from hotline.errors import Refused
from workorders.platforms.adapter import NoAnswer, Trouble
from workorders.platforms.transport import no_answer, trusting

SECONDS = 10.0
LARGEST = 10 * 1024 * 1024
_PIECE = 64 * 1024


@dataclass(frozen=True)
class Wanted:
    """A file to fetch: its address, the platform's own (None: it has none), how long to wait."""

    url: str
    base_url: str | None
    ca_file: Path | None = None
    seconds: float = SECONDS
    largest: int = LARGEST


def fetch(wanted: Wanted) -> bytes:
    """The whole file. Nothing of our account goes along. Raises Refused with what is wrong."""
    _require_theirs(wanted)
    pool = urllib3.PoolManager(
        ssl_context=trusting(wanted.ca_file), timeout=Timeout(total=wanted.seconds), retries=False
    )
    try:
        return _read(pool, wanted)
    except NoAnswer as none:
        raise _not_fetched(none.message) from None
    except (exceptions.HTTPError, OSError) as error:
        raise _not_fetched(no_answer(error).message) from None
    finally:
        pool.clear()


def _require_theirs(wanted: Wanted) -> None:
    """Refuse any other host: an address in an order must not lead our server about."""
    url, base = _parsed(wanted.url), _parsed(wanted.base_url or "")
    if url.scheme not in ("http", "https") or not url.host or url.auth:
        raise _not_fetched("附件的地址不是 http(s) 地址。")
    if url.host != base.host:
        raise _not_fetched("附件的地址不在平台自己的主机上。")


def _parsed(address: str) -> Url:
    try:
        return parse_url(address)
    except exceptions.LocationParseError:
        return parse_url("")


def _read(pool: urllib3.PoolManager, wanted: Wanted) -> bytes:
    until = time.monotonic() + wanted.seconds
    answer = pool.request("GET", wanted.url, redirect=False, preload_content=False)
    try:
        if answer.status != 200:
            raise _not_fetched(_said(answer.status))
        data = bytearray()
        while piece := answer.read1(_PIECE):
            data += piece
            if len(data) > wanted.largest:
                raise _not_fetched("文件超过 10 MB。")
            if time.monotonic() > until:
                raise NoAnswer(Trouble.SLOW)
        return bytes(data)
    finally:
        answer.close()


def _said(status: int) -> str:
    if 300 <= status < 400:
        return "平台把地址转到了别处。"
    return f"平台没有给出文件（{status}）。"


def _not_fetched(why: str) -> Refused:
    return Refused("file_not_fetched", f"附件没有取回：{why}")
