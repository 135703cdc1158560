"""Logs: JSON lines with whose they are, and no numbers in them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from hotline import logs, settings
from workorders.models import Order
from workorders.rules import Kind


@pytest.fixture
def lines() -> Iterator[Any]:
    """What has been logged, as objects."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(settings.current().model_copy(update={"log_level": "INFO"}), stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def test_numbers_are_hidden_wherever_they_stand(lines: Any) -> None:
    log = structlog.get_logger("hotline.calls")
    log.info("ringing", caller="13800001111", nested={"ids": ["320102199003074512"]}, count=3)
    (line,) = lines()
    assert line["caller"] == "138****1111"
    assert line["nested"]["ids"] == ["320****4512"]
    assert line["count"] == 3
    assert line["logger"] == "hotline.calls"


def test_a_traceback_shows_no_number(lines: Any) -> None:
    try:
        raise ValueError("caller 13800001111")
    except ValueError:
        logging.getLogger("somewhere").exception("failed for %s", "13900002222")
    (line,) = lines()
    assert "138****1111" in line["exception"]
    assert "13800001111" not in json.dumps(line)
    assert line["event"] == "failed for 139****2222"


def test_a_row_the_database_refused_is_not_shown(lines: Any, session: Session) -> None:
    said = "林晓在门诊\n\n排队三小时"
    try:
        session.execute(
            insert(Order).values(order_no="WO1", platform="self", kind=Kind.HELP, title=said,
                                 content=said, caller_name="林晓")
        )  # fmt: skip
    except IntegrityError:
        logging.getLogger("somewhere").exception("failed")
    (line,) = lines()
    assert "violates not-null constraint" in line["exception"]
    for secret in ("林晓", "门诊", "排队"):
        assert secret not in line["exception"]


def test_what_is_named_like_a_secret_is_not_shown(lines: Any) -> None:
    structlog.get_logger().info("in", password="p", headers={"Authorization": "Bearer abc"})
    (line,) = lines()
    assert line["password"] == "***"
    assert line["headers"]["Authorization"] == "***"


def test_a_line_says_whose_it_is(lines: Any) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r1", call_uid="c1"):
        logging.getLogger("library").warning("odd")
    (line,) = lines()
    assert (line["request_id"], line["call_uid"]) == ("r1", "c1")
