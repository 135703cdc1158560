"""Which department a complaint of the body belongs to. Advice for booking, no diagnosis."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache

from hotline.classification.linear import softmax
from hotline.classification.normalise import DATA, plain

READ = 2_000  # characters
MOST = 3
ALARM_WEIGHT = 9.0  # above any sum of symptom words
FEVER_WEIGHT = 6.0
NAMED_WEIGHT = 5.0
# A department needs the equivalent of one plain symptom word before it is worth naming.
LEAST = 1.5
SPREAD = 1.2

Found = tuple[float, tuple[str, ...]]


@dataclass(frozen=True)
class _Table:
    alarms: list[tuple[str, re.Pattern[str]]]
    fever: tuple[str, re.Pattern[str]]
    not_fever: re.Pattern[str]
    people: dict[str, re.Pattern[str]]
    child_keeps: frozenset[str]
    departments: dict[str, list[tuple[re.Pattern[str], float]]]
    called: dict[str, re.Pattern[str]]


@cache
def _table() -> _Table:
    kept = json.loads((DATA / "departments.json").read_text(encoding="utf-8"))
    return _Table(
        [(name, re.compile(said)) for name, said in kept["alarms"]],
        (kept["fever"][0], re.compile(kept["fever"][1])),
        re.compile(kept["not_fever"]),
        {who: re.compile(said) for who, said in kept["people"].items()},
        frozenset(kept["child_keeps"]),
        {name: [(re.compile(said), weight) for said, weight in rows]
         for name, rows in kept["departments"].items()},
        {name: re.compile("|".join(filter(None, [kept["aliases"].get(name), re.escape(name)])))
         for name in kept["departments"]},
    )  # fmt: skip


def department_names() -> tuple[str, ...]:
    """Every department that can be suggested."""
    return tuple(dict.fromkeys([*_table().departments, _table().fever[0]]))


@lru_cache(4096)  # every department of a city is asked for, for each that is sought
def called(text: str) -> tuple[str, ...]:
    """Departments called by a name people use: 心内科 is 心血管内科. Of names in one another
    (胸外科, 心胸外科) the longest counts."""
    said = plain(text[:READ])
    found = [(match.span(), name) for name, ways in _table().called.items()
             for match in ways.finditer(said)]  # fmt: skip
    return tuple(
        name for (start, end), name in found
        if not any(a <= start and end <= b and b - a > end - start for (a, b), _ in found)
    )  # fmt: skip


def ways_to_call(name: str) -> tuple[str, ...]:
    """The names people use for a department, its own first."""
    pattern = _table().called.get(name)
    ways = pattern.pattern.split("|") if pattern else []
    optional = re.compile(r"(.)\?")
    spelt = [each for way in ways for each in (optional.sub(r"\1", way), optional.sub("", way))]
    return tuple(dict.fromkeys([name, *spelt]))


def suggest_department(text: str) -> list[tuple[str, float, tuple[str, ...]]]:
    """Up to three (department, confidence 0 to 1, words that decided), best first; may be empty.

    Signs of heart attack, stroke, poisoning or heavy bleeding give 急诊 before anything else,
    fever gives 发热门诊; a child or a pregnant woman moves to the departments for them.
    """
    said = plain(text[:READ])
    found = _for_people(said, _by_words(said))
    found |= _by_fever(said) | _by_alarm(said)
    ranked = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
    return _with_confidence([each for each in ranked if each[1][0] >= LEAST])


def _with_confidence(ranked: list[tuple[str, Found]]) -> list[tuple[str, float, tuple[str, ...]]]:
    if not ranked:
        return []
    # "None of these" takes part, so that one weak word does not look certain.
    shares = softmax([LEAST / SPREAD, *(weight / SPREAD for _, (weight, _) in ranked)])[1:]
    rows = zip(ranked, shares, strict=True)
    return [(name, round(share, 3), words) for (name, (_, words)), share in rows][:MOST]


def _by_words(said: str) -> dict[str, Found]:
    return {name: _named(said, name, _weigh(said, rows))
            for name, rows in _table().departments.items()}  # fmt: skip


def _named(said: str, name: str, found: Found) -> Found:
    """A department called by its name needs no symptom."""
    match = _table().called[name].search(said)
    return (found[0] + NAMED_WEIGHT, (match.group(), *found[1])[:4]) if match else found


def _weigh(said: str, rows: list[tuple[re.Pattern[str], float]]) -> Found:
    weight, words = 0.0, dict[str, None]()
    for pattern, each in rows:
        seen = dict.fromkeys(match.group() for match in pattern.finditer(said))
        # A second word of the same kind confirms; a tenth adds nothing.
        weight += each * min(len(seen), 1) + 0.5 * min(max(len(seen) - 1, 0), 2)
        words |= seen
    return weight, tuple(words)[:4]


def _by_fever(said: str) -> dict[str, Found]:
    name, fever = _table().fever
    match = fever.search(said)
    if not match or _table().not_fever.search(said):
        return {}
    return {name: (FEVER_WEIGHT, (match.group(),))}


def _by_alarm(said: str) -> dict[str, Found]:
    for name, sign in _table().alarms:
        if match := sign.search(said):
            return {name: (ALARM_WEIGHT, (match.group(),))}
    return {}


def _for_people(said: str, found: dict[str, Found]) -> dict[str, Found]:
    people = {who: match for who, said_of in _table().people.items()
              if (match := said_of.search(said))}  # fmt: skip
    if "newborn" in people:
        return _moved(found, "新生儿科", people["newborn"].group())
    if "child" in people and "pregnant" not in people:
        return _moved(found, "儿科", people["child"].group())
    if "pregnant" in people:
        weight, words = found["产科"]
        found["产科"] = (weight + 3.0, (people["pregnant"].group(), *words)[:4])
    return found


def _moved(found: dict[str, Found], to: str, who: str) -> dict[str, Found]:
    """Symptoms of departments that see adults only, given to the one that sees children."""
    keeps = _table().child_keeps | {name for name in found if "小儿" in name}
    stays = {name: each for name, each in found.items() if name in keeps}
    left = max((each for name, each in found.items() if name not in keeps), default=(0.0, ()))
    weight, words = stays.get(to, (0.0, ()))
    words = tuple(dict.fromkeys((who, *words, *left[1])))[:4]
    stays[to] = (max(weight, left[0]) + (1.0 if left[0] or weight else 0.0), words)
    return stays
