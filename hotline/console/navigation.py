"""The left rail: every page a role may open, in the words of the trade."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import current_app, request, url_for

from hotline import settings
from hotline.access import Who
from hotline.agents.rules import Role

AGENT, COUNSELLOR, SUPERVISOR = Role.AGENT, Role.COUNSELLOR, Role.SUPERVISOR
MANAGER, ADMIN = Role.MANAGER, Role.ADMIN
DESK = (AGENT, COUNSELLOR, SUPERVISOR)
LEADERS = (SUPERVISOR, MANAGER)


@dataclass(frozen=True)
class Entry:
    """A page in the rail. ``endpoint`` may belong to a feature that is not installed."""

    label: str
    endpoint: str
    roles: tuple[Role, ...]
    icon: str
    in_demo: bool = False  # everybody's, in a demonstration
    counted: str = ""  # which of ``shell.counts`` says how many wait there


@dataclass(frozen=True)
class Item:
    """An entry as one person sees it now."""

    label: str
    address: str
    icon: str
    is_current: bool
    keys: str
    counted: str


ENTRIES = (
    Entry("现场", "board.index", LEADERS, icon="broadcast"),
    Entry("本月概览", "overview.index", LEADERS, icon="chart-histogram"),
    Entry("我的工作台", "desk.index", DESK, icon="headset"),
    Entry("来电记录", "calls.index", (*DESK, MANAGER), icon="phone-incoming"),
    Entry("未登记", "calls.undisposed", DESK, icon="clipboard-text"),
    Entry("未接来电", "callbacks.index", DESK, icon="phone-off", counted="callbacks"),
    Entry("预约挂号", "booking.index", DESK, icon="calendar-plus"),
    Entry("停诊回电", "booking.stopped", DESK, icon="phone-calling"),
    Entry("姓名待核", "names.index", DESK, icon="id", counted="names"),
    Entry("短信", "booking.texts", (SUPERVISOR,), icon="message"),
    Entry("停诊", "booking.stop", (SUPERVISOR, ADMIN), icon="calendar-off"),
    Entry("排班", "schedules.index", (SUPERVISOR, ADMIN), icon="calendar-week"),
    Entry("12345 工单", "workorders.index", (*DESK, MANAGER), icon="file-description"),
    Entry("派单看板", "workorders.board", (SUPERVISOR,), icon="layout-kanban"),
    Entry("先到期的", "workorders_deadlines.upcoming", (SUPERVISOR,), icon="clock-exclamation"),
    Entry("今日回访", "workorders.callbacks", DESK, icon="phone-outgoing"),
    Entry("对账", "workorders_exchange.reconciliation", (SUPERVISOR,), icon="scale"),
    Entry("危机干预", "crisis.index", (COUNSELLOR, SUPERVISOR), icon="heart-handshake"),
    Entry("知识库", "knowledge.index", DESK, icon="book"),
    Entry("预约统计", "booking_numbers.index", LEADERS, icon="chart-bar"),
    Entry("语音统计", "voice.index", LEADERS, icon="microphone"),
    Entry("导入号源", "booking_import.index", (SUPERVISOR, ADMIN), icon="file-import"),
    Entry("我的统计", "statistics.mine", (AGENT, COUNSELLOR), icon="chart-bar"),
    Entry("质检", "quality.index", (SUPERVISOR,), icon="ear"),
    Entry("月报", "bulletin.index", LEADERS, icon="report"),
    Entry("趋势", "statistics.trends", LEADERS, icon="trending-up"),
    Entry("医院与渠道", "statistics.hospitals", (MANAGER,), icon="building-hospital"),
    Entry("排班预测", "statistics.forecast", LEADERS, icon="calendar-time"),
    Entry("拨打 12320", "dial.index", (SUPERVISOR, ADMIN), icon="phone-outgoing", in_demo=True),
    Entry("系统状态", "system.index", (ADMIN,), icon="heartbeat"),
    Entry("用户与角色", "people.index", (ADMIN,), icon="users"),
    Entry("接口令牌", "tokens.index", (ADMIN,), icon="key"),
    Entry("医院与规则", "booking.rules", (ADMIN,), icon="building-hospital"),
    Entry("渠道", "booking.list_channels", (ADMIN,), icon="plug-connected"),
    Entry("分类", "classification.index", (ADMIN,), icon="category"),
    Entry("平台对接", "workorders_exchange.platform_list", (ADMIN,), icon="plug-connected"),
    Entry("承办单位", "workorders.units", (ADMIN,), icon="building-community"),
    Entry("时限规则", "workorders_deadlines.index", (ADMIN,), icon="clock-hour-4"),
    Entry("审计", "audit.index", (ADMIN,), icon="fingerprint"),
)


def items_for(who: Who) -> list[Item]:
    """The rail of this person: what the role may open and the installation has."""
    shown = [entry for entry in ENTRIES if who.role in entry.roles or _is_open(entry)]
    shown.sort(key=lambda entry: entry.roles != (ADMIN,))  # before what admins share with others
    return _numbered(entry for entry in shown if _exists(entry))


def _is_open(entry: Entry) -> bool:
    return entry.in_demo and settings.current().demo


def _exists(entry: Entry) -> bool:
    return entry.endpoint in current_app.view_functions


def _numbered(entries: Iterable[Entry]) -> list[Item]:
    shown = list(entries)
    here = _current(shown)
    return [
        Item(entry.label, url_for(entry.endpoint), entry.icon, entry is here, _keys(number),
             entry.counted)
        for number, entry in enumerate(shown, 1)
    ]  # fmt: skip


def _keys(number: int) -> str:
    return f"g {number}" if number <= 9 else ""


def _current(entries: list[Entry]) -> Entry | None:
    """The entry of this very page, or of the feature the page belongs to."""
    endpoint = request.endpoint or ""
    feature = endpoint.partition(".")[0]
    exact = [entry for entry in entries if entry.endpoint == endpoint]
    begun = [entry for entry in entries if endpoint.startswith(f"{entry.endpoint}_")]
    near = [entry for entry in entries if entry.endpoint.partition(".")[0] == feature]
    return next(iter(exact + begun + near), None)
