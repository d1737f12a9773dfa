"""
One message to one push service, and what it answered.

Redirects are not followed, no proxy of the environment is used, of an answer nothing is
read but its status, and it must come within seconds: who answers may be anybody.
"""

import asyncio
from typing import Final

import aiohttp

from conclave.model import Subscription
from conclave.protocol.errors import Reject
from conclave.push.answers import TTL_S, Answer, Answered
from conclave.push.message import Message
from conclave.push.sealing import Sender, seal
from conclave.reach.asking import open_session
from conclave.reach.guard import Guard

_WITHIN_S: Final = 10.0
_AT_ONCE: Final = 16
_MOST_RETRY_AFTER_S: Final = 3_600.0


class Services:
    """Sends; make it in a running loop, end it with `close`."""

    def __init__(self, guard: Guard, sender: Sender) -> None:
        self._guard = guard
        self._sender = sender
        self._session = open_session(guard, at_once=_AT_ONCE, within=_WITHIN_S)

    async def send(self, subscription: Subscription, message: Message) -> Answered:
        """Send *message*; never raises but for being cancelled."""
        try:
            # What is allowed may have changed since it was given.
            self._guard.check(subscription.endpoint)
            body, headers = await asyncio.to_thread(self._prepared, subscription, message)
        except (Reject, ValueError):
            return Answered(Answer.GONE)
        try:
            async with self._session.post(
                subscription.endpoint, data=body, headers=headers, allow_redirects=False
            ) as response:
                return _meaning(response.status, response.headers.get("retry-after", ""))
        except (aiohttp.ClientError, OSError, TimeoutError):
            return Answered(Answer.LATER)

    def _prepared(
        self, subscription: Subscription, message: Message
    ) -> tuple[bytes, dict[str, str]]:
        headers = self._sender.headers(subscription.endpoint) | {
            "ttl": str(TTL_S),
            "urgency": "high" if message.urgent else "normal",
            "topic": message.topic,
            "content-type": "application/octet-stream",
            "content-encoding": "aes128gcm",
        }
        return seal(subscription, message.payload), headers

    async def close(self) -> None:
        await self._session.close()


def _meaning(status: int, retry_after: str) -> Answered:
    if 200 <= status < 300:
        return Answered(Answer.TAKEN)
    # RFC 8030 7.3; 403 is said where the key is another than it was subscribed with.
    if status in (403, 404, 410):
        return Answered(Answer.GONE)
    if status in (408, 425, 429) or status >= 500:
        after = float(retry_after) if retry_after.isdecimal() else 0.0
        return Answered(Answer.LATER, min(after, _MOST_RETRY_AFTER_S))
    return Answered(Answer.REFUSED)
