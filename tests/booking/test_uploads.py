"""A sheet uploaded in the console is checked, then imported whole or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import func, select

from hotline.booking import import_jobs, schedule_import, uploads
from hotline.booking.models import Department, Slot
from hotline.booking.uploads import Step
from hotline.clock import today
from hotline.errors import Refused

DAY = today() + timedelta(days=4)
HEADERS = "医院,科室,号别,日期,午别,开始,号源数\n"


def sheet(count, units=5):
    """So many slots of one clinic."""
    return HEADERS + "".join(
        f"新医院,科室{n // 20},普通,{DAY + timedelta(days=n % 20)},上午,,{units}\n"
        for n in range(count)
    )


@pytest.fixture
def uploaded(session, redis):
    """Keep a file and have it checked."""

    def uploaded(content, name="a.csv"):
        kept = uploads.keep(name, content.encode(), None, "周班长")
        import_jobs.check(kept.key)
        return kept.key

    return uploaded


def slots(session):
    return session.exec(select(func.count()).select_from(Slot)).one()


def confirm(key):
    upload = uploads.get(key)
    upload.step = Step.WRITING
    uploads.save(upload)
    import_jobs.write(key)
    return uploads.get(key)


def test_a_check_says_what_would_happen_and_writes_nothing(session, uploaded):
    upload = uploads.get(uploaded(sheet(45)))
    assert upload.may_be_written
    assert (upload.found["kind"], upload.found["rows"], upload.found["new"]) == ("排班", 45, 45)
    assert upload.found["created"]["科室"] == [3, ["科室0", "科室1", "科室2"]]
    assert (upload.done, upload.total) == (45, 45)
    assert slots(session) == 0


def test_what_was_confirmed_is_imported_once_and_by_whom_is_kept(session, uploaded):
    key = uploaded(sheet(45))
    assert confirm(key).step is Step.DONE
    assert slots(session) == 45
    import_jobs.write(key)
    import_jobs.check(key)
    assert uploads.get(key).found["new"] == 45, "a job run twice does nothing more"
    said = text("SELECT person_name FROM audit_entry WHERE action = 'imported'")
    assert session.execute(said).scalars().all() == ["周班长"]


def test_errors_come_by_row_and_column_and_cannot_be_confirmed(session, uploaded):
    upload = uploads.get(uploaded(sheet(2) + f"新医院,,普通,{DAY},凌晨,,-1\n"))
    assert not upload.may_be_written
    assert [(row, column) for row, column, _ in upload.found["faults"]] == [
        (4, "午别"), (4, "科室"), (4, "号源数"),
    ]  # fmt: skip


def test_who_asks_it_to_stop_finds_nothing_written(session, uploaded, monkeypatch):
    monkeypatch.setattr(schedule_import, "ROWS_AT_ONCE", 10)
    key = uploaded(sheet(45))
    uploads.ask_to_stop(key)
    upload = confirm(key)
    assert upload.step is Step.STOPPED
    assert upload.done == 10, "it stopped at once"
    assert slots(session) == 0
    assert session.exec(select(Department).where(Department.name == "科室0")).all() == []


def test_what_was_booked_since_the_check_is_a_fault_and_nothing_is_written(session, uploaded):
    confirm(uploaded(sheet(3)))
    key = uploaded(sheet(3, units=1))
    session.execute(text("UPDATE slot SET taken = 2 WHERE id = (SELECT min(id) FROM slot)"))
    upload = confirm(key)
    assert upload.step is Step.CHECKED
    assert not upload.may_be_written
    assert upload.found["faults"][0][1] == "号源数"
    assert session.exec(select(Slot.capacity).distinct()).all() == [5]


@pytest.mark.parametrize("content", ["姓名,年龄\n张三,5\n", "\x00\x01"])
def test_what_is_no_such_sheet_fails_with_a_sentence(uploaded, content):
    upload = uploads.get(uploaded(content))
    assert upload.step is Step.FAILED
    assert upload.problem.startswith("认不出文件内容")


@pytest.mark.parametrize(("name", "data"), [("a.xls", b"x"), ("a", b"x"), ("a.csv", b"")])
def test_what_cannot_be_a_sheet_is_not_kept(redis, name, data):
    with pytest.raises(Refused, match=r"。"):
        uploads.keep(name, data, None, "")


def test_a_file_that_is_gone_is_said_to_be(redis):
    with pytest.raises(Refused) as refused:
        uploads.get("0" * 16)
    assert refused.value.status == 404
