"""`hotline up` with real processes: from nothing, again, after a crash, and when it cannot."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from redis import Redis
from rq import Queue

from hotline import queues
from hotline.embedded import directory
from hotline.errors import NotStarted
from hotline.up import FINISH_SECONDS
from tests.house.machine import Up, hotline, wait_for


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def up(data_dir: Path) -> Iterator[Up]:
    machine = Up(data_dir)
    yield machine
    machine.stop(signal.SIGKILL)
    wait_for(lambda: not _working_under(data_dir))


def _working_under(data_dir: Path) -> list[str]:
    """Servers that still work in the data directory."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(data_dir):
                found.append(f"{process.pid} {process.name()}")
        except psutil.Error:
            continue
    return found


def test_it_comes_up_from_nothing_and_leaves_nothing_running(up: Up) -> None:
    up.ready()
    assert up.get("/readyz") == 200
    for secret in ("run/servers.json", "secrets.json", "embedded.json"):
        assert stat.S_IMODE((up.data_dir / secret).stat().st_mode) == 0o600
    assert up.stop() == 0
    assert "已全部停止" in up.said()
    assert not (up.data_dir / "run" / "servers.json").exists()
    assert _working_under(up.data_dir) == []


def test_after_a_kill_the_next_start_finds_the_data(up: Up) -> None:
    up.ready()
    assert hotline(up.data_dir, "user", "create", "zhang", "--role", "agent").returncode == 0
    up.stop(signal.SIGKILL)
    again = Up(up.data_dir)
    try:
        again.ready()
        with psycopg.connect(again.servers()["database_url"]) as connection:
            assert connection.execute("SELECT username FROM person").fetchall() == [("zhang",)]
    finally:
        again.stop()


def test_a_child_that_crashes_is_started_again(up: Up) -> None:
    up.ready()
    database = psutil.Process(int((up.data_dir / "postgres/postmaster.pid").read_text().split()[0]))
    for child in psutil.Process(up.process.pid).children():
        if child == database or "web" in child.cmdline() or child.name() == "valkey-server":
            child.kill()
    wait_for(lambda: up.said().count("已重新启动") >= 3)
    wait_for(lambda: up.get("/readyz") == 200)
    # One, or two while the registration of one that gave up on Valkey is still fresh.
    wait_for(lambda: bool(re.search("✓ 后台任务进程 [12] 个", _doctor(up))), 40)


def _doctor(up: Up) -> str:
    return hotline(up.data_dir, "doctor").stdout


def test_a_second_one_in_the_same_directory_is_refused_and_does_no_harm(up: Up) -> None:
    up.ready()
    second = hotline(up.data_dir, "up", "--port", "1024")
    assert second.returncode == 69
    assert f"进程号 {up.process.pid}" in second.stderr
    assert up.servers()
    assert up.get("/readyz") == 200


def test_two_data_directories_do_not_meet(up: Up, tmp_path: Path) -> None:
    other = Up(tmp_path / ("目录" + "很长" * 20))  # too long for a socket's address as well
    try:
        up.ready()
        other.ready()
        assert hotline(other.data_dir, "user", "create", "li", "--role", "agent").returncode == 0
        with psycopg.connect(up.servers()["database_url"]) as connection:
            assert connection.execute("SELECT count(*) FROM person").fetchone() == (0,)
    finally:
        assert other.stop() == 0
    assert up.get("/readyz") == 200


def test_a_taken_port_is_named_with_a_way_out(data_dir: Path) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        port = door.getsockname()[1]
        refused = hotline(data_dir, "up", "--port", str(port))
    assert refused.returncode == 69
    assert f"127.0.0.1:{port}：端口已被占用" in refused.stderr
    assert "--port" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_file_in_the_place_of_the_directory_is_a_sentence(data_dir: Path) -> None:
    data_dir.write_text("")
    refused = hotline(data_dir, "up")
    assert refused.returncode == 73
    assert refused.stderr.startswith("不能使用数据目录")


def test_a_second_signal_does_not_wait_for_the_job_at_hand(up: Up) -> None:
    up.ready()
    with Redis.from_url(up.servers()["redis_url"]) as redis:
        job = Queue(queues.DEFAULT, connection=redis).enqueue("time.sleep", 30)
        wait_for(lambda: job.get_status() == "started")
    began = time.monotonic()
    up.process.send_signal(signal.SIGINT)
    wait_for(lambda: "正在停止" in up.said())
    assert up.stop(signal.SIGINT) == 0
    assert time.monotonic() - began < FINISH_SECONDS - 2
    assert _working_under(up.data_dir) == []


def test_a_full_disk_is_a_sentence(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage("/")._replace(free=1_000_000)
    monkeypatch.setattr(directory.shutil, "disk_usage", lambda _: full)
    with pytest.raises(NotStarted, match="只剩 1 MB") as caught:
        directory.claim(data_dir)
    assert caught.value.exit_code == 73


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_no_right_to_write_is_a_sentence(tmp_path: Path) -> None:
    """As another user in a directory of ours. The import happens before the change of user,
    for that user may not be able to read this checkout."""
    tmp_path.chmod(0o755)
    child = os.fork()
    if child == 0:
        os._exit(_claim_as_nobody(tmp_path / "var"))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 73


def _claim_as_nobody(data_dir: Path) -> int:
    os.setgroups([])
    os.setuid(65534)
    try:
        directory.claim(data_dir)
    except NotStarted as refusal:
        return refusal.exit_code
    return 0


def test_a_cluster_of_another_version_is_left_alone(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres" / "PG_VERSION").write_text("16\n")
    (data_dir / "embedded.json").write_text('{"postgres": "x", "valkey": "y"}')
    (data_dir / "secrets.json").write_text("{}")
    refused = hotline(data_dir, "up")
    assert refused.returncode in {69, 78}
    assert "Traceback" not in refused.stderr


def test_a_killed_initdb_leaves_nothing_that_stops_the_next(data_dir: Path) -> None:
    """A draft of a cluster beside its place is swept away, whatever is in it."""
    draft = data_dir / "postgres.new-abc"
    (draft / "base").mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    assert hotline(data_dir, "db", "upgrade").returncode == 0
    assert not draft.exists()
    assert (data_dir / "postgres" / "PG_VERSION").exists()


def test_a_stale_pid_file_of_somebody_elses_number_is_no_hindrance(data_dir: Path) -> None:
    assert hotline(data_dir, "db", "upgrade").returncode == 0
    stale = data_dir / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{data_dir}/postgres\n1\n5432\n.\n\n1 1\nready\n")
    again = hotline(data_dir, "db", "upgrade")
    assert again.returncode == 0, again.stderr
    assert "已是最新" in again.stdout
