"""Other ids of a call: what the voice line records under its own, a PBX knows by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from hotline import settings
from hotline.calls.facts import Heard
from hotline.calls.history_models import CallAlias

_KNOWN = text("SELECT alias, call_uid FROM call_alias WHERE alias = ANY(:uids)")


def remember(session: Session, alias: str, call_uid: str) -> None:
    """The call is also known as ``alias``. The first of two calls so called keeps it."""
    row = {"alias": alias, "call_uid": call_uid}
    session.execute(insert(CallAlias).values(row).on_conflict_do_nothing())


def is_at_pbx(session: Session, call_uid: str) -> bool:
    """Does the caller speak at a PBX's telephone? What our desk's buttons said of it would be
    untrue."""
    if settings.current().ivr_person != "pbx":
        return False
    wanted = text("SELECT EXISTS (SELECT FROM call_alias WHERE call_uid = :uid)")
    return bool(session.execute(wanted, {"uid": call_uid}).scalar())


def joined(session: Session, heard: Sequence[Heard]) -> list[Heard]:
    """The same events, each under the id its call has here."""
    uids = list({one.call_uid for one in heard})
    known = {alias: uid for alias, uid in session.execute(_KNOWN, {"uids": uids}).all()}  # noqa: C416
    return [
        replace(one, call_uid=known[one.call_uid]) if one.call_uid in known else one
        for one in heard
    ]
