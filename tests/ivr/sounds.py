"""Sounds for tests: what a voice-activity detector takes for a voice, hum, noise."""

from __future__ import annotations

import numpy as np

from ivr.media.transport import RATE
from ivr.media.vad import loudness


def voice(seconds: float, level: float = 0.2, pitch: float = 140.0) -> bytes:
    """A buzzing with formants and a syllable's rise and fall: speech to a VAD."""
    t = np.arange(int(seconds * RATE)) / RATE
    wave = sum(
        np.sin(2 * np.pi * pitch * k * t) * np.exp(-(((pitch * k - 600) / 500) ** 2))
        + 0.5 * np.sin(2 * np.pi * pitch * k * t) * np.exp(-(((pitch * k - 1800) / 500) ** 2))
        for k in range(1, 24)
    )
    wave = wave / np.abs(wave).max() * (0.75 + 0.25 * np.sin(2 * np.pi * 4 * t))
    return _pcm(wave * level)


def noise(seconds: float, level: float = 0.005, seed: int = 1) -> bytes:
    """Hiss."""
    return _pcm(np.random.default_rng(seed).normal(0, level, int(seconds * RATE)))


def quiet(seconds: float) -> bytes:
    """Nothing."""
    return bytes(int(seconds * RATE) * 2)


def mixed(*sounds: bytes) -> bytes:
    """Sounds at the same time."""
    length = max(len(sound) for sound in sounds)
    padded = [np.frombuffer(s.ljust(length, b"\0"), "<i2").astype(np.int32) for s in sounds]
    return np.clip(sum(padded), -32768, 32767).astype("<i2").tobytes()


def frames(pcm: bytes) -> list[bytes]:
    """Cut to 20 ms."""
    return [pcm[i : i + 320] for i in range(0, len(pcm) - 319, 320)]


def _pcm(wave: np.ndarray) -> bytes:
    return np.clip(wave * 32767, -32768, 32767).astype("<i2").tobytes()


class LoudnessVad:
    """A detector for which whatever is louder than ``threshold`` dBFS is speech."""

    def __init__(self, threshold: float = -40.0) -> None:
        self._threshold = threshold

    def is_speech(self, frame: bytes) -> bool:
        """Does somebody speak?"""
        return loudness(frame) > self._threshold
