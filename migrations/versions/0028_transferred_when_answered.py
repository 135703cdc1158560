"""A transferred call is one that a person had answered: others are divided by nothing.

The share of a call in the figures is said anew, and what was counted otherwise is taken out of
the tallies by a change like any other.

Revision ID: 0028
Revises: 0027
"""

from alembic import op

revision = "0028"
down_revision = "0027"
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
    "transferred": "(transfers > 0 AND answered_at IS NOT NULL)::int",
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
BEFORE = SHARES | {"transferred": "(transfers > 0)::int"}
KEY = {
    "hour": "date_trunc('hour', started_at, 'UTC')",
    "queue": "coalesce(queue, '')",
    "agent_id": "coalesce(agent_id, 0)",
    "category": "coalesce(category, '')",
}
NAMES = ", ".join(KEY | SHARES)
SUMS = ", ".join(f"sum({name}) AS {name}" for name in SHARES)
DIFFERS = " OR ".join(f"sum({name}) <> 0" for name in SHARES)


def upgrade() -> None:
    op.execute("LOCK TABLE call IN SHARE ROW EXCLUSIVE MODE")
    _say(SHARES)
    _take("-count(*)")


def downgrade() -> None:
    op.execute("LOCK TABLE call IN SHARE ROW EXCLUSIVE MODE")
    _say(BEFORE)
    _take("count(*)")


def _say(shares: dict[str, str]) -> None:
    seen = _worth(shares, "call").replace("SELECT", "SELECT started_at,")
    op.execute(f"CREATE OR REPLACE VIEW call_share AS {seen}")
    lost = ", ".join(f"-{name} AS {name}" for name in shares)
    was = f"SELECT {', '.join(KEY)}, {lost} FROM ({_worth(shares, 'was_')}) AS was"  # noqa: S608
    is_now = _worth(shares, "now_")
    for deed, parts in (("insert", [is_now]), ("delete", [was]), ("update", [is_now, was])):
        op.execute(
            f"""
            CREATE OR REPLACE FUNCTION tally_call_{deed}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO call_tally_change ({NAMES})
                SELECT {", ".join(KEY)}, {SUMS} FROM ({" UNION ALL ".join(parts)}) AS share
                GROUP BY {", ".join(KEY)} HAVING {DIFFERS};
                RETURN NULL;
            END $$
            """  # noqa: S608 - names of ours only
        )


def _worth(shares: dict[str, str], source: str) -> str:
    worth = ", ".join(f"{said} AS {name}" for name, said in (KEY | shares).items())
    return f"SELECT {worth} FROM {source} WHERE direction = 'inbound'"  # noqa: S608


def _take(how_many: str) -> None:
    """Calls that were transferred and never answered go out of the sums, or come back."""
    sums = ", ".join(how_many if name == "transferred" else "0" for name in SHARES)
    op.execute(
        f"INSERT INTO call_tally_change ({NAMES}) SELECT {', '.join(KEY.values())}, {sums}"  # noqa: S608
        " FROM call WHERE direction = 'inbound' AND transfers > 0 AND answered_at IS NULL"
        " GROUP BY 1, 2, 3, 4"
    )
