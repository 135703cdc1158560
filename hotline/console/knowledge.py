"""知识库: what is answered, for reading aloud at the desk. The voice line says the same."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, request, url_for

from hotline import access
from hotline.agents.rules import DESK_ROLES
from hotline.classification.vocabulary import Subcategory
from hotline.clock import today
from hotline.console.tables import Column, Listing, chips
from hotline.errors import Refused
from hotline.knowledge.articles import Article, articles
from hotline.knowledge.search import search
from hotline.web import Page, decode_cursor, encode_cursor, render

bp = Blueprint("knowledge", __name__, url_prefix="/knowledge")
A_PAGE = 20
REVIEW_DAYS = 366  # what nobody has read for longer is marked
COLUMNS = (
    Column("title", "问题"),
    Column("answer", "答复", is_text=True, is_short=False),
    Column("subcategory", "分类"),
    Column("unit", "责任单位", is_short=False),
    Column("reviewed", "审阅日期"),
)


@bp.get("")
@access.allowed(*DESK_ROLES)
def index() -> str:
    """All articles, or those that fit what was typed, the best first."""
    typed, subcategory = request.args.get("q", ""), request.args.get("subcategory", "")
    found = search(typed, subcategory)
    labels = {each.value: each.label for each in Subcategory}
    used = dict.fromkeys(article.subcategory for article in articles().values())
    said = {"q": typed, "subcategory": labels.get(subcategory, subcategory)}
    return render(
        "knowledge/index.html",
        listing=Listing(
            COLUMNS,
            _piece(found),
            chips({"q": "内容", "subcategory": "分类"}, said),
            link=lambda row: url_for("knowledge.show", article_id=row.id),
        ),
        labels=labels,
        choices=[(code, labels[code]) for code in used],
        is_old=_is_old,
    )


def _piece(found: list[Article]) -> Page[Article]:
    begin = (decode_cursor(request.args.get("cursor"), 1) or [0])[0]
    if not isinstance(begin, int) or begin < 0:
        raise Refused("cursor_invalid", "翻页位置无效，请从第一页重新查询。", 400)
    end = begin + A_PAGE
    return Page(found[begin:end], encode_cursor(end) if end < len(found) else None, len(found))


def _is_old(reviewed: date) -> bool:
    return (today() - reviewed).days > REVIEW_DAYS


@bp.get("/<article_id>")
@access.allowed(*DESK_ROLES)
def show(article_id: str) -> str:
    """One answer, sentence by sentence, with what it rests on."""
    article = articles().get(article_id)
    if article is None:
        raise Refused("article_unknown", "没有这个条目，请在知识库里重新查找。", 404)
    return render(
        "knowledge/show.html",
        article=article,
        subcategory=Subcategory(article.subcategory).label,
        is_old=_is_old(article.reviewed),
    )
