"""Whether the voice line is up: each of its processes leaves a beat in Redis every few seconds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from redis import Redis, RedisError

from hotline.clock import now
from hotline.labels import Labelled

KEY = "hotline:voice_line"
CALL_KEY = "hotline:voice_line:call:"
BEAT_SECONDS = 5
SILENT_SECONDS = 16  # three beats missed


class Health(Labelled):
    """How the voice line does."""

    OK = "ok", "正常"
    KEYPAD = "keypad", "只能按键（没有可用的语音模型）"
    DRAINING = "draining", "正在停止，不再接新电话"
    DOWN = "down", "未运行"


@dataclass(frozen=True)
class Beat:
    """One process of the voice line. ``calls`` of ``most`` are under way."""

    health: Health
    calls: int = 0
    most: int = 0
    at: float = 0.0


def beat(redis: Redis, process: str, said: Beat) -> None:
    """Say that this process lives; forget those that are silent."""
    at = now().timestamp()
    silent = [name for name, one in _all(redis).items() if at - one.at > SILENT_SECONDS]
    if silent:
        redis.hdel(KEY, *silent)
    redis.hset(KEY, process, json.dumps(asdict(said) | {"at": at}))


def leave(redis: Redis, process: str) -> None:
    """This process ends."""
    redis.hdel(KEY, process)


def beats(redis: Redis) -> dict[str, Beat]:
    """The processes that live."""
    since = now().timestamp() - SILENT_SECONDS
    return {name: one for name, one in _all(redis).items() if one.at >= since}


def health(redis: Redis) -> Health:
    """How callers fare: as with the best of the processes."""
    try:
        found = {one.health for one in beats(redis).values()}
    except RedisError:
        return Health.DOWN
    return next((state for state in Health if state in found), Health.DOWN)


def show_calls(redis: Redis, call_uids: list[str]) -> None:
    """These calls want a person of ours: until shown again, or for some seconds."""
    with redis.pipeline(transaction=False) as pipe:
        for uid in call_uids:
            pipe.set(CALL_KEY + uid, 1, ex=SILENT_SECONDS)
        pipe.execute()


def has_call(redis: Redis, call_uid: str) -> bool:
    """Can this call be spoken with at the desk?"""
    try:
        return bool(redis.exists(CALL_KEY + call_uid))
    except RedisError:
        return False


def _all(redis: Redis) -> dict[str, Beat]:
    found: dict[str, Beat] = {}
    for name, text in redis.hgetall(KEY).items():
        kept = json.loads(text)
        found[_text(name)] = Beat(**kept | {"health": Health(kept["health"])})
    return found


def _text(raw: bytes | str) -> str:
    return raw.decode() if isinstance(raw, bytes) else raw
