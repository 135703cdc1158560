"""A platform reduced to bytes on a real socket: what it says next is what the test wrote."""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hotline import clock

Says = bytes | Callable[[socket.socket], None]


def http(body: bytes | dict[str, Any], status: str = "200 OK", *headers: str) -> bytes:
    """A whole answer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = (
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(data)}",
        "Connection: close",
        *headers,
        "",
        "",
    )
    return "\r\n".join(lines).encode() + data


class Speaker:
    """Answers each connection with the next thing to say, then hangs up; keeps what it heard."""

    def __init__(self, *says: Says, tls: ssl.SSLContext | None = None) -> None:
        self._says = list(says)
        self._tls = tls
        self.heard: list[bytes] = []
        self.let_go = threading.Event()
        self._door = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self._door.getsockname()[1]}"

    def silent(self, _: socket.socket) -> None:
        """Say nothing until the test is over."""
        self.let_go.wait(30)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go.set()
        with suppress(OSError), socket.create_connection(self._door.getsockname(), 1):
            pass  # who waits for a caller is woken by one
        self._thread.join(10)
        self._door.close()
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        while self._says:
            caller, _ = self._door.accept()
            if self.let_go.is_set():
                return caller.close()
            with suppress(OSError):  # the caller hung up
                self._answer(
                    self._tls.wrap_socket(caller, server_side=True) if self._tls else caller
                )
        return None

    def _answer(self, caller: socket.socket) -> None:
        with caller:
            caller.settimeout(10)
            self.heard.append(_request(caller))
            says = self._says.pop(0)
            caller.sendall(says) if isinstance(says, bytes) else says(caller)


def _request(caller: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += caller.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    while len(body) < length:
        body += caller.recv(65536)
    return head + b"\r\n\r\n" + body


def certificate(directory: Path, *, days_left: int) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS and the PEM that vouches for it; expired when ``days_left`` is negative."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days_left))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = directory / "platform.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = directory / "platform.key"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    return context, pem
