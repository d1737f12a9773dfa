"""
Asks addresses that answer slash commands, and reads what they say, as Slack's apps say it.

It is asked once, by one post that is signed: what asks waits, and says when it comes too late.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import msgspec

from conclave.core.slack import read_posted
from conclave.hooks.answers import Poster
from conclave.hooks.signing import Signer
from conclave.model import CommandHook
from conclave.ports import Clock, Hooks
from conclave.protocol.commanding import Asked
from conclave.protocol.errors import Code, Reject

# So many at a time, and of those that one person made; who comes then is told to try again.
_AT_ONCE: Final = 16
_OF_ONE_MAKER: Final = 4
_TO_ALL: Final = "in_channel"


class _Answer(msgspec.Struct):
    response_type: str = "ephemeral"


class Asker:
    """Call `ask` for a command; end it with `close`."""

    def __init__(
        self, hooks: Hooks, posts: Callable[[], Poster], signer: Signer, clock: Clock
    ) -> None:
        self._hooks = hooks
        self._posts = posts
        self._poster: Poster | None = None
        self._signer = signer
        self._clock = clock
        # How many are under way of those that each has made.
        self._busy: Counter[str] = Counter()

    async def ask(self, hook: CommandHook, asked: Asked) -> tuple[str, bool]:
        """
        Return the text that *hook* answers, "" for none, and whether it is for all.

        Raises `no_such_command` where who made it may not any more, `busy`, `unanswered`.
        """
        if not await self._hooks.is_good_command(hook.id):
            raise Reject(Code.NO_SUCH_COMMAND)
        maker = hook.created_by
        if self._busy.total() >= _AT_ONCE or self._busy[maker] >= _OF_ONE_MAKER:
            raise Reject(Code.BUSY)
        self._busy[maker] += 1
        try:
            self._poster = self._poster or self._posts()
            body = await self._poster.ask(self._signer.asking(hook, asked, self._clock.wall()))
        finally:
            self._busy -= Counter([maker])
        if body is None:
            raise Reject(Code.UNANSWERED)
        return read_answer(body)

    async def close(self) -> None:
        if self._poster is not None:
            await self._poster.close()


def read_answer(body: bytes) -> tuple[str, bool]:
    """Return what *body* says, plain text or JSON as Slack takes it, and whether it is for all."""
    if not body.strip():
        return "", False
    try:
        found: Any = msgspec.json.decode(body, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return body.decode("utf-8", "replace").strip(), False
    try:
        said = read_posted(body).text
    except Reject:
        raise Reject(Code.UNANSWERED) from None
    return said, found.response_type == _TO_ALL
