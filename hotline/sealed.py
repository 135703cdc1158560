"""Files of personal data, encrypted piece by piece, so that they grow while they are written.

Each file has a key of its own, kept in its head under the site's newest key: rotating the site's
keys rewrites heads only. Pieces are numbered and bound to the file, so that none can be moved,
left out in the middle or taken from another file. A file whose writer was killed ends with its
last whole piece.

    head   "H12S" 1, length of the sealed key (2 bytes), sealed key
    piece  length (4 bytes), AES-256-GCM of the content, nonce = number of the piece
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hotline import security

log = structlog.get_logger(__name__)

MAGIC = b"H12S\x01"
KEY_BYTES, TAG_BYTES = 32, 16
LONGEST_PIECE = 1 << 24


class Writer:
    """Writes a new file. ``context`` says what it is of: without it nobody can read it."""

    def __init__(self, path: Path, context: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        key = os.urandom(KEY_BYTES)
        self._cipher = AESGCM(key)
        self._context = context.encode()
        self._number = 0
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        sealed = _sealed_key(context, key)
        self._file.write(MAGIC + len(sealed).to_bytes(2, "big") + sealed)

    def write(self, content: bytes) -> None:
        """Add a piece and hand it to the operating system."""
        sealed = self._cipher.encrypt(_nonce(self._number), content, self._context)
        self._number += 1
        self._file.write(len(sealed).to_bytes(4, "big") + sealed)
        self._file.flush()

    def close(self) -> None:
        """No more pieces come."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def read(path: Path, context: str) -> Iterator[bytes]:
    """The pieces, in order. Raises ValueError when one was altered or the key is gone."""
    with path.open("rb") as file:
        cipher = AESGCM(_key(file, context))
        number = 0
        while (sealed := _next_piece(file)) is not None:
            try:
                yield cipher.decrypt(_nonce(number), sealed, context.encode())
            except InvalidTag:
                raise ValueError(f"altered: piece {number} of {path.name}") from None
            number += 1


def content_length(path: Path) -> int:
    """Bytes of content in the whole pieces of a file; nothing is decrypted."""
    total = 0
    with path.open("rb") as file:
        _head(file)
        end = os.fstat(file.fileno()).st_size
        while (header := file.read(4)) and len(header) == 4:
            length = int.from_bytes(header, "big")
            if length > LONGEST_PIECE or file.tell() + length > end:
                break
            total += length - TAG_BYTES
            file.seek(length, os.SEEK_CUR)
    return total


def reseal(path: Path, context: str) -> bool:
    """Put the file's key under the site's newest key; whether that was needed."""
    with path.open("r+b") as file:
        sealed = _head(file)
        newest = _sealed_key(context, b"\0" * KEY_BYTES)
        if security.key_number(sealed) == security.key_number(newest):
            return False
        again = _sealed_key(context, _opened(context, sealed))
        if len(again) != len(sealed):
            raise ValueError("a head of another length")
        file.seek(len(MAGIC) + 2)
        file.write(again)
    return True


def reseal_all(directory: Path, kind: str) -> int:
    """The same for every file of a kind (context ``kind:name``); how many needed it.

    One that is damaged is left: the others are worth it.
    """
    done = 0
    for path in sorted(directory.rglob("*.rec")):
        try:
            done += reseal(path, f"{kind}:{path.stem}")
        except ValueError as error:
            log.warning("file_not_resealed", file=path.name, error=str(error))
    return done


def _sealed_key(context: str, key: bytes) -> bytes:
    return security.encrypt(context, base64.b64encode(key).decode())


def _opened(context: str, sealed: bytes) -> bytes:
    return base64.b64decode(security.decrypt(context, sealed))


def _key(file: BinaryIO, context: str) -> bytes:
    return _opened(context, _head(file))


def _head(file: BinaryIO) -> bytes:
    if file.read(len(MAGIC)) != MAGIC:
        raise ValueError("not a sealed file")
    sealed = file.read(int.from_bytes(file.read(2), "big"))
    if len(sealed) < 2:
        raise ValueError("a head cut short")
    return sealed


def _next_piece(file: BinaryIO) -> bytes | None:
    header = file.read(4)
    length = int.from_bytes(header, "big")
    if len(header) < 4 or length > LONGEST_PIECE:
        return None
    sealed = file.read(length)
    return sealed if len(sealed) == length else None


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")  # the key is this file's alone
