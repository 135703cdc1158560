"""Attachments: checked by size, type and name, kept encrypted, known by their hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from sqlmodel import Session, col, func, select

from hotline import audit, sealed, settings
from hotline.errors import Refused
from workorders import moving
from workorders.actors import Actor
from workorders.models import Order
from workorders.platforms import wire
from workorders.rules import Origin, Step
from workorders.side_models import Attachment

LARGEST = 10 * 1024 * 1024
MOST = 20
PIECE = 1 << 20
# What an office sends, by its first bytes: a name alone proves nothing.
KINDS: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (b"PK\x03\x04",),
    ),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        (b"PK\x03\x04",),
    ),
    "doc": ("application/msword", (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
    "xls": ("application/vnd.ms-excel", (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
    "wav": ("audio/wav", (b"RIFF",)),
    "mp3": ("audio/mpeg", (b"ID3", b"\xff\xfb", b"\xff\xf3")),
    "txt": ("text/plain; charset=utf-8", ()),
}
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


def checked(name: str, content: bytes) -> tuple[str, str]:
    """The file's safe name and media type. Raises Refused with what is wrong."""
    safe = _UNSAFE.sub("_", Path(name.replace("\\", "/")).name).strip(". ")[-100:]
    ending = safe.rpartition(".")[2].lower()
    if not safe or ending not in KINDS:
        raise _bad(f"“{safe or '文件'}”的类型不能添加，请使用：{'、'.join(KINDS)}。")
    if not content or len(content) > LARGEST:
        raise _bad(
            f"“{safe}”是空文件。" if not content else f"“{safe}”超过 10 MB，请压缩后再添加。"
        )
    media_type, beginnings = KINDS[ending]
    if beginnings and not content.startswith(beginnings):
        raise _bad(f"“{safe}”的内容不是 {ending} 文件，请重新导出后再添加。")
    if not beginnings and b"\x00" in content:
        raise _bad(f"“{safe}”不是文本文件。")
    return safe, media_type


def add(session: Session, order: Order, name: str, content: bytes, actor: Actor) -> Attachment:
    """Keep a file with an order; the same file again is the same attachment. Raises Refused.

    Nothing is written for who may not. A file whose transaction then fails is swept.
    """
    safe, media_type = checked(name, content)
    digest = hashlib.sha256(content).digest()
    known = _known(session, order, safe, digest)
    if known is not None:
        return known
    if _count(session, order) >= MOST:
        raise _bad(f"一张工单最多 {MOST} 个附件。")
    moving.move(session, order, Step.ATTACHED, actor, content=safe,
                detail={"sha256": digest.hex(), "size": len(content)})  # fmt: skip
    kept = Attachment(
        order_id=order.key, name=safe, media_type=media_type, size=len(content), sha256=digest,
        origin=actor.origin, path=_write(content), person_id=actor.person_id,
        person_name=actor.name, is_demo=order.is_demo,
    )  # fmt: skip
    session.add(kept)
    session.flush()
    return kept


def name_remote(
    session: Session, order: Order, remote: wire.Attachment, actor: Actor
) -> Attachment | None:
    """Note a platform's file by its address; one that was named before is not named again."""
    name = _UNSAFE.sub("_", remote.name)[-120:] or "附件"
    digest = bytes.fromhex(remote.sha256) or hashlib.sha256(remote.url.encode()).digest()
    if _known(session, order, name, digest) is not None:
        return None
    kept = Attachment(
        order_id=order.key, name=name, media_type="", sha256=digest, origin=Origin.PLATFORM,
        url=remote.url[:1000] or None, person_name=actor.name, is_demo=order.is_demo,
    )  # fmt: skip
    session.add(kept)
    moving.note(session, order, Step.ATTACHED, actor, content=name)
    return kept


def fetched(
    session: Session, order: Order, kept: Attachment, name: str, content: bytes, actor: Actor
) -> None:
    """Keep what was fetched of a platform's file; ``name`` tells its type. It stays known by what
    the platform said of it, so that it is not named again. Raises Refused."""
    _, kept.media_type = checked(name, content)
    kept.path, kept.size = _write(content), len(content)
    session.add(kept)
    moving.note(session, order, Step.ATTACHED, actor, content=f"从平台取回“{kept.name}”")


def content(
    session: Session, order: Order, attachment_id: int, *, by: str = ""
) -> tuple[Attachment, Iterator[bytes]]:
    """A file that lies with us, decrypted piece by piece; reading it is on record, ``by`` whom when
    nobody is signed in."""
    kept = session.get(Attachment, attachment_id)
    if kept is None or kept.order_id != order.key or kept.path is None:
        raise Refused("attachment_unknown", "没有这个附件，请刷新页面。", 404)
    if not (directory() / kept.path).is_file():
        raise Refused("attachment_lost", "这个附件的文件不在了，请联系管理员从备份恢复。", 404)
    # by its number: a file is often called after the person it is about
    audit.record(session, audit.Action.RECORD_READ, order.subject, person_name=by,
                 detail={"attachment": kept.key})  # fmt: skip
    return kept, sealed.read(directory() / kept.path, context(kept.path))


def of(session: Session, order: Order) -> list[Attachment]:
    """Every attachment of an order, the oldest first."""
    query = select(Attachment).where(Attachment.order_id == order.key)
    return list(session.exec(query.order_by(col(Attachment.id))))


def directory() -> Path:
    """Where they lie."""
    return settings.current().data_dir.absolute() / "attachments"


def place(file: Path) -> str:
    """A file there as its row names it."""
    return file.relative_to(directory()).as_posix()


def context(path: str) -> str:
    """What binds an encrypted file to its name."""
    return f"attachment:{Path(path).stem}"


def _write(content: bytes) -> str:
    name = uuid4().hex
    path = f"{name[:2]}/{name}.rec"
    with sealed.Writer(directory() / path, context(path)) as file:
        for start in range(0, len(content), PIECE):
            file.write(content[start : start + PIECE])
    return path


def _known(session: Session, order: Order, name: str, digest: bytes) -> Attachment | None:
    query = select(Attachment).where(
        Attachment.order_id == order.key, Attachment.sha256 == digest, Attachment.name == name
    )
    return session.exec(query).first()


def _count(session: Session, order: Order) -> int:
    query = select(func.count()).where(
        col(Attachment.order_id) == order.key, col(Attachment.origin) == Origin.PERSON
    )
    return session.exec(query).one()


def _bad(sentence: str) -> Refused:
    return Refused("attachment_refused", sentence, fields={"file": sentence})
