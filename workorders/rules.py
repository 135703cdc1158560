"""The vocabulary of 12345 work orders and what may become of one. Pure. [DOMAIN 6]"""

from __future__ import annotations

from hotline.labels import Labelled


class State(Labelled):
    """Where an order is with us."""

    RECEIVED = "received", "待签收"
    ACCEPTED = "accepted", "已签收"
    ASSIGNED = "assigned", "已派单"
    IN_PROGRESS = "in_progress", "办理中"
    REPLIED = "replied", "已回复待审"
    CALLBACK = "callback", "待回访"
    CLOSED = "closed", "已办结"
    ARCHIVED = "archived", "已归档"
    RETURNED = "returned", "已退单"
    MERGED = "merged", "已并单"


HANDLING = (State.ACCEPTED, State.ASSIGNED, State.IN_PROGRESS)
OPEN = (State.RECEIVED, *HANDLING, State.REPLIED, State.CALLBACK)
OVER = tuple(state for state in State if state not in OPEN)


class Step(Labelled):
    """What is done to an order. Each one done is a line of its timeline."""

    FILED = "filed", "登记"
    ACCEPT = "accept", "签收"
    ASSIGN = "assign", "派单"
    HAND = "hand", "指定经办人"
    START = "start", "开始办理"
    PROGRESS = "progress", "办理进展"
    CONTACT = "contact", "联系诉求人"
    REPLY = "reply", "回复"
    REPLY_SENT_BACK = "reply_sent_back", "审核退回"
    REPLY_PASSED = "reply_passed", "审核通过"
    CALL_BACK = "call_back", "回访"
    CLOSE = "close", "办结"
    REWORK = "rework", "重办"
    ARCHIVE = "archive", "归档"
    RETURN = "return", "退单"
    MERGE = "merge", "并单"
    SPLIT = "split", "撤销并单"
    DISPATCHED_AGAIN = "dispatched_again", "平台重新派单"
    UNIT_STARTED = "unit_started", "承办单位开始办理"
    UNIT_REPLIED = "unit_replied", "承办单位回复"
    UNIT_RETURNED = "unit_returned", "承办单位退回"
    REQUESTED = "requested", "提出申请"
    REQUEST_APPROVED = "request_approved", "同意申请"
    REQUEST_REFUSED = "request_refused", "不同意申请"
    REQUEST_WITHDRAWN = "request_withdrawn", "撤回申请"
    REQUEST_GRANTED = "request_granted", "平台同意申请"
    REQUEST_DENIED = "request_denied", "平台不同意申请"
    RESUMED = "resumed", "恢复办理"
    FLAGGED = "flagged", "加标记"
    UNFLAGGED = "unflagged", "取消标记"
    NOTED = "noted", "标记留言"
    ATTACHED = "attached", "添加附件"
    FOLLOWED = "followed", "平台状态变化"
    CHANGED = "changed", "修改内容"
    CORRECTED = "corrected", "更正"
    OVERDUE = "overdue", "超时升级"


# Where a step may be done, and where it leads; a step that leads nowhere leaves the state.
_HANDLED = dict.fromkeys(HANDLING, State.IN_PROGRESS)
_OF_THE_PLATFORM = (*OPEN, State.CLOSED)
MOVES: dict[Step, dict[State, State]] = {
    Step.ACCEPT: {State.RECEIVED: State.ACCEPTED},
    Step.ASSIGN: dict.fromkeys(HANDLING, State.ASSIGNED),
    Step.START: {State.ACCEPTED: State.IN_PROGRESS, State.ASSIGNED: State.IN_PROGRESS},
    Step.PROGRESS: _HANDLED,
    Step.CONTACT: {state: state for state in (*HANDLING, State.REPLIED, State.CALLBACK)},
    Step.REPLY: dict.fromkeys(HANDLING, State.REPLIED),
    Step.REPLY_SENT_BACK: {State.REPLIED: State.IN_PROGRESS},
    Step.REPLY_PASSED: {State.REPLIED: State.CALLBACK},
    Step.CALL_BACK: {State.CALLBACK: State.CALLBACK, State.MERGED: State.MERGED},
    Step.CLOSE: {State.CALLBACK: State.CLOSED},
    Step.REWORK: {
        State.REPLIED: State.IN_PROGRESS,
        State.CALLBACK: State.IN_PROGRESS,
        State.CLOSED: State.IN_PROGRESS,
    },
    Step.ARCHIVE: {State.CLOSED: State.ARCHIVED},
    Step.RETURN: dict.fromkeys((State.RECEIVED, *HANDLING), State.RETURNED),
    Step.MERGE: dict.fromkeys((State.RECEIVED, *HANDLING), State.MERGED),
    Step.SPLIT: {State.MERGED: State.ACCEPTED},
    Step.DISPATCHED_AGAIN: {State.RETURNED: State.RECEIVED},
    Step.UNIT_STARTED: _HANDLED,
    Step.UNIT_REPLIED: _HANDLED,
    Step.UNIT_RETURNED: _HANDLED,
    Step.ATTACHED: {state: state for state in (*OPEN, State.CLOSED)},
    Step.CHANGED: {state: state for state in OPEN},
    Step.CORRECTED: {state: state for state in OPEN},
}


def after(state: State, step: Step) -> State | None:
    """Where a step leads from a state; None when it may not be done there."""
    return MOVES[step].get(state)


def possible(state: State) -> list[Step]:
    """The steps that may be done in a state, in the order of an order's life."""
    return [step for step in MOVES if state in MOVES[step]]


class Kind(Labelled):
    """诉求类型. The values are the platforms' own words."""

    CONSULTATION = "咨询", "咨询"
    HELP = "求助", "求助"
    COMPLAINT = "投诉", "投诉"
    REPORT = "举报", "举报"
    SUGGESTION = "建议", "建议"
    PRAISE = "表扬", "表扬"


class Urgency(Labelled):
    """紧急程度. The values are the platforms' own words."""

    NORMAL = "一般", "一般"
    URGENT = "紧急", "紧急"
    MOST_URGENT = "特急", "特急"


class RequestKind(Labelled):
    """What a person must ask for before it happens."""

    RETURN = "return", "退单"
    EXTEND = "extend", "延期"
    REWORK = "rework", "重办"
    SUSPEND = "suspend", "挂起"


class RequestState(Labelled):
    """Where a request is: a supervisor decides, then the platform if the order is theirs."""

    ASKED = "asked", "待班长审批"
    APPROVED = "approved", "待平台审批"
    GRANTED = "granted", "已同意"
    REFUSED = "refused", "班长不同意"
    DENIED = "denied", "平台不同意"
    WITHDRAWN = "withdrawn", "已撤回"


UNDECIDED = (RequestState.ASKED, RequestState.APPROVED)
REQUEST_IN: dict[RequestKind, tuple[State, ...]] = {
    RequestKind.RETURN: (State.RECEIVED, *HANDLING),
    RequestKind.EXTEND: HANDLING,
    RequestKind.REWORK: (State.CALLBACK, State.CLOSED),
    RequestKind.SUSPEND: HANDLING,
}


class FlagKind(Labelled):
    """What an order carries, each with a thread of its own."""

    URGED = "urged", "催办"
    SUPERVISED = "supervised", "督办"
    DIFFICULT = "difficult", "疑难"
    CONFIDENTIAL = "confidential", "保密"


class UnitState(Labelled):
    """Where a unit (承办单位) is with its part."""

    ASSIGNED = "assigned", "待办理"
    IN_PROGRESS = "in_progress", "办理中"
    REPLIED = "replied", "已回复"
    RETURNED = "returned", "已退回"
    WITHDRAWN = "withdrawn", "已收回"
    EARLIER = "earlier", "上轮已回复"


class Satisfaction(Labelled):
    """满意度, five grades [DOMAIN 3]."""

    VERY_SATISFIED = "very_satisfied", "非常满意"
    SATISFIED = "satisfied", "满意"
    FAIRLY_SATISFIED = "fairly_satisfied", "基本满意"
    DISSATISFIED = "dissatisfied", "不满意"
    VERY_DISSATISFIED = "very_dissatisfied", "非常不满意"

    @property
    def is_unsatisfied(self) -> bool:
        """Whether the order is worked on again."""
        return self in {Satisfaction.DISSATISFIED, Satisfaction.VERY_DISSATISFIED}


class Origin(Labelled):
    """Who or what did a step."""

    PERSON = "person", "人员"
    PLATFORM = "platform", "平台"
    SYSTEM = "system", "系统"


class Meaning(Labelled):
    """What a platform's own status says, once its code is known."""

    WAIT_SIGN = "wait_sign", "待签收"
    SIGNED = "signed", "已签收"
    DOING = "doing", "办理中"
    RETURN_ASKED = "return_asked", "退单待审"
    EXTENSION_ASKED = "extension_asked", "延期待审"
    WAIT_VISIT = "wait_visit", "待回访"
    REDO = "redo", "重办"
    DONE = "done", "已办结"
    FILED = "filed", "已归档"
    BACKED = "backed", "已退单"


# Where a platform's word leads: by its meaning and our state, the step and the state after it.
# It moves us only where the platform decides; where it is merely behind us it moves nothing.
_Leads = dict[State, tuple[Step, State]]
_DONE_AGAIN = (State.REPLIED, State.CALLBACK, State.CLOSED, State.ARCHIVED)
FOLLOWS: dict[Meaning, _Leads] = {
    Meaning.WAIT_SIGN: {State.RETURNED: (Step.DISPATCHED_AGAIN, State.RECEIVED)},
    Meaning.SIGNED: {State.RECEIVED: (Step.ACCEPT, State.ACCEPTED)},
    Meaning.DOING: {State.RECEIVED: (Step.ACCEPT, State.ACCEPTED)},
    Meaning.RETURN_ASKED: {},
    Meaning.EXTENSION_ASKED: {},
    Meaning.WAIT_VISIT: {
        State.REPLIED: (Step.REPLY_PASSED, State.CALLBACK),
        **dict.fromkeys((State.RECEIVED, *HANDLING), (Step.FOLLOWED, State.CALLBACK)),
    },
    Meaning.REDO: dict.fromkeys(_DONE_AGAIN, (Step.REWORK, State.IN_PROGRESS)),
    Meaning.DONE: dict.fromkeys(OPEN, (Step.CLOSE, State.CLOSED)),
    Meaning.FILED: dict.fromkeys((*OPEN, State.CLOSED), (Step.ARCHIVE, State.ARCHIVED)),
    Meaning.BACKED: dict.fromkeys(OPEN, (Step.RETURN, State.RETURNED)),
}


def followed(state: State, before: Meaning | None, meaning: Meaning) -> tuple[Step, State] | None:
    """Where a platform's new status leads an order of ours; None when it leaves it where it is.

    From 待回访 back to 办理中 means that the platform did not take the reply. A status that is what
    it was (somebody urged, or corrected a word) leads nowhere: what we did since is on its way.
    """
    if meaning is before:
        return None
    if state is State.CALLBACK and (before, meaning) == (Meaning.WAIT_VISIT, Meaning.DOING):
        return Step.REWORK, State.IN_PROGRESS
    return FOLLOWS[meaning].get(state)


SELF = "self"  # the platform code of our own orders, 自接工单
