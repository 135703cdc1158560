"""What may happen to a call, and what it does next. Plain data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hotline.labels import Labelled
from ivr.dialogue.state import Leave, State, Step

# --- what may happen


@dataclass(frozen=True)
class Began:
    """The call is there."""


@dataclass(frozen=True)
class Said:
    """Words were heard; ``others`` are what else it may have been, the likeliest first."""

    text: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Keyed:
    """Keys were pressed; ``*`` and ``#`` that end or repeat are not among them."""

    digits: str


@dataclass(frozen=True)
class Silent:
    """Nobody spoke and nothing was pressed."""


@dataclass(frozen=True)
class Unclear:
    """Something was said that nobody understood."""


@dataclass(frozen=True)
class WantsPerson:
    """人工, or key 0."""


@dataclass(frozen=True)
class Once:
    """Key ``*``: say it once more."""


@dataclass(frozen=True)
class Did:
    """What came of a deed: ``result`` as the deed says, or the code of a refusal."""

    deed: Deed
    result: Any = None
    refused: str | None = None


Event = Began | Said | Keyed | Silent | Unclear | WantsPerson | Once | Did


# --- what is done next


class Deed(Labelled):
    """What only the session can do: it touches the database."""

    WHO_CALLS = "who_calls", "查来电人"
    SEARCH = "search", "找号"
    CHECK = "check", "核对证件"
    HOLD = "hold", "占号"
    CONFIRM = "confirm", "确认预约"
    LET_GO = "let_go", "放弃占号"
    MINE = "mine", "查预约"
    CANCEL = "cancel", "退号"
    ANSWER = "answer", "答问"


@dataclass(frozen=True)
class Prompt:
    """A sentence to be said: its id in ``prompts.toml`` and what stands in its blanks."""

    id: str
    blanks: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Listen:
    """Wait for the caller."""

    step: Step


@dataclass(frozen=True)
class Do:
    """Have something done; its result comes back as ``Did``."""

    deed: Deed
    given: Any = None


@dataclass(frozen=True)
class Go:
    """Leave the voice line."""

    leave: Leave
    reason: str = ""


@dataclass(frozen=True)
class Reply:
    """The state after an event, what is said, and then what."""

    state: State
    prompts: tuple[Prompt, ...]
    then: Listen | Do | Go
