"""
What comes in by a webhook: whoever has its secret writes into its room as its bot.

The same request with the same key is the same message, however often it comes.
"""

import asyncio
import hashlib
from contextlib import suppress
from typing import Final

from conclave.core.names import clean_display_name
from conclave.core.ratelimit import Allowances, Cost
from conclave.core.slack import Posted, read_posted
from conclave.core.text import MAX_NAME, clean_text
from conclave.model import Draft, Limits, Poster, Receipt, Role
from conclave.office.hooks import SECRET, digest
from conclave.office.live import Live
from conclave.ports import Clock, Hooks
from conclave.protocol.errors import Code, Reject
from conclave.protocol.state import MESSAGE

_MOST_KEY: Final = 255
# Where a name that was given is put before the webhook's own.
_VIA: Final = " via "
_CUT: Final = "\n\n…"


class Incoming:
    """*allowances* are of webhooks, by their ids, and of strangers, by their addresses."""

    def __init__(
        self, hooks: Hooks, live: Live, allowances: Allowances, clock: Clock, limits: Limits
    ) -> None:
        self._hooks = hooks
        self._live = live
        self._allowances = allowances
        self._clock = clock
        self._limits = limits

    async def post(self, secret: str, body: bytes, key: str, address: str) -> Receipt:
        """
        Write what *body* says, and return its numbers.

        Raises `not_found` for a secret that is no good, `rate_limited`, `bad_request`,
        `too_long`, and `id_reused` where *key* came with something else before.
        """
        poster = await self._hooks.poster(digest(secret)) if SECRET.fullmatch(secret) else None
        who = f"@{address}" if poster is None else f"hook {poster.hook.id}"
        self._allowances.spend(Cost.MESSAGE, who, address, self._clock.monotonic())
        if poster is None:
            raise Reject(Code.NOT_FOUND)
        # What is nested deep takes its time.
        posted = await asyncio.to_thread(read_posted, body)
        receipt = await self._live.send(self._draft(poster, posted, key, address))
        if receipt.entry is not None:
            # It is written: who is told anything else writes it once more.
            with suppress(Reject):
                await self._hooks.note_use(poster.hook.id)
        return receipt

    def _draft(self, poster: Poster, posted: Posted, key: str, address: str) -> Draft:
        extra = {"bot": True} if posted.thread is None else {"bot": True, "thread": posted.thread}
        return Draft(
            room=poster.hook.room,
            user=poster.user.id,
            name=_called(poster, posted.via),
            role=Role.BOT,
            type=MESSAGE,
            text=clean_text(self._fitting(posted), self._limits),
            extra=extra,
            client_id=_client_id(key),
            address=address,
        )

    def _fitting(self, posted: Posted) -> str:
        """Return the text; what came as parts and is too much is cut, and ends with a sign."""
        most = self._limits.text_chars - len(_CUT)
        if not posted.parts or len(posted.text) <= most:
            return posted.text
        return posted.text[:most] + _CUT


def _client_id(key: str) -> str | None:
    if len(key) > _MOST_KEY:
        raise Reject(Code.BAD_REQUEST, f"A key has at most {_MOST_KEY} characters")
    return f"hook-{hashlib.sha256(key.encode()).hexdigest()[:32]}" if key else None


def _called(poster: Poster, via: str) -> str:
    """Return who is said to have written it: a name that is given stands before the webhook's."""
    own = poster.hook.name
    room = MAX_NAME - len(own) - len(_VIA)
    given = via[: max(room, 0)].strip()
    if not given or given == own:
        return own
    try:
        return clean_display_name(f"{given}{_VIA}{own}")
    except Reject:
        return own
