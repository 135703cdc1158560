"""What an audit line's detail says, in words: ``分类：未填 → 咨询类``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hotline.agents.rules import Role, Scope
from hotline.booking.name_models import NameVerdict
from hotline.calls.rules import Disposition
from hotline.calls.voice_rules import Verdict
from hotline.classification.vocabulary import Category
from hotline.labels import Labelled

WORDS = {
    "accepted": "收下",
    "action": "动作",
    "active": "启用",
    "added": "增加",
    "affected": "影响人数",
    "agent": "坐席",
    "attachment": "附件",
    "ban_days": "停约天数",
    "ban_lifted": "解除停约",
    "by_admin": "由管理员重置",
    "caller": "号码",
    "calls": "来电",
    "category": "分类",
    "changed": "修改了",
    "changes": "变化",
    "channels": "渠道",
    "cities": "城市",
    "column": "月报列",
    "deleted": "删除",
    "differences": "差异",
    "disposition": "结果",
    "event": "事项",
    "events": "事项数",
    "exchange": "平台交换",
    "explained": "说明差异",
    "extension": "分机",
    "file": "文件",
    "found": "找到",
    "from": "从",
    "hospitals": "医院",
    "kept": "保留",
    "kind": "类型",
    "mobile_freed": "解绑手机号",
    "moved": "移动",
    "number": "编号",
    "name": "名称",
    "name_check": "姓名核对",
    "people": "人员",
    "q": "查找",
    "rebooked": "改约为",
    "recording": "录音",
    "registered": "补录",
    "resumed": "恢复门诊",
    "role": "角色",
    "rows": "行数",
    "rule": "规则",
    "scopes": "范围",
    "signed": "签字，编号",
    "state": "状态",
    "step": "步骤",
    "stopped": "停诊号源",
    "taken_over_from": "接手自用户",
    "text": "短信",
    "text_state": "短信状态",
    "to": "到",
    "told": "停诊回电",
    "value": "值",
    "day": "日期",
    "differs": "这一天",
    "ends": "最后出诊日",
    "holidays": "放假日",
    "stands_for": "按此日出诊",
    "units": "号数",
    "turn": "轮次",
    "verdict": "校对",
    "was": "原排班",
    "what": "查看了",
    "worked": "上班日",
    "year": "年份",
    "values": "个值",
    "withdrawn": "撤销",
}
CODES: dict[str, type[Labelled]] = {
    "category": Category,
    "disposition": Disposition,
    "name_check": NameVerdict,
    "role": Role,
    "scopes": Scope,
    "verdict": Verdict,
}
PLAIN = {True: "是", False: "否", None: "未填", "": "未填", "up": "上移", "down": "下移"}


def in_words(detail: Mapping[str, Any]) -> str:
    """One sentence of what was touched; what changed is shown as before → after."""
    before, after = detail.get("before"), detail.get("after")
    parts = [
        f"{WORDS.get(name, name)}：{_value(name, value)}"
        for name, value in detail.items()
        if name not in {"before", "after"}
    ]
    return "；".join([*_changes(before, after), *parts])


def _changes(before: Any, after: Any) -> list[str]:
    if not isinstance(after, Mapping):
        return [f"{_value('', before)} → {_value('', after)}"] if after is not None else []
    was = before if isinstance(before, Mapping) else {}
    return [
        f"{WORDS.get(name, name)}：{_value(name, was.get(name))} → {_value(name, value)}"
        for name, value in after.items()
        if was.get(name) != value
    ]


def _value(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "、".join(_value(name, one) for one in value)
    if isinstance(value, bool | None) or value in ("", "up", "down"):
        return PLAIN[value]
    code = CODES[name].known(str(value)) if name in CODES else None
    return code.label if code else str(value)
