"""What a platform sends along with an order: demands to be quick, and files. Each is taken once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from sqlmodel import Session

from workorders import attaching, flags, moving
from workorders.actors import Actor
from workorders.models import Order
from workorders.platforms.wire import RemoteNote, RemoteOrder
from workorders.rules import OPEN, FlagKind

LONGEST_KEY = 80


def take(session: Session, order: Order, remote: RemoteOrder, actor: Actor) -> None:
    """Raise 催办 and 督办 that are new, note files that are new."""
    asks = bool(remote.urged or remote.supervised)  # most do not: nothing is looked up
    known = flags.known_keys(session, order) if asks else set()
    for kind, notes in (
        (FlagKind.URGED, remote.urged),
        (FlagKind.SUPERVISED, remote.supervised),
    ):
        for key, note in keyed(notes):
            if (kind, key) not in known:
                _raise(session, order, kind, note, key, actor)
    for each in remote.attachments:
        attaching.name_remote(session, order, each, actor)


def _raise(
    session: Session, order: Order, kind: FlagKind, note: RemoteNote, key: str, actor: Actor
) -> None:
    """Nobody looks at an order that was merged: its master is answered, so that is urged too."""
    words = note.content or kind.label
    flags.raise_flag(session, order, kind, actor, words, remote_key=key, at=note.at)
    if order.master_id is None:
        return
    master = moving.locked_by_id(session, order.master_id)
    if master.state in OPEN:
        key = f"{order.key}|{flags.fingerprint(key)}"
        words = f"并入的 {order.order_no}：{words}"
        flags.raise_flag(session, master, kind, actor, words, remote_key=key, at=note.at)


def keyed(notes: Iterable[RemoteNote]) -> Iterator[tuple[str, RemoteNote]]:
    """Each demand with what it is known again by. Without a time, the same words twice are two
    demands: their place among their like tells them apart."""
    alike: Counter[str] = Counter()
    for note in notes:
        key = _key(note)
        alike[key] += 1
        is_another = note.at is None and alike[key] > 1
        yield f"{key}#{alike[key]}" if is_another else key, note


def _key(note: RemoteNote) -> str:
    when = note.at.isoformat() if note.at else ""
    key = f"{when}|{note.by}|{flags.fingerprint(note.content)}"
    if len(key) < LONGEST_KEY - 5:
        return key
    return f"{when}|{flags.fingerprint(f'{note.by}|{note.content}')}"
