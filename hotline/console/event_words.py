"""What a call's event says beside its kind, in words: which queue, whose telephone, who hung up.

An unknown word of a PBX is shown as the PBX said it.
"""

from __future__ import annotations

from collections.abc import Mapping

from hotline.console.filters import queue

SHOWN = ("queue", "agent", "to", "by", "cause")
BY = {"caller": "来电人", "agent": "坐席", "system": "系统"}
# Ours, those of Asterisk's logs, and the clearing causes of ITU-T Q.850.
CAUSES = {
    "normal": "正常", "16": "正常", "ANSWERED": "正常", "abandon": "没有等到", "key": "按键离开",
    "timeout": "等候超时", "empty": "没有坐席", "dump": "没有接听", "BUSY": "忙", "17": "忙",
    "NO ANSWER": "无人应答", "18": "无人应答", "19": "无人应答", "21": "拒接", "FAILED": "没有接通",
    "34": "线路忙", "callback": "要求回电", "desk": "坐席挂断", "draining": "语音线路停止",
    "booked": "已预约", "done": "已办好", "demonstration_stopped": "演示停止",
}  # fmt: skip


def event_words(said: Mapping[str, str], people: Mapping[str, str]) -> list[str]:
    """``people`` are names by extension and user name."""
    return [_word(name, said[name], people) for name in SHOWN if said.get(name)]


def _word(name: str, value: str, people: Mapping[str, str]) -> str:
    if name == "queue":
        return queue(value)
    words = {"by": BY, "cause": CAUSES}.get(name, people)
    return words.get(value, value)
