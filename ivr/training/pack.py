"""Put a model together: final.mdl, lexicon and language model, and a manifest with the SHA-256 of
every file. The graphs need OpenFst's programs (Debian: libfst-tools) and a list of words.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from ivr.speech import layout
from ivr.speech.vocabulary import UNKNOWN
from ivr.training import features, kaldi, lexicon, network, openfst, phones, texts, words
from ivr.training.language import LanguageModel

SENTENCES, LISTED = 150_000, 11_500
SEED = 77
DECODER_CONF = """\
--min-active=200
--max-active=5000
--beam=13.0
--lattice-beam=4.0
--acoustic-scale=1.0
--frame-subsampling-factor=3
--frames-per-chunk=72
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
"""
Sentences = Sequence[Sequence[str]]


def frequencies(listing: Path, most: int = LISTED) -> dict[str, int]:
    """The most frequent words of a list „word count …“, those of one to four characters."""
    rows = (line.split()[:2] for line in listing.read_text(encoding="utf-8").splitlines())
    counted = [(int(count), word) for word, count in rows if re.fullmatch("[一-鿿]{1,4}", word)]
    return {word: count for count, word in sorted(counted, reverse=True)[:most]}


def taught(count: int = SENTENCES) -> list[Sequence[str]]:
    """Invented sentences, and every phrase a turn may listen for, several times."""
    whole = [phrase for name in ("hospitals", "nicknames", "departments", "commands") for phrase in
             words.lists()[name]]  # fmt: skip
    return [*islice(texts.sentences(SEED), count), *(10 * whole), *words.dates()]


def graphs(sentences: Sentences, listed: Mapping[str, int], target: Path) -> int:
    """Write ``graph/``; how many words it knows."""
    said = (word for sentence in sentences for word in sentence)
    vocabulary = [*sorted(lexicon.sayable([*said, *listed])), UNKNOWN]
    numbers = {word: number for number, word in enumerate(vocabulary, 1)}
    graph = target / "graph"
    (graph / "phones").mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        tree = lexicon.tree(numbers).text()
        renumbered = openfst.lexicon(tree, graph / "HCLr.fst", Path(folder))
    numbers = {word: renumbered[number] for word, number in numbers.items()}
    known = {word: number for word, number in numbers.items() if word != UNKNOWN}
    openfst.grammar(LanguageModel(sentences, known, listed).text(), graph / "Gr.fst")
    (graph / "words.txt").write_text(_table(numbers), encoding="utf-8")
    (graph / "disambig_tid.int").write_text(f"{2 * phones.PHONES + 1}\n")
    (graph / "phones" / "word_boundary.int").write_text(phones.word_boundaries())
    return len(known)


def _table(numbers: Mapping[str, int]) -> str:
    rows = sorted([(0, "<eps>"), *((number, word) for word, number in numbers.items())])
    return "".join(f"{word} {number}\n" for number, word in rows)


def acoustics(parameters: network.Parameters, target: Path) -> None:
    """Write ``am/`` and ``conf/``."""
    for name, data in {
        "am/final.mdl": kaldi.model(network.folded(parameters), features.COEFFICIENTS),
        "conf/mfcc.conf": features.CONF.encode(),
        "conf/model.conf": DECODER_CONF.encode(),
    }.items():
        (target / name).parent.mkdir(exist_ok=True)
        (target / name).write_bytes(data)


def manifest(target: Path, version: str) -> None:
    """Write ``model.json``: what it is, and the SHA-256 of every other file."""
    files = sorted(path for path in target.rglob("*") if path.is_file())
    facts = {
        "name": "hotline-small-cn",
        "version": version,
        "language": "zh",
        "sample_rate": features.RATE,
        "licence": "MIT",
        "card": "docs/model-cards/small-cn.md",
        "sha256": {str(path.relative_to(target)): _digest(path) for path in files},
    }
    (target / layout.MANIFEST).write_text(json.dumps(facts, indent=1) + "\n")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def together(parameters: network.Parameters, graph: Path, target: Path, version: str) -> None:
    """The whole model from a network and a folder of graphs; what was there is exchanged last."""
    draft = target.with_name(f".{target.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(graph, draft / "graph")
    acoustics(parameters, draft)
    manifest(draft, version)
    exchange(draft, target)


def exchange(draft: Path, target: Path) -> None:
    """Put ``draft`` where ``target`` is, if it is."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    draft.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def word_list() -> Path:
    """jieba's list of words with their counts."""
    import jieba

    return Path(jieba.__file__).with_name("dict.txt")
