"""Whether a new model may take the place of the shipped one. Pure.

It may when it hears at least as many clips of the turns rightly and makes no more errors in free
text, one of the two being better; when no kind of turn loses more than one clip, no set of
sentences more than a point; and when it takes no more names for commands.
"""

from __future__ import annotations

from collections.abc import Iterator

from ivr.training.evaluate import Measured

TAUGHT = "train"  # sets of voices that taught the model say little
LOST_CLIPS, LOST_SHARE = 1, 0.01


def objections(old: Measured, new: Measured) -> list[str]:
    """Why the new one may not; empty if it may. Both measured on the same clips."""
    return [*_falls(old, new), *_no_gain(old, new)]


def _falls(old: Measured, new: Measured) -> Iterator[str]:
    for kind, before in old.narrowed.items():
        after = new.narrowed[kind]
        if after.right < before.right - LOST_CLIPS:
            yield f"{kind}: {after.right} of {after.clips} right, {before.right} before"
    for group, score in old.free.items():
        now = new.free[group]
        if now.characters > score.characters + LOST_SHARE:
            yield f"{group}: {now.characters:.1%} of characters wrong, not {score.characters:.1%}"
    if new.foreign[2] > old.foreign[2]:
        yield f"{new.foreign[2]} names taken for commands, {old.foreign[2]} before"


def _no_gain(old: Measured, new: Measured) -> Iterator[str]:
    before, after = _right(old), _right(new)
    wrong, now_wrong = _errors(old), _errors(new)
    if after < before:
        yield f"{after} clips of turns right, {before} before"
    if now_wrong > wrong:
        yield f"{now_wrong:.2%} of characters wrong in free text, {wrong:.2%} before"
    if after == before and now_wrong == wrong:
        yield "nothing is better"


def _right(made: Measured) -> int:
    return sum(narrowed.right for narrowed in made.narrowed.values())


def _errors(made: Measured) -> float:
    """Of the voices that taught nothing; each clip counts the same."""
    held = [score for group, score in made.free.items() if not group.startswith(TAUGHT)]
    clips = sum(score.clips for score in held)
    return sum(score.clips * score.characters for score in held) / max(1, clips)
