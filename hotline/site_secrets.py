"""The secrets of a site: what signs, what encrypts, what numbers are found by."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hotline.errors import NotStarted

MINIMUM_LENGTH = 32


@dataclass(repr=False)
class Secrets:
    """Signing key, numbered encryption keys (32 bytes each) and look-up hash key."""

    signing: str
    encryption: dict[int, bytes]
    hashing: bytes

    @classmethod
    def kept_in(cls, path: Path) -> Secrets:
        """Read the secrets of one machine, making them the first time (mode 0600)."""
        if not path.exists():
            if (path.parent / "postgres").exists():  # what is in there could not be read again
                raise NotStarted(f"找不到密钥文件 {path}，已有的数据要用它解密。请从备份放回。", 78)
            _make_once(path)
        try:
            kept = json.loads(path.read_text())
            keys = {int(n): decoded(k) for n, k in kept["encryption_keys"].items()}
            return cls(kept["secret_key"], keys, kept["hash_key"].encode())
        except (OSError, ValueError, KeyError):
            raise NotStarted(f"密钥文件 {path} 已损坏，请从备份恢复。", 78) from None


def _make_once(path: Path) -> None:
    """Write fresh secrets, whole or not at all; whoever else makes them first has won."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(fresh_secrets()))
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    except OSError as error:
        raise NotStarted(f"无法写入 {path}：{error.strerror}。请检查目录权限和磁盘。", 73) from None
    finally:
        with suppress(OSError):
            draft.unlink()


def fresh_secrets() -> dict[str, Any]:
    """A new random set of secrets, in the form the secrets file keeps."""
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return {
        "secret_key": secrets.token_urlsafe(48),
        "hash_key": secrets.token_urlsafe(48),
        "encryption_keys": {"1": key},
    }


def is_weak(secret: str) -> bool:
    """Whether a secret could be guessed."""
    return len(secret) < MINIMUM_LENGTH or len(set(secret)) < 10


def decoded(key: str) -> bytes:
    """The bytes of a key in base64; none when it is no such thing."""
    try:
        return base64.b64decode(key, validate=True)
    except binascii.Error:
        return b""
