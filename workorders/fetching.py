"""取回: a platform's file, fetched when a person asks for it and kept as ours are."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

from sqlmodel import Session

from hotline.errors import Refused
from workorders import attaching
from workorders.actors import Actor
from workorders.models import Order, Platform
from workorders.platforms.fetching import Wanted
from workorders.rules import Origin
from workorders.side_models import Attachment

LONGEST_URL = 1000  # a longer one was cut when it was kept


def wanted(session: Session, order: Order, attachment_id: int) -> Wanted:
    """What is to be fetched from where. Raises Refused."""
    kept = named(session, order, attachment_id)
    url, platform = kept.url or "", session.get(Platform, order.platform)
    if not url or platform is None:
        raise Refused("file_not_fetched", "平台没有给出这个附件的地址，请向平台索取。", 409)
    if len(url) >= LONGEST_URL:
        raise Refused("file_not_fetched", "这个附件的地址过长，无法取回，请向平台索取。", 409)
    ca_file = platform.settings.get("ca_file")
    return Wanted(url, platform.base_url, Path(ca_file) if ca_file else None)


def keep(
    session: Session, order: Order, attachment_id: int, content: bytes, actor: Actor
) -> Attachment:
    """Keep what came, encrypted; what somebody else fetched meanwhile stays. Raises Refused."""
    kept = named(session, order, attachment_id)
    if kept.path:
        return kept
    digest = hashlib.sha256(content).digest()
    if kept.sha256 not in (digest, _unsaid(kept)):
        raise Refused("file_altered", "附件没有取回：文件与平台给出的校验值不一致，请向平台核实。")
    try:
        attaching.fetched(session, order, kept, _typed_name(kept), content, actor)
    except Refused as refusal:
        raise Refused(refusal.code, f"附件没有取回：{refusal.message}") from None
    return kept


def named(session: Session, order: Order, attachment_id: int) -> Attachment:
    """A platform's file of this order. Raises Refused 404."""
    kept = session.get(Attachment, attachment_id)
    if kept is None or kept.order_id != order.key or kept.origin is not Origin.PLATFORM:
        raise Refused("attachment_unknown", "没有这个附件，请刷新页面。", 404)
    return kept


def _unsaid(kept: Attachment) -> bytes:
    """What stands for the hash where the platform gave none (``attaching.name_remote``)."""
    return hashlib.sha256((kept.url or "").encode()).digest()


def _typed_name(kept: Attachment) -> str:
    """The name, with the address's ending where it has none that says a type."""
    if kept.name.rpartition(".")[2].lower() in attaching.KINDS:
        return kept.name
    ending = urlsplit(kept.url or "").path.rpartition(".")[2]
    return f"{kept.name}.{ending}" if ending.lower() in attaching.KINDS else kept.name
