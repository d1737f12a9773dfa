"""
What a node serves over HTTP, built when somebody asks for it the first time.

Building all routes takes longer than most tests of sockets, which ask for none. Whatever asks
gets the same application; processes that tests start build it at their start, as ever.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from litestar.types import ASGIApp, Receive, Scope, Send

from conclave.app import lifecycle


@pytest.fixture(scope="session", autouse=True)
def sites_are_built_when_asked() -> Iterator[None]:
    """Let nodes that are made in this process build theirs late, once a test of a folder asks."""
    at_once = lifecycle.asgi_app
    lifecycle.asgi_app = _late(at_once)
    yield
    lifecycle.asgi_app = at_once


def _late(build: Callable[..., ASGIApp]) -> Callable[..., ASGIApp]:
    def asgi_app(*parts: Any) -> ASGIApp:
        built: list[ASGIApp] = []

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if not built:
                built.append(build(*parts))
            await built[0](scope, receive, send)

        return answer

    return asgi_app
