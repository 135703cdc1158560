"""WAV files as telephones and recorders write them, to what a call carries."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr.media import g711
from ivr.media.resample import Resampler
from ivr.media.transport import RATE

PCM, ALAW, MULAW = 1, 6, 7
_EXTENSIBLE = 0xFFFE


def read(path: Path) -> bytes:
    """PCM of ours: 8 kHz, mono, s16. Takes PCM of 16 bits, A-law and µ-law at any rate, channels
    mixed. Raises ValueError with a Chinese sentence, or OSError."""
    chunks = _chunks(path.read_bytes())
    described, data = chunks.get(b"fmt "), chunks.get(b"data")
    if described is None or len(described) < 16 or data is None:
        raise ValueError(f"{path} 不是 WAV 文件，或没有声音。")
    kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", described)
    if kind == _EXTENSIBLE and len(described) >= 26:
        (kind,) = struct.unpack_from("<H", described, 24)
    if not 1 <= channels <= 8 or not 4000 <= rate <= 192000:
        raise ValueError(f"{path}：不支持 {channels} 声道、{rate} Hz。")
    return _at_our_rate(_mixed(_decoded(path, kind, bits, data), channels), rate)


def _chunks(content: bytes) -> dict[bytes, bytes]:
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        return {}
    found: dict[bytes, bytes] = {}
    at = 12
    while at + 8 <= len(content):
        name, length = struct.unpack_from("<4sI", content, at)
        found.setdefault(name, content[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    return found


def _decoded(path: Path, kind: int, bits: int, data: bytes) -> bytes:
    if kind == PCM and bits == 16:
        return data[: len(data) & ~1]
    if kind == ALAW:
        return g711.from_alaw(data)
    if kind == MULAW:
        return g711.from_mulaw(data)
    raise ValueError(f"{path}：请用 16 位 PCM、A 律或 μ 律的 WAV。")


def _mixed(pcm: bytes, channels: int) -> bytes:
    samples = np.frombuffer(pcm, "<i2")
    whole = samples[: len(samples) // channels * channels].reshape(-1, channels)
    mixed: NDArray[np.int16] = whole.mean(axis=1).astype("<i2")
    return mixed.tobytes()


def _at_our_rate(pcm: bytes, rate: int) -> bytes:
    return pcm if rate == RATE else Resampler(rate).convert(pcm, last=True)
