"""Use cases of sorting: the tree agents choose from, and its upkeep by admins."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from hotline import audit
from hotline.classification.models import SubcategoryRow
from hotline.classification.vocabulary import Category, Group, categories_in
from hotline.errors import Refused

LONGEST_LABEL = 30

# What agents type to pick a level-1 choice.
INITIALS = {
    Category.CONSULTATION: "zx",
    Category.COMPLAINT: "ts",
    Category.BOOKING: "yy",
    Category.MANUAL: "rg",
    Category.CRISIS: "xl",
    Category.SURVEY: "dc",
    Category.SELF_SERVICE: "zz",
    Category.NON_BUSINESS: "fyw",
}


@dataclass(frozen=True)
class Leaf:
    """A level-2 choice; ``initials`` are the first letters of its pinyin (yfjz for 预防接种)."""

    code: str
    label: str
    initials: str
    group: Group
    is_active: bool = True


@dataclass(frozen=True)
class Branch:
    """A level-1 choice with its level-2 choices, which may be none."""

    category: Category
    leaves: tuple[Leaf, ...]

    @property
    def label(self) -> str:
        """What agents read."""
        return self.category.label

    @property
    def initials(self) -> str:
        """What agents type to pick it."""
        return INITIALS[self.category]


def _spell(text: str) -> list[str]:
    """The pinyin of a label, a syllable each, punctuation left out."""
    # 55 MB of dictionaries, for an admin who renames a category: only then.
    from pypinyin import lazy_pinyin

    return [syllable.lower() for syllable in lazy_pinyin(re.sub(r"\W", "", text))]


def _initials(text: str) -> str:
    return "".join(syllable[:1] for syllable in _spell(text))


def tree(session: Session, month: str | None = None, *, with_retired: bool = False) -> list[Branch]:
    """What a call of ``month`` (YYYY-MM, default this month) may be put under, in order."""
    rows = _rows(session, with_retired=with_retired)
    wanted = categories_in(month)
    return [
        Branch(category, tuple(_leaf(row) for row in rows if row.category is category))
        for category in Category
        if category in wanted
    ]


def _rows(session: Session, *, with_retired: bool) -> list[SubcategoryRow]:
    query = select(SubcategoryRow).order_by(col(SubcategoryRow.position), SubcategoryRow.code)
    if not with_retired:
        query = query.where(col(SubcategoryRow.is_active))
    return list(session.exec(query))


def _leaf(row: SubcategoryRow) -> Leaf:
    return Leaf(row.code, row.label, row.initials, row.group, row.is_active)


def labels(session: Session) -> dict[str, str]:
    """Code -> label of every level-2 choice there ever was."""
    return {row.code: row.label for row in _rows(session, with_retired=True)}


def require_choice(
    session: Session, month: str, category: str, subcategory: str | None
) -> tuple[Category, str | None]:
    """The choice, if a call of that month may be put under it. Raises Refused.

    Level 2 is given by its code or, as ``hotline classify`` says it, by its label.
    """
    chosen = Category.known(category)
    if chosen is None or chosen not in categories_in(month):
        raise _bad("category", f"{month} 的分类中没有这一项，请重新选择。")
    if not subcategory:
        return chosen, None
    row = _find_leaf(session, chosen, subcategory)
    if row is None:
        raise _bad("subcategory", f"“{chosen.label}”下没有这个二级分类，请重新选择。")
    if not row.is_active:
        raise _bad("subcategory", f"二级分类“{row.label}”已停用，请选择其他。")
    return chosen, row.code


def _find_leaf(session: Session, category: Category, wanted: str) -> SubcategoryRow | None:
    rows = [row for row in _rows(session, with_retired=True) if row.category is category]
    return next((row for row in rows if wanted in (row.code, row.label)), None)


def add(session: Session, group: Group, label: str) -> SubcategoryRow:
    """A new level-2 choice at the end of its group."""
    clean = _clean(session, group, label, but=None)
    sample = session.exec(select(SubcategoryRow).where(SubcategoryRow.group == group)).first()
    if sample is None:
        raise _bad("group", "请选择所属一级分类。")
    last = session.exec(select(func.max(SubcategoryRow.position))).one() or 0
    row = SubcategoryRow(
        code=_new_code(session, clean),
        category=sample.category,
        group=group,
        label=clean,
        initials=_initials(clean),
        position=last + 1,
    )
    session.add(row)
    _note(session, row, {"added": clean})
    return row


def _new_code(session: Session, label: str) -> str:
    """A readable code that no other choice has: ``jian_kang_zheng``, ``jian_kang_zheng_2``."""
    stem = re.sub(r"[^a-z0-9]+", "_", "_".join(_spell(label))).strip("_")[:34] or "x"
    taken = {code for code in session.exec(select(SubcategoryRow.code)) if code.startswith(stem)}
    numbered = (f"{stem}_{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(code for code in numbered if code not in taken)


def rename(session: Session, code: str, label: str) -> None:
    """Other words for the same choice; calls already sorted show them too."""
    row = _get(session, code)
    clean = _clean(session, row.group, label, but=code)
    _note(session, row, {"before": row.label, "after": clean})
    row.label, row.initials = clean, _initials(clean)


def retire(session: Session, code: str, *, is_active: bool) -> None:
    """Take a choice off the form, or put it back. Calls keep it either way."""
    row = _get(session, code)
    siblings = [
        other
        for other in _rows(session, with_retired=False)
        if other.category is row.category and other.code != code
    ]
    if not is_active and not siblings:
        raise Refused("last_subcategory", "这是该分类下最后一项，不能停用。", 409)
    row.is_active = is_active
    _note(session, row, {"active": is_active})


def move(session: Session, code: str, *, up: bool) -> None:
    """Change places with the neighbour above or below in the same group."""
    row = _get(session, code)
    group = [other for other in _rows(session, with_retired=True) if other.group is row.group]
    here = group.index(row)
    there = here - 1 if up else here + 1
    if 0 <= there < len(group):
        row.position, group[there].position = group[there].position, row.position
        _note(session, row, {"moved": "up" if up else "down"})


def _get(session: Session, code: str) -> SubcategoryRow:
    row = session.get(SubcategoryRow, code, with_for_update=True)
    if row is None:
        raise Refused("subcategory_unknown", "没有这个二级分类。", 404)
    return row


def _clean(session: Session, group: Group, label: str, but: str | None) -> str:
    clean = label.strip()
    if not 1 <= len(clean) <= LONGEST_LABEL:
        raise _bad("label", f"名称须为 1 到 {LONGEST_LABEL} 个字。")
    rows = _rows(session, with_retired=True)
    if any(row.label == clean and row.group is group and row.code != but for row in rows):
        raise _bad("label", f"“{clean}”已经存在。")
    return clean


def _note(session: Session, row: SubcategoryRow, detail: dict[str, object]) -> None:
    audit.record(
        session, audit.Action.CATEGORY_CHANGED, f"subcategory:{row.code}", detail=dict(detail)
    )


def _bad(field: str, sentence: str) -> Refused:
    return Refused(f"{field}_invalid", sentence, fields={field: sentence})
