"""Tables of figures. A trigger on ``call`` writes ``call_tally_change`` (decision 0018).

Figures are read from the views ``call_tally_now`` and ``agent_tally_now``: a tally together with
the changes that no job has taken into it yet, so they are never behind. ``call_share`` is what
each inbound call is worth, the definition of all of them.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from hotline.columns import Instant, identity, instant


class Sums(SQLModel):
    """What is added up; times in milliseconds where a second would round away too much.

    ``offered``: a person was owed; ``served``: a person or the voice line alone; ``handled``:
    answered and over; ``late``: something of the call was told a day after it happened.
    """

    calls: int = Field(0, sa_type=BigInteger)
    offered: int = Field(0, sa_type=BigInteger)
    answered: int = Field(0, sa_type=BigInteger)
    in_time: int = Field(0, sa_type=BigInteger)
    abandoned_ivr: int = Field(0, sa_type=BigInteger)
    abandoned_queue: int = Field(0, sa_type=BigInteger)
    abandoned_ringing: int = Field(0, sa_type=BigInteger)
    short_abandons: int = Field(0, sa_type=BigInteger)
    short_offered: int = Field(0, sa_type=BigInteger)
    self_served: int = Field(0, sa_type=BigInteger)
    served: int = Field(0, sa_type=BigInteger)
    transferred: int = Field(0, sa_type=BigInteger)
    unsettled: int = Field(0, sa_type=BigInteger)
    handled: int = Field(0, sa_type=BigInteger)
    waited_ms: int = Field(0, sa_type=BigInteger)
    talk_seconds: int = Field(0, sa_type=BigInteger)
    hold_seconds: int = Field(0, sa_type=BigInteger)
    wrapped_ms: int = Field(0, sa_type=BigInteger)
    late: int = Field(0, sa_type=BigInteger)


MEASURES = tuple(Sums.model_fields)


class CallTally(Sums, table=True):
    """Inbound calls that began in an hour, by queue and category ('' for none)."""

    __tablename__ = "call_tally"

    hour: datetime = Field(sa_column=Column(Instant, primary_key=True))
    queue: str = Field(max_length=64, primary_key=True)
    category: str = Field(max_length=32, primary_key=True)


class AgentTally(Sums, table=True):
    """Inbound calls that began in an hour, by who had them last; 0 stands for nobody."""

    __tablename__ = "agent_tally"

    hour: datetime = Field(sa_column=Column(Instant, primary_key=True))
    agent_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))


class CallTallyChange(Sums, table=True):
    """What a change of calls adds to the tallies, or takes from them."""

    __tablename__ = "call_tally_change"
    __table_args__ = (Index("ix_call_tally_change_hour", "hour"),)

    id: int | None = Field(default=None, sa_column=identity())
    hour: datetime = Field(sa_column=instant(nullable=False))
    queue: str = Field(max_length=64)
    agent_id: int = Field(sa_type=BigInteger)
    category: str = Field(max_length=32)


class ReturnTally(SQLModel, table=True):
    """Inbound calls of known callers that began on a Shanghai day: ``known``, of them ``again``
    who had called in the week before; ``ripe`` are answered and a week old, of them ``solved``.
    """

    __tablename__ = "return_tally"

    day: date = Field(primary_key=True)
    ripe: int = Field(sa_type=BigInteger)
    solved: int = Field(sa_type=BigInteger)
    known: int = Field(sa_type=BigInteger)
    again: int = Field(sa_type=BigInteger)
    counted_at: datetime = Field(sa_column=instant(nullable=False))
