"""The signature is the contract's, to the letter; what was not signed so is not let in."""

from __future__ import annotations

import pytest

from hotline.errors import Refused
from workorders.platforms import signing
from workorders.platforms.signing import Signed

NOW = 1_795_222_800
NONCE = "4f9d1c2b3a"
EVENT = Signed(
    "POST",
    "/api/v1/orders/NJ20261121000123/events",
    '{"event_id":"7b1f8a52-0d0c-4c8e-9c3e-6c1f6b0f9a01","content":"已联系"}'.encode(),
)


@pytest.mark.parametrize(
    ("secret", "request_", "wanted"),
    [  # computed with `openssl dgst -sha256 -hmac`
        (
            "standin-secret",
            EVENT,
            "6333e60f5e9c91d6eb262b9d27016cfc05fb6213bd6abd4f474a10581e5e354c",
        ),
        (
            "密钥",
            Signed("get", "/api/v1/orders/changes?cursor=&limit=200"),
            "b8e2fa122ca13b24f1d15c7cd7dcaed9084d67e5cb24b57d67d892b33263b7af",
        ),
    ],
)
def test_golden_vectors(secret: str, request_: Signed, wanted: str) -> None:
    assert signing.signature(secret, request_, str(NOW), NONCE) == wanted


class Nonces:
    """What the caller of verify remembers."""

    def __init__(self, first: bool = True) -> None:
        self.first = first
        self.asked: list[tuple[str, int]] = []

    def __call__(self, nonce: str, forget_at: int) -> bool:
        self.asked.append((nonce, forget_at))
        return self.first


def _verify(
    nonces: Nonces, request: Signed = EVENT, key: str = "s", now: int = NOW, **changed: str
) -> None:
    given = signing.headers("hotline", "s", EVENT, now=NOW, nonce=NONCE)
    given |= {name.replace("_", "-"): value for name, value in changed.items()}
    signing.verify(key, request, given, now=now, is_first=nonces)


def test_what_was_signed_is_let_in_and_its_nonce_remembered() -> None:
    nonces = Nonces()
    _verify(nonces)
    assert nonces.asked == [(NONCE, NOW + 300)]


def test_capitals_in_the_signature_are_the_same_number() -> None:
    _verify(Nonces(), X_Signature=signing.signature("s", EVENT, str(NOW), NONCE).upper())


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"key": "other"}, "signature_wrong"),
        ({"request": Signed("PUT", EVENT.target, EVENT.body)}, "signature_wrong"),
        ({"request": Signed("POST", EVENT.target + "?", EVENT.body)}, "signature_wrong"),
        ({"request": Signed("POST", EVENT.target, EVENT.body + b" ")}, "signature_wrong"),
        ({"X_Nonce": "another-nonce"}, "signature_wrong"),
        ({"X_Timestamp": str(NOW + 1)}, "signature_wrong"),
        ({"X_Timestamp": "soon"}, "timestamp_outside"),
        ({"X_Timestamp": "-1"}, "timestamp_outside"),
        ({"X_Signature": ""}, "signature_missing"),
        ({"X_Signature": "签"}, "signature_wrong"),
        ({"now": NOW + 301}, "timestamp_outside"),
        ({"now": NOW - 301}, "timestamp_outside"),
    ],
)
def test_what_was_not_signed_so_is_refused_and_uses_no_nonce_up(
    changed: dict[str, object], code: str
) -> None:
    nonces = Nonces()
    with pytest.raises(Refused) as refusal:
        _verify(nonces, **changed)  # type: ignore[arg-type]
    assert (refusal.value.code, refusal.value.status) == (code, 401)
    assert nonces.asked == []


def test_a_request_counts_once() -> None:
    with pytest.raises(Refused) as refusal:
        _verify(Nonces(first=False))
    assert refusal.value.code == "nonce_seen"


def test_five_minutes_of_skew_are_let_in() -> None:
    nonces = Nonces()
    _verify(nonces, now=NOW + 300)
    _verify(nonces, now=NOW - 300)
    assert len(nonces.asked) == 2


def test_a_nonce_must_not_be_a_letter() -> None:
    given = signing.headers("hotline", "s", EVENT, now=NOW, nonce="x")
    with pytest.raises(Refused) as refusal:
        signing.verify("s", EVENT, given, now=NOW, is_first=lambda *_: True)
    assert refusal.value.code == "nonce_seen"


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({"RAW_URI": "/a%2Fb?c=%20"}, "/a%2Fb?c=%20"),
        ({"REQUEST_URI": "https://x.example/a/b?c"}, "/a/b?c"),
        ({"SCRIPT_NAME": "/p", "PATH_INFO": "/q", "QUERY_STRING": "r=1"}, "/p/q?r=1"),
    ],
)
def test_the_target_is_what_stood_on_the_wire(environ: dict[str, str], wanted: str) -> None:
    assert signing.target(environ) == wanted
