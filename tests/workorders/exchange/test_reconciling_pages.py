"""对账 as supervisors use it: asked for, read, explained, signed, asked for again."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import col, select

from hotline import queues
from hotline.agents.rules import Role
from hotline.audit import AuditEntry
from hotline.clock import now, today
from hotline.web import encode_cursor
from tests.people import signed_in
from tests.workorders.orders import platform, received
from tests.workorders.pages.clicks import post
from tests.workorders.pages.clicks import text as words
from workorders.exchange.locks import only_one
from workorders.exchange.reconciling_models import Reconciliation, ReconciliationDifference
from workorders.exchange.reconciling_rules import Kind, Outcome, RunState

PATH = "/workorders/exchange/reconciliation"
YESTERDAY = today() - timedelta(days=1)


@pytest.fixture
def leader(app, session, redis):
    return signed_in(app, session, Role.SUPERVISOR, "banzhang")


@pytest.fixture
def source(session):
    row = platform(session)
    session.commit()
    return row


def report(session, *kinds, state=RunState.DONE, day=YESTERDAY, **more) -> Reconciliation:
    """A report with these differences."""
    over = None if state in (RunState.READING, RunState.FETCHING) else now()
    run = Reconciliation(platform="city", day=day, state=state, theirs=7, ours=6, ended_at=over,
                         differences=len(kinds), **more)  # fmt: skip
    session.add(run)
    session.flush()
    for number, kind in enumerate(kinds):
        session.add(ReconciliationDifference(
            reconciliation_id=run.key, kind=kind, outcome=Outcome.TO_CHECK,
            remote_no=f"NJ-{number + 1}", their_status="10", their_version=3,
        ))  # fmt: skip
        session.flush()
    session.commit()
    return run


def rows(session, run) -> list[ReconciliationDifference]:
    session.expire_all()
    query = select(ReconciliationDifference).where(
        ReconciliationDifference.reconciliation_id == run.id
    )
    return list(session.exec(query.order_by(col(ReconciliationDifference.id))))


def sign(leader, run, **typed):
    page = leader.get(f"{PATH}/{run.id}").text
    found = re.search(r'name="seen" value="(\w+)"', page)
    seen = found.group(1) if found else ""
    return post(leader, f"{PATH}/{run.id}/sign", **{"seen": seen, "words": "属实", **typed})


def test_reports_are_listed_and_narrowed(session, leader, source):
    assert "还没有对账报告" in words(leader.get(PATH))
    report(session, Kind.MISSING_HERE)
    report(session, day=YESTERDAY - timedelta(days=1), signed_at=now(), signed_by_name="张班长")
    report(session, day=YESTERDAY - timedelta(days=2), state=RunState.FAILED, error="连不上平台。")
    shown = words(leader.get(PATH))
    for said in ("待签字", "张班长", "连不上平台。", "共 3 条"):
        assert said in shown
    for signing, said in (("open", "待签字"), ("signed", "张班长"), ("unfinished", "连不上平台。")):
        assert "共 1 条" in words(leader.get(f"{PATH}?signing={signing}"))
        assert said in words(leader.get(f"{PATH}?signing={signing}&platform=city"))


def test_many_reports_are_paged(session, leader, source):
    for back in range(1, 53):
        report(session, day=today() - timedelta(days=back))
    page = leader.get(PATH).text
    assert "共 52 条，本页 50 条" in page
    following = re.search(r'href="([^"]*cursor=[^"]*)"', page).group(1).replace("&amp;", "&")
    assert "本页 2 条" in leader.get(following).text
    broken = encode_cursor("yesterday", 1)
    assert leader.get(f"{PATH}?cursor={broken}").status_code == 400


def test_a_day_is_compared_when_asked(session, leader, source):
    answer = post(leader, PATH, platform="city", day=str(YESTERDAY))
    run = session.exec(select(Reconciliation)).one()
    assert answer.location == f"{PATH}/{run.id}"
    assert (run.state, run.started_by) == (RunState.READING, "王小明")
    job = queues.named(queues.SLOW).jobs[0]
    assert job.args == ("city", str(YESTERDAY), "王小明")
    shown = words(leader.get(answer.location))
    assert "正在读取平台清单" in shown
    assert "正在读取平台清单" in words(leader.get(f"{PATH}/{run.id}/progress"))
    post(leader, f"{PATH}/{run.id}/stop")
    session.refresh(run)
    assert run.is_to_stop


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"day": "昨天"}, "请填写日期，例如"),
        ({"day": str(today())}, "只能对今天以前"),
        ({"day": "0001-01-01"}, "两年以内"),
        ({"platform": "nobody"}, "请选择一个启用的平台"),
    ],
)
def test_what_cannot_be_compared_is_said(session, leader, source, typed, sentence):
    answer = post(leader, PATH, **({"platform": "city", "day": str(YESTERDAY)} | typed))
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert session.exec(select(Reconciliation)).all() == []


def test_a_day_with_a_report_gets_another_only_from_the_report(session, leader, source):
    run = report(session)
    answer = post(leader, PATH, platform="city", day=str(YESTERDAY))
    assert answer.status_code == 409
    assert "这一天已有报告" in words(answer)
    assert "重新对账" in words(leader.get(f"{PATH}/{run.id}"))
    post(leader, PATH, platform="city", day=str(YESTERDAY), again="yes")
    numbers = session.exec(select(Reconciliation.number)).all()
    assert sorted(numbers) == [1, 2]


def test_one_that_is_being_worked_on_is_left_alone(session, leader, source):
    with only_one("reconcile", "city") as mine:
        assert mine
        answer = post(leader, PATH, platform="city", day=str(YESTERDAY))
    assert answer.status_code == 409
    assert "正在对账" in words(answer)


def test_a_killed_one_says_so_and_can_be_begun_again(session, leader, source):
    run = report(session, state=RunState.READING, heard_at=now() - timedelta(minutes=5))
    assert "已中断" in words(leader.get(PATH))
    shown = words(leader.get(f"{PATH}/{run.id}"))
    assert "对账中断" in shown
    assert "重新对账" in shown
    assert leader.get(f"{PATH}/{run.id}/progress").headers["HX-Refresh"] == "true"


def test_a_report_shows_both_sides_and_leads_to_the_order(session, leader, source):
    order = received(session, source)
    run = report(session, Kind.OLDER_HERE, Kind.MISSING_HERE)
    shown = words(leader.get(f"{PATH}/{run.id}"))
    assert f'href="/workorders/{order.order_no}"' in shown
    assert "现为待签收" in shown
    assert "现仍没有" in shown
    assert "我方版本较旧 1，我方没有 1" in shown or "我方没有 1，我方版本较旧 1" in shown


def test_differences_are_explained_and_then_signed(session, leader, source):
    run = report(session, Kind.MISSING_THERE, Kind.STATUS_DIFFERS)
    assert "签字表示" not in words(leader.get(f"{PATH}/{run.id}"))
    assert "还有 2 处差异没有说明" in words(sign(leader, run))
    first, second = rows(session, run)
    post(leader, f"{PATH}/{run.id}/explain",
         **{"difference": first.id, f"explanation-{first.id}": "平台次日补派"})  # fmt: skip
    post(leader, f"{PATH}/{run.id}/explain", difference="all", explanation="已电话核对")
    first, second = rows(session, run)
    assert (first.explanation, second.explanation) == ("平台次日补派", "已电话核对")
    assert first.explained_by_name == "王小明"
    sign(leader, run)
    session.refresh(run)
    assert (run.signed_by_name, run.signed_words) == ("王小明", "属实")
    shown = words(leader.get(f"{PATH}/{run.id}"))
    assert "报告已签字" in shown
    assert "也写过说明" in shown
    subjects = session.exec(select(AuditEntry.subject).where(
        AuditEntry.action == "record_changed")).all()  # fmt: skip
    assert subjects == [run.subject] * 3


def test_words_that_are_missing_are_asked_for_where_they_belong(session, leader, source):
    run = report(session, Kind.MISSING_THERE)
    (row,) = rows(session, run)
    answer = post(leader, f"{PATH}/{run.id}/explain", difference=row.id)
    assert answer.status_code == 422
    assert f'href="#f-explanation-{row.id}"' in answer.text
    answer = post(leader, f"{PATH}/{run.id}/explain", difference="all", explanation="长" * 501)
    assert answer.status_code == 422
    assert "长" * 501 in answer.text
    assert rows(session, run)[0].explanation is None


def test_a_report_that_changed_since_it_was_read_is_not_signed(session, leader, source):
    run = report(session, Kind.MISSING_THERE)
    post(leader, f"{PATH}/{run.id}/explain", difference="all", explanation="第一种说法")
    old = re.search(r'name="seen" value="(\w+)"', leader.get(f"{PATH}/{run.id}").text).group(1)
    (row,) = rows(session, run)
    post(leader, f"{PATH}/{run.id}/explain",
         **{"difference": row.id, f"explanation-{row.id}": "另一种说法"})  # fmt: skip
    answer = sign(leader, run, seen=old)
    assert answer.status_code == 409
    assert "报告在您打开后有变化" in words(answer)
    session.refresh(run)
    assert run.signed_at is None


def test_a_signed_report_offers_no_form(session, leader, source):
    run = report(session, signed_at=now(), signed_by_name="张班长")
    shown = leader.get(f"{PATH}/{run.id}").text
    assert f"{run.id}/explain" not in shown
    assert f"{run.id}/sign" not in shown
    answer = post(leader, f"{PATH}/{run.id}/explain", difference="all", explanation="再说一句")
    assert answer.status_code == 409


@pytest.mark.parametrize("address", ["999999999", "99999999999999999999"])
def test_a_report_that_is_not_there_is_not_found(leader, source, address):
    assert leader.get(f"{PATH}/{address}").status_code == 404
    assert post(leader, f"{PATH}/{address}/sign").status_code == 404
    assert leader.get(f"/workorders/exchange/stuck/sent/{address}").status_code == 404
