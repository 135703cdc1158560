"""The level-2 tree that a city edits. Level 1 belongs to the published sets (vocabulary)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from hotline.classification.vocabulary import Category, Group
from hotline.columns import coded


class SubcategoryRow(SQLModel, table=True):
    """One level-2 label. It is never deleted: calls keep its code."""

    __tablename__ = "subcategory"
    __table_args__ = (CheckConstraint("position >= 0", name="ck_subcategory_position"),)

    code: str = Field(max_length=40, primary_key=True)
    category: Category = Field(sa_column=coded(Category))
    group: Group = Field(sa_column=coded(Group))
    label: str = Field(max_length=30)
    initials: str = Field(max_length=30)
    position: int = 0
    is_active: bool = True
