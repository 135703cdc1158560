"""The sign-ins a newcomer is told: made per installation, kept in the data directory (0600)."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyotp
from sqlalchemy import update
from sqlmodel import Session, col, select

from hotline import security
from hotline.agents.models import Person
from hotline.agents.rules import Role
from hotline.clock import now
from hotline.demo.people import WELL_KNOWN
from hotline.errors import NotStarted, Refused
from hotline.settings import Settings

FILE = "demo-accounts.json"


@dataclass(frozen=True)
class Accounts:
    """One password for all, its hash for each, and the second factors of those who need one."""

    password: str
    hashes: dict[str, str] = field(default_factory=dict)
    second_factors: dict[str, str] = field(default_factory=dict)

    def code(self, username: str) -> tuple[str, int]:
        """The present one-time code of a sign-in, and for how many seconds it is good."""
        if username not in self.second_factors:
            known = "、".join(self.second_factors)
            raise Refused("no_second_factor", f"{username} 没有动态码。可用的有：{known}。")
        moment = now()
        left = 30 - int(moment.timestamp()) % 30
        return pyotp.TOTP(self.second_factors[username]).at(moment), left


def require_demo(site: Settings) -> None:
    """Made-up calls are for demonstrations only. Raises NotStarted."""
    if not site.demo:
        raise NotStarted("现在不是演示模式（HOTLINE_DEMO=1 或 hotline up），不载入演示数据。", 78)


def path(site: Settings) -> Path:
    """Where the sign-ins are kept."""
    return site.data_dir.absolute() / FILE


def kept(site: Settings) -> Accounts:
    """The sign-ins of this installation. Raises NotStarted when there are none."""
    try:
        return Accounts(**json.loads(path(site).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise NotStarted(
            f"{path(site)} 不存在或已损坏。运行 hotline demo load 会重新生成。"
        ) from None


def kept_or_made(site: Settings) -> Accounts:
    """The sign-ins of this installation, made the first time."""
    try:
        return kept(site)
    except NotStarted:
        made = _made()
        _keep(path(site), made)
        return made


def _made() -> Accounts:
    password = security.random_password()
    usernames = WELL_KNOWN.values()
    return Accounts(
        password,
        {username: security.hash_password(password) for username in usernames},
        {
            username: security.new_totp_secret()
            for role, username in WELL_KNOWN.items()
            if role.needs_second_factor
        },
    )


def _keep(where: Path, accounts: Accounts) -> None:
    """Write the file whole or not at all, for its owner only."""
    draft = where.with_name(f".{where.name}.{secrets.token_hex(8)}")
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(vars(accounts), file)
        draft.replace(where)
    except OSError as error:
        sentence = f"无法写入 {where}：{error.strerror}。请检查目录权限和磁盘。"
        raise NotStarted(sentence, 73) from None


def restore(session: Session, accounts: Accounts) -> list[str]:
    """Give the demonstration people the kept password and second factor; their user names.

    At each start: what the file says must be true, whoever changed it while trying things out.
    """
    people = session.exec(
        select(Person.username).where(
            col(Person.username).in_(accounts.hashes), col(Person.is_demo)
        )
    ).all()
    for username in people:
        _restore_one(session, username, accounts)
    return sorted(people, key=list(accounts.hashes).index)


def _restore_one(session: Session, username: str, accounts: Accounts) -> None:
    values: dict[str, Any] = {
        "password_hash": accounts.hashes[username],
        "must_change_password": False,
        "failed_attempts": 0,
        "locked_until": None,
        "totp_secret": accounts.second_factors.get(username),
    }
    session.execute(update(Person).where(col(Person.username) == username).values(**values))


def hints(accounts: Accounts, usernames: list[str]) -> list[str]:
    """What to tell a newcomer."""
    roles = {username: role for role, username in WELL_KNOWN.items()}
    lines = [_hint(username, roles[username], accounts) for username in usernames]
    password = f"演示账号（密码都是 {accounts.password} ，存放在 {FILE}）："
    return [password, *lines] if lines else []


def _hint(username: str, role: Role, accounts: Accounts) -> str:
    line = f"  {username:<12} {role.label}"
    if username in accounts.second_factors:
        line += f"（动态码：hotline demo code {username}）"
    return line
