"""What a platform lets happen to one of its orders. Pure; it knows nothing of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from workorders.rules import Meaning, Satisfaction

MOST_EXTENSIONS = 3
_NEEDS_WORDS = {"return": "退单原因", "extend": "延期理由", "reply": "回复内容"}
_BAD_GRADES = {each.label for each in Satisfaction if each.is_unsatisfied}
_WORKING = (Meaning.DOING, Meaning.REDO, Meaning.EXTENSION_ASKED)
# event type -> status it may come in -> status it leads to
MOVES: dict[str, dict[Meaning, Meaning]] = {
    "accept": {Meaning.WAIT_SIGN: Meaning.SIGNED},
    "return": dict.fromkeys(
        (Meaning.WAIT_SIGN, Meaning.SIGNED, Meaning.DOING), Meaning.RETURN_ASKED
    ),
    "extend": dict.fromkeys((Meaning.SIGNED, Meaning.DOING, Meaning.REDO), Meaning.EXTENSION_ASKED),
    "assign": {Meaning.SIGNED: Meaning.DOING, **{each: each for each in _WORKING}},
    "progress": {Meaning.SIGNED: Meaning.DOING, **{each: each for each in _WORKING}},
    "reply": {
        Meaning.SIGNED: Meaning.WAIT_VISIT,
        Meaning.DOING: Meaning.WAIT_VISIT,
        Meaning.REDO: Meaning.REDO,
    },
    "callback": {Meaning.WAIT_VISIT: Meaning.DONE},
    "rework_done": {Meaning.REDO: Meaning.WAIT_VISIT},
}


class Refusal(Exception):
    """The platform says no. ``code`` is 422xx."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Patience:
    """When the platform acts by itself. Of numbers that end in ``refused`` requests are refused."""

    decides_after: timedelta = timedelta(minutes=2)
    files_after: timedelta = timedelta(minutes=10)
    refused: str = "37"


@dataclass(frozen=True)
class Filed:
    """One order as the platform keeps it. ``content`` is the contract's order without status and
    version; ``verbatim`` a status nobody agreed on, shown instead of the meaning's code."""

    content: dict[str, Any]
    changed_at: datetime
    meaning: Meaning = Meaning.WAIT_SIGN
    version: int = 1
    verbatim: str = ""
    before: Meaning | None = None
    until: str = ""
    extensions: int = 0

    @property
    def no(self) -> str:
        """The platform's number."""
        return str(self.content["no"])

    def as_json(self) -> dict[str, Any]:
        """For the state file."""
        return {**asdict(self), "changed_at": self.changed_at.isoformat()}


def from_json(kept: dict[str, Any]) -> Filed:
    """From the state file."""
    return Filed(**{
        **kept,
        "changed_at": datetime.fromisoformat(kept["changed_at"]),
        "meaning": Meaning(kept["meaning"]),
        "before": Meaning(kept["before"]) if kept["before"] else None,
    })  # fmt: skip


def changed(filed: Filed, now: datetime, **what: Any) -> Filed:
    """The order one version later; a status nobody agreed on is over."""
    return replace(filed, **{"verbatim": "", **what}, version=filed.version + 1, changed_at=now)


def applied(filed: Filed, event: dict[str, Any], now: datetime) -> Filed:
    """The order after one of our events. Raises Refusal."""
    kind = str(event.get("type"))
    if kind not in MOVES:
        raise Refusal(42200, "事件类型不认识。")
    if filed.meaning not in MOVES[kind]:
        raise Refusal(42201, f"工单处于“{filed.meaning.label}”，不能{kind}。")
    if kind in _NEEDS_WORDS and not str(event.get("content") or "").strip():
        raise Refusal(42202, f"缺少{_NEEDS_WORDS[kind]}。")
    what: dict[str, Any] = {"meaning": MOVES[kind][filed.meaning]}
    if kind in _DETAILS:
        what |= _DETAILS[kind](filed, event)
    return changed(filed, now, **what)


def decided(filed: Filed, now: datetime, *, is_approved: bool) -> Filed:
    """A return or an extension approved or refused. Raises Refusal."""
    if filed.meaning not in {Meaning.RETURN_ASKED, Meaning.EXTENSION_ASKED} or not filed.before:
        raise Refusal(42201, "没有待审的申请。")
    if not is_approved:
        return changed(filed, now, meaning=filed.before, before=None, until="")
    if filed.meaning is Meaning.RETURN_ASKED:
        return changed(filed, now, meaning=Meaning.BACKED, before=None)
    content = {**filed.content, "due_at": filed.until}
    back = Meaning.DOING if filed.before is Meaning.SIGNED else filed.before
    extensions = filed.extensions + 1
    return changed(
        filed, now, content=content, meaning=back, before=None, until="", extensions=extensions
    )


def visited(filed: Filed, now: datetime, *, is_solved: bool) -> Filed:
    """The platform's own call to the caller. Raises Refusal."""
    if filed.meaning not in {Meaning.WAIT_VISIT, Meaning.DONE}:
        raise Refusal(42201, "工单还没有回复，不能回访。")
    return changed(filed, now, meaning=Meaning.DONE if is_solved else Meaning.REDO)


def dispatched_again(filed: Filed, now: datetime) -> Filed:
    """A returned order sent once more. Raises Refusal."""
    if filed.meaning is not Meaning.BACKED:
        raise Refusal(42201, "只有已退单的工单可以重新派发。")
    return changed(filed, now, meaning=Meaning.WAIT_SIGN)


def by_itself(filed: Filed, now: datetime, patience: Patience) -> Filed | None:
    """What the platform does when time has passed; None when nothing is due."""
    waited = now - filed.changed_at
    if filed.before and waited >= patience.decides_after:
        return decided(filed, now, is_approved=filed.no[-1:] not in patience.refused)
    if filed.meaning is Meaning.DONE and waited >= patience.files_after:
        return changed(filed, now, meaning=Meaning.FILED)
    return None


def _return(filed: Filed, event: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - as the others
    return {"before": filed.meaning}


def _extend(filed: Filed, event: dict[str, Any]) -> dict[str, Any]:
    until = str(event.get("until") or "")
    try:
        is_later = datetime.fromisoformat(until) > datetime.fromisoformat(filed.content["due_at"])
    except (ValueError, TypeError):  # no time, or one without an offset
        is_later = False
    if not is_later:
        raise Refusal(42203, "延期时间要带时区，并且晚于原办结期限。")
    if filed.extensions >= MOST_EXTENSIONS:
        raise Refusal(42204, f"最多延期 {MOST_EXTENSIONS} 次。")
    return {"before": filed.meaning, "until": until}


def _callback(filed: Filed, event: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - as the others
    if not isinstance(event.get("solved"), bool):
        raise Refusal(42205, "回访要说明是否解决。")
    is_good = event["solved"] and event.get("satisfaction") not in _BAD_GRADES
    return {"meaning": Meaning.DONE if is_good else Meaning.REDO}


_DETAILS: dict[str, Callable[[Filed, dict[str, Any]], dict[str, Any]]] = {
    "return": _return,
    "extend": _extend,
    "callback": _callback,
}
