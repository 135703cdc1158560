"""One way of logging: JSON lines on standard output, with whose they are and without numbers.

structlog's events and the standard library's (gunicorn, RQ, SQLAlchemy) take the same road.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor

from hotline import phone
from hotline.settings import Settings

_SECRET = re.compile(r"password|secret|token|authorization|cookie|_key$", re.IGNORECASE)
_HIDDEN = "***"
# PostgreSQL shows the whole row that it refused, in its own language.
_ROW = re.compile(
    r"(?:DETAIL|描述): .*?(?=\n\[SQL:|\n\nThe above exception|\n\nDuring handling|\Z)", re.DOTALL
)


def configure(site: Settings, stream: TextIO | None = None, *, quiet: bool = False) -> None:
    """Send every log event of this process through the house's processors.

    ``quiet`` leaves out what is not at least a warning (commands people type).
    """
    level = "WARNING" if quiet and site.log_level == "INFO" else site.log_level
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=not quiet,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        ProcessorFormatter(foreign_pre_chain=shared, processors=_last_steps(site.log_json))
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it lists its plugins
    logging.captureWarnings(True)


def _last_steps(as_json: bool) -> list[Processor]:
    render: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    return [
        ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        hide,
        render,
    ]


def hide(_: Any, __: str, event: EventDict) -> EventDict:
    """Hide telephone and ID numbers in every text, and whatever is named like a secret."""
    return {key: _hidden(key, value) for key, value in event.items()}


def _hidden(key: str, value: Any) -> Any:
    if _SECRET.search(key):
        return _HIDDEN
    if isinstance(value, str):
        return phone.redact(_ROW.sub(f"DETAIL: {_HIDDEN}", value))
    if isinstance(value, Mapping):
        return {name: _hidden(str(name), part) for name, part in value.items()}
    if isinstance(value, list | tuple | set):
        return [_hidden(key, part) for part in value]
    return value if isinstance(value, bool | int | float | None) else phone.redact(str(value))
