"""Processes that are kept running: started again when they end, ever more patiently."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hotline.errors import NotStarted
from hotline.processes.spawn import Process

PATIENCE_SECONDS = (1, 2, 5, 10, 30, 60, 120)
STEADY_SECONDS = 60  # after so long a member counts as well again


@dataclass
class Member:
    """A process to keep running. ``name`` is for people; ``start`` may raise NotStarted."""

    name: str
    start: Callable[[], Process]
    process: Process | None = None
    began: float = 0.0
    failures: int = 0
    again_at: float = 0.0

    def begin(self) -> None:
        """Start it now."""
        self.began = time.monotonic()
        self.process = self.start()

    def ended(self) -> int | None:
        """The exit status of a process that has ended."""
        return self.process.poll() if self.process else None

    def wait_before_again(self) -> int:
        """Plan the next start; the seconds until then."""
        if time.monotonic() - self.began > STEADY_SECONDS:
            self.failures = 0
        seconds = PATIENCE_SECONDS[min(self.failures, len(PATIENCE_SECONDS) - 1)]
        self.failures += 1
        self.again_at = time.monotonic() + seconds
        self.process = None
        return seconds


@dataclass
class Family:
    """Members, in the order of their start. ``say`` tells people what happens."""

    say: Callable[[str], None]
    members: list[Member] = field(default_factory=list)

    def add(self, name: str, start: Callable[[], Process]) -> Member:
        """Start a process and keep it running from now on."""
        member = Member(name, start)
        member.begin()
        self.members.append(member)
        return member

    def look_after(self) -> None:
        """Notice who has ended, and start again whose time has come. Call it often."""
        for member in self.members:
            status = member.ended()
            if status is not None:
                seconds = member.wait_before_again()
                self.say(f"{member.name}意外退出（状态 {status}），{seconds} 秒后重新启动")
            elif member.process is None and time.monotonic() >= member.again_at:
                self._begin_again(member)

    def _begin_again(self, member: Member) -> None:
        try:
            member.begin()
            self.say(f"{member.name}已重新启动")
        except (NotStarted, OSError) as error:
            self.say(f"{member.name}未能启动：{error}（{member.wait_before_again()} 秒后再试）")

    def stop(self, seconds: float, in_a_hurry: Callable[[], bool] = lambda: False) -> None:
        """Ask all to end; kill those that have not after ``seconds`` or in a hurry."""
        running = [m.process for m in self.members if m.process and m.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        until = time.monotonic() + seconds
        while any(process.poll() is None for process in running):
            if in_a_hurry() or time.monotonic() > until:
                break
            time.sleep(0.05)
        for process in running:
            if process.poll() is None:
                process.kill()
                process.wait()
        self.members.clear()
