"""Sheets uploaded in the console, between their check and their import: in Redis for an hour.

They hold figures of places, nothing of a person's, and are not encrypted.
"""

from __future__ import annotations

import base64
import json
import secrets

from hotline import queues
from hotline.errors import Refused
from hotline.statistics.bulletin.outside import is_sheet

KEPT_SECONDS = 3600
MOST_FILES = 20
MOST_BYTES = 8 * 1024 * 1024


def keep(month: str, files: dict[str, bytes]) -> str:
    """Keep files by name; the key to them. Raises Refused on what is no sheet."""
    if not files:
        raise _bad("请选择至少一个文件。")
    if wrong := [name for name in files if not is_sheet(name)]:
        raise _bad(f"{'、'.join(wrong)} 不是 CSV 或 XLSX（累计数是 cumulative_bookings.txt）。")
    if len(files) > MOST_FILES or sum(map(len, files.values())) > MOST_BYTES:
        raise _bad(f"一次最多 {MOST_FILES} 个文件、共 {MOST_BYTES // 1024 // 1024} MB。")
    key = secrets.token_hex(8)
    kept = {name[-80:]: base64.b64encode(data).decode() for name, data in files.items()}
    queues.connection().set(_place(key), json.dumps([month, kept]), ex=KEPT_SECONDS)
    return key


def _bad(sentence: str) -> Refused:
    return Refused("file_invalid", sentence, fields={"files": sentence})


def get(month: str, key: str) -> dict[str, bytes]:
    """The files of an upload for this month. Raises Refused upload_unknown."""
    kept = queues.connection().get(_place(key))
    of, files = json.loads(kept) if kept else ("", {})
    if of != month:
        raise Refused("upload_unknown", "上传的文件只保留一小时，已经没有了，请重新上传。", 404)
    return {name: base64.b64decode(data) for name, data in files.items()}


def drop(key: str) -> None:
    """Let go of what was imported."""
    queues.connection().delete(_place(key))


def _place(key: str) -> str:
    return f"hotline:bulletin-import:{key}"
