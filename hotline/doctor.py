"""What is well, what is missing, and how to get it: one finding a line."""

from __future__ import annotations

import importlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec

from redis import Redis, RedisError
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from hotline import clock, db, migrate, queues, settings
from hotline.errors import NotStarted
from hotline.settings import Settings

FREE_BYTES = 2_000_000_000
# Features that have something to check: a function of the settings that yields findings.
FEATURES = (
    "ivr.doctor",
    "ivr.voice.doctor",
    "workorders.doctor",
    "workorders.deadlines.doctor",
    "hotline.booking.doctor",
    "hotline.statistics.doctor",
    "hotline.demo.doctor",
)


@dataclass(frozen=True)
class Finding:
    """``mark`` is ✓ (well), ！ (mind) or ✗ (broken); the sentence says how to mend it."""

    mark: str
    sentence: str


def well(sentence: str) -> Finding:
    """All is well."""
    return Finding("✓", sentence)


def mind(sentence: str) -> Finding:
    """It works, but not as well as it should."""
    return Finding("！", sentence)


def broken(sentence: str) -> Finding:
    """It does not work."""
    return Finding("✗", sentence)


Check = Callable[[Settings], Iterator[Finding]]


def examine() -> Iterator[Finding]:
    """Everything, in the order in which one would mend it."""
    try:
        site = settings.current()
    except NotStarted as refusal:
        yield broken(refusal.message)
        return
    yield well(f"设置可用（数据目录 {site.data_dir.absolute()}）")
    for check in (_secrets, _disk, _database, _queue, _calendar, _front_end, _outside, _features):
        try:
            yield from check(site)
        except NotStarted as refusal:
            yield broken(refusal.message)


def _secrets(site: Settings) -> Iterator[Finding]:
    kept = site.data_dir.absolute() / "secrets.json"
    if not (site.secret_key or site.database_url or kept.exists()):
        yield mind("还没有密钥，第一次启动时生成")
        return
    _ = site.secrets
    where = "来自环境变量" if site.secret_key else f"在 {kept}，请另行备份"
    yield well(f"密钥齐全，{where}")


def _disk(site: Settings) -> Iterator[Finding]:
    place = site.data_dir.absolute()
    while not place.exists():
        place = place.parent
    if not os.access(place, os.W_OK):
        yield broken(f"{place} 不可写，请检查权限或换一个数据目录")
    free = shutil.disk_usage(place).free
    sentence = f"磁盘剩余 {free / 1_000_000_000:.1f} GB"
    yield well(sentence) if free > FREE_BYTES else mind(f"{sentence}，请清理或扩容")


def _database(site: Settings) -> Iterator[Finding]:
    _ = site.database
    try:
        with db.engine().connect() as connection:
            yield from _server(connection)
            yield from _revision(connection)
    except SQLAlchemyError as error:
        yield broken(f"数据库不可用：{str(error).splitlines()[0]}")


def _server(connection: Connection) -> Iterator[Finding]:
    version = connection.scalar(text("SHOW server_version"))
    number = int(connection.scalar(text("SHOW server_version_num")) or 0)
    yield (
        well(f"PostgreSQL {version}")
        if number >= 150000
        else broken(f"PostgreSQL {version} 太旧，需要 15 或更新")
    )
    if connection.scalar(text("SHOW server_encoding")) != "UTF8":
        yield broken("数据库编码不是 UTF8，请用 CREATE DATABASE … ENCODING 'UTF8' 重建")
    for extension in ("pg_trgm", "btree_gist"):
        yield from _extension(connection, extension)


def _extension(connection: Connection, name: str) -> Iterator[Finding]:
    found = {"name": name}
    query = "SELECT count(*) FROM pg_extension WHERE extname = :name"
    if not connection.scalar(text(query), found):
        offered = "SELECT count(*) FROM pg_available_extensions WHERE name = :name"
        if not connection.scalar(text(offered), found):
            yield broken(f"服务器没有 {name} 扩展，请安装 postgresql-contrib")
    elif name == "pg_trgm" and not connection.scalar(text("SELECT cardinality(show_trgm('鼓楼'))")):
        yield mind(
            "数据库的 LC_CTYPE 不认识汉字，检索会变慢："
            "请用 LC_CTYPE 'C.UTF-8' 或 'zh_CN.UTF-8' 重建数据库后恢复备份"
        )


def _revision(connection: Connection) -> Iterator[Finding]:
    found, newest = migrate.current(connection), migrate.head()
    if found == newest:
        yield well(f"数据库结构 {found} 是最新的")
    else:
        yield broken(f"数据库结构是 {found or '空的'}，最新 {newest}：请运行 hotline db upgrade")


def _queue(site: Settings) -> Iterator[Finding]:
    redis = Redis.from_url(site.redis, socket_connect_timeout=3, socket_timeout=3)
    try:
        version = redis.info("server").get("redis_version")
        yield well(f"Redis（协议版本 {version}）")
        if redis.info("memory").get("maxmemory_policy") != "noeviction":
            yield broken("Redis 会丢弃任务：请设置 maxmemory-policy noeviction")
        if not redis.info("persistence").get("aof_enabled"):
            yield mind("Redis 没有打开 appendonly，断电会丢失排队中的任务（补偿任务会补上）")
        yield from _workers(redis)
    except RedisError as error:
        yield broken(f"Redis 不可用：{error}")


def _workers(redis: Redis) -> Iterator[Finding]:
    from rq import Worker

    recent = clock.now() - timedelta(seconds=60)  # they are heard of every 30
    heard = [worker.last_heartbeat for worker in Worker.all(connection=redis)]
    alive = sum(1 for beat in heard if beat and beat > recent)
    waiting = {name: queues.named(name).count for name in queues.ALL}
    said = "、".join(f"{name} {count}" for name, count in waiting.items())
    if alive:
        yield well(f"后台任务进程 {alive} 个，排队：{said}")
    else:
        yield broken(f"没有后台任务进程在运行（排队：{said}）：请运行 hotline worker")


def _calendar(_: Settings) -> Iterator[Finding]:
    from chinese_calendar.constants import holidays

    known = max(day.year for day in holidays)
    year = clock.today().year
    if known >= year + 1:
        yield well(f"工作日历到 {known} 年")
    elif known == year:
        yield mind(f"工作日历只到 {known} 年：年底国务院公布放假安排后请升级 chinesecalendar")
    else:
        yield broken(f"工作日历只到 {known} 年，今年的工作日会算错：请升级 chinesecalendar")


def _front_end(_: Settings) -> Iterator[Finding]:
    from hotline.console.assets import is_built

    yield well("页面资源已构建") if is_built() else broken("页面资源未构建：请运行 make install")


def _outside(site: Settings) -> Iterator[Finding]:
    if site.demo:
        yield mind("演示模式：数据均为虚构")
    elif not (site.public_url or "").startswith("https://"):
        yield mind("没有设置 https 的 HOTLINE_PUBLIC_URL：只适合本机使用（docs/production.md）")


def _features(site: Settings) -> Iterator[Finding]:
    for name in FEATURES:
        package = name.partition(".")[0] if name.count(".") == 1 else name.rpartition(".")[0]
        if find_spec(package) and find_spec(name):
            yield from importlib.import_module(name).findings(site)
