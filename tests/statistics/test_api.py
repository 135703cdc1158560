"""Figures for machines."""

from __future__ import annotations

from datetime import datetime

import pytest

from hotline.agents.rules import Scope
from hotline.clock import SHANGHAI
from tests.people import api_token
from tests.statistics.days import told

NOON = datetime(2026, 11, 20, 12, tzinfo=SHANGHAI)


@pytest.fixture
def token(session, client) -> dict[str, str]:
    told(session, "a", NOON, category="booking")
    told(session, "b", NOON, wait=30)
    told(session, "c", NOON, answered=False, wait=90)
    return api_token(session, Scope.STATISTICS)


def test_a_month(client, token):
    found = client.get("/api/v1/statistics/months/2026-11", headers=token).json
    assert found["categories"]["booking"] == found["total"] == 1
    assert (found["unfiled"], found["unanswered"], found["calls"]) == (1, 1, 3)
    assert (found["category_set"], found["rule"]) == ("2023", "headline-1")


def test_service_metrics_with_what_they_are_made_of(client, token):
    asked = "/api/v1/statistics/service?from=2026-11-20&to=2026-11-20&by=hour"
    (group,) = client.get(asked, headers=token).json["items"]
    assert (group["key"], group["calls"], group["answered"]) == ("12", 3, 2)
    in_time = next(each for each in group["metrics"] if each["code"] == "in_time")
    assert (in_time["numerator"], in_time["denominator"]) == (1, 3)
    assert (in_time["value"], in_time["rule"]) == (pytest.approx(1 / 3), "service-2")


@pytest.mark.parametrize(
    "path",
    ["months/2099-01", "months/2026-13", "service?from=2026-11-20&to=2026-11-19",
     "service?from=2024-01-01&to=2026-01-01", "service?from=x&to=y", "service"],
)  # fmt: skip
def test_nonsense_is_refused(client, token, path):
    assert client.get(f"/api/v1/statistics/{path}", headers=token).status_code == 422


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_have_no_calls(client, token, day):
    answer = client.get(f"/api/v1/statistics/service?from={day}&to={day}", headers=token)
    assert (answer.status_code, answer.json["items"]) == (200, [])
