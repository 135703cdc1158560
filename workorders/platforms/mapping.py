"""A platform's own status codes and what they mean, as data in the platform's row. Pure.

A code that is not in the mapping has no meaning: it is parked for a person, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hotline.errors import Refused
from hotline.labels import Labelled
from workorders.rules import Meaning, State

LONGEST_CODE = 64
MOST_CODES = 200


class Template(Labelled):
    """The two sets of codes known so far."""

    CITY = "city", "市平台（数字）"
    PROVINCE = "province", "省平台（英文词）"


CODES: dict[Template, dict[str, Meaning]] = {
    Template.CITY: {
        "10": Meaning.WAIT_SIGN,
        "20": Meaning.SIGNED,
        "30": Meaning.DOING,
        "31": Meaning.RETURN_ASKED,
        "32": Meaning.EXTENSION_ASKED,
        "40": Meaning.WAIT_VISIT,
        "41": Meaning.REDO,
        "50": Meaning.DONE,
        "60": Meaning.FILED,
        "70": Meaning.BACKED,
    },
    Template.PROVINCE: {
        "WAIT_SIGN": Meaning.WAIT_SIGN,
        "SIGNED": Meaning.SIGNED,
        "DOING": Meaning.DOING,
        "BACK_APPLY": Meaning.RETURN_ASKED,
        "DELAY_APPLY": Meaning.EXTENSION_ASKED,
        "WAIT_VISIT": Meaning.WAIT_VISIT,
        "REDO": Meaning.REDO,
        "DONE": Meaning.DONE,
        "FILED": Meaning.FILED,
        "BACKED": Meaning.BACKED,
    },
}

# Where our order may stand while the platform says so. We know more than they do: they have no
# word for 已派单 or 待审, and a request leaves our state as it was.
_ACCEPTED = frozenset({State.ACCEPTED, State.ASSIGNED, State.IN_PROGRESS, State.REPLIED})
_HANDLED = _ACCEPTED - {State.ACCEPTED}
STATES: dict[Meaning, frozenset[State]] = {
    Meaning.WAIT_SIGN: frozenset({State.RECEIVED}),
    Meaning.SIGNED: _ACCEPTED,
    Meaning.DOING: _HANDLED,
    Meaning.RETURN_ASKED: _ACCEPTED | {State.RECEIVED},
    Meaning.EXTENSION_ASKED: _ACCEPTED,
    Meaning.WAIT_VISIT: frozenset({State.CALLBACK}),
    Meaning.REDO: _HANDLED,
    Meaning.DONE: frozenset({State.CLOSED}),
    Meaning.FILED: frozenset({State.ARCHIVED}),
    Meaning.BACKED: frozenset({State.RETURNED}),
}


def agree(state: State, meaning: Meaning) -> bool:
    """Whether our state and the platform's status can both be true of one order."""
    return state is State.MERGED or state in STATES[meaning]


@dataclass(frozen=True)
class StatusMapping:
    """The codes of one platform."""

    meanings: Mapping[str, Meaning]

    def meaning(self, status: str) -> Meaning | None:
        """What a verbatim status says; None when nobody has told us."""
        return self.meanings.get(status.strip())

    def code(self, meaning: Meaning) -> str | None:
        """The platform's code for a meaning: the first of several; None when it has none."""
        return next((code for code, each in self.meanings.items() if each is meaning), None)

    def column(self) -> dict[str, str]:
        """As the platform's row holds it: code -> meaning."""
        return {code: meaning.value for code, meaning in self.meanings.items()}


def template(which: Template) -> StatusMapping:
    """The mapping a platform of this sort begins with."""
    return StatusMapping(dict(CODES[which]))


def from_column(column: Mapping[str, str]) -> StatusMapping:
    """The mapping in a platform's row, or as a form gives it. Raises Refused by code."""
    faults = {str(code): _fault(str(code), value) for code, value in column.items()}
    wrong = {code: fault for code, fault in faults.items() if fault}
    if len(column) > MOST_CODES:
        wrong[""] = f"最多 {MOST_CODES} 个状态码。"
    if wrong:
        raise Refused("mapping_invalid", "状态对照表有误，请逐项改正。", fields=wrong)
    return StatusMapping({code.strip(): Meaning(value) for code, value in column.items()})


def _fault(code: str, value: object) -> str | None:
    if not code.strip() or len(code) > LONGEST_CODE:
        return f"状态码应为 1 到 {LONGEST_CODE} 个字符。"
    if not isinstance(value, str) or Meaning.known(value) is None:
        listed = "、".join(meaning.label for meaning in Meaning)
        return f"状态码“{code}”要选一个含义：{listed}。"
    return None
