"""Who works here: roles, presence states, and what one may become after another."""

from __future__ import annotations

from datetime import datetime, timedelta

from hotline.labels import Labelled


class Role(Labelled):
    """What a person may do."""

    AGENT = "agent", "坐席"
    COUNSELLOR = "counsellor", "心理咨询员"
    SUPERVISOR = "supervisor", "班长"
    MANAGER = "manager", "管理者"
    ADMIN = "admin", "管理员"
    INTEGRATION = "integration", "对接账号"

    @property
    def needs_second_factor(self) -> bool:
        """Supervisors and up sign in with a second factor."""
        return self in {Role.SUPERVISOR, Role.MANAGER, Role.ADMIN}

    @property
    def answers_calls(self) -> bool:
        """Whether this role has a place at the desk."""
        return self in {Role.AGENT, Role.COUNSELLOR, Role.SUPERVISOR}


DESK_ROLES = (Role.AGENT, Role.COUNSELLOR, Role.SUPERVISOR)
PEOPLE_ROLES = tuple(role for role in Role if role is not Role.INTEGRATION)


class Presence(Labelled):
    """Where an agent is."""

    READY = "ready", "就绪"
    BUSY = "busy", "示忙"
    TALKING = "talking", "通话"
    WRAP_UP = "wrap_up", "话后"
    BREAK = "break", "小休"
    OFFLINE = "offline", "离线"


# Talking and wrap-up follow the call; the rest a person chooses.
CHOSEN_BY_PERSON = (Presence.READY, Presence.BUSY, Presence.BREAK, Presence.OFFLINE)


class Scope(Labelled):
    """What an API token opens."""

    TELEPHONY = "telephony", "话务事件"
    CALLS = "calls", "来电记录"
    BOOKING = "booking", "预约挂号"
    WORKORDERS = "workorders", "12345 工单"
    STATISTICS = "statistics", "统计数据"
    ALL = "all", "全部"


def session_is_over(
    started_at: datetime, seen_at: datetime, now: datetime, idle_minutes: int, hours: int
) -> bool:
    """Whether a sign-in has run out, by idleness or by age."""
    idle = now - seen_at > timedelta(minutes=idle_minutes)
    return idle or now - started_at > timedelta(hours=hours)


def is_locked(locked_until: datetime | None, now: datetime) -> bool:
    """Whether sign-in is barred for now."""
    return locked_until is not None and locked_until > now
