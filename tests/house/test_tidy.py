"""What is thrown away by itself, and what is not."""

from datetime import timedelta

from sqlmodel import Session, select

from hotline.api import IdempotencyKey
from hotline.clock import now
from hotline.tidy import forget_answers


def test_answers_are_forgotten_after_a_week(session: Session) -> None:
    for days in (6, 8):
        at = now() - timedelta(days=days)
        session.add(IdempotencyKey(owner="t", key=str(days), fingerprint=b"0" * 32, created_at=at))
    session.commit()
    forget_answers()
    assert session.exec(select(IdempotencyKey.key)).all() == ["6"]
