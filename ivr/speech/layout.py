"""What a model directory in Vosk's format must hold, and what it can do."""

from __future__ import annotations

import json
import re
from pathlib import Path

ALWAYS = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf")
LOOKAHEAD = ("graph/HCLr.fst", "graph/Gr.fst")
WHOLE = "graph/HCLG.fst"
MANIFEST = "model.json"
UPSAMPLE = "--allow-upsample=true"
LINE_RATE = 8000
_RATE = re.compile(r"^--sample-frequency=(\d+)", re.MULTILINE)


def missing(model: Path) -> list[str]:
    """The files that are needed and not there, relative to the model."""
    graph = () if (model / WHOLE).is_file() else LOOKAHEAD
    return [name for name in (*ALWAYS, *graph) if not (model / name).is_file()]


def takes_grammars(model: Path) -> bool:
    """Whether a grammar can be made for one turn: the graph must be in two parts."""
    return not (model / WHOLE).exists() and all((model / name).is_file() for name in LOOKAHEAD)


def sample_rate(model: Path) -> int:
    """Samples a second the model was made for (Kaldi's default is 16,000)."""
    found = _RATE.search((model / "conf" / "mfcc.conf").read_text())
    return int(found.group(1)) if found else 16000


def takes_the_line(model: Path) -> bool:
    """Whether telephone audio (8 kHz) can be fed to it: Kaldi must be told to upsample."""
    features = (model / "conf" / "mfcc.conf").read_text()
    return sample_rate(model) <= LINE_RATE or UPSAMPLE in features


def allow_upsampling(model: Path) -> None:
    """Let a 16 kHz model take telephone audio."""
    if not takes_the_line(model):
        features = model / "conf" / "mfcc.conf"
        features.write_text(f"{features.read_text().rstrip()}\n{UPSAMPLE}\n")


def version(model: Path) -> str:
    """The version its manifest gives; without one, the directory's name."""
    try:
        return str(json.loads((model / MANIFEST).read_text())["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return model.resolve().name
