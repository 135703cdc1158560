"""What the sheets look like: an example of each, and what stands in each column. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from hotline.booking.policy import RuleName
from hotline.booking.rules import ClinicKind, HalfDay, ResourceKind
from hotline.booking.sheet import HEADERS, MAY_BE_MISSING, Kind

_SAYS = {
    "号别": "、".join(each.label for each in ClinicKind) + "；类别不是门诊时空着",
    "午别": "、".join(each.label for each in HalfDay),
    "日期": "2026-12-01；Excel 日期也可以",
    "开始": "08:00；不分时段就空着",
    "结束": "08:30",
    "号源数": "0 到 9999；不能少于已约出的数",
    "挂号费": "元，最多两位小数",
    "类别": "、".join(each.label for each in ResourceKind) + "；空着是门诊",
    "项目": "类别不是门诊时必填，例如健康证体检、流感疫苗",
    "城市": "空着是本市",
    "规则": "、".join(each.label for each in RuleName),
    "值": "时间写 16:30，天数写数字；写“默认”表示撤回",
    "渠道": "渠道代码；空着是所有渠道",
    "星期": "一三五、1 3 5、周一至周五",
    "单双周": "空着是每周",
    "生效日期": "从这一天起",
    "截止日期": "空着是一直有效",
}

# Where a column means something else than elsewhere.
_SAYS_HERE = {
    (Kind.RULES, "医院"): "空着是全市",
    (Kind.RULES, "城市"): "空着是本市；不写医院时可写“全部”",
    (Kind.HOSPITALS, "简称"): "来电人常说的叫法，例如鼓楼医院",
    (Kind.HOSPITALS, "级别"): "例如三级甲等",
}

_PATTERN = {
    "医院": "示例医院", "科室": "心内科", "医生": "王示例", "号别": "专家", "星期": "一三五",
    "午别": "上午", "开始": "08:00", "结束": "11:00", "每段分钟": "30", "号源数": "5",
}  # fmt: skip


def columns() -> dict[str, list[tuple[str, bool, str]]]:
    """Kind -> (column, whether it must be there, what stands in it)."""
    return {
        kind.value: [(name, name not in MAY_BE_MISSING[kind], _says(kind, name))
                     for name in HEADERS[kind]]
        for kind in Kind
    }  # fmt: skip


def _says(kind: Kind, name: str) -> str:
    return _SAYS_HERE.get((kind, name), _SAYS.get(name, ""))


def rows(kind: Kind, today: date) -> list[list[object]]:
    """The headers and an example or two."""
    day = (today + timedelta(days=7)).isoformat()
    pattern = _PATTERN | {"生效日期": day}
    examples: dict[Kind, list[list[object]]] = {
        Kind.HOSPITALS: [["示例医院", "示例", "三级甲等", "鼓楼区", "示例路 1 号", ""]],
        Kind.SCHEDULE: [
            ["示例医院", "", "心内科", "王示例", "主任医师", "专家", day, "上午", "08:00", "08:30",
             5, 25, "", "", ""],
            ["示例医院", "", "预防接种门诊", "", "", "", day, "下午", "", "", 40, "", "预防接种",
             "流感疫苗", ""],
        ],
        Kind.PATTERN: [[pattern.get(name, "") for name in HEADERS[Kind.PATTERN]]],
        Kind.RULES: [["示例医院", "可约天数", "14", today.isoformat(), "", "", ""]],
    }  # fmt: skip
    return [list(HEADERS[kind]), *examples[kind]]
