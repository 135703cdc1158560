"""What is said in made-up orders: units, instructions, replies, opinions."""

from __future__ import annotations

import random

from workorders.rules import Kind

UNITS = (
    "医政医管处", "疾病预防控制处", "卫生监督所", "基层卫生健康处", "妇幼健康处", "信访办公室",
    "鼓楼区卫生健康局", "玄武区卫生健康局", "江宁区卫生健康局", "浦口区卫生健康局",
)  # fmt: skip
INSTRUCTIONS = (
    "请核实诉求人反映的情况，并在时限内书面回复。",
    "请联系诉求人了解详情，依规处理后反馈结果。",
    "请会同属地单位现场核查，如实答复。",
)
CONTACTS = (
    "已电话联系诉求人，核对了时间、地点和经过。",
    "已联系诉求人，告知正在核实，约定三个工作日内再次答复。",
)
REPLIES = {
    Kind.CONSULTATION: "已向诉求人解释相关政策和办理途径，并告知咨询电话。诉求人表示清楚。",
    Kind.HELP: "已协调有关单位解决，安排专人对接，并将办理结果告知诉求人。",
    Kind.COMPLAINT: "经核实，反映情况部分属实。已要求该单位整改，向诉求人致歉并说明处理结果。",
    Kind.REPORT: "卫生监督员已现场检查，对发现的问题下达监督意见书，责令限期整改。",
    Kind.SUGGESTION: "感谢建议。已转有关处室研究，纳入下一步改进安排，并告知诉求人。",
    Kind.PRAISE: "已将表扬转达当事人及其单位，并向诉求人表示感谢。",
}
UNIT_REPLIES = ("已核实并整改完毕，附情况说明。", "情况已查明，已与诉求人沟通。")
RETURN_REASONS = ("反映事项属市场监管职责，建议转派。", "涉事地点不在本市，建议转属地平台。")
EXTENSION_REASONS = ("需调阅病历并组织专家讨论，申请延期。", "涉及两家单位，现场核查尚未完成。")
UNIT_RETURN_REASONS = ("该机构不在本辖区，请改派。", "属其他处室职责，请改派。")
SATISFIED = ("处理及时，没有意见。", "问题已解决。", "解释得清楚，谢谢。", "")
DISSATISFIED = ("费用还没有退，要求继续处理。", "只是电话解释，没有解决问题。")


def one_of(rng: random.Random, words: tuple[str, ...]) -> str:
    """Any of them."""
    return rng.choice(words)
