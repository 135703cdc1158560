"""Encryption of personal data, keyed look-up hashes, passwords and one-time codes."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import string

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hotline import settings
from hotline.clock import now
from hotline.errors import Refused

NONCE_BYTES = 12
FORMAT = 1
_passwords = PasswordHasher()


class Undecryptable(ValueError):
    """An encrypted value whose key is gone, or that was altered."""


def encrypt(context: str, text: str) -> bytes:
    """AES-256-GCM under the newest key: format byte, key number byte, nonce, ciphertext.

    ``context`` (the column's name) is authenticated, so that a value moved to another
    column does not decrypt.
    """
    keys = settings.current().secrets.encryption
    number = max(keys)
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(keys[number]).encrypt(nonce, text.encode(), context.encode())
    return bytes((FORMAT, number)) + nonce + sealed


def decrypt(context: str, blob: bytes) -> str:
    """The text of an encrypted value. Raises Undecryptable."""
    if len(blob) < 2 + NONCE_BYTES:
        raise Undecryptable(f"altered value in {context}")
    key = settings.current().secrets.encryption.get(blob[1])
    if blob[0] != FORMAT or key is None:
        raise Undecryptable(f"no key {blob[1]} for {context}")
    nonce, sealed = blob[2 : 2 + NONCE_BYTES], blob[2 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, sealed, context.encode()).decode()
    except InvalidTag:
        raise Undecryptable(f"altered value in {context}") from None


def key_number(blob: bytes) -> int:
    """Which key an encrypted value was written with."""
    return blob[1]


def lookup_hash(kind: str, value: str) -> bytes:
    """A keyed hash (16 bytes) by which an encrypted value can be found again."""
    key = settings.current().secrets.hashing
    return hmac.digest(key, f"{kind}:{value}".encode(), "sha256")[:16]


def token_hash(token: str) -> bytes:
    """How a random token (session, API) is kept: SHA-256, 32 bytes."""
    return hashlib.sha256(token.encode()).digest()


def new_token() -> str:
    """A random token of 256 bits, safe in a header or a cookie."""
    return secrets.token_urlsafe(32)


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return _passwords.hash(password)


# Verified when the user name is unknown, so that both answers take the same time.
_NOBODY = _passwords.hash(secrets.token_urlsafe(16))


def password_matches(password: str, hashed: str | None) -> bool:
    """Whether the password is the one that was hashed. Takes as long when there is no hash."""
    try:
        return _passwords.verify(hashed or _NOBODY, password) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


def require_strong(password: str, username: str = "") -> None:
    """Refuse a password below the policy: 8 characters of all four kinds, not the user name."""
    kinds = (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z0-9]")
    if len(password) < 8 or not all(re.search(kind, password) for kind in kinds):
        raise _weak("密码至少 8 个字符，须同时含大写字母、小写字母、数字和符号。")
    if username and username.lower() in password.lower():
        raise _weak("密码不能包含用户名，请换一个。")
    if len(password) > 128:
        raise _weak("密码不能超过 128 个字符。")


def _weak(sentence: str) -> Refused:
    return Refused("weak_password", sentence, fields={"password": sentence})


def random_password() -> str:
    """A password that meets the policy, without characters that look alike."""
    letters = "".join(set(string.ascii_letters) - set("lIoO"))
    middle = "".join(secrets.choice(letters + "23456789") for _ in range(10))
    ends = (string.ascii_uppercase.replace("O", ""), "abcdefghkmnp", "23456789", "@#%+=")
    return secrets.choice(ends[0]) + middle + "".join(secrets.choice(kind) for kind in ends[1:])


def new_totp_secret() -> str:
    """A fresh secret for an authenticator application."""
    return pyotp.random_base32()


def totp_step(secret: str, code: str) -> int | None:
    """The 30-second step a code belongs to (one step either way), or None if it is wrong.

    The caller keeps the step, so that a code is good once.
    """
    totp = pyotp.TOTP(secret)
    step = int(now().timestamp()) // 30
    digits = re.sub(r"\s", "", code)
    for candidate in (step, step - 1, step + 1):
        if hmac.compare_digest(totp.at(candidate * 30).encode(), digits.encode()):
            return candidate
    return None


def totp_address(secret: str, username: str) -> str:
    """The otpauth:// address that an authenticator application reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name="12320卫生热线")
