"""What admins see first, and that the gravest finding stands first."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from hotline import doctor
from hotline.agents.rules import Role
from tests.people import signed_in


@pytest.fixture
def admin(app, session, redis) -> FlaskClient:
    return signed_in(app, session, Role.ADMIN)


def test_the_rail_begins_with_what_is_theirs_alone(admin):
    page = admin.get("/admin/system").text
    labels = [one.strip() for one in re.findall(r'class="rail-link".*?</svg>([^<]+)', page, re.S)]
    assert labels[:3] == ["系统状态", "用户与角色", "接口令牌"]
    assert labels.index("审计") < labels.index("停诊")


def test_what_is_broken_is_told_before_what_is_well(admin, monkeypatch):
    told = [
        doctor.well("好的"),
        doctor.mind("留意"),
        doctor.Finding("✗", "坏的"),
        doctor.well("也好"),
    ]
    monkeypatch.setattr(doctor, "examine", lambda: told)
    shown = admin.get("/admin/system/findings").text
    assert re.findall(r"<dd>(.*?)</dd>", shown) == ["坏的", "留意", "好的", "也好"]
    assert re.findall(r">(\d+) 项<", shown) == ["1", "1", "2"]
