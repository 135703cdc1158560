"""G.711: eight bits a sample, as telephone networks carry and as we keep recordings."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.int16]


@cache
def _alaw() -> Table:
    """What each A-law byte means (ITU-T G.711, s16)."""
    code = np.arange(256) ^ 0x55
    exponent, mantissa = (code >> 4) & 7, code & 15
    step = np.where(
        exponent == 0, mantissa * 16 + 8, (mantissa * 16 + 264) << np.maximum(exponent - 1, 0)
    )
    return np.where(code & 0x80, step, -step).astype(np.int16)


@cache
def _mulaw() -> Table:
    """What each µ-law byte means."""
    code = ~np.arange(256) & 0xFF
    exponent, mantissa = (code >> 4) & 7, code & 15
    step = ((mantissa * 8 + 132) << exponent) - 132
    return np.where(code & 0x80, -step, step).astype(np.int16)


@cache
def _nearest_alaw() -> NDArray[np.uint8]:
    """The A-law byte nearest to each s16 value, from -32768 on."""
    meanings = _alaw().astype(np.int32)
    order = np.argsort(meanings)
    limits = (meanings[order][1:] + meanings[order][:-1]) / 2
    return order[np.searchsorted(limits, np.arange(-32768, 32768))].astype(np.uint8)


def to_alaw(pcm: bytes) -> bytes:
    """s16 to A-law."""
    samples = np.frombuffer(pcm, "<i2").astype(np.int32)
    return _nearest_alaw()[samples + 32768].tobytes()


def from_alaw(data: bytes) -> bytes:
    """A-law to s16."""
    return _alaw()[np.frombuffer(data, np.uint8)].astype("<i2").tobytes()


def from_mulaw(data: bytes) -> bytes:
    """µ-law to s16."""
    return _mulaw()[np.frombuffer(data, np.uint8)].astype("<i2").tobytes()
