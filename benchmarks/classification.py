"""How fast texts are sorted, and how well danger is heard.

    python benchmarks/classification.py [--crisis PATH]

Speed is told against the least anyone could do: one search with the danger words joined by "|".
With a labelled set (PsySUICIDE's form) the table by label follows, on the part that was held out
of training by the same split. Texts are never printed.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable
from pathlib import Path

from hotline.classification import evaluation
from hotline.classification.classify import classify
from hotline.classification.crisis import assess, learnt_score
from hotline.classification.departments import suggest_department
from hotline.classification.normalise import DATA, outspoken
from hotline.classification.phrases import found
from hotline.classification.suggest import suggest

BASELINE = re.compile("自杀|想死|不想活|跳楼|割腕|上吊|农药|安眠药|遗书|自残|杀人|轻生|烧炭|解脱")
SECONDS = 1.0


def texts() -> list[str]:
    """Our own examples: what a hotline hears, about one in ten of it dangerous."""
    files = ("examples.jsonl", "danger_examples.jsonl")
    lines = [line for name in files for line in (DATA / name).read_text("utf-8").splitlines()]
    return [json.loads(line)["text"] for line in lines]


def per_second(work: Callable[[str], object], heard: list[str]) -> float:
    """Texts a second, after one round that loads what is loaded late."""
    work(heard[0])
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        for text in heard:
            work(text)
        done += len(heard)
    return done / (time.perf_counter() - started)


def speed() -> None:
    """Print the table of speeds."""
    heard = texts()
    steps: dict[str, Callable[[str], object]] = {
        "baseline: bare regex": BASELINE.search,
        "assess": assess,
        "suggest (assesses too)": suggest,
        "suggest_department": suggest_department,
        "classify (all of them)": classify,
    }
    rates = {name: per_second(work, heard) for name, work in steps.items()}
    baseline = rates["baseline: bare regex"]
    # A short text flatters: what a text costs grows with its length.
    print(f"{len(heard)} texts, {sum(map(len, heard)) / len(heard):.1f} characters on average\n")
    print("| step | texts/s | ms a text | times the baseline |\n|---|---|---|---|")
    for name, rate in rates.items():
        print(f"| {name} | {rate:,.0f} | {1000 / rate:.3f} | {baseline / rate:,.1f} |")


def by_phrases(text: str) -> str:
    """The level that phrases alone would give."""
    levels = {phrase.level for phrase, _ in found(outspoken(text))}
    return next((level for level in ("high", "watch") if level in levels), "none")


def bare(text: str) -> str:
    """The level the baseline would give."""
    return "watch" if BASELINE.search(text) else "none"


def quality(path: Path) -> None:
    """Print recall and false alarms on the held-out part, three ways and by threshold."""
    _, held = evaluation.split(evaluation.read(path))
    ways = {"baseline: bare regex": bare, "phrases": by_phrases, "both": lambda t: assess(t).level}
    for name, level_of in ways.items():
        print(f"\n{name}\n\n{evaluation.markdown(evaluation.table(held, level_of))}")
    print("\n| threshold | recall (suicide) | false alarms |\n|---|---|---|")
    scored = [(each, learnt_score(outspoken(each.text)), by_phrases(each.text)) for each in held]
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01):
        alarms = [
            (each.label, score >= threshold or level != "none") for each, score, level in scored
        ]
        suicide = [alarm for label, alarm in alarms if label in evaluation.SUICIDE]
        others = [alarm for label, alarm in alarms if label == evaluation.UNRELATED]
        recall, false = sum(suicide) / len(suicide), sum(others) / len(others)
        print(f"| {threshold} | {recall:.3f} | {false:.3f} |")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--crisis", type=Path, help="labelled messages, JSON Lines")
    labelled = parser.parse_args().crisis
    speed()
    if labelled:
        quality(labelled)


if __name__ == "__main__":
    main()
