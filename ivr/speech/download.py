"""Fetch a large file over the net: with progress, and going on where it broke off."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from hotline.errors import NotStarted

PATIENCE_SECONDS = 30
CHUNK_BYTES = 256 * 1024
Progress = Callable[[int, int | None], None]  # bytes there, bytes in all when known


def fetch(url: str, target: Path, progress: Progress, most_bytes: int) -> None:
    """Bring ``url`` to ``target``. A part left by an earlier try is continued when the server
    says that the file is still the same. Raises NotStarted with a sentence.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part, tag = target.with_name(target.name + ".part"), target.with_name(target.name + ".tag")
    try:
        _bring(url, part, tag, progress, most_bytes)
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        raise NotStarted(f"下载 {url} 没有完成：{error}。再次运行会从断开处继续。") from None
    part.replace(target)
    tag.unlink(missing_ok=True)


def _bring(url: str, part: Path, tag: Path, progress: Progress, most_bytes: int) -> None:
    with _open(url, part, tag) as answer:
        continues = answer.status == http.HTTPStatus.PARTIAL_CONTENT
        there = part.stat().st_size if continues else 0
        length = answer.headers.get("Content-Length")
        total = there + int(length) if length else None
        tag.write_text(answer.headers.get("ETag") or answer.headers.get("Last-Modified") or "")
        with part.open("ab" if continues else "wb") as file:
            while chunk := answer.read(CHUNK_BYTES):
                there += file.write(chunk)
                if there > most_bytes:
                    raise NotStarted(f"{url} 超过 {most_bytes:,} 字节，不是预期的文件。", 65)
                progress(there, total)
    if total is not None and there < total:
        raise http.client.IncompleteRead(b"", total - there)


def _open(url: str, part: Path, tag: Path) -> http.client.HTTPResponse:
    request = urllib.request.Request(url)  # noqa: S310 - the settings allow https only
    known = tag.read_text() if tag.exists() else ""
    if known and part.exists() and part.stat().st_size:
        request.add_header("Range", f"bytes={part.stat().st_size}-")
        request.add_header("If-Range", known)
    try:
        answer = urllib.request.urlopen(request, timeout=PATIENCE_SECONDS)  # noqa: S310
    except urllib.error.HTTPError as error:
        error.close()
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        part.unlink()  # it is whole or longer than the server's: begin again
        return _open(url, part, tag)
    assert isinstance(answer, http.client.HTTPResponse)  # noqa: S101 - for the type checker
    return answer
