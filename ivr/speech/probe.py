"""Load a model and decode a moment of silence: ``python -m ivr.speech.probe DIR``.

Run as a child process, because what reads the files aborts the whole process when one of them is
damaged. Exit code 0 means usable; otherwise a sentence is on standard error.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from ivr.speech import layout


def damaged(model: Path) -> list[str]:
    """Files whose SHA-256 is not the manifest's. Without a manifest nothing is known."""
    manifest = model / layout.MANIFEST
    if not manifest.is_file():
        return []
    sums: dict[str, str] = json.loads(manifest.read_text()).get("sha256", {})
    return [name for name, digest in sums.items() if _digest(model / name) != digest]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def try_out(model: Path) -> None:
    """Decode 0.2 seconds of telephone silence. Raises, or takes the process down."""
    import vosk

    vosk.SetLogLevel(-1)
    loaded = vosk.Model(str(model))
    recogniser = vosk.KaldiRecognizer(loaded, layout.LINE_RATE)
    recogniser.AcceptWaveform(bytes(3200))
    recogniser.FinalResult()


def main(model: Path) -> None:
    """Try everything that can be wrong, in order of price."""
    if lacking := layout.missing(model):
        sys.exit(f"缺少文件 {'、'.join(lacking)}")
    if wrong := damaged(model):
        sys.exit(f"文件已损坏：{'、'.join(wrong)}")
    if not layout.takes_the_line(model):
        sys.exit(f"不接受 8 kHz 电话语音，请在 conf/mfcc.conf 里加一行 {layout.UPSAMPLE}")
    try_out(model)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
