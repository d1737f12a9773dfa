"""
A client for tests: asks and waits for the answer, expects what it shall be told.

It keeps everything it was told, so a test can say what must *not* have come. It neither
comes back nor repeats: what happened on the wire is what the test sees.
"""

import asyncio
import secrets
from itertools import count
from typing import Any, Final, TypeVar, overload

import msgspec

from conclave.client.wire import Closed, Received, Wire
from conclave.protocol.errors import Reject
from conclave.protocol.event import Event

E = TypeVar("E", bound=Event)

# Seconds that a test waits for what it expects.
WITHIN: Final = 15.0


class Client:
    """One connection to a server under test; `Server.client` makes it."""

    def __init__(self, wire: Wire) -> None:
        # The socket underneath, for what no proper client would send.
        self.wire = wire
        # All that was told so far, answers to `ask` included, in order.
        self.events: list[Received] = []
        self._taken: set[int] = set()
        self._answers: dict[str, asyncio.Future[Received]] = {}
        # Ids are keys of what they write: those of two clients must differ.
        self._name = f"t-{secrets.token_hex(4)}"
        self._ids = count(1)
        self._changed = asyncio.Event()
        self._end: Closed | None = None
        self._reading = asyncio.create_task(self._read(), name="testing.client")

    async def _read(self) -> None:
        try:
            while True:
                self._note(await self.wire.receive())
        except Closed as end:
            self._end = end
            self._changed.set()
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(end)
                    answer.exception()  # whoever asked may not wait for it

    def _note(self, event: Received) -> None:
        self.events.append(event)
        answer = self._answers.pop(event.id, None) if event.id is not None else None
        if answer is not None and not answer.done():
            self._taken.add(len(self.events) - 1)
            answer.set_result(event)
        self._changed.set()

    def send(self, request: str | Event, /, **data: Any) -> None:
        """Send a request and wait for nothing."""
        type_, data = _spelled(request, data)
        self.wire.send(type_, **data)

    async def ask(
        self, request: str | Event, /, *, within: float = WITHIN, **data: Any
    ) -> dict[str, Any]:
        """
        Send a request, by name or as an event of yours, and return the data of its answer.

        Raises `Reject` with the code of an `error`, `Closed` if the connection ends first,
        `TimeoutError`. An `id=` of your own is sent in place of a new one.
        """
        type_, data = _spelled(request, data)
        id_ = data.pop("id", None) or f"{self._name}-{next(self._ids)}"
        answer: asyncio.Future[Received] = asyncio.get_running_loop().create_future()
        self._answers[id_] = answer
        self.wire.send(type_, id=id_, **data)
        received = await asyncio.wait_for(answer, within)
        if received.type == "error":
            told = received.data
            raise Reject(told["code"], told["message"], retry_after_ms=told.get("retry_after_ms"))
        return received.data

    @overload
    async def expect(
        self, event: str, /, *, within: float = WITHIN, **data: Any
    ) -> dict[str, Any]: ...

    @overload
    async def expect(self, event: type[E], /, *, within: float = WITHIN, **data: Any) -> E: ...

    async def expect(
        self, event: str | type[E], /, *, within: float = WITHIN, **data: Any
    ) -> dict[str, Any] | E:
        """
        Wait for an event with these *data* and return its data; each event is returned once.

        Name it as on the wire, or give its class and get an instance. What came before it
        stays to be expected. An `AssertionError` says what came instead.
        """
        type_ = event if isinstance(event, str) else event.type
        try:
            async with asyncio.timeout(within):
                found = await self._find(type_, data)
        except TimeoutError:
            raise AssertionError(self._instead(type_, data)) from None
        return found.data if isinstance(event, str) else msgspec.convert(found.data, event)

    async def _find(self, type_: str, data: dict[str, Any]) -> Received:
        while True:
            for at, event in enumerate(self.events):
                if at not in self._taken and event.type == type_ and _has(event, data):
                    self._taken.add(at)
                    return event
            if self._end is not None:
                raise AssertionError(self._instead(type_, data))
            self._changed.clear()
            await self._changed.wait()

    def _instead(self, type_: str, data: dict[str, Any]) -> str:
        rest = [e for at, e in enumerate(self.events) if at not in self._taken]
        came = "".join(f"\n  {event.type} {event.data}" for event in rest) or "\n  nothing"
        end = f"\n  and the end: {self._end.code} {self._end.reason}" if self._end else ""
        return f"expected {type_} {data}; what came besides:{came}{end}"

    def told(self, type: str, /, **data: Any) -> list[dict[str, Any]]:  # noqa: A002 - the wire's word
        """Return the data of all events of *type* so far with these *data*."""
        return [e.data for e in self.events if e.type == type and _has(e, data)]

    def forget(self) -> None:
        """Begin anew: nothing was told so far."""
        self.events.clear()
        self._taken.clear()

    async def ended(self, within: float = WITHIN) -> tuple[int, str]:
        """Wait for the end of the connection; return its close code and reason."""
        async with asyncio.timeout(within):
            await asyncio.shield(self._reading)
        assert self._end is not None
        return self._end.code, self._end.reason

    async def close(self) -> None:
        """Say goodbye; idempotent."""
        await self.wire.close()
        await self._reading


def _spelled(request: str | Event, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if isinstance(request, str):
        return request, data
    return request.type, {**msgspec.to_builtins(request), **data}


def _has(event: Received, data: dict[str, Any]) -> bool:
    return all(name in event.data and event.data[name] == data[name] for name in data)
