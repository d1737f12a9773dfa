"""
What a node serves over HTTP, built when somebody asks for it the first time.

Building all routes takes longer than most tests of sockets, which ask for none. Whatever asks
gets the same application; processes that tests start build it at their start, as ever. What a
handler takes is read off its function once: each node has functions of its own, of the same code.
"""

from collections.abc import Callable, Collection, Iterator
from functools import partial
from types import CodeType
from typing import Any

import pytest
from litestar import Router
from litestar.types import ASGIApp, Receive, Scope, Send
from litestar.utils.signature import ParsedSignature

from conclave.app import entry, lifecycle


@pytest.fixture(scope="session", autouse=True)
def sites_are_built_when_asked() -> Iterator[None]:
    """Let nodes that are made in this process build theirs late, once a test of a folder asks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lifecycle, "asgi_app", _late(lifecycle.asgi_app))
        patch.setattr(entry, "api", partial(_Api, entry.api))
        patch.setattr(ParsedSignature, "from_fn", _once(ParsedSignature.from_fn))
        yield


class _Api:
    """The API, which is registered route by route when it is made."""

    def __init__(self, make: Callable[..., Router], *parts: Any) -> None:
        self.make = partial(make, *parts)


def _once(parse: Callable[..., ParsedSignature]) -> Callable[..., ParsedSignature]:
    parsed: dict[CodeType, tuple[Any, ParsedSignature]] = {}

    def from_fn(function: Any, names: Collection[str]) -> ParsedSignature:
        code = getattr(function, "__code__", None)
        if code is None:
            return parse(function, names)
        said = function.__annotations__, function.__defaults__, {*names}
        known = parsed.get(code)
        if known is None or known[0] != said:
            known = parsed[code] = said, parse(function, names)
        return known[1]

    return from_fn


def _late(build: Callable[..., ASGIApp]) -> Callable[..., ASGIApp]:
    def asgi_app(*parts: Any) -> ASGIApp:
        built: list[ASGIApp] = []

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if not built:
                readiness, more, *rest = parts
                more = [one.make() if isinstance(one, _Api) else one for one in more]
                built.append(build(readiness, more, *rest))
            await built[0](scope, receive, send)

        return answer

    return asgi_app
