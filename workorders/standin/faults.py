"""What a platform may do wrong, switched on for a number of times or for a share of requests."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass

from hotline.labels import Labelled


class Fault(Labelled):
    """One way to go wrong."""

    DOWN = "down", "停机（503）"
    DROPPED = "dropped", "不应答就断开"
    SLOW = "slow", "很久才应答"
    BUSY = "busy", "要求稍后再试（429）"
    ERROR_AFTER_APPLYING = "error_after_applying", "生效后答复 500"
    HALF_ANSWER = "half_answer", "应答只发一半"
    NOT_JSON = "not_json", "应答不是 JSON"
    REPEATED = "repeated", "同一工单发五次"
    OUT_OF_ORDER = "out_of_order", "版本次序颠倒"
    CURSOR_BACK = "cursor_back", "游标倒退"
    CHANGED_TYPES = "changed_types", "字段类型改变"
    WRONG_SIGNATURE = "wrong_signature", "推送的签名不对"


@dataclass
class _Switch:
    times: int | None  # how often still; None for as long as it stands
    share: float
    seconds: float


class Faults:
    """The switches of one platform."""

    def __init__(self, seed: int = 1) -> None:
        self._switches: dict[Fault, _Switch] = {}
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def set(
        self, fault: Fault, times: int | None = None, share: float = 1.0, seconds: float = 30.0
    ) -> None:
        """Switch on: for so many requests, or a share of all. ``seconds``: how slow."""
        with self._lock:
            self._switches[fault] = _Switch(times, share, seconds)

    def clear(self, fault: Fault | None = None) -> None:
        """Switch one off, or all."""
        with self._lock:
            if fault is None:
                self._switches.clear()
            else:
                self._switches.pop(fault, None)

    def strikes(self, fault: Fault) -> float:
        """Whether it happens this time: its seconds, which are never 0; 0 if not."""
        with self._lock:
            switch = self._switches.get(fault)
            if switch is None or switch.times == 0 or self._random.random() >= switch.share:
                return 0.0
            if switch.times is not None:
                switch.times -= 1
            return switch.seconds or 0.001

    def active(self) -> dict[str, dict[str, float | None]]:
        """What is switched on."""
        with self._lock:
            return {
                fault.value: {"times": switch.times, "share": switch.share}
                for fault, switch in self._switches.items()
                if switch.times != 0
            }
