"""The pages of importing: upload, look, confirm; sheets to take away."""

from __future__ import annotations

import io
import itertools
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlmodel import select

from hotline import queues
from hotline.agents.rules import Role
from hotline.booking import import_jobs
from hotline.booking.cli import booking
from hotline.booking.models import Slot
from hotline.clock import today
from tests.people import form_token, signed_in

DAY = today() + timedelta(days=4)
SHEET = f"医院,科室,号别,日期,午别,号源数,备注\n新医院,内科,普通,{DAY},上午,5,x\n"


@pytest.fixture
def supervisor(app, session, client, redis):
    """A supervisor's browser."""
    return signed_in(app, session, Role.SUPERVISOR)


def send(browser, path, **fields):
    return browser.post(path, data={"csrf_token": form_token(browser), **fields})


def upload(browser, content, name="排班.csv"):
    return send(browser, "/booking/import", file=(io.BytesIO(content.encode()), name))


def test_the_page_says_what_stands_in_each_column_of_each_sheet(supervisor):
    page = supervisor.get("/booking/import").text
    for words in ("排班表的列", "固定排班表的列", "流感疫苗", "退号截止"):
        assert words in page


def test_a_sheet_goes_from_upload_to_slots(supervisor, session):
    where = upload(supervisor, SHEET).headers["Location"]
    key = where.rsplit("/", 1)[-1]
    assert "正在检查" in supervisor.get(where).text
    assert "正在检查" in supervisor.get(f"{where}/progress").text
    assert [job.func_name for job in queues.named(queues.SLOW).jobs] == [
        "hotline.booking.import_jobs.check"
    ]
    import_jobs.check(key)
    assert supervisor.get(f"{where}/progress").headers["HX-Refresh"] == "true"
    checked = supervisor.get(where).text
    assert "将新增 1 行" in checked
    assert "未使用的列：备注" in checked
    assert "新医院" in checked
    assert send(supervisor, f"{where}/confirm").status_code == 302
    import_jobs.write(key)
    assert "已导入 1 行：新增 1 行" in supervisor.get(where).text
    assert session.exec(select(Slot.capacity)).all() == [5]
    assert send(supervisor, f"{where}/confirm").status_code == 409


def test_errors_are_a_table_by_row_and_column(supervisor):
    where = upload(supervisor, SHEET.replace("上午", "凌晨")).headers["Location"]
    import_jobs.check(where.rsplit("/", 1)[-1])
    page = supervisor.get(where).text
    assert "有 1 处错误，未写入任何内容" in page
    assert '<td class="number">2</td><th scope="row">午别</th>' in page
    assert "确认导入" not in page


def test_stopping_is_heard_by_the_job(supervisor):
    where = upload(supervisor, SHEET).headers["Location"]
    send(supervisor, f"{where}/stop")
    import_jobs.check(where.rsplit("/", 1)[-1])
    assert "已停止，什么也没有写入" in supervisor.get(where).text


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("a.xls", "x", "请选择 CSV 或 XLSX 文件"), ("a.csv", "", "文件是空的")],
)
def test_what_is_no_sheet_is_refused_beside_the_field(supervisor, name, content, says):
    answer = upload(supervisor, content, name)
    assert answer.status_code == 422
    assert says in answer.text
    assert send(supervisor, "/booking/import").status_code == 422, "no file at all"


def test_an_upload_that_is_gone_says_so(supervisor):
    answer = supervisor.get("/booking/import/0000")
    assert answer.status_code == 404
    assert "请重新上传" in answer.text


@pytest.mark.parametrize(
    ("what", "kind"),
    [*itertools.product(["sheet", "sample"], ["hospitals", "rules", "schedule"]),
     ("sample", "pattern")],
)  # fmt: skip
def test_what_is_taken_away_can_be_brought_back(supervisor, session, tmp_path, what, kind):
    (tmp_path / "seed.csv").write_text(SHEET)
    (tmp_path / "seed2.csv").write_text("医院\n示例医院\n")
    CliRunner().invoke(booking, ["import", str(tmp_path / "seed.csv"), str(tmp_path / "seed2.csv")])
    answer = supervisor.get(f"/booking/import/{what}/{kind}")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert len(answer.text.splitlines()) > 1
    (tmp_path / "back.csv").write_bytes(answer.data)
    said = CliRunner().invoke(booking, ["import", str(tmp_path / "back.csv")])
    assert said.exit_code == 0, said.output
