"""Finding articles by what an agent types, best first. Pure."""

from __future__ import annotations

from hotline.classification.normalise import plain
from hotline.knowledge.articles import Article, articles, find

MOST_WORDS = 6


def search(typed: str, subcategory: str = "") -> list[Article]:
    """Articles that have every word typed, or that answer it as a question; all of them when
    nothing is typed. In the title counts most, then among the ways to ask."""
    words = plain(typed[:100]).split()[:MOST_WORDS]
    answers = find(typed) if words else None
    found = [
        (0 if article is answers else 1 + sum(_depth(article, word) for word in words), article)
        for article in articles().values()
        if subcategory in ("", article.subcategory)
        and (article is answers or all(_depth(article, word) < len(_parts(article))
                                       for word in words))
    ]  # fmt: skip
    return [article for _, article in sorted(found, key=lambda each: each[0])]


def _depth(article: Article, word: str) -> int:
    """In which part of an article a word first stands."""
    parts = _parts(article)
    return next((depth for depth, part in enumerate(parts) if word in plain(part)), len(parts))


def _parts(article: Article) -> tuple[str, ...]:
    keys = " ".join(word for group in article.about for word in group)
    return (
        article.title,
        " ".join(article.ways),
        keys,
        article.answer,
        f"{article.source} {article.unit}",
    )
