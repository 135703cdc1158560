"""Personal data at rest, passwords, one-time codes."""

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import security, settings
from hotline.errors import Refused


@given(st.text(max_size=50))
def test_what_is_encrypted_comes_back(text):
    assert security.decrypt("call.caller", security.encrypt("call.caller", text)) == text


def test_the_same_text_never_encrypts_alike():
    assert security.encrypt("a", "13800001111") != security.encrypt("a", "13800001111")


def test_a_value_moved_to_another_column_does_not_decrypt():
    blob = security.encrypt("call.caller", "13800001111")
    with pytest.raises(ValueError, match="altered"):
        security.decrypt("patient.mobile", blob)


def test_an_altered_value_does_not_decrypt():
    blob = bytearray(security.encrypt("call.caller", "13800001111"))
    blob[-1] ^= 1
    with pytest.raises(ValueError, match="altered"):
        security.decrypt("call.caller", bytes(blob))


def test_old_keys_read_and_the_newest_writes(monkeypatch):
    secrets = settings.current().secrets
    old = security.encrypt("a", "x")
    monkeypatch.setattr(secrets, "encryption", {**secrets.encryption, 7: b"7" * 32})
    assert security.decrypt("a", old) == "x"
    assert security.key_number(security.encrypt("a", "x")) == 7


def test_a_lost_key_says_which():
    blob = bytearray(security.encrypt("a", "x"))
    blob[1] = 200
    with pytest.raises(ValueError, match="no key 200"):
        security.decrypt("a", bytes(blob))


def test_look_up_hashes_are_keyed_and_separate_by_kind(monkeypatch):
    before = security.lookup_hash("phone", "+8613800001111")
    assert before == security.lookup_hash("phone", "+8613800001111")
    assert before != security.lookup_hash("id", "+8613800001111")
    monkeypatch.setattr(settings.current().secrets, "hashing", b"another key of some length......")
    assert before != security.lookup_hash("phone", "+8613800001111")


def test_passwords_match_only_themselves():
    hashed = security.hash_password("Right-Horse-1")
    assert security.password_matches("Right-Horse-1", hashed)
    assert not security.password_matches("Wrong-Horse-1", hashed)
    assert not security.password_matches("Right-Horse-1", None)
    assert not security.password_matches("Right-Horse-1", "not a hash")


@pytest.mark.parametrize(
    "password", ["Ab1!", "alllower1!", "ALLUPPER1!", "NoDigits!!", "NoSymbol11", "Zhang3!x" * 20]
)
def test_weak_passwords_are_refused_with_what_to_do(password):
    with pytest.raises(Refused, match="weak_password") as caught:
        security.require_strong(password)
    assert "密码" in caught.value.message


def test_a_password_may_not_contain_the_user_name():
    with pytest.raises(Refused):
        security.require_strong("Zhangsan-1!", "zhangsan")


def test_made_up_passwords_meet_the_policy():
    for _ in range(200):
        security.require_strong(security.random_password())


def test_a_one_time_code_is_known_by_its_step():
    secret = security.new_totp_secret()
    step = security.totp_step(secret, pyotp.TOTP(secret).now())
    assert step is not None
    assert security.totp_step(secret, "000000") is None or pyotp.TOTP(secret).now() == "000000"
    assert security.totp_step(secret, "") is None
    assert security.totp_step(secret, "字字字字字字") is None


@given(st.text(max_size=12))
def test_no_text_breaks_the_code_check(code):
    security.totp_step("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", code)
