"""Rules and trials as they are typed into a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from hotline.clock import from_local, local, now, today
from hotline.errors import Refused
from hotline.labels import Labelled
from workorders.deadlines.models import DeadlineRule
from workorders.deadlines.rules import PAUSES, ClockKind, Counting, RemoteDue, Rule, SpanUnit
from workorders.rules import SELF, Kind, RequestKind, Urgency

Code = TypeVar("Code", bound=Labelled)


class Reader:
    """Reads a form field by field; ``rule`` is refused with a sentence for each that is wrong."""

    def __init__(self, form: MultiDict[str, str]) -> None:
        self.form = form
        self.errors: dict[str, str] = {}

    def rule(self) -> Rule:
        """The row that was typed. Raises Refused."""
        pauses = (RequestKind.known(value) for value in self.form.getlist("pause_in"))
        read = Rule(
            clock=self._code("clock", ClockKind, "请选择时限项目。") or ClockKind.FINISH,
            platform=self.form.get("platform") or None,
            kind=Kind.known(self.form.get("kind")),
            urgency=Urgency.known(self.form.get("urgency")),
            amount=self._number("amount", "请填写时限，例如 5。") or 0,
            unit=self._code("unit", SpanUnit, "请选择单位。") or SpanUnit.WORKING_DAYS,
            counting=self._code("counting", Counting, "请选择计法。") or Counting.CLOSE,
            warn_before=self._number("warn_before", "请填写提前几小时，不预警填 0。") or 0,
            escalate_after=self._number("escalate_after", "请填写超时几小时后，立即填 0。") or 0,
            pause_in=frozenset(pause for pause in pauses if pause in PAUSES),
            extensions=self._number("extensions"),
            extension_days=self._number("extension_days", "请填写合计天数，不能延期填 0。") or 0,
            remote=self._code("remote", RemoteDue, "请选择。") or RemoteDue.EARLIER,
            effective_from=self._day("effective_from", "请填写生效日期，例如 2026-12-01。")
            or today(),
            effective_to=self._day("effective_to"),
        )  # fmt: skip
        if read.effective_to and read.effective_to < read.effective_from:
            self.errors["effective_to"] = "停用日期不能早于生效日期。"
        if self.errors:
            sentence = "有内容需要修改，规则还没有保存。"
            raise Refused("deadline_rule_invalid", sentence, fields=self.errors)
        return read

    def _code(self, name: str, codes: type[Code], sentence: str) -> Code | None:
        found = codes.known(self.form.get(name))
        if found is None:
            self.errors[name] = sentence
        return found

    def _number(self, name: str, needed: str = "") -> int | None:
        said = self.form.get(name, "").strip()
        if said.isascii() and said.isdigit() and len(said) <= 6:
            return int(said)
        if said or needed:
            self.errors[name] = needed or "请填写整数，或留空。"
        return None

    def _day(self, name: str, needed: str = "") -> date | None:
        said = self.form.get(name, "").strip()
        try:
            return date.fromisoformat(said)
        except ValueError:
            if said or needed:
                self.errors[name] = needed or "请填写日期，例如 2026-12-31，或留空。"
        return None


def typed_like(row: DeadlineRule | None) -> MultiDict[str, str]:
    """The form as an existing row fills it, or as it is best begun."""
    rule = row.rule() if row else Rule(ClockKind.FINISH, 5, warn_before=8, extension_days=10)
    said: dict[str, object] = {
        "clock": rule.clock.value, "platform": rule.platform, "kind": rule.kind,
        "urgency": rule.urgency, "amount": rule.amount, "unit": rule.unit.value,
        "counting": rule.counting.value, "warn_before": rule.warn_before,
        "escalate_after": rule.escalate_after, "extensions": rule.extensions,
        "extension_days": rule.extension_days, "remote": rule.remote.value,
        "effective_from": today().isoformat(),
    }  # fmt: skip
    filled = [(name, str(value)) for name, value in said.items() if value is not None]
    return MultiDict([*filled, *(("pause_in", one.value) for one in sorted(rule.pause_in))])


@dataclass(frozen=True)
class Trial:
    """An order that is only tried out; ``key`` leads nowhere."""

    platform: str
    kind: Kind
    urgency: Urgency
    at: datetime
    remote_due: datetime | None
    key: int = 0


def read_trial(given: Mapping[str, str], platforms: Mapping[str, str]) -> Trial:
    """What was typed into the trial; a plain complaint of this moment where nothing was."""
    at = _instant(given, "at")
    platform = given.get("platform", "")
    return Trial(
        platform if platform in platforms else next(iter(platforms), SELF),
        Kind.known(given.get("kind")) or Kind.COMPLAINT,
        Urgency.known(given.get("urgency")) or Urgency.NORMAL,
        at or now().replace(second=0, microsecond=0),
        _instant(given, "remote_due"),
    )


def _instant(given: Mapping[str, str], name: str) -> datetime | None:
    said = given.get(name, "").strip()
    try:
        found = datetime.fromisoformat(said) if said else None
    except ValueError:
        found = datetime.min  # noqa: DTZ901 - refused below
    if found is not None and (found.tzinfo or found.year not in range(2005, 2100)):
        sentence = "请填写日期和时间，例如 2026-09-30 10:12。"
        raise Refused("trial_invalid", sentence, fields={name: sentence})
    return from_local(found) if found else None


def said_trial(trial: Trial) -> dict[str, str]:
    """The trial as its form shows it."""
    due = trial.remote_due
    return {
        "platform": trial.platform, "kind": trial.kind.value, "urgency": trial.urgency.value,
        "at": f"{local(trial.at):%Y-%m-%dT%H:%M}",
        "remote_due": f"{local(due):%Y-%m-%dT%H:%M}" if due else "",
    }  # fmt: skip
