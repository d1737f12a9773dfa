"""
The engine of a node among others: hints by a bus that nobody trusts.

Each node says every second that it is there, and hears itself say so: what it does not hear of
itself it does not hear of others either, whatever the connection looks like. Hints of a room
melt into the newest one while they wait, so that a slow bus fills no memory.
"""

import asyncio
import secrets
from contextlib import suppress
from math import inf
from random import Random
from typing import Final

import structlog

from conclave.engine.bus import Bus, BusDown, Link
from conclave.engine.peers import LEASE, Peers
from conclave.engine.presences import Change, Others, Own
from conclave.engine.sealing import Message, Refused, Seal, Whisper
from conclave.engine.waiting import AT_ONCE, Waiting, tell_news
from conclave.model.meters import Tally
from conclave.model.seen import Seen
from conclave.ports.engine import Ears
from conclave.protocol.codec import Packet

log = structlog.get_logger(__name__)

# Seconds between two signs of life, and without hearing one's own after which a link is broken.
BEAT_EVERY: Final = 1.0
DEAF_AFTER: Final = 5.0
CONNECT_WITHIN: Final = 3.0
# Seconds until the next try: at first, and in the long run; each between half of it and all.
RETRY_FIRST: Final = 1.0
RETRY_LAST: Final = 4.0
_CLOSE_WITHIN: Final = 1.0


class ClusterEngine:
    """Keeps the promises of `ports.Engine` over any *bus*; *seal* is the cluster's."""

    def __init__(self, bus: Bus, seal: Seal, random: Random | None = None) -> None:
        self._bus = bus
        self._seal = seal
        self._random = random or secrets.SystemRandom()
        self._ears: Ears | None = None
        self._running: asyncio.Task[None] | None = None
        self._node = f"{self._random.getrandbits(96):024x}"
        self._life = self._said = 0
        self._waiting = Waiting()
        self._own, self._others = Own(), Others()
        self._beats = False
        self._wake = asyncio.Event()
        # Set when the first link works, or does not.
        self._tried = asyncio.Event()
        self._peers = Peers()
        self._heard_self = 0.0
        # When this process was seen to do anything.
        self._awake = inf
        self.degraded: str | None = "not connected yet"
        self.missed = 0
        # Packets by what became of them, and messages of others that never came.
        self._packets = Tally("heard", "forged", "unreadable", "oversize", "replayed", "version")
        self.lost = self.connects = 0

    @property
    def nodes(self) -> list[str]:
        """The other nodes that are there."""
        return self._peers.here()

    async def start(self, ears: Ears) -> None:
        self._ears = ears
        self._running = asyncio.create_task(self._run(), name="engine")
        # A bus that is there is heard at once; one that is not keeps nobody from starting.
        with suppress(TimeoutError):
            async with asyncio.timeout(CONNECT_WITHIN):
                await self._tried.wait()

    @property
    def packets(self) -> dict[str, int]:
        return dict(self._packets.items())

    @property
    def dropped(self) -> int:
        """How many hints were left away, since too many waited."""
        return self._waiting.dropped

    def hint(self, epoch: str, room: str, seq: int) -> None:
        self._say_soon(self._waiting.hint(epoch, room, seq))

    def doubt(self, user: str) -> None:
        self._say_soon(self._waiting.doubt(user))

    def renew(self, user: str, room: str) -> None:
        self._say_soon(self._waiting.renew(user, room))

    def spend(self, cost: int, user: str, tokens: int) -> None:
        self._say_soon(self._waiting.spend(cost, user, tokens))

    def whisper(self, room: str, user: str, packet: Packet, *, alone: bool = False) -> None:
        # What nobody keeps is worth nothing when it is late.
        whisper = Whisper(room, user, packet.text.decode(), alone)
        self._say_soon(self.degraded is None and self._waiting.whisper(whisper))

    def come(self, room: str, seen: Seen) -> None:
        self._say_soon(self._own.come(room, seen))

    def go(self, room: str, user: str) -> None:
        self._say_soon(self._own.go(room, user))

    def _say_soon(self, news: bool) -> None:
        if news:
            self._wake.set()

    async def close(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    # One link after another.

    async def _run(self) -> None:
        wait = RETRY_FIRST
        while True:
            try:
                await self._once()
            except BusDown as error:
                self._fail(str(error))
            except Exception:
                log.exception("engine_failed")
                self._fail("an error of this program")
            if self._heard_self:
                wait = RETRY_FIRST
            await asyncio.sleep(wait * self._random.uniform(0.5, 1.0))
            wait = min(wait * 2, RETRY_LAST)

    def _fail(self, why: str) -> None:
        if self.degraded is None:
            log.warning("bus_down", why=why)
        self.degraded = why
        self._tried.set()

    async def _once(self) -> None:
        self._heard_self = 0.0
        self.connects += 1
        self._stood_still(asyncio.get_running_loop().time())
        link = await self._connect()
        self._life, self._said = self._life + 1, 0
        # Who heard us before may have missed the end of it.
        self._own.begin()
        try:
            await self._live(link)
        finally:
            await link.close()

    async def _connect(self) -> Link:
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                return await self._bus.connect()
        except TimeoutError as error:
            raise BusDown("it does not answer") from error

    async def _live(self, link: Link) -> None:
        """Return by `BusDown` alone, or when cancelled: then it has said good-bye."""
        parts = [asyncio.create_task(part(link)) for part in (self._hear, self._speak, self._watch)]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            await next(iter(done))
        except asyncio.CancelledError:
            await self._end(parts)
            await self._say_goodbye(link)
            raise
        finally:
            await self._end(parts)

    @staticmethod
    async def _end(tasks: list["asyncio.Task[None]"]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # What is said.

    async def _speak(self, link: Link) -> None:
        self._beats = True
        while True:
            while self._beats or self._waiting or self._own:
                await self._say(link)
            self._wake.clear()
            await self._wake.wait()

    async def _say(self, link: Link, *, bye: bool = False) -> None:
        """Say what waits, or some of it; what could not be said waits on."""
        asks = self._others.incomplete() if self._beats else []
        self._beats, taken, own = False, self._waiting.take(), self._own.take(AT_ONCE)
        self._said += 1
        message = taken.message(self._node, self._life, self._said, own, asks, bye)
        try:
            await link.say(self._seal.close(message))
        except BaseException:
            self._waiting.give_back(taken)
            raise

    async def _say_goodbye(self, link: Link) -> None:
        with suppress(BusDown, TimeoutError):
            async with asyncio.timeout(_CLOSE_WITHIN):
                while len(self._waiting) > AT_ONCE:
                    await self._say(link)
                await self._say(link, bye=True)

    # What is heard.

    async def _hear(self, link: Link) -> None:
        while True:
            packet = await link.hear()
            try:
                message = self._seal.open(packet)
            except Refused as no:
                self._packets.add(str(no))
            else:
                self._take(message)

    def _take(self, message: Message) -> None:
        now = asyncio.get_running_loop().time()
        if message.node == self._node:
            if message.life == self._life:
                self._heard_myself(now)
            return
        missing = self._peers.take(message.node, message.life, message.n, now)
        if missing is None:
            self._packets.add("replayed")
            return
        self._packets.add("heard")
        self.lost += missing
        self.missed += bool(missing or message.lost)
        if self._node in message.ask:
            self._own.asked()
            self._wake.set()
        if self._ears is not None:
            self._tell(message, self._ears, missing)

    def _tell(self, message: Message, ears: Ears, missing: int) -> None:
        tell_news(message, ears)
        if message.bye:
            self._peers.part(message.node)
            self._changed(message.node, self._others.drop(message.node))
        elif message.n == self._peers.newest(message.node):
            # What was overtaken says how it was: that it is missed is known by the gap.
            gap = missing > 0 and message.n != 1
            self._changed(message.node, self._others.hear(message, gap=gap))

    def _changed(self, node: str, changes: list[Change]) -> None:
        for room, seen, here in changes:
            if self._ears is not None:
                (self._ears.came if here else self._ears.went)(node, room, seen)

    def _heard_myself(self, now: float) -> None:
        if not self._heard_self:
            # From here on nothing is missed; before, anything was.
            self._peers.renew(now)
            self.missed += 1
            self.degraded = None
            self._tried.set()
        self._heard_self = now

    # Signs of life.

    async def _watch(self, _link: Link) -> None:
        loop = asyncio.get_running_loop()
        since = loop.time()
        while True:
            await asyncio.sleep(BEAT_EVERY)
            now = loop.time()
            if self._stood_still(now):
                raise BusDown("this process stood still")
            if now - (self._heard_self or since) > DEAF_AFTER:
                raise BusDown("this node does not hear itself")
            self._beats = True
            self._wake.set()
            self._look(now)

    def _stood_still(self, now: float) -> bool:
        """Return whether this process did nothing for so long that others took it for dead."""
        stood, self._awake = now - self._awake > LEASE, now
        if stood and self._ears is not None:
            log.warning("stood_still")
            # Who was here may be long gone: each is told again once they gave a sign of life.
            self._own.withhold()
            self._ears.stood_still()
        return stood

    def _look(self, now: float) -> None:
        self.missed += self._peers.silent(now)
        for node in self._peers.bury(now):
            log.warning("node_gone", node=node)
            self._changed(node, self._others.drop(node))
