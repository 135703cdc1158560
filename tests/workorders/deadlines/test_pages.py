"""时限规则 as people use it: read, tried out, added to, ended, reckoned anew with a preview."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from hotline.agents.rules import Role
from hotline.audit import AuditEntry
from hotline.clock import now, today
from hotline.working_days import LAST_YEAR
from tests.people import form_token, signed_in
from tests.workorders.deadlines.orders import at, make_order
from workorders.deadlines import service
from workorders.deadlines.models import DeadlineRule, WorkOrderClock
from workorders.deadlines.rules import ClockKind
from workorders.rules import Kind, RequestKind

PATH = "/workorders/deadlines"
FINISH = ClockKind.FINISH
RULE = {
    "clock": "finish", "platform": "city", "kind": "投诉", "urgency": "", "amount": "3",
    "unit": "working_days", "counting": "close", "warn_before": "4", "escalate_after": "0",
    "pause_in": ["return", "suspend"], "extensions": "2", "extension_days": "10",
    "remote": "earlier", "effective_from": "2026-12-01", "effective_to": "", "note": "市里文件",
}  # fmt: skip


@pytest.fixture
def admin(app, session, redis):
    make_order(session)  # and with it the city's platform
    return signed_in(app, session, Role.ADMIN)


@pytest.fixture
def supervisor(app, session, redis):
    return signed_in(app, session, Role.SUPERVISOR)


def send(browser, path, **fields):
    fields["csrf_token"] = form_token(browser)
    return browser.post(f"{PATH}{path}", data=fields, follow_redirects=True)


def rule_of(session, **wanted):
    query = select(DeadlineRule).order_by(col(DeadlineRule.id).desc())
    for name, value in wanted.items():
        query = query.where(col(getattr(DeadlineRule, name)) == value)
    return session.exec(query).first()


def test_everybody_who_leads_reads_the_rules(supervisor):
    shown = supervisor.get(PATH).text
    assert "5 个工作日" in shown
    assert "挂起、退单待审时暂停" in shown
    assert "可延期，合计 10 个工作日" in shown
    assert "新增规则" not in shown
    assert "停用" not in shown


def test_a_trial_shows_every_clock_and_why(supervisor):
    shown = supervisor.get(
        PATH, query_string={"platform": "self", "kind": "投诉", "urgency": "紧急",
                            "at": "2026-09-30T10:12", "remote_due": "2026-10-12T18:00"}
    ).text  # fmt: skip
    assert (
        "按规则“紧急：签收 2 小时”（2020-01-01 起施行），自 2026-09-30 10:12 起计 2 小时。" in shown
    )
    assert ("跳过国庆节 10-01 至 10-07、周末 10-11，10-10 调休上班；"
            "平台要求 2026-10-12 18:00 前，取较早者") in shown  # fmt: skip
    for words in ("退单期限", "首次联系期限", "回访期限"):
        assert words in shown


def test_a_trial_that_cannot_be_read_says_what_is_wrong(supervisor):
    shown = supervisor.get(PATH, query_string={"at": "昨天"}).text
    assert "请填写日期和时间，例如 2026-09-30 10:12。" in shown
    assert 'value="昨天"' in shown


def test_a_row_is_added_and_the_one_before_stays(session, admin):
    before = rule_of(session, clock=FINISH, kind=Kind.COMPLAINT)
    shown = send(admin, "/new", **RULE).text
    assert "已保存，2026-12-01 起收到的工单按这条规则计时。" in shown
    row = rule_of(session, amount=3)
    assert (row.platform, row.kind, row.extensions, row.extension_days) == (
        "city", Kind.COMPLAINT, 2, 10,
    )  # fmt: skip
    assert (row.pause_in, row.note) == (["return", "suspend"], "市里文件")
    assert before.effective_to is None
    entry = session.exec(
        select(AuditEntry).where(AuditEntry.subject == f"deadline_rule:{row.id}")
    ).one()
    assert entry.detail == {"rule": "市 12345 投诉：办结 3 个工作日", "from": "2026-12-01"}


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("amount", "五", "请填写时限，例如 5。"),
        ("amount", "0", "时限应为 1 到 999 的整数。"),
        ("effective_from", "明天", "请填写生效日期，例如 2026-12-01。"),
        ("effective_to", "2026-11-01", "停用日期不能早于生效日期。"),
        ("extensions", "-1", "请填写整数，或留空。"),
        ("clock", "nothing", "请选择时限项目。"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    session, admin, field, value, sentence
):
    answer = send(admin, "/new", **{**RULE, field: value})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="市里文件"' in answer.text
    assert rule_of(session, note="市里文件") is None


def test_a_form_begins_like_another_row(session, admin):
    row = rule_of(session, clock=ClockKind.SIGN, amount=2)
    shown = admin.get(f"{PATH}/new?like={row.id}").text
    assert '<option value="sign" selected>' in shown
    assert '<option value="hours" selected>' in shown


def test_a_row_ends_with_a_reason(session, admin):
    row = rule_of(session, clock=FINISH, kind=Kind.COMPLAINT)
    shown = send(admin, f"/{row.id}/end", reason="市里有新文件").text
    assert f"已停用，{today():%Y-%m-%d} 为最后一天" in shown
    session.refresh(row)
    assert row.effective_to == today()


def test_the_last_general_row_stays(session, admin):
    row = rule_of(session, clock=ClockKind.CALLBACK)
    answer = send(admin, f"/{row.id}/end", reason="不要了")
    assert answer.status_code == 409
    assert "唯一的通用规则" in answer.text
    session.refresh(row)
    assert row.effective_to is None


def test_a_row_that_reaches_back_leads_to_the_preview(session, admin):
    order = make_order(session)
    clock = service.start(session, order, FINISH, at("2026-09-30T10:12"))
    shown = send(admin, "/new", **{**RULE, "amount": "8", "effective_from": "2026-09-01"}).text
    assert "<b>1</b> 张工单的 <b>1</b> 个时限会改变：推迟 1 个" in shown
    assert order.order_no in shown
    digest = shown.split('name="digest" value="')[1].split('"')[0]
    assert "要改变的工单与刚才看到的不同了" in send(admin, "/recount", digest="0" * 16).text
    assert clock.due_at == at("2026-10-13T17:30")
    assert "已重新计算：1 张工单的 1 个时限已更新。" in send(admin, "/recount", digest=digest).text
    session.expire_all()
    assert session.get(WorkOrderClock, clock.id).due_at == at("2026-10-16T17:30")
    assert "都与现在的规则和日历一致" in admin.get(f"{PATH}/recount").text


def test_only_administrators_confirm(session, supervisor):
    service.start(session, make_order(session), FINISH, at("2026-09-30T10:12"))
    rule_of(session, clock=FINISH, kind=Kind.COMPLAINT).amount = 6
    session.commit()
    assert "由管理员确认后修改。" in supervisor.get(f"{PATH}/recount").text


def test_what_breaks_next_stands_first(session, supervisor):
    late, soon, waits = (make_order(session) for _ in range(3))
    service.start(session, soon, FINISH, now())
    service.start(session, late, FINISH, now() - timedelta(days=40))
    service.start(session, waits, FINISH, now() - timedelta(days=30))
    service.pause(session, waits, now() - timedelta(days=29), RequestKind.SUSPEND)
    session.commit()
    shown = supervisor.get(f"{PATH}/next").text
    places = [shown.index(order.order_no) for order in (late, waits, soon)]
    assert places == sorted(places)
    assert "超时 " in shown
    assert "暂停中" in shown
    only = supervisor.get(f"{PATH}/next?overdue=yes").text
    assert late.order_no in only
    assert soon.order_no not in only
    assert waits.order_no not in only


def test_a_list_without_clocks_says_so(supervisor):
    assert "没有正在计时的时限" in supervisor.get(f"{PATH}/next").text


def test_a_year_of_the_calendar(supervisor):
    shown = supervisor.get(f"{PATH}/calendar?year=2026").text
    assert "10月10日 周六" in shown
    assert '<td class="number"><b>248</b></td>' in shown
    assert "还没有公布或录入" not in shown
    unknown = supervisor.get(f"{PATH}/calendar?year={LAST_YEAR + 1}").text
    assert f"{LAST_YEAR + 1} 年的放假安排还没有公布或录入" in unknown


def test_what_is_provisional_is_said_where_the_rules_are(session, supervisor):
    service.start(session, make_order(session), FINISH, at(f"{LAST_YEAR}-12-30T09:00"))
    session.commit()
    assert "1 个正在计时的期限跨到还没有公布放假安排的年份" in supervisor.get(PATH).text
