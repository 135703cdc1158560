"""Words that end every plan: danger, an emergency, fever. Heard at any turn. Pure."""

from __future__ import annotations

import re

from hotline.classification import crisis
from hotline.classification.crisis import CrisisLevel
from hotline.classification.departments import suggest_department
from hotline.labels import Labelled

EMERGENCY_DEPARTMENT, FEVER_DEPARTMENT = "急诊", "发热门诊"
POISONED = frozenset({"poisoned_by_mistake"})  # an emergency, and no wish to die
# 怎么预防煤气中毒 is asked by somebody who is well; 煤气中毒了 and 煤气中毒怎么办 may be now.
_IN_GENERAL = re.compile(
    r"预防|防止|避免|怎么防|怎样防|如何防|(?:什么|哪些)(?:症状|表现|反应|信号)|"
    r"(?:症状|表现|反应|信号)(?:有哪些|是什么|有什么)|才?不会[^。]{0,4}中毒|"
    r"有.{0,3}前兆|讲座|宣传|培训"
)
_NOW = re.compile(
    r"(?:中毒|中风|昏|晕|倒|休克|窒息|溺水|触电|抽)(?:了|过去|着)|昏昏|叫不醒|不醒|现在|刚才|刚刚|已经|正在|突然|忽然|"
    r"救命|快(?:来|点|死|不行)|不行了|吐|抽搐|送(?:去|到|来|进)?(?:了)?医院|抢救|难受|怎么救|"
    r"疼|痛|闷|喘|冷汗|麻|动不了|不能动|血"
)


class Break(Labelled):
    """Why the plan is left."""

    CRISIS = "crisis", "心理危机"
    EMERGENCY = "emergency", "急症"
    FEVER = "fever", "发热"


def break_out(said: str) -> Break | None:
    """The gravest that was heard, or None."""
    danger = crisis.assess(said)
    is_asked = _IN_GENERAL.search(said) is not None and _NOW.search(said) is None
    if danger.level is not CrisisLevel.NONE:
        if set(danger.kinds) != POISONED:
            return Break.CRISIS
        return None if is_asked else Break.EMERGENCY
    if is_asked:
        return None
    first = next(iter(suggest_department(said)), None)
    if first is None:
        return None
    department = first[0]
    if department.startswith(EMERGENCY_DEPARTMENT):
        return Break.EMERGENCY
    return Break.FEVER if department == FEVER_DEPARTMENT else None
