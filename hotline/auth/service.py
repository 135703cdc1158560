"""Use cases of signing in. Failures are kept, so these run in transactions that commit."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session, select

from hotline import audit, settings
from hotline.agents.models import Person, SignIn
from hotline.agents.rules import Role, is_locked
from hotline.agents.service import end_sign_ins
from hotline.audit import Action
from hotline.clock import now
from hotline.errors import Refused
from hotline.security import (
    hash_password,
    new_token,
    password_matches,
    require_strong,
    token_hash,
    totp_step,
)

WRONG = Refused("sign_in_failed", "用户名或密码不正确。", 401)


def check_password(session: Session, username: str, password: str) -> Person | Refused:
    """The person, or the refusal to show: a failed try has to be committed, so it is returned.

    The answer is the same for an unknown name, a wrong password and a machine account.
    """
    person = session.exec(
        select(Person).where(Person.username == username).with_for_update()
    ).first()
    matches = password_matches(password, person.password_hash if person else None)
    if person is None or not person.is_active or person.role is Role.INTEGRATION:
        audit.record(session, Action.SIGN_IN_FAILED, "person:?")
        return WRONG
    if is_locked(person.locked_until, now()):
        return _locked(person)
    if not matches:
        return _count_failure(session, person)
    return person


def _count_failure(session: Session, person: Person) -> Refused:
    site = settings.current()
    person.failed_attempts += 1
    audit.record(
        session,
        Action.SIGN_IN_FAILED,
        f"person:{person.username}",
        person_id=person.id,
        person_name=person.name,
    )
    if person.failed_attempts < site.sign_in_attempts:
        return WRONG
    person.failed_attempts = 0
    person.locked_until = now() + timedelta(minutes=site.lock_out_minutes)
    audit.record(session, Action.LOCKED_OUT, f"person:{person.username}", person_id=person.id)
    return _locked(person)


def _locked(person: Person) -> Refused:
    left = (person.locked_until or now()) - now()
    minutes = max(1, round(left.total_seconds() / 60))
    return Refused(
        "locked_out",
        f"密码连续输错，账号已锁定。请 {minutes} 分钟后再试，或请管理员重置密码。",
        403,
    )


def begin(session: Session, person: Person, address: str | None, agent: str | None) -> str:
    """A new signed-in browser; returns the token for its cookie."""
    token = new_token()
    session.add(
        SignIn(
            token_hash=token_hash(token),
            person_id=person.key,
            address=address,
            agent=(agent or "")[:200],
        )
    )
    if not (person.role.needs_second_factor or person.totp_secret):
        _welcome(session, person)
    return token


def _welcome(session: Session, person: Person) -> None:
    person.failed_attempts, person.locked_until = 0, None
    audit.record(
        session,
        Action.SIGNED_IN,
        f"person:{person.username}",
        person_id=person.id,
        person_name=person.name,
    )


def check_second_factor(session: Session, token: str, code: str) -> Refused | None:
    """Complete a sign-in with a code. None when it was right; wrong codes count to the lock-out."""
    sign_in, person = _pending(session, token)
    if is_locked(person.locked_until, now()):
        return _locked(person)
    step = totp_step(person.totp_secret or "", code) if person.totp_secret else None
    if step is None or step <= (person.totp_step or 0):
        refusal = _count_failure(session, person)
        if refusal is not WRONG:
            return refusal
        return Refused("code_wrong", "验证码不正确或已用过，请输入最新的 6 位数字。", 401)
    person.totp_step, sign_in.passed_second_factor = step, True
    _welcome(session, person)
    return None


def enrol(session: Session, token: str, secret: str, code: str) -> None:
    """Tie an authenticator to the person. Raises Refused when the first code is wrong."""
    sign_in, person = _pending(session, token)
    step = totp_step(secret, code)
    if step is None:
        raise Refused("code_wrong", "验证码不正确。请核对手机时间后输入最新的 6 位数字。", 401)
    if person.totp_secret and not sign_in.passed_second_factor:
        raise Refused("already_enrolled", "已绑定过验证器，请直接输入验证码。", 409)
    person.totp_secret, person.totp_step = secret, step
    sign_in.passed_second_factor = True
    audit.record(session, Action.SECOND_FACTOR_SET, f"person:{person.username}")
    _welcome(session, person)


def _pending(session: Session, token: str) -> tuple[SignIn, Person]:
    row = session.exec(
        select(SignIn, Person)
        .join(Person)
        .where(SignIn.token_hash == token_hash(token))
        .with_for_update()
    ).first()
    if row is None or row[0].ended_at is not None:
        raise Refused("not_signed_in", "登录已过期，请重新登录。", 401)
    return row[0], row[1]


def change_password(
    session: Session, person_id: int, token: str, present: str, chosen: str, again: str
) -> None:
    """Set a new password; other browsers of this person are signed out."""
    person = session.get(Person, person_id, with_for_update=True)
    if person is None or not password_matches(present, person.password_hash):
        raise _at("present", "原密码不正确。")
    if chosen != again:
        raise _at("again", "两次输入的新密码不一致。")
    if chosen == present:
        raise _at("password", "新密码不能与原密码相同。")
    require_strong(chosen, person.username)
    person.password_hash, person.password_changed_at = hash_password(chosen), now()
    person.must_change_password = False
    end_sign_ins(session, person_id, but=token_hash(token))
    audit.record(session, Action.PASSWORD_CHANGED, f"person:{person.username}")


def _at(field: str, sentence: str) -> Refused:
    return Refused("password_invalid", sentence, fields={field: sentence})


def sign_out(session: Session, token: str) -> None:
    """End this browser's session."""
    sign_in = session.exec(select(SignIn).where(SignIn.token_hash == token_hash(token))).first()
    if sign_in is not None and sign_in.ended_at is None:
        sign_in.ended_at = now()
        audit.record(session, Action.SIGNED_OUT)
