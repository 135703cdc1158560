"""Saved views: a list's filters and columns under a name of one's own."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, flash, redirect, request
from sqlalchemy import BigInteger, Column, ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, col, func, select
from werkzeug.wrappers import Response

import hotline.agents.models  # noqa: F401 - keys point to its tables
from hotline import access
from hotline.clock import now
from hotline.columns import identity, instant
from hotline.db import transaction
from hotline.errors import Refused
from hotline.web import safe_path

bp = Blueprint("saved", __name__, url_prefix="/saved-views")
LONGEST_NAME, LONGEST_QUESTION, MOST = 20, 500, 20


class SavedView(SQLModel, table=True):
    """``page`` is the list's path; ``question`` what stands behind its question mark."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("person_id", "page", "name", name="uq_saved_view_name"),)

    id: int | None = Field(default=None, sa_column=identity())
    person_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("person.id", ondelete="CASCADE"), nullable=False)
    )
    page: str = Field(max_length=80)
    name: str = Field(max_length=LONGEST_NAME)
    question: str = Field(max_length=LONGEST_QUESTION)
    created_at: datetime = Field(default_factory=now, sa_column=instant(nullable=False))

    @property
    def address(self) -> str:
        """Where the view leads."""
        return f"{self.page}?{self.question}"


def views_of_page() -> list[SavedView]:
    """This person's views of the list at hand, by name."""
    who = access.who()
    if who is None or who.person_id is None:
        return []
    with transaction() as session:
        mine = select(SavedView).where(
            SavedView.person_id == who.person_id, SavedView.page == request.path
        )
        return list(session.exec(mine.order_by(SavedView.name)))


@bp.post("")
@access.signed_in
def save() -> Response:
    """Keep the list as it is shown under a name; the same name again replaces it."""
    name = request.form.get("name", "").strip()
    page, question = _asked()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Refused("name_invalid", f"视图名称须为 1 到 {LONGEST_NAME} 个字。")
    if not question:
        raise Refused("question_empty", "还没有任何筛选条件，先筛选再保存视图。")
    with transaction() as session:
        _keep(session, access.person().key, page, name, question)
    flash(f"视图“{name}”已保存。")
    return redirect(f"{page}?{question}")


def _asked() -> tuple[str, str]:
    """The list's path and question; where in the list one was is left out."""
    path, _, question = safe_path(request.form.get("address")).partition("?")
    if not path or len(path) > 80 or len(question) > LONGEST_QUESTION:
        raise Refused("address_invalid", "这个列表的条件太多，不能保存为视图。")
    kept = [(name, value) for name, value in parse_qsl(question) if name != "cursor"]
    return path, urlencode(kept)


def _keep(session: Session, person_id: int, page: str, name: str, question: str) -> None:
    mine = (SavedView.person_id == person_id, SavedView.page == page, col(SavedView.name) != name)
    if session.exec(select(func.count()).select_from(SavedView).where(*mine)).one() >= MOST:
        raise Refused("views_full", f"每个列表最多保存 {MOST} 个视图，请先删去不用的。", 409)
    row = {"person_id": person_id, "page": page, "name": name, "created_at": now()}
    session.execute(
        insert(SavedView)
        .values(**row, question=question)
        .on_conflict_do_update("uq_saved_view_name", set_={"question": question})
    )


@bp.post("/<int:view_id>/delete")
@access.signed_in
def delete(view_id: int) -> Response:
    """Forget a view of one's own."""
    with transaction() as session:
        view = session.get(SavedView, view_id)
        if view is None or view.person_id != access.person().key:
            raise Refused("view_unknown", "没有这个视图，可能已经删去。", 404)
        session.delete(view)
    flash(f"视图“{view.name}”已删去。")
    return redirect(view.page)
