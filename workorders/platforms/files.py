"""A platform that only shares a folder: the `file` adapter. Its format is in docs/platforms.md.

A cursor is ``SHA-256:ITEM:NAME``: how many items of which file are stored, ``end`` for all. The
file leaves ``in/`` when a call brings that cursor back, which proves that its orders are stored;
a process killed anywhere reads the file again, or moves it again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from hotline import clock
from hotline.errors import Refused
from workorders.platforms import envelope, order_files
from workorders.platforms.adapter import (
    Changes,
    Digest,
    DigestLine,
    Exchange,
    Keep,
    NoAnswer,
    Outcome,
    Result,
    Trouble,
)
from workorders.platforms.folder import Dropped, Folder
from workorders.platforms.reading import read, read_digest_line
from workorders.platforms.wire import OutgoingEvent, RemoteOrder, Unreadable

END = "end"
LOOK_AGAIN_SECONDS = 300.0


@dataclass(frozen=True)
class _Place:
    """How far a cursor has come."""

    sha256: str = ""
    item: str = ""
    name: str = ""

    def is_in(self, file: Dropped) -> bool:
        return (self.sha256, self.name) == (file.sha256, file.name)


class FileAdapter:
    """A platform by its folder. ``answered``: whether it writes ``answers/EVENT_ID.json``;
    if it does not, an event counts as applied once it lies in ``out/``."""

    def __init__(self, folder: Folder, *, answered: bool = True, keep: Keep | None = None) -> None:
        self._folder, self._answered, self._keep = folder, answered, keep
        self._read: tuple[str, list[Any]] = ("", [])

    def changes(self, cursor: str, limit: int = 200) -> Changes:
        """A page of one file. Raises NoAnswer."""
        with self._folder.open():
            place = _place(cursor)
            self._folder.tidy()
            for path in self._folder.ready():
                file = self._usable(path, place)
                if file is not None:
                    return self._page(file, place, limit)
            return Changes([], cursor, more=False)

    def order(self, no: str) -> RemoteOrder:
        """Not offered: a folder cannot be asked. Raises NoAnswer."""
        raise NoAnswer(Trouble.NOT_OFFERED, f"文件交换不能按编号查询（{no}）。")

    def send(self, no: str, event: OutgoingEvent) -> Outcome:
        """Lay it into ``out/``, the same event into the same file; look for its answer."""
        at, started = clock.now(), time.monotonic()
        name = f"{event.event_id}.json"
        body = json.dumps({"no": no, **json.loads(event.body())}, ensure_ascii=False).encode()
        answer = b""
        try:
            with self._folder.open():
                answer = self._answer(name)
                outcome = self._judged(answer) if answer else self._laid(name, body)
        except NoAnswer as none:
            outcome = Outcome(Result.UNKNOWN, "", none.message, none.trouble, none.retry_after)
        self._note("OUT", f"out/{name}", body, answer, outcome.trouble, at, started)
        return outcome

    def digest(self, day: date, cursor: str = "") -> Digest:  # noqa: ARG002 - it has one page
        """The file of a day, whole. Raises NoAnswer."""
        with self._folder.open():
            paths = [path for path in self._folder.ready("digest") if path.stem == day.isoformat()]
            file = self._folder.read(paths[-1]) if paths else None
        if file is None:
            raise NoAnswer(Trouble.WAITING, f"对方还没有放入 digest/{day.isoformat()} 对账文件。")
        try:
            found = order_files.items(file.name, file.data)
        except Refused as why:
            raise NoAnswer(Trouble.NOT_JSON, f"对账文件 {file.name}：{why.message}") from None
        return Digest([_each(_digest_line, item) for item in found], "", more=False)

    def close(self) -> None:
        """Nothing is held open."""

    def _usable(self, path: Path, place: _Place) -> Dropped | None:
        """A file with something to store; what is stored is moved out of the way, or unreadable."""
        if path.stat().st_size > self._folder.largest_file:
            self._folder.refuse(path, "0" * 8, "文件过大，请分成几个。")
            return None
        file = self._folder.read(path)
        if file is None or (place.is_in(file) and place.item == END):
            if file is not None:
                self._folder.take(file)
            return None
        return file if self._is_readable(file) else None

    def _is_readable(self, file: Dropped) -> bool:
        if self._read[0] == file.sha256:
            return True
        at, started = clock.now(), time.monotonic()
        try:
            if not file.name.isprintable() or len(file.name) > 200:
                raise Refused("name_unusable", "文件名过长或含有不能显示的字符。")
            self._read = (file.sha256, order_files.items(file.name, file.data))
        except Refused as why:
            self._folder.refuse(file.path, file.sha256, why.message)
            return False
        self._note("IN", f"in/{file.name}", b"", file.data, None, at, started)
        return True

    def _page(self, file: Dropped, place: _Place, limit: int) -> Changes:
        found = self._read[1]
        start = int(place.item) if place.is_in(file) else 0
        end = start + limit
        item = END if end >= len(found) else str(end)
        page = [_each(read, each) for each in found[start:end]]
        return Changes(page, f"{file.sha256}:{item}:{file.name}", more=True)

    def _answer(self, name: str) -> bytes:
        path = self._folder.root / "answers" / name
        return path.read_bytes() if self._answered and path.is_file() else b""

    @staticmethod
    def _judged(answer: bytes) -> Outcome:
        return envelope.outcome(envelope.opened(200, answer, "", clock.now()))

    def _laid(self, name: str, body: bytes) -> Outcome:
        path = self._folder.root / "out" / name
        if not path.is_file() or path.read_bytes() != body:
            self._folder.write("out", name, body)
        if not self._answered:
            return Outcome(Result.APPLIED, "", "已放入交换目录。")
        words = "已放入交换目录，等待回执。"
        return Outcome(Result.UNKNOWN, "", words, Trouble.WAITING, LOOK_AGAIN_SECONDS)

    def _note(
        self, method: str, target: str, request: bytes, answer: bytes,
        trouble: Trouble | None, at: datetime, started: float,
    ) -> None:  # fmt: skip
        if self._keep:
            seconds = time.monotonic() - started
            self._keep(Exchange(method, target, request, None, answer, trouble, at, seconds))


def _place(cursor: str) -> _Place:
    sha256, _, rest = cursor.partition(":")
    item, _, name = rest.partition(":")
    return _Place(sha256, item, name) if item == END or item.isdecimal() else _Place()


def _each(how: Callable[[Any], Any], item: Any) -> Any:
    if isinstance(item, Unreadable):
        return item
    try:
        return how(item)
    except Unreadable as why:
        return why


def _digest_line(item: object) -> DigestLine:
    return DigestLine(*read_digest_line(item))
