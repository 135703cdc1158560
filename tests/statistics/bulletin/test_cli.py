"""`hotline bulletin import | close | render`, and what goes with a demonstration."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from hotline.errors import Refused
from hotline.statistics.bulletin import closing
from hotline.statistics.bulletin.cli import bulletin
from tests.statistics.bulletin import april, may
from tests.statistics.bulletin.may import MONTH


@pytest.fixture
def folder(session, tmp_path):
    """The sheets of May, one name twice."""
    april.fill_calls(session, may.CATEGORIES, may.START)
    april.fill_orders(session, may.ORDERS, april.MIDDLE.replace(year=2023, month=5))
    session.commit()
    cities = may.FILES["province_calls.csv"].replace("南通,9", "南通,9\n南通,9")
    for name, data in may.files(**{"province_calls.csv": cities}).items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "readme.md").write_text("x")
    return tmp_path


def run(*words):
    return CliRunner().invoke(bulletin, [*words, "--month", MONTH])


def sheets(session):
    return session.execute(text("SELECT count(*) FROM bulletin_sheet")).scalar_one()


def test_a_folder_is_imported_when_its_question_has_an_answer(session, folder):
    asked = run("import", str(folder))
    assert asked.exit_code == 1
    assert "--answer province_calls.4.duplicate=first" in asked.output
    assert sheets(session) == 0
    answer = ("--answer", "province_calls.4.duplicate=first")
    assert run("import", str(folder), *answer, "--dry-run").exit_code == 0
    assert sheets(session) == 0
    assert "已导入 4 张表" in run("import", str(folder), *answer).output
    assert sheets(session) == 4


def test_a_month_is_closed_by_name_and_rendered(session, folder):
    run("import", str(folder), "--answer", "province_calls.4.duplicate=first")
    refused = run("close")
    assert isinstance(refused.exception, Refused)
    assert run("close", "--accept", "sheets").exit_code == 0
    out = folder / "out"
    assert run("render", "--out", str(out)).exit_code == 0
    assert json.loads((out / f"bulletin-{MONTH}.json").read_text())["text"] == may.TEXT
    assert {"booking_by_hospital.csv", f"bulletin-{MONTH}.docx", f"bulletin-{MONTH}.xlsx"} <= {
        one.name for one in out.iterdir()
    }
    with pytest.raises(Refused, match="不认识的格式"):
        raise run("render", "--out", str(out), "--format", "pdf").exception


def test_what_a_demonstration_closed_may_go_with_it(session, folder):
    session.execute(text("UPDATE call SET is_demo = true"))
    edition = closing.close(session, MONTH, april.CLERK, ["sheets"])
    assert edition.is_demo
    assert session.execute(text("DELETE FROM bulletin_edition WHERE is_demo")).rowcount == 1
