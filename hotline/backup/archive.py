"""What a backup is: one tar file with a manifest, the database's dump and the kept files."""

from __future__ import annotations

import hashlib
import hmac
import json
import tarfile
from dataclasses import asdict, dataclass
from pathlib import Path

from hotline.errors import NotStarted
from hotline.site_secrets import Secrets

FORMAT = 1
# Of the data directory, all but what belongs to the machine, to the moment, or is a secret.
NOT_KEPT = {
    "postgres",
    "valkey",
    "run",
    "log",
    "secrets.json",
    "embedded.json",
    "demo-accounts.json",
}


@dataclass(frozen=True)
class Manifest:
    """What one must know before restoring. ``keys`` are fingerprints, which reveal nothing."""

    format: int
    made_at: str
    version: str
    revision: str | None
    keys: dict[str, str]
    dump_sha256: str


def fingerprints(secrets: Secrets) -> dict[str, str]:
    """Number -> fingerprint of each key; the hash key's is under ``hash``."""
    marks = {str(number): _mark(key) for number, key in secrets.encryption.items()}
    return marks | {"hash": _mark(secrets.hashing)}


def _mark(key: bytes) -> str:
    return hmac.new(key, b"hotline backup", hashlib.sha256).hexdigest()[:16]


def write(target: Path, manifest: Manifest, dump: Path, data_dir: Path) -> None:
    """Write the archive beside its place and rename, readable by its owner only."""
    draft = target.with_name(f".{target.name}.draft")
    draft.touch(mode=0o600)
    try:
        described = dump.with_name("manifest.json")
        described.write_text(json.dumps(asdict(manifest), indent=1))
        with tarfile.open(draft, "w") as tar:
            tar.add(described, "manifest.json")
            tar.add(dump, "database.dump")
            for kept in kept_files(data_dir):
                tar.add(kept, f"files/{kept.name}")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def kept_files(data_dir: Path) -> list[Path]:
    """Attachments, recordings and what else features keep in the data directory."""
    if not data_dir.exists():
        return []
    found = (path for path in data_dir.iterdir() if path.name not in NOT_KEPT)
    passing = (".", "postgres.new-", "restore-")  # drafts; and what a restore moved aside
    return sorted(p for p in found if not p.name.startswith(passing) and ".before-" not in p.name)


def unpack(source: Path, target: Path) -> Manifest:
    """Unpack into an empty directory and check; NotStarted when it is no sound backup."""
    try:
        with tarfile.open(source) as tar:
            tar.extractall(target, filter="data")
        manifest = Manifest(**json.loads((target / "manifest.json").read_text()))
        sound = manifest.format == FORMAT and sha256(target / "database.dump") == (
            manifest.dump_sha256
        )
    except FileNotFoundError:
        raise NotStarted(f"没有备份文件 {source}，或它不完整。", 66) from None
    except (tarfile.TarError, TypeError, ValueError):
        raise NotStarted(f"{source} 不是本系统的备份文件，或已损坏。", 65) from None
    if not sound:
        raise NotStarted(f"{source} 已损坏，或来自更新的版本。", 65)
    return manifest


def sha256(path: Path) -> str:
    """The digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
