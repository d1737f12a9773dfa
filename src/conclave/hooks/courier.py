"""
Tells outgoing webhooks what is said: each in order, and again until it is taken.

What waits is in the store, so that neither a restart nor a burst loses anything; here is only
who is being told now. Each has one post under way at a time, and all together a few: one that
does not answer holds up nobody else.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable
from typing import Final

import structlog
from msgspec.structs import replace

from conclave.hooks.answers import Answer, Answered, Poster
from conclave.hooks.signing import Signer, trial
from conclave.model import By, Delivery, HookBacklog, OutgoingHook
from conclave.model.meters import HookMeters
from conclave.ports import Clock, Hooks
from conclave.protocol.errors import Code, Reject

log = structlog.get_logger(__name__)

INTERVAL: Final = 0.5
_AT_ONCE: Final = 8
# Of those that one person made: whose answer slowly wait for each other, not others for them.
_OF_ONE_MAKER: Final = 4
# Of one webhook before others have their turn, as many and for as many seconds.
_IN_A_ROW: Final = 20
_TURN_S: Final = 1.0
# By hand, all together.
_RESENT_AT_ONCE: Final = 4
_FIRST_WAIT_MS: Final = 5_000
_LONGEST_WAIT_MS: Final = 3_600_000
# About four hours; then the next one is tried.
MOST_TRIES: Final = 12
# Nothing was taken for so long: somebody has to look.
OFF_AFTER_MS: Final = 3 * 86_400_000


class _Line:
    """One webhook: whether there may be something for it, and when to look."""

    __slots__ = ("due", "fresh", "hook", "oldest")

    def __init__(self, hook: OutgoingHook) -> None:
        self.hook = hook
        self.fresh = True
        # Wall time, in milliseconds.
        self.due = 0
        # When what it is told next was said; None: nothing is known to wait.
        self.oldest: int | None = None


class Courier:
    """Call `renew` at the start and after each change, `tick` every `INTERVAL`; at last `close`."""

    def __init__(
        self,
        hooks: Hooks,
        posts: Callable[[], Poster],
        signer: Signer,
        clock: Clock,
        meters: HookMeters,
    ) -> None:
        self._hooks = hooks
        # Made with the first message: most servers have no webhooks.
        self._posts = posts
        self._poster: Poster | None = None
        self._signer = signer
        self._clock = clock
        self._meters = meters
        self._lines: dict[str, _Line] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        # How many are under way of those that each has made.
        self._busy: Counter[str] = Counter()
        # Whose turn it is just now, also of one that was taken away meanwhile and came back.
        self._served: set[str] = set()
        self._resending: set[str] = set()
        # The rooms of what was said since it was looked.
        self._said: set[str] = set()

    async def renew(self) -> None:
        """Take the webhooks as they are kept now."""
        kept = {one.id: one for one in await self._hooks.all_outgoing() if one.disabled_at is None}
        for id_ in self._lines.keys() - kept.keys():
            del self._lines[id_]
        for id_, hook in kept.items():
            known = self._lines.setdefault(id_, _Line(hook))
            known.hook, known.fresh, known.due = hook, True, 0

    def note(self, room: str) -> None:
        """Something was said: never waits, and costs the same however many webhooks there are."""
        self._said.add(room)

    def rest(self) -> None:
        """Another node tells them: forget what was said."""
        self._said.clear()

    def _look(self) -> None:
        """Know of all who may have to be told of what was said since the last time."""
        said, self._said = self._said, set()
        if said:
            for line in self._lines.values():
                line.fresh = line.fresh or line.hook.room is None or line.hook.room in said

    async def tick(self) -> None:
        """Begin to tell whoever is due, as far as there is room."""
        self._look()
        now = self._clock.wall()
        while len(self._under_way) < _AT_ONCE and (line := self._next(now)) is not None:
            self._served.add(line.hook.id)
            self._busy[line.hook.created_by] += 1
            # Behind all others, the next time.
            self._lines[line.hook.id] = self._lines.pop(line.hook.id)
            task = asyncio.create_task(self._serve(line, line.hook.created_by), name="webhook")
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    def _next(self, now: int) -> _Line | None:
        """Return whose turn it is: of whom the fewest are under way, and who waits longest."""
        due = (
            line
            for line in self._lines.values()
            if line.fresh and line.hook.id not in self._served and line.due <= now
        )
        first = min(due, key=lambda line: self._busy[line.hook.created_by], default=None)
        if first is None or self._busy[first.hook.created_by] >= _OF_ONE_MAKER:
            return None
        return first

    async def _serve(self, line: _Line, maker: str) -> None:
        until = self._clock.monotonic() + _TURN_S
        try:
            for _ in range(_IN_A_ROW):
                if self._lines.get(line.hook.id) is not line:
                    # Turned off or revoked meanwhile: nothing more is for it.
                    break
                if not await self._step(line) or self._clock.monotonic() > until:
                    break
        except Reject:
            # The store takes nothing now: it is tried again, and told twice at worst.
            line.due = self._clock.wall() + _FIRST_WAIT_MS
        except Exception:
            line.due = self._clock.wall() + _LONGEST_WAIT_MS
            log.exception("webhook_failed", hook=line.hook.id)
        finally:
            self._served.discard(line.hook.id)
            self._busy -= Counter([maker])

    async def _step(self, line: _Line) -> bool:
        """Tell one entry; return whether the next may be told at once."""
        # Before it is looked: what is said meanwhile is looked for once more.
        line.fresh = False
        turn = await self._hooks.next_of(line.hook)
        if not turn.told:
            self._forget(line)
            return False
        if not turn.backed:
            await self._off(line, "maker")
            return False
        if turn.passed:
            await self._hooks.skip(line.hook.id, turn.passed)
        line.oldest = None if turn.delivery is None else turn.delivery.entry.timestamp
        if turn.delivery is None:
            return False
        line.fresh = True
        now = self._clock.wall()
        if turn.due > now:
            line.due = turn.due
            return False
        return await self._tell(line, turn.delivery, turn.tries + 1)

    def _forget(self, line: _Line) -> None:
        # One that was turned on again while it was looked is fresh, and is looked at once more.
        if not line.fresh and self._lines.get(line.hook.id) is line:
            del self._lines[line.hook.id]

    async def _tell(self, line: _Line, delivery: Delivery, tries: int) -> bool:
        answered = await self._post(delivery, again=tries > 1)
        match answered.answer:
            case Answer.TAKEN:
                line.hook = replace(line.hook, failing_since=None)
                await self._hooks.taken(delivery, answered.what)
                return True
            case Answer.GONE:
                await self._off(line, "gone")
                return False
            case Answer.REFUSED:
                await self._give_up(delivery, answered.what, tries, 0)
                return True
            case Answer.LATER:
                await self._later(line, delivery, tries, answered)
                return False

    async def _later(self, line: _Line, delivery: Delivery, tries: int, answered: Answered) -> None:
        now = self._clock.wall()
        since = line.hook.failing_since or now
        line.hook = replace(line.hook, failing_since=since)
        line.due = now + max(_wait_ms(tries), int(answered.after_s * 1_000))
        await self._hooks.failed(delivery, answered.what, tries, line.due)
        if tries >= MOST_TRIES:
            await self._give_up(delivery, answered.what, tries, line.due)
        if now - since >= OFF_AFTER_MS:
            await self._off(line, "failing")

    async def _give_up(self, delivery: Delivery, what: str, tries: int, due: int) -> None:
        self._meters.given_up += await self._hooks.give_up(delivery, what, tries, due)

    async def _off(self, line: _Line, why: str) -> None:
        await self._hooks.turn_off(line.hook, why)
        self._lines.pop(line.hook.id, None)
        self._meters.off.add(why)
        log.warning("webhook_off", hook=line.hook.id, why=why)

    async def _post(self, delivery: Delivery, *, again: bool) -> Answered:
        self._poster = self._poster or self._posts()
        message = self._signer.message(delivery, self._clock.wall() // 1_000)
        answered = await self._poster.post(message)
        self._meters.posts.add(answered.answer.value)
        self._meters.retries += again
        return answered

    async def resend(self, hook: str, letter: str, by: By) -> str:
        """
        Tell *hook* now what was given up; return what it answered, "" if it took it.

        Raises `not_found` where that is not there any more, `busy` where others are under way.
        """
        delivery = await self._hooks.dead_letter(hook, letter, by)
        answered = await self._post_by_hand(delivery, again=True)
        if answered.answer is Answer.TAKEN:
            await self._hooks.forget_dead(letter, delivery.hook, by)
            return ""
        await self._hooks.tried_again(letter, answered.what)
        return answered.what

    @property
    def told(self) -> int:
        """How many webhooks are told what is said."""
        return len(self._lines)

    @property
    def failing(self) -> int:
        """How many of them took nothing when they were told last."""
        return sum(line.hook.failing_since is not None for line in self._lines.values())

    @property
    def behind_s(self) -> float:
        """How long ago that was said which waits longest for a webhook."""
        waiting = [line.oldest for line in self._lines.values() if line.oldest is not None]
        return max(0.0, (self._clock.wall() - min(waiting)) / 1_000) if waiting else 0.0

    async def backlog(self) -> HookBacklog:
        """Count what waits; for one that has looked and found nothing, nobody is asked."""
        self._look()
        lines = self._lines.values()
        return await self._hooks.backlog(
            [one.hook for one in lines if one.fresh or one.hook.id in self._served]
        )

    async def test(self, hook: str, by: By) -> str:
        """
        Tell *hook* now something that nobody said; return what it answered, "" if it took it.

        Raises `not_found`, and `busy` where others are under way. It counts as no delivery.
        """
        found = await self._hooks.outgoing_for(hook, by)
        answered = await self._post_by_hand(trial(found, self._clock.wall()), again=False)
        return "" if answered.answer is Answer.TAKEN else answered.what

    async def _post_by_hand(self, delivery: Delivery, *, again: bool) -> Answered:
        hook = delivery.hook.id
        if hook in self._resending or len(self._resending) >= _RESENT_AT_ONCE:
            raise Reject(Code.BUSY)
        self._resending.add(hook)
        try:
            return await self._post(delivery, again=again)
        finally:
            self._resending.discard(hook)

    async def close(self) -> None:
        """End what is under way: it is told again after the next start."""
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._poster is not None:
            await self._poster.close()


def _wait_ms(tries: int) -> int:
    # Not all at the same moment, when an address is back.
    share = 0.5 + secrets.randbelow(512) / 1_024
    return int(min(_FIRST_WAIT_MS * 2 ** (tries - 1), _LONGEST_WAIT_MS) * share)
