"""A question about a sheet of outside figures. Pure."""

from __future__ import annotations

from dataclasses import dataclass

AS_PRINTED = "keep"


@dataclass(frozen=True)
class Doubt:
    """What is doubtful, where, and the ``choices`` as (code, words)."""

    key: str
    row: int
    column: str
    question: str
    choices: tuple[tuple[str, str], ...]
