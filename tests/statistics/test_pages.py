"""The pages of figures over HTTP: what they say, to whom, and the same in the files."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlmodel import Session, select

from hotline.agents.rules import Role
from hotline.audit import AuditEntry
from hotline.clock import SHANGHAI, day_bounds, local, month_bounds, month_of, now, today
from tests.people import make_person, sign_in, signed_in
from tests.statistics.days import told

MONTH = month_of(now())
LAST = month_of(month_bounds(MONTH)[0] - timedelta(hours=1))
FIRST = month_bounds(MONTH)[0]


@pytest.fixture
def manager(app, session) -> FlaskClient:
    return signed_in(app, session, Role.MANAGER)


@pytest.fixture
def calls(session: Session) -> None:
    """Five this month (one a crisis, one not sorted, one given up), two the month before."""
    start = FIRST + timedelta(minutes=1)
    told(session, "a", start, category="booking", caller="+8613800000001")
    told(session, "b", start, category="booking", wait=30)
    told(session, "c", start, category="crisis")
    told(session, "d", start)
    told(session, "e", start, answered=False, wait=60)
    before = month_bounds(LAST)[0] + timedelta(minutes=1)
    told(session, "f", before, category="booking")
    told(session, "g", before, category="consultation")
    session.commit()


def test_the_month_is_beside_the_month_before(manager, calls):
    page = manager.get("/overview").text
    assert "受理咨询电话" in page
    assert "+50.0%" in page  # three beside two up to the same hour
    assert "电话预约最多：2，占 66.7%" in page
    assert "没有数据" in page  # a year ago
    assert "已服务未登记的来电" in page
    assert "service-2" in page


def test_where_the_definition_changed_nothing_is_compared(session, manager):
    told(session, "a", datetime(2022, 12, 5, 9, tzinfo=SHANGHAI), category="booking")
    told(session, "b", datetime(2023, 1, 5, 9, tzinfo=SHANGHAI), category="booking")
    session.commit()
    page = manager.get("/overview?month=2023-01").text
    assert page.count("口径变化") == 6  # each category of 2023; the total is compared
    assert "+0.0%" in page
    trends = manager.get("/statistics/trends?months=60").text
    assert "口径变化" in trends


def test_a_month_to_come_is_refused_in_a_sentence(manager):
    answer = manager.get("/overview?month=2099-01")
    assert answer.status_code == 422
    assert "请选择已经开始的月份" in answer.text


@pytest.mark.parametrize(
    "path",
    ["/overview", "/statistics/trends", "/statistics/service", "/statistics/hospitals",
     "/statistics/forecast"],
)  # fmt: skip
def test_without_calls_a_page_says_so(manager, path):
    page = manager.get(path)
    assert page.status_code == 200
    assert 'class="nothing"' in page.text
    for file_format in ("csv", "xlsx"):
        assert manager.get(f"{path}/{file_format}").status_code == 200


def test_the_file_has_what_the_page_shows(session, manager, calls):
    book = openpyxl.load_workbook(io.BytesIO(manager.get("/overview/xlsx").data))
    rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert rows[2][:4] == ["受理咨询电话", 3, 2, 0.5]
    assert book.worksheets[0]["D3"].number_format == "+0.0%;-0.0%"
    body = manager.get("/overview/csv").text
    assert "受理咨询电话,3,2,0.5" in body
    noted = session.exec(select(AuditEntry).where(AuditEntry.action == "exported")).all()
    assert [line.detail["format"] for line in noted] == ["xlsx", "csv"]


def test_trends_have_months_days_and_hours(manager, calls):
    page = manager.get("/statistics/trends").text
    assert f'<th scope="row">{MONTH}</th>' in page
    assert f'<th scope="row">{LAST}</th>' in page
    assert "时最忙：平均每小时" in page
    assert "环比" in page
    assert "2020" not in manager.get("/statistics/trends/csv").text.split("按日")[0]


def test_within_a_queue_categories_are_not_told_apart(manager, calls):
    body = manager.get("/statistics/trends/csv?queue=hotline").text
    assert "心理危机干预" not in body
    assert "心理危机干预" in manager.get("/statistics/trends/csv").text


@pytest.mark.parametrize(
    ("by", "line"),
    [("hour", "00:00 至 01:00"), ("agent", "王小明"), ("team", "未分班组"),
     ("day", f"{local(FIRST):%Y-%m-%d}")],
)  # fmt: skip
def test_metrics_by_whatever_is_asked(session, manager, by, line):
    make_person(session, "wang", extension="8001")
    told(session, "a", FIRST + timedelta(minutes=1), wait=5)
    told(session, "b", FIRST + timedelta(minutes=1), wait=25)
    session.commit()
    asked = f"by={by}&from={local(FIRST).date()}&to={local(FIRST).date()}"
    page = manager.get(f"/statistics/service?{asked}").text
    assert line in page
    assert "50.0%" in page
    body = manager.get(f"/statistics/service/csv?{asked}").text
    assert "15 秒接起率,0.5,1,2,service-2" in body


def test_one_team_alone(session, manager):
    person = make_person(session, "wang", extension="8001")
    session.execute(text("INSERT INTO team (name, is_demo) VALUES ('甲组', false)"))
    session.execute(text("UPDATE person SET team_id = (SELECT id FROM team) WHERE id = :id"),
                    {"id": person.key})  # fmt: skip
    for number in range(6):
        told(session, f"a{number}", now() - timedelta(hours=2))
    told(session, "b", now() - timedelta(hours=2), agent="8002")
    session.commit()
    team = session.execute(text("SELECT id FROM team")).scalar()
    body = manager.get(f"/statistics/service/csv?by=agent&team={team}").text
    assert "24 小时接通率,1.0,6,6" in body
    assert "王小明,6,6,6,1.0" in body
    told(session, "late", now() - timedelta(hours=2), wait=40)
    session.commit()
    body = manager.get(f"/statistics/service/csv?by=agent&team={team}").text
    assert "15 秒接起率,<5" not in body
    assert "15 秒接起率,0.8571,6,7" in body


def test_of_few_people_small_counts_are_not_shown(session, manager):
    person = make_person(session, "wang", extension="8001")
    session.execute(text("INSERT INTO team (name, is_demo) VALUES ('危机组', false)"))
    session.execute(text("UPDATE person SET team_id = (SELECT id FROM team) WHERE id = :id"),
                    {"id": person.key})  # fmt: skip
    day = FIRST + timedelta(hours=1)
    for number, hour in enumerate((1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 3)):
        told(session, f"c{number}", day + timedelta(hours=hour))
    session.commit()
    team = session.execute(text("SELECT id FROM team")).scalar()
    asked = f"from={local(day).date()}&to={local(day).date()}"
    lines = {
        line.split(",", 1)[0]: line
        for line in manager.get(
            f"/statistics/service/csv?by=hour&team={team}&{asked}"
        ).text.splitlines()
    }
    assert "03:00 至 04:00,<5,<5,<5,<5" in lines["03:00 至 04:00"]
    assert lines["02:00 至 03:00"].startswith("02:00 至 03:00,<5"), "or the total would tell"
    assert lines["04:00 至 05:00"].startswith("04:00 至 05:00,7,7,7,1.0")
    assert "少于 5 通" in manager.get(f"/statistics/service?by=agent&{asked}").text
    shown = manager.get(f"/statistics/service/csv?by=hour&{asked}").text
    assert "03:00 至 04:00,2,2,2" in shown, "of the whole hall it is nobody's"


def test_a_total_of_few_calls_is_not_shown(session, manager):
    person = make_person(session, "wang", extension="8001")
    session.execute(text("INSERT INTO team (name, is_demo) VALUES ('危机组', false)"))
    session.execute(text("UPDATE person SET team_id = (SELECT id FROM team) WHERE id = :id"),
                    {"id": person.key})  # fmt: skip
    told(session, "a", now() - timedelta(hours=2))
    session.commit()
    team = session.execute(text("SELECT id FROM team")).scalar()
    body = manager.get(f"/statistics/service/csv?by=agent&team={team}").text
    assert "24 小时接通率,<5,<5,<5" in body
    assert "王小明,<5,<5,<5" in body


def test_an_agent_sees_only_their_own(app, session):
    mine = make_person(session, "mine", extension="8001")
    make_person(session, "other", extension="8002", name="别人")
    at = now() - timedelta(hours=3)
    told(session, "a", at, category="crisis")
    for number in range(3):
        told(session, f"x{number}", at, agent="8002", category="booking")
    session.commit()
    client = app.test_client()
    sign_in(client, session, mine)
    page = client.get("/statistics/mine").text
    assert "少于 5" in page
    assert "电话预约" not in page
    assert "别人" not in page
    assert "心理危机干预,少于 5" in client.get("/statistics/mine/csv").text


def test_an_agent_without_calls_is_told_so(app, session):
    page = signed_in(app, session, Role.AGENT).get("/statistics/mine").text
    assert "这些天没有接过来电" in page


def test_a_forecast_says_how_and_how_wrong_it_was(session, manager):
    for back in range(1, 36):
        start = day_bounds(today() - timedelta(days=back))[0]
        for number in range(4):
            told(session, f"{back}-{number}", start + timedelta(hours=9, minutes=number))
    session.commit()
    page = manager.get("/statistics/forecast?weeks=1&away=50").text
    assert "今后 7 天约 28 通" in page
    assert "Erlang C" in page
    assert "以往预测准不准" in page
    assert "约 4.0 通，在线 2 人，排班 4 人" in page
    book = openpyxl.load_workbook(io.BytesIO(manager.get("/statistics/forecast/xlsx").data))
    assert [sheet.title for sheet in book.worksheets] == [
        "1 按日", "2 以往预测准不准", "3 每小时排班人数", "4 每小时来电",
    ]  # fmt: skip


@pytest.mark.parametrize("asked", ["weeks=9", "weeks=x", "away=90", "away=-1"])
def test_a_forecast_of_nonsense_is_refused(manager, asked):
    answer = manager.get(f"/statistics/forecast?{asked}")
    assert answer.status_code == 422
    assert "之间的整数" in answer.text


@pytest.mark.parametrize("asked", ["to=0001-01-01", "from=9999-12-31&to=9999-12-31"])
def test_the_ends_of_the_calendar_are_no_error(manager, asked):
    assert manager.get(f"/statistics/service?{asked}").status_code == 200


def test_days_of_one_queue_hide_what_could_point_to_a_person(session, manager):
    start = local(now() - timedelta(days=2)).replace(hour=9)
    for number in range(7):
        told(session, f"many{number}", start)
    for number in range(2):
        told(session, f"few{number}", start - timedelta(days=1))
    told(session, "one", start - timedelta(days=2))
    session.commit()
    few, one = (f"{(start - timedelta(days=n)).date()}" for n in (1, 2))
    body = manager.get("/statistics/trends/csv?queue=hotline").text
    assert f"{start.date()},7,7,0" in body
    assert f"{few},<5,<5,0" in body
    assert f"{one},<5,<5,0" in body
    assert f"{few},2,2,0" in manager.get("/statistics/trends/csv").text
    assert "通/小时" in manager.get("/statistics/trends").text
    assert "通/小时" not in manager.get("/statistics/trends?queue=hotline").text
