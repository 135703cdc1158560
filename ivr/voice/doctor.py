"""What `hotline doctor` says about the voice: names of the pool that nobody has recorded."""

from __future__ import annotations

from collections.abc import Iterator

from hotline.clock import today
from hotline.db import transaction
from hotline.doctor import Finding, mind, well
from hotline.settings import Settings
from ivr.voice import wanted
from ivr.voice.clips import SHIPPED, Clips
from ivr.voice.speaker import OWN


def findings(site: Settings) -> Iterator[Finding]:
    """How much is spoken by the plain voice; callers hear it all the same."""
    recorded = Clips([*SHIPPED, site.data_dir / OWN])
    lacking = [piece for piece in wanted.shipped() if piece.key not in recorded and not piece.slow]
    with transaction() as session:
        lacking += [p for p in wanted.of_site(session, today()) if p.key not in recorded]
    if lacking:
        yield mind(
            f"语音线路有 {len(lacking)} 段话没有录音，由普通合成音代读："
            "可运行 hotline ivr prompts build 补录"
        )
    else:
        yield well("语音线路要说的话都有录音")
