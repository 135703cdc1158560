"""`hotline up`: everything on one machine, from nothing to a page that answers, and back."""

from __future__ import annotations

import http.client
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from hotline import __version__
from hotline.embedded.servers import Servers
from hotline.errors import NotStarted
from hotline.processes.family import Family
from hotline.processes.signals import Signals, Stopped
from hotline.processes.spawn import Process, last_lines, spawn, trim
from hotline.processes.web import require_free_port
from hotline.settings import Settings

ANSWER_SECONDS = 90
FINISH_SECONDS = 8
LOOK_SECONDS = 0.3
Say = Callable[[str], None]


def run(site: Settings, say: Say) -> None:
    """Start everything, keep it running, and stop it when asked. Raises NotStarted."""
    house = House(site, say)
    with Signals() as signals:
        try:
            house.start()
            house.attend()
        except Stopped:
            say("\n正在停止……（再按一次 Ctrl-C 立即停止）")
        finally:
            signals.stopping = True
            house.stop(lambda: signals.hurry)


class House:
    """The servers and processes of one data directory."""

    def __init__(self, site: Settings, say: Say) -> None:
        self.site = site
        self.say = say
        self.log_dir = site.data_dir.absolute() / "log"
        self.servers = Servers(site.data_dir)
        self.keepers = Family(say)  # the servers
        self.family = Family(say)  # our own processes
        self.began = time.monotonic()

    def start(self) -> None:
        """From nothing to a page that answers."""
        mode = "演示模式，数据均为虚构" if self.site.demo else "正式数据"
        self.say(
            f"12320 卫生热线 {__version__}（{mode}），数据目录 {self.site.data_dir.absolute()}"
        )
        self.servers.claim()
        self._await_port()
        _ = self.site.secrets
        self._start_servers()
        with self._timed("数据库结构和演示数据" if self.site.demo else "数据库结构"):
            self._prepare()
        self._start_processes()
        with self._timed("网页服务"):
            self._await_answer()
        self._welcome()

    def _await_port(self) -> None:
        """The port must be free; what a killed `hotline up` left may need a moment to end."""
        until = time.monotonic() + (FINISH_SECONDS if self.servers.found_leftovers else 0)
        while True:
            try:
                return require_free_port(self.site.host, self.site.port)
            except NotStarted:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def _start_servers(self) -> None:
        if not self.site.database_url:
            with self._timed("PostgreSQL（内置）"):
                self.keepers.add("PostgreSQL ", self.servers.start_database)
        if not self.site.redis_url:
            with self._timed("Valkey（内置）"):
                self.keepers.add("Valkey ", self.servers.start_queue)
        self.servers.publish()

    def _prepare(self) -> None:
        """Migrations and demonstration data, in a process of their own: we stay small."""
        process = spawn(_hotline("prepare"))
        try:
            status = process.wait()
        finally:
            process.kill()  # when asked to stop meanwhile: what it does, it does in transactions
            process.wait()
        if status != 0:
            raise NotStarted("准备数据库没有成功，原因见上。")

    def _start_processes(self) -> None:
        for name, arguments in _processes(self.site):
            self.family.add(f"{_LABELS[name]}（{name}）", self._starter(name, arguments))

    def _starter(self, name: str, arguments: list[str]) -> Callable[[], Process]:
        log = self._log(name)

        def start() -> Process:
            trim(log)
            return spawn(arguments, log=log)

        return start

    def _log(self, name: str) -> Path:
        return self.log_dir / f"{name}.log"

    def _await_answer(self) -> None:
        until = time.monotonic() + ANSWER_SECONDS
        while not _answers(self.site):
            web = self.family.members[0]
            if web.ended() is not None or time.monotonic() > until:
                log = self._log("web")
                raise NotStarted(f"网页服务没有启动，日志 {log} 最后是：\n{last_lines(log, 12)}")
            time.sleep(0.1)

    def _welcome(self) -> None:
        spent, host = time.monotonic() - self.began, _near(self.site)
        self.say(f"\n已就绪，共 {spent:.1f} 秒：http://{host}:{self.site.port}/")
        with suppress(OSError):
            self.say((self.site.run_dir / "welcome.txt").read_text().rstrip())
        self.say(f"日志在 {self.log_dir}。按 Ctrl-C 停止。")

    def attend(self) -> None:
        """Keep all running until a signal comes."""
        looks = 0
        while True:
            self.keepers.look_after()
            self.family.look_after()
            time.sleep(LOOK_SECONDS)
            looks += 1
            if looks % 200 == 0:  # about once a minute
                for log in self.log_dir.glob("*.log"):
                    trim(log)

    def stop(self, in_a_hurry: Callable[[], bool]) -> None:
        """Our processes first, then the servers they use."""
        anything = bool(self.family.members or self.keepers.members)
        self.family.stop(FINISH_SECONDS, in_a_hurry)
        self.servers.stop(hurry=in_a_hurry())
        if anything:
            self.say("已全部停止。")

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.say(f"  ✓ {what}（{time.monotonic() - began:.1f} 秒）")


_LABELS = {
    "web": "网页服务",
    "worker": "后台任务",
    "ivr": "语音线路",
    "trickle": "演示来电",
    "standin": "演示 12345 平台",
}


def _processes(site: Settings) -> Iterator[tuple[str, list[str]]]:
    yield "web", _hotline("web")
    yield "worker", _hotline("worker")
    if _exists("ivr.session"):  # the dialogue: without it nobody would answer
        yield "ivr", _hotline("ivr", "serve")
    if site.demo and _exists("hotline.demo.trickle"):
        yield "trickle", [sys.executable, "-P", "-m", "hotline.demo.trickle"]
    if site.demo and _exists("workorders.demo.serve"):
        yield "standin", [sys.executable, "-P", "-m", "workorders.demo.serve"]


def _hotline(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "hotline.cli", *arguments]


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _near(site: Settings) -> str:
    """The address at which this machine reaches its own web service."""
    return "127.0.0.1" if site.host in {"0.0.0.0", "::"} else site.host  # noqa: S104 - not bound


def _answers(site: Settings) -> bool:
    line = http.client.HTTPConnection(_near(site), site.port, timeout=2)
    try:
        line.request("GET", "/healthz")
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
