"""A long export: written by a worker, watched, stopped, taken away by who asked for it."""

import io
import os
import re

import openpyxl
import pytest
from rq.timeouts import JobTimeoutException
from sqlalchemy import text as sql
from sqlmodel import select

from hotline import queues
from hotline.audit import AuditEntry
from hotline.clock import now
from tests.workorders.orders import own
from tests.workorders.pages.clicks import post, text
from workorders.pages import export_job, export_kept, export_rows
from workorders.pages.export_kept import Step
from workorders.rules import Kind

LONG = "/workorders/exports"


@pytest.fixture
def many(session):
    """As many orders as no request may write, all of one kind but one."""
    order = own(session, title="收费不一致", content="请回 13800002222")
    own(session, kind=Kind.SUGGESTION)
    session.commit()
    columns = [name for name, in session.execute(sql(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'work_order'"
        " AND column_name NOT IN ('id', 'order_no')"))]  # fmt: skip
    listed = ", ".join(columns)
    session.execute(sql(
        f"INSERT INTO work_order (order_no, {listed})"
        f" SELECT 'WO20200101-' || lpad(n::text, 6, '0'), {listed}"
        f" FROM work_order, generate_series(1, {export_rows.SHORT}) n WHERE id = :id"
    ), {"id": order.id})  # fmt: skip
    session.commit()
    return order


def begun(browser, **asked) -> str:
    answer = post(browser, LONG, **asked)
    assert answer.status_code == 302
    return answer.location.rpartition("/")[2]


def left_of(key: str) -> list[str]:
    """What lies there of an export, or half written of any."""
    names = [path.name for path in export_kept.directory().iterdir()]
    return [name for name in names if key in name or name.startswith("being-")]


def test_a_long_one_is_asked_for_and_a_short_one_comes_at_once(leader, many):
    page = text(leader.get("/workorders?kind=投诉"))
    assert re.search(r'href="/workorders/exports[?]kind=[^"]*" *>.*?XLSX…', page)
    answer = leader.get("/workorders/export.xlsx?kind=投诉")
    assert answer.status_code == 302
    assert answer.location.startswith(LONG)
    assert "2,001 张" in text(leader.get(answer.location))
    short = leader.get("/workorders/export.xlsx?kind=建议")
    assert len(list(openpyxl.load_workbook(io.BytesIO(short.data)).active.rows)) == 2


def test_it_is_written_by_a_worker_and_taken_away_by_who_asked(session, leader, agent, many):
    key = begun(leader, kind="投诉")
    assert queues.named(queues.SLOW).count == 1
    assert "正在导出" in text(leader.get(f"{LONG}/{key}"))
    assert leader.get(f"{LONG}/{key}/file").status_code == 404
    export_job.write(key)
    export_job.write(key)  # told twice
    export = export_kept.get(key)
    assert (export.step, export.done, export.total) == (Step.DONE, 2001, 2001)
    assert leader.get(f"{LONG}/{key}/progress").headers["HX-Refresh"] == "true"
    assert "下载 XLSX" in text(leader.get(f"{LONG}/{key}"))
    rows = list(openpyxl.load_workbook(io.BytesIO(leader.get(f"{LONG}/{key}/file").data)).active
                .iter_rows(values_only=True))  # fmt: skip
    assert len(rows) == 2002
    assert "13800002222" not in str(rows)
    for address in ("", "/progress", "/file"):
        assert agent.get(f"{LONG}/{key}{address}").status_code == 404
    assert "收费不一致".encode() not in export.path.read_bytes()
    assert left_of(key) == [f"{key}.rec"]
    entries = session.exec(select(AuditEntry).where(AuditEntry.action == "exported")).all()
    assert [entry.detail for entry in entries] == [
        {"诉求类型": "投诉"}, {"file": "xlsx", "rows": 2001}
    ]  # fmt: skip


def test_it_can_be_stopped_and_leaves_nothing(leader, many):
    key = begun(leader)
    post(leader, f"{LONG}/{key}/stop")
    assert export_kept.get(key).step is Step.WRITING, "its job will see to it"
    export_job.write(key)
    export = export_kept.get(key)
    assert export.step is Step.STOPPED
    assert 0 < export.done < export.total
    assert left_of(key) == []
    assert "已停止" in text(leader.get(f"{LONG}/{key}"))


def test_one_that_failed_says_so(leader, many, monkeypatch):
    def over(*_):
        raise JobTimeoutException

    key = begun(leader)
    monkeypatch.setattr(export_rows, "rows", over)
    with pytest.raises(JobTimeoutException):
        export_job.write(key)
    assert "请重新导出" in text(leader.get(f"{LONG}/{key}"))


def test_what_is_an_hour_old_is_deleted(leader, many):
    key = begun(leader)
    export_job.write(key)
    left = export_kept.directory() / "being-x"
    left.mkdir()
    export_kept.sweep()
    assert len(left_of(key)) == 2
    old = now().timestamp() - export_kept.KEPT_SECONDS - 1
    for path in (left, export_kept.get(key).path):
        os.utime(path, (old, old))
    assert export_kept.sweep() == 2
    assert left_of(key) == []
    assert leader.get(f"{LONG}/{key}/file").status_code == 404
