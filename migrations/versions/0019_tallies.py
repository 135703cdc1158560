"""Figures of calls, kept up by the database as calls change.

Each change of a call adds what it changes in the figures to ``call_tally_change``; a job takes
these into ``call_tally`` and ``agent_tally``. What a call is worth is said once, in SHARES.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SPOKEN = "answered_at IS NOT NULL AND ended_at IS NOT NULL"
SHARES = {
    "calls": "1",
    "offered": "(waiting_since IS NOT NULL)::int",
    "answered": "(answered_at IS NOT NULL)::int",
    "in_time": "coalesce(answered_at - waiting_since <= interval '15 seconds', false)::int",
    "abandoned_ivr": "(abandoned_in IS NOT DISTINCT FROM 'ivr')::int",
    "abandoned_queue": "(abandoned_in IS NOT DISTINCT FROM 'queue')::int",
    "abandoned_ringing": "(abandoned_in IS NOT DISTINCT FROM 'ringing')::int",
    "short_abandons": "short_abandon::int",
    "short_offered": "(short_abandon AND waiting_since IS NOT NULL)::int",
    "self_served": "self_served::int",
    "served": "(answered_at IS NOT NULL OR self_served)::int",
    "transferred": "(transfers > 0)::int",
    "unsettled": f"({SPOKEN} AND disposition IS NULL)::int",
    "handled": f"({SPOKEN})::int",
    "waited_ms": "coalesce(extract(epoch FROM answered_at - waiting_since) * 1000, 0)::bigint",
    "talk_seconds": f"CASE WHEN {SPOKEN} THEN talk_seconds ELSE 0 END",
    "hold_seconds": f"CASE WHEN {SPOKEN} THEN hold_seconds ELSE 0 END",
    "wrapped_ms": "CASE WHEN answered_at IS NOT NULL AND wrapped_up_at BETWEEN ended_at"
    " AND ended_at + interval '30 minutes'"
    " THEN (extract(epoch FROM wrapped_up_at - ended_at) * 1000)::bigint ELSE 0 END",
    "late": "told_late::int",
}
KEY = {
    "hour": "date_trunc('hour', started_at, 'UTC')",
    "queue": "coalesce(queue, '')",
    "agent_id": "coalesce(agent_id, 0)",
    "category": "coalesce(category, '')",
}
NAMES = ", ".join(KEY | SHARES)
MEASURES = ", ".join(SHARES)
WORTH = ", ".join(f"{said} AS {name}" for name, said in (KEY | SHARES).items())
SUMS = ", ".join(f"sum({name}) AS {name}" for name in SHARES)


def _negative(source: str) -> str:
    lost = ", ".join(f"-{name} AS {name}" for name in SHARES)
    return f"SELECT {', '.join(KEY)}, {lost} FROM ({_worth(source)}) AS was"  # noqa: S608


def _worth(source: str) -> str:
    return f"SELECT {WORTH} FROM {source} WHERE direction = 'inbound'"  # noqa: S608


def _trigger(deed: str, tables: str, *parts: str) -> None:
    differs = " OR ".join(f"sum({name}) <> 0" for name in SHARES)
    op.execute(
        f"""
        CREATE FUNCTION tally_call_{deed}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO call_tally_change ({NAMES})
            SELECT {", ".join(KEY)}, {SUMS} FROM ({" UNION ALL ".join(parts)}) AS share
            GROUP BY {", ".join(KEY)} HAVING {differs};
            RETURN NULL;
        END $$
        """  # noqa: S608 - names of ours only
    )
    op.execute(
        f"CREATE TRIGGER call_{deed}_is_tallied AFTER {deed} ON call REFERENCING {tables}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION tally_call_{deed}()"
    )


def upgrade() -> None:
    _add_told_late()
    _create_tables()
    op.execute(
        f"CREATE VIEW call_share AS {_worth('call').replace('SELECT', 'SELECT started_at,')}"
    )
    _trigger("insert", "NEW TABLE AS now_", _worth("now_"))
    _trigger("delete", "OLD TABLE AS was_", _negative("was_"))
    _trigger("update", "OLD TABLE AS was_ NEW TABLE AS now_", _worth("now_"), _negative("was_"))
    for table, key in (("call_tally", "hour, queue, category"), ("agent_tally", "hour, agent_id")):
        op.execute(
            f"CREATE VIEW {table}_now AS SELECT {key}, {MEASURES} FROM {table}"  # noqa: S608
            f" UNION ALL SELECT {key}, {MEASURES} FROM call_tally_change"
        )
        op.execute(
            f"INSERT INTO {table} ({key}, {MEASURES})"  # noqa: S608
            f" SELECT {key}, {SUMS} FROM call_share GROUP BY {key}"
        )


def _add_told_late() -> None:
    op.add_column(
        "call", sa.Column("told_late", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.execute(
        "UPDATE call SET told_late = true WHERE call_uid IN (SELECT call_uid FROM call_event"
        " WHERE received_at > at + interval '24 hours')"
    )


def _create_tables() -> None:
    measures = [(name, sa.BigInteger) for name in SHARES]
    hour, agent = ("hour", sa.DateTime(timezone=True)), ("agent_id", sa.BigInteger)
    queue, category = ("queue", sa.String(64)), ("category", sa.String(32))
    for table, key in (("call_tally", (hour, queue, category)), ("agent_tally", (hour, agent))):
        op.create_table(
            table,
            *(sa.Column(name, kind, primary_key=True, autoincrement=False) for name, kind in key),
            *(sa.Column(name, kind, nullable=False) for name, kind in measures),
        )
    op.create_table(
        "call_tally_change",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        *(
            sa.Column(name, kind, nullable=False)
            for name, kind in (hour, queue, agent, category, *measures)
        ),
    )
    op.create_index("ix_call_tally_change_hour", "call_tally_change", ["hour"])


def downgrade() -> None:
    for deed in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER call_{deed}_is_tallied ON call")
        op.execute(f"DROP FUNCTION tally_call_{deed}")
    for view in ("call_tally_now", "agent_tally_now", "call_share"):
        op.execute(f"DROP VIEW {view}")
    for table in ("call_tally", "agent_tally", "call_tally_change"):
        op.drop_table(table)
    op.drop_column("call", "told_late")
