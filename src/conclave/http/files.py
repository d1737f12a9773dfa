"""
Files that are the same for everybody, answered before the router is asked.

Each is packed once, at start, and sent as it lies there: a browser that opens the page asks
for more than a hundred of them. Only these are ever compressed. What is made for somebody
is not: the size of what was packed tells an eavesdropper what it has in common with what
they got into it (BREACH).
"""

import gzip
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

Headers = Sequence[tuple[bytes, bytes]]

# Below it the header fields are most of it.
_WORTH_PACKING_BYTES: Final = 256
_READ: Final = ("GET", "HEAD")
_ALLOW: Final = (b"allow", b"GET, HEAD")


class Form(NamedTuple):
    """One way of sending a file; *tag*: what names it in a question whether it has changed."""

    body: bytes
    headers: Headers
    tag: bytes


class File(NamedTuple):
    """What is answered at one address."""

    plain: Form
    packed: Form | None

    def form_for(self, accepted: bytes) -> Form:
        """Return the form for a client that accepts these encodings."""
        return self.packed if self.packed is not None and takes_gzip(accepted) else self.plain


def file(body: bytes, media_type: str, headers: Mapping[str, str], tag: str = "") -> File:
    """
    Return *body* as a file; *headers* go with it in every form.

    With a *tag*, such as a digest, who has the file is told so instead of sent it again.
    """
    small = _packed(body) if len(body) >= _WORTH_PACKING_BYTES else body
    if media_type.startswith("image/png") or len(small) >= len(body):
        return File(_form(body, media_type, headers, tag), None)
    vary = {**headers, "vary": "accept-encoding"}
    packed = {**vary, "content-encoding": "gzip"}
    return File(
        _form(body, media_type, vary, tag),
        # Another tag: to caches they are two things (RFC 9110 8.8.3).
        _form(small, media_type, packed, tag and f"{tag}-gzip"),
    )


# A process of tests makes node after node, each with the same page; both forms are kept anyway.
@lru_cache(maxsize=512)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def _form(body: bytes, media_type: str, headers: Mapping[str, str], tag: str) -> Form:
    fields = {"content-type": media_type, "content-length": str(len(body)), **headers}
    if tag:
        fields["etag"] = f'"{tag}"'
    encoded = [(name.encode(), value.encode()) for name, value in fields.items()]
    return Form(body, encoded, fields.get("etag", "").encode())


def takes_gzip(accepted: bytes) -> bool:
    """Return whether `Accept-Encoding: *accepted*` allows gzip (RFC 9110 12.5.3)."""
    weights = dict(map(_weight, accepted.lower().split(b",")))
    return weights.get(b"gzip", weights.get(b"*", 0.0)) > 0


def _weight(one: bytes) -> tuple[bytes, float]:
    name, _, quality = one.partition(b";")
    given = quality.strip().removeprefix(b"q=")
    try:
        return name.strip(), float(given) if given else 1.0
    except ValueError:
        # Not a weight: as if the client had not named it.
        return name.strip(), 0.0


def files_first(app: ASGIApp, files: Mapping[str, File], refused: Headers) -> ASGIApp:
    """Return *app* with *files* by path before it; *refused*: headers of a wrong method."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or (found := files.get(scope["path"])) is None:
            await app(scope, receive, send)
        elif scope["method"] not in _READ:
            await _send(send, 405, [*refused, _ALLOW, (b"content-length", b"0")], b"")
        else:
            asked = dict(scope["headers"])
            form = found.form_for(asked.get(b"accept-encoding", b""))
            if _has(asked.get(b"if-none-match", b""), form.tag):
                # What a 200 would say, but for what describes the body (RFC 9110 15.4.5).
                kept = [one for one in form.headers if not one[0].startswith(b"content-l")]
                await _send(send, 304, kept, b"")
            else:
                body = b"" if scope["method"] == "HEAD" else form.body
                await _send(send, 200, form.headers, body)

    return answer


def _has(tags: bytes, tag: bytes) -> bool:
    """Return whether *tag* is among those a client has, weak ones too: proxies make them so."""
    return bool(tag) and tag in (one.strip().removeprefix(b"W/") for one in tags.split(b","))


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body, "more_body": False})
