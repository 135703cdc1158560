"""API tokens may be bound to booking channels, hospitals and cities.

Revision ID: 0009
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0006"
branch_labels = None
depends_on = None

BINDINGS = {"channels": sa.String(20), "hospital_ids": sa.BigInteger(), "cities": sa.String(20)}


def upgrade() -> None:
    for name, kind in BINDINGS.items():
        op.add_column("api_token", sa.Column(name, postgresql.ARRAY(kind)))
        op.create_check_constraint(f"ck_api_token_{name}", "api_token", f"cardinality({name}) > 0")


def downgrade() -> None:
    for name in BINDINGS:
        op.drop_constraint(f"ck_api_token_{name}", "api_token")
        op.drop_column("api_token", name)
