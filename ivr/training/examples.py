"""What the network is taught with: cepstra, the sounds that were said, the sound of each frame.

Made from recordings in several copies, each over another line; a file for every hundred or so
recordings, so that what was cut short goes on where it was. The chance in a copy depends on the
seed, the recording's name and the copy's number only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ivr.training import recordings, telephone
from ivr.training.features import COEFFICIENTS, HOP, RATE, mfcc
from ivr.training.network import KEPT
from ivr.training.order import PAUSE
from ivr.training.recordings import Recording

IN_A_FILE = 100  # recordings
LONGEST, SHORTEST = 1200, 60  # frames
FAINTEST = 300  # the loudest sample of a recording that counts
Say = Callable[[str], object]


@dataclass(frozen=True)
class Example:
    """``cepstra``: a row a frame (10 ms). ``said``: sounds with PAUSE around each word."""

    name: str
    cepstra: NDArray[np.float16]
    labels: NDArray[np.int8]
    said: tuple[int, ...]

    @property
    def frames(self) -> int:
        """How many."""
        return len(self.cepstra)

    @property
    def teaches(self) -> bool:
        """Whether it is of a usual length, and its sounds fit into the frames that are kept."""
        sounds = sum(sound != PAUSE for sound in self.said)
        return SHORTEST < self.frames < LONGEST and sounds < self.frames // KEPT


def make(folder: Path, target: Path, copies: int, seed: int, say: Say) -> None:
    """Every recording of ``folder`` in that many copies; what is already in ``target`` stays."""
    target.mkdir(parents=True, exist_ok=True)
    for listing in sorted(folder.glob("*.jsonl")):
        every = recordings.of_file(listing)
        for number in range(10**6):
            if not (some := list(islice(every, IN_A_FILE))):
                break
            path = target / f"{listing.stem}-{copies}x{seed}-{number:04}.npz"
            if not path.exists():
                write(path, _copied(some, copies, seed))
                say(f"{path.name}: {len(some)} recordings in {copies} copies")


def _copied(some: Sequence[Recording], copies: int, seed: int) -> Iterator[Example]:
    for place, recording in enumerate(some):
        other = some[place - 1]
        if np.abs(recording.samples).max(initial=0) < FAINTEST:
            continue
        babble = telephone.plain(other.samples, other.rate).samples
        for copy in range(copies):
            rng = np.random.default_rng([seed, crc32(recording.name.encode()), copy])
            yield example(recording, rng, babble)


def example(
    recording: Recording, rng: np.random.Generator, babble: NDArray[np.float64] | None = None
) -> Example:
    """One copy of a recording, with a vocal tract by chance."""
    heard = telephone.over_the_line(recording.samples, recording.rate, rng, babble)
    cepstra = mfcc(heard.samples, float(np.clip(rng.normal(1, 0.08), 0.82, 1.22)))
    sounds = recordings.labels(recording, heard, len(cepstra))
    return Example(recording.name, cepstra.astype(np.float16), sounds, recording.said)


def write(path: Path, examples: Iterable[Example]) -> None:
    """A file, whole or not at all."""
    every = list(examples)
    draft = path.with_name(f".{path.name}.draft.npz")
    np.savez(
        draft,
        names=np.array([each.name for each in every]),
        cepstra=np.concatenate(
            [np.zeros((0, COEFFICIENTS), np.float16), *(e.cepstra for e in every)]
        ),
        labels=np.concatenate([np.zeros(0, np.int8), *(e.labels for e in every)]),
        frames=np.array([each.frames for each in every], dtype=np.int64),
        said=np.array([sound for each in every for sound in each.said], dtype=np.int8),
        sounds=np.array([len(each.said) for each in every], dtype=np.int64),
    )
    draft.replace(path)


def read(paths: Iterable[Path]) -> Iterator[Example]:
    """What was written."""
    for path in paths:
        with np.load(path) as stored:
            names, cepstra, labels = stored["names"], stored["cepstra"], stored["labels"]
            ends, stops = np.cumsum(stored["frames"]), np.cumsum(stored["sounds"])
            said = stored["said"]
        bounds = zip([0, *ends], ends, [0, *stops], stops, names, strict=False)
        for begin, end, start, stop, name in bounds:
            yield Example(
                str(name), cepstra[begin:end], labels[begin:end], tuple(said[start:stop].tolist())
            )


def seconds(examples: Iterable[Example]) -> float:
    """How long they last."""
    return sum(each.frames for each in examples) * HOP / RATE
