"""OpenFst's own programs: text in, the types that Vosk reads out.

Debian has them in ``libfst-tools`` (1.7.9 makes files that vosk 0.3.45 reads). Its look-ahead types
are in ``libfstlookahead.so``, but fstconvert searches for a library named after the type: a link of
that name is made in the working folder, for these programs only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from hotline.errors import NotStarted

PROGRAMS = ("fstcompile", "fstconnect", "fstarcsort", "fstconvert")
LOOKAHEAD = "olabel_lookahead"


def present() -> bool:
    """Whether the programs are there."""
    return all(shutil.which(program) for program in PROGRAMS)


def lexicon(text: str, target: Path, folder: Path) -> dict[int, int]:
    """Write ``HCLr.fst``; the words' numbers change, and come back as {old: new}."""
    pairs = folder / "relabel.txt"
    steps = [
        ["fstcompile"],
        ["fstconnect"],
        ["fstarcsort", "--sort_type=olabel"],
        ["fstconvert", f"--fst_type={LOOKAHEAD}", f"--save_relabel_opairs={pairs}"],
    ]
    target.write_bytes(_through(steps, text.encode(), _environment(folder)))
    rows = (line.split() for line in pairs.read_text().splitlines())
    return {int(old): int(new) for old, new in rows}


def grammar(text: str, target: Path) -> None:
    """Write ``Gr.fst``; its words must carry the new numbers."""
    steps = [
        ["fstcompile"],
        ["fstarcsort", "--sort_type=ilabel"],
        ["fstconvert", "--fst_type=const"],
    ]
    target.write_bytes(_through(steps, text.encode(), os.environ))


def _through(steps: Sequence[list[str]], data: bytes, environment: Mapping[str, str]) -> bytes:
    for step in steps:
        try:
            done = subprocess.run(  # noqa: S603 - programs named here
                step, input=data, capture_output=True, check=True, env=environment
            )
        except FileNotFoundError:
            raise NotStarted(f"没有 {step[0]}：请安装 libfst-tools。", 69) from None
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip()
            raise NotStarted(f"{step[0]} 没有成功：{said[-500:]}", 70) from None
        data = done.stdout
    return data


def _environment(folder: Path) -> dict[str, str]:
    link = folder / f"{LOOKAHEAD}-fst.so"
    library = _library()
    if library and not link.exists():
        link.symlink_to(library)
    paths = [str(folder), os.environ.get("LD_LIBRARY_PATH", "")]
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(path for path in paths if path)}


def _library() -> Path | None:
    """``libfstlookahead.so.22``, wherever the system or LD_LIBRARY_PATH has it."""
    given = [Path(each) for each in os.environ.get("LD_LIBRARY_PATH", "").split(":") if each]
    system = [*Path("/usr/lib").glob("*-linux-gnu"), Path("/usr/lib"), Path("/usr/local/lib")]
    found = (lib for folder in (*given, *system) for lib in folder.glob("libfstlookahead.so*"))
    return next((library.resolve() for library in found), None)
