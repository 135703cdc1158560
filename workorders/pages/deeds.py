"""What may be done on an order's page: each deed with its key and its form."""

from __future__ import annotations

from collections.abc import Mapping

from hotline.errors import Refused
from workorders.actors import Actor
from workorders.pages import doing, doing_beside
from workorders.pages.filing_form import SEXES, TAGS
from workorders.pages.offering import Blank, Deed, Facts
from workorders.rules import (
    OPEN,
    REQUEST_IN,
    SELF,
    FlagKind,
    Kind,
    RequestKind,
    Satisfaction,
    State,
    Step,
    Urgency,
)

YES_NO = (("yes", "是"), ("no", "否"))
GRANTED = (("yes", "同意"), ("no", "不同意"))
REACHED = (("yes", "已接通"), ("no", "未接通"))
HELPS = (("main", "主办"), ("help", "协办"))


def _words(name: str, label: str, help_: str = "", most: int = 1000) -> Blank:
    return Blank(name, label, help=help_, most=most)


def _is_open(facts: Facts) -> bool:
    return facts.order.state in OPEN


def _is_own(facts: Facts) -> bool:
    return facts.order.platform == SELF


def _may_ask(facts: Facts) -> bool:
    never = RequestKind.RETURN if facts.order.platform == SELF else RequestKind.REWORK
    return any(facts.order.state in REQUEST_IN[kind] for kind in RequestKind if kind is not never)


def _may_flag(facts: Facts) -> bool:
    return facts.order.state in (*OPEN, State.CLOSED)


DEEDS: Mapping[str, Deed] = {
    deed.name: deed
    for deed in (
        Deed("accept", Step.ACCEPT, "签收", "s", doing.accept, tone="primary"),
        Deed("pass", Step.REPLY_PASSED, "审核通过", "y", doing.pass_reply, tone="done"),
        Deed("send-back", Step.REPLY_SENT_BACK, "审核退回", "x", doing.send_reply_back,
             (_words("reason", "退回修改的原因"),)),
        Deed("call-back", Step.CALL_BACK, "登记回访", "v", doing_beside.call_back, (
            Blank("connected", "是否接通", "radios", "未接通时其余不选。", choices=REACHED),
            Blank("truthful", "回复是否属实", "radios", choices=YES_NO, optional=True),
            Blank("solved", "问题是否解决", "radios", choices=YES_NO),
            Blank("satisfaction", "满意度", "radios", choices=tuple(Satisfaction.choices())),
            Blank("opinion", "诉求人意见", optional=True),
        ), lambda facts: facts.is_to_call and not facts.is_answered, tone="primary"),
        Deed("reply", Step.REPLY, "回复", "r", doing.reply, (
            _words("reply", "回复内容", "查明的情况、处理结果、告知诉求人的情况。审核后发给平台。",
                   10_000),
            Blank("public", "公开答复", optional=True, help="可在平台公开的答复，不写个人信息。",
                  most=10_000),
        ), tone="primary"),
        Deed("assign", Step.ASSIGN, "派单", "d", doing.assign, (
            Blank("unit", "承办单位", "choose", choices="units"),
            Blank("part", "承办方式", "radios", choices=HELPS),
            Blank("due_at", "单位办理时限", "datetime-local", optional=True,
                  help="不填则随工单的办结时限。"),
            Blank("instruction", "交办意见", optional=True),
        )),
        Deed("hand", Step.ASSIGN, "指定经办人", "h", doing.hand_to,
             (Blank("handler", "经办人", "choose", choices="handlers"),), _is_open),
        Deed("start", Step.START, "开始办理", "b", doing.start),
        Deed("progress", Step.PROGRESS, "办理进展", "p", doing.progress,
             (_words("content", "办理进展", "会发给平台。", 10_000),)),
        Deed("contact", Step.CONTACT, "联系诉求人", "l", doing.contact, (
            Blank("reached", "是否联系上", "radios", choices=REACHED),
            _words("content", "联系情况", most=10_000),
        )),
        Deed("unit-start", Step.UNIT_STARTED, "单位开始办理", "", doing.unit_started,
             (Blank("unit", "承办单位", "choose", choices="their_units"),),
             lambda facts: facts.with_units),
        Deed("unit-reply", Step.UNIT_REPLIED, "单位回复", "u", doing.unit_replied, (
            Blank("unit", "承办单位", "choose", choices="their_units"),
            _words("content", "承办单位的回复", most=10_000),
        ), lambda facts: facts.with_units),
        Deed("unit-return", Step.UNIT_RETURNED, "单位退回", "", doing.unit_returned, (
            Blank("unit", "承办单位", "choose", choices="their_units"),
            _words("reason", "退回的原因"),
        ), lambda facts: facts.with_units),
        Deed("ask", Step.REQUESTED, "申请", "q", doing_beside.ask, (
            Blank("kind", "申请什么", "radios", choices="request_kinds"),
            _words("reason", "申请理由", most=500),
            Blank("days", "延期几个工作日", "number", optional=True, help="只在申请延期时填。"),
        ), _may_ask),
        Deed("resume", Step.RESUMED, "恢复办理", "w", doing_beside.resume,
             when=lambda facts: facts.order.suspended_at is not None, tone="primary"),
        Deed("flag", Step.FLAGGED, "加标记", "k", doing_beside.flag, (
            Blank("kind", "标记", "radios", choices="flag_kinds"),
            _words("content", "内容"),
        ), _may_flag, everybody=True),
        Deed("merge", Step.MERGE, "并单", "m", doing_beside.merge, (
            Blank("master", "主单工单号", "text", help="这张工单将随主单一并回复。", most=20),
            _words("reason", "并单理由", most=500),
        )),
        Deed("split", Step.SPLIT, "撤销并单", "", doing_beside.split,
             (_words("reason", "撤销并单的理由", most=500),)),
        Deed("attach", Step.ATTACHED, "添加附件", "t", doing_beside.attach,
             (Blank("file", "文件", "file",
                    help="PDF、图片、Word、Excel、录音或文本，不超过 10 MB。"),), adds_only=True),
        Deed("correct", Step.CORRECTED, "更正", "e", doing_beside.correct, (
            Blank("title", "标题", "text", most=200, wide=True),
            _words("content", "诉求内容", most=20_000),
            Blank("kind", "诉求类型", "radios", choices=tuple(Kind.choices()),
                  help="类型或紧急程度改了，时限按新的规则重新计算。"),
            Blank("urgency", "紧急程度", "radios", choices=tuple(Urgency.choices())),
            Blank("category_code", "分类代码", "text", optional=True, most=64),
            Blank("place", "地点", "text", optional=True, most=200),
            Blank("target", "被反映对象", "text", optional=True, most=200),
            Blank("caller_name", "姓名", "text", optional=True, most=60),
            Blank("caller_phone", "联系电话", "text", optional=True, most=32),
            Blank("caller_sex", "性别", "choose", choices=SEXES, optional=True),
            Blank("tags", "特征", "checks", choices=tuple((tag, tag) for tag in TAGS),
                  optional=True),
            Blank("reply_wanted", "要求回复", "radios", choices=YES_NO),
            Blank("confidential", "要求保密", "radios", choices=YES_NO),
            Blank("reason", "更正理由", "text", most=200, wide=True),
        )),
        Deed("close", Step.CLOSE, "办结", "c", doing.close,
             (_words("reason", "办结说明"),), _is_own),
        Deed("archive", Step.ARCHIVE, "归档", "z", doing.archive, when=_is_own, tone="primary"),
        Deed("approve", Step.REQUEST_APPROVED, "同意", "", doing_beside.approve,
             (Blank("words", "审批意见", optional=True, most=500),), item="request"),
        Deed("refuse", Step.REQUEST_REFUSED, "不同意", "", doing_beside.refuse,
             (_words("reason", "不同意的理由", most=500),), item="request"),
        Deed("withdraw", Step.REQUEST_WITHDRAWN, "撤回", "", doing_beside.withdraw,
             item="request"),
        Deed("platform", Step.REQUEST_GRANTED, "登记平台答复", "", doing_beside.platform_decided, (
            Blank("granted", "平台是否同意", "radios", choices=GRANTED),
            Blank("words", "平台的答复", optional=True, most=500),
        ), lambda facts: facts.at_platform, item="request"),
        Deed("note", Step.NOTED, "留言", "", doing_beside.note,
             (_words("content", "留言", most=2000),), item="flag", adds_only=True),
        Deed("unflag", Step.UNFLAGGED, "取消标记", "", doing_beside.unflag,
             (_words("reason", "取消的原因"),), item="flag"),
    )
}  # fmt: skip


def deed_called(name: str) -> Deed:
    """The deed with this name. Raises Refused 404."""
    if name not in DEEDS:
        raise Refused("deed_unknown", "没有这种操作，请刷新页面。", 404)
    return DEEDS[name]


def offered(facts: Facts, actor: Actor) -> list[Deed]:
    """What this person may do to the order now, what is most likely first."""
    return [deed for deed in DEEDS.values() if not deed.item and deed.is_offered(facts, actor)]


def flags_to_raise(actor: Actor) -> list[tuple[str, str]]:
    """Anybody at the desk may keep a caller's secret; the other flags are a supervisor's."""
    kinds = list(FlagKind) if actor.may(Step.FLAGGED) else [FlagKind.CONFIDENTIAL]
    return [(kind.value, kind.label) for kind in kinds]
