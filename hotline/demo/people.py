"""Who works in the demonstration city: 200 made-up people in teams. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from pypinyin import lazy_pinyin

from hotline.agents.rules import Role

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "晓雨思文嘉宁子涵欣怡梓轩若兰明哲丽娟志远海燕建国秀英雪梅俊杰静雅春华永康佳琪博文婷玉珍国平云飞"
CALL_TEAMS = tuple(f"话务{number}组" for number in "一二三四五六七八")
CARE_TEAM = "心理援助组"
# team -> how many of which role
_OTHERS = {
    CARE_TEAM: {Role.COUNSELLOR: 14, Role.SUPERVISOR: 1},
    "工单组": {Role.AGENT: 14, Role.SUPERVISOR: 1},
    "质检培训组": {Role.SUPERVISOR: 6},
    "中心办公室": {Role.MANAGER: 7},
    "信息科": {Role.ADMIN: 5},
}
STAFF: dict[str, dict[Role, int]] = {
    **{team: {Role.AGENT: 18, Role.SUPERVISOR: 1} for team in CALL_TEAMS},
    **_OTHERS,
}
FIRST_EXTENSION = 6001
# The first of each role is a sign-in the newcomer is told: agent1, counsellor1, ...
WELL_KNOWN = {
    role: f"{role.value}1"
    for role in (Role.AGENT, Role.COUNSELLOR, Role.SUPERVISOR, Role.MANAGER, Role.ADMIN)
}


@dataclass(frozen=True)
class Worker:
    """One made-up person."""

    username: str
    name: str
    role: Role
    team: str
    extension: str | None

    @property
    def is_well_known(self) -> bool:
        """Is this one of the sign-ins a newcomer is told?"""
        return self.username in WELL_KNOWN.values()


def staff() -> list[Worker]:
    """All 200, always the same: what was half written is recognised."""
    names, extension, usernames = _names(), FIRST_EXTENSION, set(WELL_KNOWN.values())
    people: list[Worker] = []
    for team, role in _posts():
        name = next(names)
        number = str(extension) if role.answers_calls else None
        extension += number is not None
        is_first = all(person.role is not role for person in people)
        username = WELL_KNOWN[role] if is_first else _username(name, usernames)
        people.append(Worker(username, name, role, team, number))
    return people


def _posts() -> Iterator[tuple[str, Role]]:
    for team, roles in STAFF.items():
        for role, count in roles.items():
            yield from [(team, role)] * count


def _names() -> Iterator[str]:
    rng, seen = random.Random("people"), set[str]()  # noqa: S311 - made-up names, no secret
    while True:
        name = rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2, 2, 2))))
        if name not in seen:
            seen.add(name)
            yield name


def _username(name: str, taken: set[str]) -> str:
    stem = "".join(lazy_pinyin(name)).replace("ü", "v")
    numbered = (f"{stem}{number}" for number in range(2, len(taken) + 3))
    free = stem if stem not in taken else next(each for each in numbered if each not in taken)
    taken.add(free)
    return free
