"""Orders of weeks ago, answered and archived: rows at once, because nobody acts on them any more.

Ours come out of the calls that asked for one; the platforms' are known to the stand-in too, or
the nightly comparison would miss them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import text
from sqlmodel import Session

from hotline.clock import day_bounds, now
from workorders import filing, remote_words
from workorders.demo import words
from workorders.demo.plan import Story, office, stories_of
from workorders.demo.telling import Cast
from workorders.models import Platform as Row
from workorders.platforms.reading import read
from workorders.platforms.wire import RemoteOrder
from workorders.rules import Kind, Meaning, Satisfaction, State
from workorders.standin import inventing
from workorders.standin.machine import Filed
from workorders.standin.store import Store

_OWN = text(
    """
    INSERT INTO work_order (order_no, platform, state, round, kind, urgency, confidential,
        reply_wanted, title, content, call_id, called_at, received_at, replied_at, closed_at,
        archived_at, caller_contacted, reply, satisfaction_first, satisfaction, grams,
        created_at, updated_at, is_demo)
    SELECT 'WO' || to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD') || '-'
               || lpad(nextval('work_order_number')::text, 6, '0'),
           'self', 'archived', 1, kind, '一般', false, false,
           left(rtrim(summary, '。'), 40), summary, id, started_at, at, at + answered,
           at + answered + interval '1 day', at + answered + interval '3 days', true, :reply,
           grade, grade, coalesce(grams, '{}'), at, at + answered + interval '3 days', true
    FROM (
        SELECT c.*, c.ended_at + interval '5 minutes' AS at,
               (2 + c.id % 3) * interval '1 day' AS answered,
               CASE WHEN c.subcategory = ANY(:reported) THEN '举报' ELSE '投诉' END AS kind,
               CASE WHEN c.id % 11 = 0 THEN 'dissatisfied' WHEN c.id % 2 = 0 THEN 'satisfied'
                    ELSE 'very_satisfied' END AS grade
        FROM call c
        WHERE c.is_demo AND c.disposition = 'work_order' AND c.ended_at < :until
          AND c.summary IS NOT NULL
        ORDER BY c.ended_at
    ) AS calls
    """
)
_STEPS = text(
    """
    INSERT INTO work_order_step (order_id, at, step, before, after, origin, person_name, is_demo)
    SELECT o.id, CASE s.step WHEN 'filed' THEN o.received_at
                 WHEN 'accept' THEN o.received_at + interval '1 hour'
                 WHEN 'reply' THEN o.replied_at - interval '1 hour'
                 WHEN 'reply_passed' THEN o.replied_at
                 WHEN 'archive' THEN o.archived_at ELSE o.closed_at END,
           s.step, s.before, s.after, 'system', '演示', true
    FROM work_order o CROSS JOIN (VALUES
        (1, 'filed', 'received', 'received'), (2, 'accept', 'received', 'accepted'),
        (3, 'reply', 'accepted', 'replied'), (4, 'reply_passed', 'replied', 'callback'),
        (5, 'close', 'callback', 'closed'), (6, 'archive', 'closed', 'archived')
    ) AS s (place, step, before, after)
    WHERE o.is_demo AND o.state = 'archived' AND o.received_at < :until
    ORDER BY o.id, s.place
    """
)


def write(
    session: Session, cast: Cast, store: Store, days: Iterable[date], reported: list[str]
) -> int:
    """Write the archived orders of these days; how many."""
    last = list(days)
    until = day_bounds(last[-1])[1] if last else now()
    given = {"until": until, "reported": reported, "reply": words.REPLIES[Kind.COMPLAINT]}
    own = session.execute(_OWN, given)
    stories = [story for day in last for story in stories_of(day)]
    for story in stories:
        _of_platform(session, cast, store, story)
    session.flush()
    session.execute(_STEPS, {"until": until})
    return int(own.rowcount) + len(stories)  # type: ignore[attr-defined]


def _of_platform(session: Session, cast: Cast, store: Store, story: Story) -> None:
    rng = random.Random(story.seed)
    platform, row = cast.platforms[story.platform], cast.rows[story.platform]
    replied = office(story.at, 12 * story.pace)
    archived = office(replied, 20)
    sequence = len(platform.numbers()) + 1
    content = inventing.order(rng, inventing.number(row.code, story.at, sequence), story.at)
    filed = Filed(content, archived, Meaning.FILED, version=7)
    line = {"platform": row.code, "filed": filed.as_json(), "event": None}
    store.add(line)
    platform.remember(line)
    _keep(session, row, read(platform.order(filed.no)), story, replied, archived)


def _keep(
    session: Session, row: Row, remote: RemoteOrder, story: Story, replied: datetime,
    archived: datetime,
) -> None:  # fmt: skip
    given = {
        "state": State.ARCHIVED, "remote_status": remote.status, "remote_version": remote.version,
        "remote_at": archived, "remote_due_at": remote.due_at, "replied_at": replied,
        "dispatched_at": remote.dispatched_at, "closed_at": office(replied, 8),
        "archived_at": archived, "caller_contacted": True, "reply": words.REPLIES[remote.kind],
        "satisfaction_first": Satisfaction.SATISFIED, "satisfaction": Satisfaction.SATISFIED,
    }  # fmt: skip
    draft = remote_words.draft_of(remote)
    filing.from_platform(session, row.code, remote.no, draft, story.at, given, True)
