"""What is written on the wire for a refusal, and the date of every answer."""

import http
from email.utils import formatdate
from typing import Any

import msgspec

from conclave.protocol.errors import Reject
from conclave.protocol.problems import MEDIA_TYPE, code_of, problem
from conclave.server.terms import Refusal


def date() -> list[tuple[bytes, bytes]]:
    """Return the header that each answer has."""
    return [(b"date", formatdate(usegmt=True).encode())]


def response(
    refusal: Refusal, more: tuple[tuple[str, str], ...], *, to_program: bool = False
) -> bytes:
    """
    Return a whole answer that says *refusal* and ends the connection; *more*: headers.

    *to_program*: as the API says it, and not in plain words.
    """
    phrase = http.HTTPStatus(refusal.status).phrase
    body = _problem(refusal, phrase) if to_program else f"{refusal.text}\n".encode()
    fields: list[tuple[str, Any]] = [
        ("date", formatdate(usegmt=True)),
        ("content-type", MEDIA_TYPE if to_program else "text/plain; charset=utf-8"),
        ("content-length", len(body)),
        ("connection", "close"),
        *refusal.headers,
        *more,
    ]
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"HTTP/1.1 {refusal.status} {phrase}\r\n{lines}\r\n".encode() + body


def _problem(refusal: Refusal, phrase: str) -> bytes:
    wait = [int(value) for name, value in refusal.headers if name == "retry-after"]
    why = Reject(
        code_of(refusal.status), refusal.text, retry_after_ms=wait[0] * 1000 if wait else None
    )
    return msgspec.json.encode(problem(why, refusal.status, phrase))
