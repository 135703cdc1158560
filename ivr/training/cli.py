"""The steps, one command each. Each goes on where it was cut short; ``--work`` keeps everything."""

from __future__ import annotations

import shutil
from itertools import islice
from pathlib import Path
from typing import Any

import click
import numpy as np

from hotline.errors import NotStarted
from ivr.speech.models import EMBEDDED_PATH

FOLDER = click.Path(file_okay=False, path_type=Path)
THERE = click.Path(exists=True, file_okay=False, path_type=Path)
work = click.option(
    "--work", type=FOLDER, default=Path("var/training"), show_default=True, help="the work folder"
)
seeded = click.option("--seed", type=int, default=1, show_default=True)
clips_ = click.option("--clips", "folder", type=THERE, required=True, help="WAV files and lists")


@click.group(help=__doc__)
def steps() -> None:
    """The group of all steps."""


@steps.command()
@click.option("--count", type=int, default=20, show_default=True)
@seeded
def texts(count: int, seed: int) -> None:
    """Print sentences as the language model and the synthesiser get them, to look at."""
    from ivr.training.texts import sentences

    for sentence in islice(sentences(seed), count):
        click.echo(" ".join(sentence))


@steps.command()
@work
@click.option("--voices", type=THERE, required=True, help="kokoro-js's voices/*.bin")
@click.option("--minutes", type=float, default=90, show_default=True)
@click.option("--part", type=int, default=0, show_default=True, help="one for each process")
@click.option("--without", multiple=True, help="a voice to keep for choosing between networks")
@seeded
def speech(
    work: Path, voices: Path, minutes: float, part: int, without: tuple[str, ...], seed: int
) -> None:
    """Let synthetic voices say sentences: WORK/speech."""
    from ivr.training import pack, speakers, speaking
    from ivr.training.kokoro import Kokoro

    said = speaking.utterances(pack.frequencies(pack.word_list(), speaking.LISTED), [seed, part])
    speaking.make(
        Kokoro(), speakers.styles(voices, without), said, work / "speech", minutes, [seed, part],
        click.echo,
    )  # fmt: skip


@steps.command()
@work
@click.option("--speech", "folders", type=THERE, multiple=True, help="default: WORK/speech")
@click.option("--copies", type=int, default=6, show_default=True)
@seeded
def features(work: Path, folders: tuple[Path, ...], copies: int, seed: int) -> None:
    """Send every recording over invented lines and write its cepstra: WORK/features."""
    from ivr.training import examples

    for folder in folders or (work / "speech",):
        examples.make(folder, work / "features", copies, seed, click.echo)


@steps.command()
@work
@click.option("--epochs", type=int, default=12, show_default=True)
@click.option("--rate", type=float, help="default: 1.5e-3, or 2.5e-4 for a known network")
@click.option("--known", type=THERE, help="a model of ours to teach further")
@click.option("--steps", "most", type=int, help="stop after these; run it again to go on")
@click.option("--frames", type=int, default=9000, show_default=True, help="of a batch")
@click.option("--averaged", type=int, default=300, show_default=True, help="steps")
@click.option("--threads", type=int, default=1, show_default=True)
@click.option("--device", default="cpu", show_default=True)
@seeded
def teach(work: Path, known: Path | None, most: int | None, threads: int, **given: Any) -> None:
    """Teach the network: WORK/state.pt, and WORK/network.npz as it is so far."""
    from ivr.training import examples
    from ivr.training.teaching import Course, Teaching, start

    _with_torch(threads)
    taught = list(examples.read(sorted((work / "features").glob("*.npz"))))
    rate = given.pop("rate") or (2.5e-4 if known else 1.5e-3)
    course = Course(
        rate=rate, last_rate=rate / 50, steady=bool(known), guessing=0.0 if known else 1.0, **given
    )
    click.echo(f"{len(taught)} examples, {examples.seconds(taught) / 3600:.1f} hours")
    teaching = Teaching(course, taught, start(taught, known, course.seed), work)
    teaching.run(click.echo, most)
    np.savez(work / "network.npz", **teaching.parameters)


def _with_torch(threads: int) -> None:
    try:
        import torch
    except ImportError:
        raise NotStarted("没有 torch：pip install '.[ivr-training]'", 69) from None
    torch.set_num_threads(threads)


@steps.command()
@work
@click.option("--sentences", type=int, default=150_000, show_default=True)
@click.option("--word-list", type=click.Path(exists=True, path_type=Path), help="default: jieba's")
def graphs(work: Path, sentences: int, word_list: Path | None) -> None:
    """Lexicon tree and language model: WORK/graphs. Anew each time; it takes a minute."""
    from ivr.training import pack

    draft = work / ".graphs.draft"
    shutil.rmtree(draft, ignore_errors=True)
    listed = pack.frequencies(word_list or pack.word_list())
    known = pack.graphs(pack.taught(sentences), listed, draft)
    pack.exchange(draft, work / "graphs")
    click.echo(f"{known} words")


@steps.command()
@work
@click.option("--version", required=True)
@click.option("--graphs", "other", type=THERE, help="of this model; default: WORK/graphs")
def pack(work: Path, version: str, other: Path | None) -> None:
    """Put network and graphs together: WORK/model."""
    from ivr.training import pack as packing

    with np.load(work / "network.npz") as stored:
        parameters = {name: stored[name].astype(np.float64) for name in stored}
    packing.together(parameters, (other or work / "graphs") / "graph", work / "model", version)


@steps.command()
@clips_
@click.option("--model", type=THERE, default=EMBEDDED_PATH, help="default: the shipped one")
def evaluate(folder: Path, model: Path) -> None:
    """How well a model hears clips of voices that never taught it."""
    from ivr.training import evaluate as evaluating

    clips = list(evaluating.clips(folder))
    evaluating.report(evaluating.measured(model, clips), click.echo)


@steps.command()
@work
@clips_
@click.option("--replace", is_flag=True, help="if it may: put it in the place of the shipped one")
@click.option("--shipped", type=THERE, default=EMBEDDED_PATH, hidden=True)
def compare(work: Path, folder: Path, replace: bool, shipped: Path) -> None:
    """Whether WORK/model hears better than the shipped one; exit code 1 if not."""
    from ivr.training import compare as comparing
    from ivr.training import evaluate as evaluating
    from ivr.training import pack as packing

    clips = list(evaluating.clips(folder))
    old, new = (evaluating.measured(model, clips) for model in (shipped, work / "model"))
    for name, made in (("shipped", old), ("new", new)):
        click.echo(f"-- {name}")
        evaluating.report(made, click.echo)
    if against := comparing.objections(old, new):
        raise click.ClickException("not better: " + "; ".join(against))
    click.echo("better")
    if replace:
        draft = shipped.with_name(f".{shipped.name}.draft")
        shutil.copytree(work / "model", draft)
        packing.exchange(draft, shipped)
