"""Files that no attachment names: their transaction never ended well, or the demonstration went."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import structlog
from sqlmodel import col, select

from hotline.clock import now
from hotline.db import transaction
from workorders import attaching
from workorders.side_models import Attachment

log = structlog.get_logger(__name__)
LEFT_ALONE = timedelta(days=1)  # longer than any upload: its row may still come
AT_ONCE = 500


def sweep() -> int:
    """Delete them; how many. A job; safe to run twice."""
    before, deleted = (now() - LEFT_ALONE).timestamp(), 0
    old = [path for path in sorted(attaching.directory().glob("??/*.rec"))
           if path.stat().st_mtime < before]  # fmt: skip
    for start in range(0, len(old), AT_ONCE):
        deleted += _delete_unknown(old[start : start + AT_ONCE])
    if deleted:
        log.info("attachments_deleted", count=deleted)
    return deleted


def _known(places: list[str]) -> set[str | None]:
    with transaction() as session:
        return set(session.exec(select(Attachment.path).where(col(Attachment.path).in_(places))))


def _delete_unknown(files: list[Path]) -> int:
    known = _known([attaching.place(path) for path in files])
    left = [path for path in files if attaching.place(path) not in known]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
