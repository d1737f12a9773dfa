"""
One message to one address, and what became of it.

Redirects are not followed, of an answer to what is told nothing is read but its status, and it
must come within seconds: who answers may be anybody.
"""

from typing import Final

import aiohttp

from conclave.hooks.answers import Answer, Answered
from conclave.hooks.signing import Message
from conclave.protocol.errors import Reject
from conclave.reach.asking import open_session
from conclave.reach.guard import Guard

WITHIN_S: Final = 10.0
_AT_ONCE: Final = 16
_MOST_RETRY_AFTER_S: Final = 3_600.0
# What an address may answer to a command.
_MOST_ANSWER: Final = 65_536
# It understood that this is not for it, however often it comes.
_NOT_THIS: Final = (400, 413, 415, 422)


class Posts:
    """Posts to where *guard* lets it; make it in a running loop, end it with `close`."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._session = open_session(guard, at_once=_AT_ONCE, within=WITHIN_S)

    async def post(self, message: Message) -> Answered:
        try:
            # What is allowed may have changed since it was given.
            self._guard.check(message.url)
        except Reject:
            return Answered(Answer.LATER, "address")
        try:
            async with self._session.post(
                message.url, data=message.body, headers=message.headers, allow_redirects=False
            ) as response:
                return _meaning(response.status, response.headers.get("retry-after", ""))
        except TimeoutError:
            return Answered(Answer.LATER, "timeout")
        except (aiohttp.ClientError, OSError, ValueError):
            return Answered(Answer.LATER, "unreachable")

    async def ask(self, message: Message) -> bytes | None:
        try:
            self._guard.check(message.url)
            async with self._session.post(
                message.url, data=message.body, headers=message.headers, allow_redirects=False
            ) as response:
                # One byte more says that it is too much.
                body = await response.content.read(_MOST_ANSWER + 1)
                while len(body) <= _MOST_ANSWER and (more := await response.content.read(65_536)):
                    body += more
                good = 200 <= response.status < 300 and len(body) <= _MOST_ANSWER
                return body if good else None
        except (Reject, TimeoutError, aiohttp.ClientError, OSError, ValueError):
            return None

    async def close(self) -> None:
        await self._session.close()


def _meaning(status: int, retry_after: str) -> Answered:
    what = str(status)
    if 200 <= status < 300:
        return Answered(Answer.TAKEN, what)
    if status == 410:
        return Answered(Answer.GONE, what)
    if status in _NOT_THIS:
        return Answered(Answer.REFUSED, what)
    after = float(retry_after) if retry_after.isdecimal() else 0.0
    return Answered(Answer.LATER, what, min(after, _MOST_RETRY_AFTER_S))
