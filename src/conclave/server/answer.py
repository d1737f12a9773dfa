"""What is written on the wire for a refusal, and the date of every answer."""

import http
from email.utils import formatdate
from typing import Any

from conclave.server.terms import Refusal


def date() -> list[tuple[bytes, bytes]]:
    """Return the header that each answer has."""
    return [(b"date", formatdate(usegmt=True).encode())]


def response(refusal: Refusal, more: tuple[tuple[str, str], ...]) -> bytes:
    """Return a whole answer that says *refusal* and ends the connection; *more*: headers."""
    phrase = http.HTTPStatus(refusal.status).phrase
    body = f"{refusal.text}\n".encode()
    fields: list[tuple[str, Any]] = [
        ("date", formatdate(usegmt=True)),
        ("content-type", "text/plain; charset=utf-8"),
        ("content-length", len(body)),
        ("connection", "close"),
        *refusal.headers,
        *more,
    ]
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"HTTP/1.1 {refusal.status} {phrase}\r\n{lines}\r\n".encode() + body
