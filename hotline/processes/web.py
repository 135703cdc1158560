"""The web server: gunicorn with threads, told everything by the settings."""

from __future__ import annotations

import importlib
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from hotline import logs
from hotline.errors import NotStarted
from hotline.processes.reasons import reason
from hotline.settings import Settings

# Open pages hold a live stream each, which never ends by itself; requests take milliseconds.
FINISH_SECONDS = 4


class HouseLogger(Logger):  # type: ignore[misc]
    """Leave gunicorn's lines to the house's logging; requests are logged by the application."""

    def setup(self, cfg: Any) -> None:  # noqa: ARG002 - gunicorn calls it
        """Add no handlers: the root logger has one."""
        self.error_log.propagate = True
        self.error_log.handlers.clear()


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn without a configuration file. Each worker builds the application itself, after
    the fork, so that no connection crosses one."""

    def __init__(self, site: Settings) -> None:
        self.site = site
        super().__init__()

    def load_config(self) -> None:
        """Set what the settings say."""
        for name, value in _configuration(self.site).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, in a worker."""
        return application()


def application() -> Any:
    """The whole application, built in this process."""
    beside_us = str(Path(__file__).parents[2])  # wsgi.py stands beside the package
    if beside_us not in sys.path:
        sys.path.append(beside_us)
    return importlib.import_module("wsgi").build()


def run(site: Settings) -> None:
    """Serve until asked to stop. Raises NotStarted when that cannot begin."""
    logs.configure(site)
    _ = site.secrets, site.database, site.redis  # say what is missing here, once, not per worker
    require_free_port(site.host, site.port)
    metrics = site.run_dir / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
    Server(site).run()


def require_free_port(host: str, port: int) -> None:
    """Raise NotStarted when the port cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
        except OSError as error:
            raise NotStarted(
                f"不能监听 {host}:{port}：{reason(error)}。"
                "请停止占用它的程序，或换一个端口：hotline up --port 8321"
                "（make run PORT=8321，或设置 HOTLINE_PORT）。"
            ) from None


def _configuration(site: Settings) -> dict[str, Any]:
    shared_memory = Path("/dev/shm")  # noqa: S108 - heart-beats should not wait for a disk
    return {
        "bind": f"[{site.host}]:{site.port}" if ":" in site.host else f"{site.host}:{site.port}",
        "worker_class": "gthread",
        "workers": site.web_workers,
        "threads": site.web_threads,
        "worker_connections": site.web_threads * 4,
        "timeout": 60,
        "graceful_timeout": FINISH_SECONDS,
        "keepalive": 15,
        "proc_name": "hotline web",
        "logger_class": "hotline.processes.web.HouseLogger",
        "worker_tmp_dir": str(shared_memory) if os.access(shared_memory, os.W_OK) else None,
        "control_socket_disable": True,  # its default place is shared by all data directories
        "child_exit": _forget_metrics,
    }


def _forget_metrics(_: Arbiter, worker: Worker) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
