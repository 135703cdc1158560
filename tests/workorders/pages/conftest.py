"""Browsers of the people who work on orders."""

import pytest
from sqlmodel import select

from hotline.agents.models import Person
from hotline.agents.rules import Role
from tests.people import signed_in


@pytest.fixture
def leader(app, session, redis):
    return signed_in(app, session, Role.SUPERVISOR, "banzhang")


@pytest.fixture
def agent(app, session, redis):
    return signed_in(app, session, Role.AGENT, "xiaomei")


@pytest.fixture
def manager(app, session, redis):
    return signed_in(app, session, Role.MANAGER, "zhuren")


@pytest.fixture
def agent_id(session, agent) -> int:
    return session.exec(select(Person).where(Person.username == "xiaomei")).one().key
