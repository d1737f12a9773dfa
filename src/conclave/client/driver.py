"""
Gives a conversation its socket, its clock, its timer and its tokens: where the client's
I/O is.

`act` is the one door: tell the conversation something through it, and what follows is done
and delivered before it returns. Every task made here ends in `close`.
"""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from math import inf
from typing import Any, Final, TypeVar

from conclave.client.address import Address
from conclave.client.conversation import Conversation
from conclave.client.effects import Effect, Fetch, Hang, Open, Send
from conclave.client.errors import ClientClosed
from conclave.client.news import News
from conclave.client.session import OPEN_WITHIN
from conclave.client.websocket import Refused, WebSocket, open_websocket
from conclave.protocol.errors import Close

T = TypeVar("T")

# No page of history is larger than 128 KiB; what is far larger comes from no Conclave.
_MAX_MESSAGE_BYTES: Final = 4 * 1024 * 1024

_log: Final = logging.getLogger(__name__)


class _Ear:
    """What one socket tells, with the number of its connection."""

    def __init__(self, driver: "Driver", generation: int) -> None:
        self._driver = driver
        self._generation = generation

    def received(self, text: bytes) -> None:
        self._driver.act(lambda talk, now: talk.received(self._generation, text, now))

    def received_binary(self, data: bytes) -> None:
        """No server sends any."""

    def heard(self) -> None:
        self._driver.act(lambda talk, now: talk.heard(self._generation, now))

    def ended(self, code: int, reason: str) -> None:
        self._driver.act(lambda talk, now: talk.closed(self._generation, code, reason, now))


class Driver:
    """One client's I/O."""

    def __init__(
        self,
        conversation: Conversation,
        address: Address,
        fetch_token: Callable[[], Awaitable[str]],
        deliver: Callable[[list[News]], None],
        ended: Callable[[ClientClosed], None],
        tls: ssl.SSLContext | None,
    ) -> None:
        self.conversation = conversation
        # What last went wrong on the way to the server, for whoever waits for it.
        self.trouble: Exception | None = None
        self._address = address
        self._fetch_token = fetch_token
        self._deliver = deliver
        # Told that nothing comes any more: when the server sent the client away for good.
        self._ended = ended
        self._tls = tls
        self._loop = asyncio.get_running_loop()
        self._socket: WebSocket | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._opening: asyncio.Task[None] | None = None
        # All tasks, those above included.
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.Handle | None = None
        # When it fires: uvloop gives one that cannot say so for what is due at once.
        self._fires = inf
        self._acting = False

    def act(self, what: Callable[[Conversation, float], T]) -> T:
        """Tell the conversation something and do what follows."""
        result = what(self.conversation, self._loop.time())
        if not self._acting:
            self._acting = True
            try:
                self._carry_out()
            finally:
                self._acting = False
        return result

    async def close(self) -> None:
        """Say goodbye and end every task; idempotent."""
        self.act(lambda talk, _now: talk.stop())
        for task in (self._fetching, self._opening):
            if task is not None:
                task.cancel()
        if self._timer is not None:
            self._timer.cancel()
        try:
            await self._all_ended()
        except asyncio.CancelledError:
            # No time for goodbyes: what is cancelled ends at once.
            for task in self._tasks:
                task.cancel()
            await self._all_ended()
            raise

    async def _all_ended(self) -> None:
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _carry_out(self) -> None:
        talk = self.conversation
        while (effects := talk.take()) or (news := talk.news()):
            for effect in effects:
                self._do(effect)
            if not effects:
                self._deliver(news)
        if talk.session.end is not None:
            self._ended(talk.session.end)
        self._set_timer()

    def _do(self, effect: Effect) -> None:
        match effect:
            case Fetch(generation):
                self._fetch(generation)
            case Open(generation):
                self._opening = self._spawn(self._open(generation))
            case Send(text):
                if self._socket is not None:
                    self._socket.send(text)
            case Hang(code):
                self._hang(code)

    def _set_timer(self) -> None:
        due = self.conversation.due
        if self._timer is not None:
            if self._fires <= due < inf and not self._timer.cancelled():
                # It fires too early, and is set anew then: cheaper than at each event.
                return
            self._timer.cancel()
            self._timer = None
        if due < inf:
            self._timer, self._fires = self._loop.call_at(due, self._tick), due

    def _tick(self) -> None:
        self._timer = None
        self.act(lambda talk, now: talk.tick(now))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # ── tokens and sockets ─────────────────────────────────────────────────────────────

    def _fetch(self, generation: int) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
        self._fetching = self._spawn(self._get_token(generation))

    async def _get_token(self, generation: int) -> None:
        try:
            token = await self._fetch_token()
        except Exception as error:  # noqa: BLE001 - the edge: the application's own code
            # Its service may be down as well: asked again, as late as any server is.
            _log.warning("the token callback failed: %r", error)
            self.trouble = error
            why = f"no token: {type(error).__name__}"
            self.act(lambda talk, now: talk.no_token(generation, why, now))
        else:
            self.act(lambda talk, now: talk.token(generation, token, now))

    async def _open(self, generation: int) -> None:
        advice = 0.0
        try:
            socket = await open_websocket(
                _Ear(self, generation),
                self._address.url,
                within=OPEN_WITHIN,
                tls=self._tls,
                max_message_bytes=_MAX_MESSAGE_BYTES,
            )
        except (OSError, Refused) as error:
            self.trouble = error
            advice = error.retry_after if isinstance(error, Refused) else 0.0
            why = str(error) or type(error).__name__
            self.act(lambda talk, now: talk.closed(generation, Close.ABNORMAL, why, now, advice))
            return
        if generation != self.conversation.session.generation:
            socket.mute()
            socket.abort()
            return
        self._socket = socket
        self.act(lambda talk, now: talk.opened(generation, now))

    def _hang(self, code: int) -> None:
        if self._opening is not None:
            self._opening.cancel()
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.mute()
            socket.close(code)
            self._spawn(socket.closed())
