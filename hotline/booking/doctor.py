"""What `hotline doctor` says of booking."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text

from hotline import db
from hotline.doctor import Finding, mind, well
from hotline.settings import Settings

_UNNAMED = text("SELECT count(*) FROM patient_account WHERE name_hash IS NULL")


def findings(_: Settings) -> Iterator[Finding]:
    """Whether every patient can be found by name."""
    with db.engine().connect() as connection:
        missing = connection.scalar(_UNNAMED)
    if missing:
        yield mind(f"{missing} 位就诊人还不能按姓名查到：后台任务每分钟补建，请确认 worker 在运行")
    else:
        yield well("就诊人都能按姓名查到")
