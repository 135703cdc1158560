"""Patients are found by their names, places by every reading of theirs.

The hashes are keyed and the key is not in the database: ``hotline.booking.people`` fills them in
before anything serves, as ``hotline.booking.spelling`` fills the pinyin.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
HASHES = ("name_hash", "born_hash")
PLACES = ("hospital", "department", "doctor")


def upgrade() -> None:
    for name in HASHES:
        op.add_column("patient_account", sa.Column(name, sa.LargeBinary(16)))
        op.create_index(f"ix_patient_account_{name}", "patient_account", [name])
    op.create_index(
        "ix_patient_account_unnamed",
        "patient_account",
        ["id"],
        postgresql_where=sa.text("name_hash IS NULL"),
    )
    for place in PLACES:
        pinyin = sa.Column("pinyin", sa.String(400), nullable=False, server_default="")
        op.add_column(place, pinyin)


def downgrade() -> None:
    for place in PLACES:
        op.drop_column(place, "pinyin")
    op.drop_index("ix_patient_account_unnamed", "patient_account")
    for name in HASHES:
        op.drop_index(f"ix_patient_account_{name}", "patient_account")
        op.drop_column("patient_account", name)
