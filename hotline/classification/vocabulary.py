"""The words calls are counted under. Codes are stored, labels are shown.

Level-1 sets are versioned by month: see ``data/category_sets.json``.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from hotline.clock import today
from hotline.labels import Labelled

SETS_FILE = Path(__file__).parent / "data" / "category_sets.json"


class Category(Labelled):
    """Level 1, what the monthly bulletin counts, and the kinds kept apart from it."""

    CONSULTATION = "consultation", "咨询类（不含专家咨询）"
    COMPLAINT = "complaint", "医疗服务投诉"
    BOOKING = "booking", "电话预约"
    MANUAL = "manual", "人工服务"
    CRISIS = "crisis", "心理危机干预"
    SURVEY = "survey", "医院满意度调查（呼入）"
    SELF_SERVICE = "self_service", "自助语音问答"
    NON_BUSINESS = "non_business", "非业务来电"


class Group(Labelled):
    """The heading a level-2 label stands under on the wrap-up form."""

    CONSULTATION = "consultation", "咨询"
    COMPLAINT = "complaint", "投诉"
    REPORT = "report", "举报"
    SUGGESTION = "suggestion", "建议"
    PRAISE = "praise", "表扬"
    BOOKING = "booking", "预约"
    NON_BUSINESS = "non_business", "非业务"


class Subcategory(Labelled):
    """Level 2 as shipped; a city edits its own."""

    DISEASE_CONTROL = "disease_control", "疾病预防控制"
    VACCINATION = "vaccination", "预防接种"
    CARE_GUIDANCE = "care_guidance", "寻医问药/就医指导"
    POLICY = "policy", "政策法规"
    MATERNAL_CHILD = "maternal_child", "妇幼"
    MENTAL_HEALTH = "mental_health", "精神卫生"
    HEALTH_KNOWLEDGE = "health_knowledge", "健康知识"
    EMERGENCY_EVENT = "emergency_event", "突发公卫"
    RECORDS = "records", "检验/档案查询"
    SMOKING_CESSATION = "smoking_cessation", "戒烟"
    CONSULTATION_OTHER = "consultation_other", "其他"
    ATTITUDE = "attitude", "服务态度"
    QUALITY = "quality", "医疗质量"
    FEES = "fees", "收费"
    WAITING = "waiting", "流程/等候"
    ETHICS = "ethics", "医德医风"
    PUBLIC_HEALTH_BODY = "public_health_body", "公共卫生机构"
    ILLEGAL_PRACTICE = "illegal_practice", "非法行医"
    SMOKING_IN_PUBLIC = "smoking_in_public", "公共场所吸烟"
    HEALTH_INSPECTION = "health_inspection", "卫生监督"
    SUGGESTION = "suggestion", "建议"
    PRAISE = "praise", "表扬"
    BOOK = "book", "预约"
    CANCEL = "cancel", "退约"
    QUERY = "query", "查询"
    ACCOUNT = "account", "账号"
    SILENT = "silent", "无声"
    HARASSMENT = "harassment", "骚扰"
    WRONG_NUMBER = "wrong_number", "误拨"
    TEST = "test", "测试"
    HANG_UP = "hang_up", "挂断"
    FRAUD = "fraud", "诈骗"


_S = Subcategory
MEMBERS: dict[Group, tuple[Subcategory, ...]] = {
    Group.CONSULTATION: (
        _S.DISEASE_CONTROL, _S.VACCINATION, _S.CARE_GUIDANCE, _S.POLICY, _S.MATERNAL_CHILD,
        _S.MENTAL_HEALTH, _S.HEALTH_KNOWLEDGE, _S.EMERGENCY_EVENT, _S.RECORDS,
        _S.SMOKING_CESSATION, _S.CONSULTATION_OTHER,
    ),
    Group.COMPLAINT: (
        _S.ATTITUDE, _S.QUALITY, _S.FEES, _S.WAITING, _S.ETHICS, _S.PUBLIC_HEALTH_BODY,
    ),
    Group.REPORT: (_S.ILLEGAL_PRACTICE, _S.SMOKING_IN_PUBLIC, _S.HEALTH_INSPECTION),
    Group.SUGGESTION: (_S.SUGGESTION,),
    Group.PRAISE: (_S.PRAISE,),
    Group.BOOKING: (_S.BOOK, _S.CANCEL, _S.QUERY, _S.ACCOUNT),
    Group.NON_BUSINESS: (
        _S.SILENT, _S.HARASSMENT, _S.WRONG_NUMBER, _S.TEST, _S.HANG_UP, _S.FRAUD,
    ),
}  # fmt: skip

# A report becomes an order of our own, as a complaint does. Suggestions and praise do not
# belong in a published figure called complaints, so they count with the consultations.
_LEVEL_1: dict[Group, Category] = {
    Group.CONSULTATION: Category.CONSULTATION,
    Group.COMPLAINT: Category.COMPLAINT,
    Group.REPORT: Category.COMPLAINT,
    Group.SUGGESTION: Category.CONSULTATION,
    Group.PRAISE: Category.CONSULTATION,
    Group.BOOKING: Category.BOOKING,
    Group.NON_BUSINESS: Category.NON_BUSINESS,
}


def group_of(subcategory: Subcategory) -> Group:
    """The heading a level-2 label stands under."""
    return next(group for group, members in MEMBERS.items() if subcategory in members)


def category_of(subcategory: Subcategory) -> Category:
    """The level-1 category a level-2 label counts under."""
    return _LEVEL_1[group_of(subcategory)]


@cache
def _versions() -> tuple[tuple[str, str, frozenset[Category]], ...]:
    """(first month, version, categories), oldest first."""
    rows = json.loads(SETS_FILE.read_text(encoding="utf-8"))["sets"]
    return tuple(
        (row["from"], row["version"], frozenset(map(Category, row["categories"]))) for row in rows
    )


def set_version(month: str | None = None) -> str:
    """The version of the category set in force in ``month`` (YYYY-MM, default this month)."""
    return _in_force(month)[1]


def published_categories(month: str | None = None) -> frozenset[Category]:
    """What the bulletin of ``month`` counts. A month before the first set has the first one."""
    return _in_force(month)[2]


def categories_in(month: str | None = None) -> frozenset[Category]:
    """What a call of ``month`` may be put under: the published ones and non-business."""
    return published_categories(month) | {Category.NON_BUSINESS}


def _in_force(month: str | None) -> tuple[str, str, frozenset[Category]]:
    wanted = month or today().strftime("%Y-%m")
    started = [row for row in _versions() if row[0] <= wanted]
    return started[-1] if started else _versions()[0]
