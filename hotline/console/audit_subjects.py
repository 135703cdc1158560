"""What an audit line is about, in words: ``call:20261122-00009`` is 来电 20261122-00009."""

from __future__ import annotations

SUBJECTS = {
    "call": "来电",
    "patient": "就诊人",
    "booking": "预约",
    "work_order": "工单",
    "work_order_platform": "平台",
    "reconciliation": "对账",
    "deadline_rule": "时限规则",
    "callback": "回拨",
    "alert": "警报",
    "person": "用户",
    "token": "令牌",
    "schedule": "排班",
    "schedules": "排班",
    "slots": "号源",
    "channel": "渠道",
    "calendar": "日历",
    "bulletin": "月报",
    "figures": "统计",
    "statistics": "统计",
    "voice": "语音统计",
    "voice_line": "语音线路",
    "calls": "来电记录",
    "bookings": "预约",
    "registered": "号源",
    "demo": "演示数据",
}


def subject_words(subject: str | None) -> str:
    """The kind in words; one that is not known stays as it is."""
    kind, mark, which = (subject or "").partition(":")
    words = SUBJECTS.get(kind)
    if words is None:
        return subject or ""
    return f"{words} {which}" if mark else words


def subject_begun(typed: str) -> str:
    """What a subject begins with that somebody typed, in words or as it is stored."""
    for kind, words in SUBJECTS.items():
        rest = typed.removeprefix(words)
        if rest != typed and (not rest or rest[0] in " :："):
            which = rest.strip(" :：")
            return f"{kind}:{which}" if which else kind
    return typed
