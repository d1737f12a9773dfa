"""
Places in rooms that several nodes let people into: taken before somebody is let in.

What many ask for at a time is one question to the store. Whoever has a place here already asks
nothing. Knows no room: whoever calls says when a place is free again.
"""

import asyncio
from typing import Final

import structlog

from conclave.ports.places import Place, Places
from conclave.protocol.errors import Code, Reject

log = structlog.get_logger(__name__)

# Seconds between two signs that this node is there: three fit into the lease.
KEEP_EVERY: Final = 5.0

Waiter = asyncio.Future[None]


class Seating:
    """This node's part of *places*, of which there are *most* in each room."""

    def __init__(self, places: Places, most: int) -> None:
        self._places = places
        self._most = most
        # What is ours for sure, and what may be though nobody here needs it.
        self._held: set[Place] = set()
        self._doubtful: set[Place] = set()
        # Asked for and not answered; free again and not given back.
        self._taking: dict[Place, Waiter] = {}
        self._giving: dict[Place, Waiter] = {}
        # Of these the store is being told just now.
        self._returning: dict[Place, Waiter] = {}
        self._asking = asyncio.Lock()
        self._running: asyncio.Task[None] | None = None
        self._closed = False

    async def take(self, room: str, user: str) -> None:
        """Have a place for *user* in *room*. Raises `room_full`, and what the store refuses."""
        place = room, user
        self._let(self._giving.pop(place, None))
        if place in self._held:
            return
        if place not in self._taking:
            self._taking[place] = _waiter()
            self._hurry()
        # Not awaited itself: who goes away must not take it along from the others.
        await asyncio.shield(self._taking[place])

    def free(self, room: str, user: str) -> None:
        """Nobody here needs the place of *user* any more; it is given back soon."""
        place = room, user
        if (place in self._held or place in self._taking) and place not in self._giving:
            self._giving[place] = _waiter()
            self._hurry()

    async def given(self, room: str, user: str) -> None:
        """Return when what was free is given back, or the store cannot take it."""
        place = room, user
        waiter = self._giving.get(place) or self._returning.get(place)
        if waiter is not None:
            await asyncio.wait([waiter])

    async def keep(self) -> None:
        """Say that this node is there; call it each `KEEP_EVERY`."""
        async with self._asking:
            if not await self._places.keep():
                await self._begin()
        # What could not be given back when it was free.
        self._hurry()

    async def close(self) -> None:
        """End what is under way; who closes the store gives all back."""
        self._closed = True
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        self._refuse([*self._taking], Reject(Code.UNAVAILABLE))
        for waiter in self._giving.values():
            self._let(waiter)

    @property
    def _busy(self) -> bool:
        return bool(self._taking or self._doubtful or self._giving)

    def _hurry(self) -> None:
        idle = self._running is None or self._running.done()
        if self._busy and idle and not self._closed:
            self._running = asyncio.create_task(self._run(), name="places")

    async def _run(self) -> None:
        while self._busy:
            # Those who ask in the same moment ask together.
            await asyncio.sleep(0)
            async with self._asking:
                answered = await self._exchange()
            # Who asked while that failed is told, too: each failure refuses all before it.
            if not (answered or self._taking or self._giving):
                return

    async def _exchange(self) -> bool:
        """Ask for all that is wanted now; return whether there was an answer."""
        take, doubtful = [*self._taking], [*self._doubtful]
        give = self._returned()
        try:
            taken = await self._ask(take, [*give, *doubtful])
        except Reject as no:
            self._doubtful.update(give)
            self._refuse(take, no)
            return False
        except Exception:
            log.exception("places_failed")
            self._doubtful.update(give)
            self._refuse(take, Reject(Code.UNAVAILABLE))
            return False
        finally:
            self._returning = {}
            for waiter in give.values():
                self._let(waiter)
        self._doubtful.difference_update(doubtful)
        for place in take:
            self._answer(place, None if place in taken else Reject(Code.ROOM_FULL))
        return True

    def _returned(self) -> dict[Place, Waiter]:
        """Return what shall be given back; who wants one of it from here on asks anew."""
        self._returning = {
            place: self._giving.pop(place) for place in self._held & self._giving.keys()
        }
        self._held.difference_update(self._returning)
        return self._returning

    async def _ask(self, take: list[Place], give: list[Place]) -> set[Place]:
        taken = await self._places.exchange(take, give, self._most)
        if taken is None:
            await self._begin()
            taken = await self._places.exchange(take, [], self._most)
        if taken is None:
            raise Reject(Code.UNAVAILABLE)
        return taken

    async def _begin(self) -> None:
        log.info("places_anew", places=len(self._held))
        # What is about to be given back, too: until then whoever comes back keeps it.
        await self._places.begin([*self._held])

    def _answer(self, place: Place, no: Reject | None) -> None:
        waiter = self._taking.pop(place)
        if no is None:
            self._held.add(place)
            waiter.set_result(None)
        else:
            self._let(self._giving.pop(place, None))
            waiter.set_exception(no)

    def _refuse(self, take: list[Place], no: Reject) -> None:
        # It may have been done all the same. `keep` asks again.
        self._doubtful.update(take)
        for place in take:
            self._answer(place, no)

    @staticmethod
    def _let(waiter: Waiter | None) -> None:
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


def _waiter() -> Waiter:
    """Return one that nobody cancels, since nobody awaits it itself."""
    waiter: Waiter = asyncio.get_running_loop().create_future()
    # Look at the outcome, which nobody else may: all who asked may have gone.
    waiter.add_done_callback(Waiter.exception)
    return waiter
