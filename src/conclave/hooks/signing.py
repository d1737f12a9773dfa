"""
What another program is told, and how it can see that this server says it.

The headers are those of Standard Webhooks (https://www.standardwebhooks.com): any of its
libraries checks them. The secret of each webhook follows from its id and a key beside the
database, so that whoever reads the database alone can sign nothing.
"""

import base64
import hashlib
import hmac
from typing import Final, NamedTuple

import msgspec

from conclave.model import SYSTEM, CommandHook, Delivery, Entry, OutgoingHook
from conclave.protocol.commanding import Asked
from conclave.protocol.events import Line
from conclave.protocol.lines import line

PREFIX: Final = "whsec_"
_AGENT: Final = "Conclave-Webhook/1"


# The type of what nobody said: a receiver sees that what it was given is right.
TEST: Final = "webhook:test"


def trial(hook: OutgoingHook, now_ms: int) -> Delivery:
    """Return what *hook* is told to try it: an entry of no log, without a number."""
    entry = Entry(
        room=hook.room or "",
        seq=0,
        id=f"test-{now_ms}",
        type=TEST,
        user=SYSTEM.user,
        name=SYSTEM.name,
        timestamp=now_ms,
        text=f"A test of the webhook «{hook.name}»",
    )
    return Delivery(hook=hook, entry=entry)


class Told(msgspec.Struct, frozen=True):
    """The body, as JSON."""

    # The type of the entry.
    type: str
    hook: str
    # Milliseconds since 1970, when it was said.
    timestamp: int
    # The entry, as sockets are told it.
    data: Line


class AskedOf(msgspec.Struct, frozen=True):
    """The body, as JSON, where a command is asked."""

    type: str
    hook: str
    # Milliseconds since 1970.
    timestamp: int
    # As a bot is asked over its socket.
    data: Asked


class Message(NamedTuple):
    url: str
    headers: dict[str, str]
    body: bytes


class Signer:
    """Signs by *key*, 32 random bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def secret(self, hook: str) -> str:
        """Return the secret of the webhook with this id, for who checks signatures."""
        return PREFIX + base64.b64encode(self._bytes(hook)).decode()

    def _bytes(self, hook: str) -> bytes:
        return hmac.digest(self._key, f"webhook {hook}".encode(), hashlib.sha256)

    def message(self, delivery: Delivery, now_s: int) -> Message:
        """Return what is posted at *now_s*; the same entry always has the same `webhook-id`."""
        hook, entry = delivery.hook, delivery.entry
        told = Told(entry.type, hook.id, entry.timestamp, line(entry, ""))
        return self._signed(hook.id, hook.url, entry.id, msgspec.json.encode(told), now_s)

    def asking(self, hook: CommandHook, asked: Asked, now_ms: int) -> Message:
        """Return what is posted for a command that somebody asks."""
        told = AskedOf("command", hook.id, now_ms, asked)
        body = msgspec.json.encode(told)
        return self._signed(hook.id, hook.url, asked.command, body, now_ms // 1_000)

    def _signed(self, hook: str, url: str, about: str, body: bytes, now_s: int) -> Message:
        id_ = f"{hook}.{about}"
        signed = f"{id_}.{now_s}.".encode() + body
        signature = hmac.digest(self._bytes(hook), signed, hashlib.sha256)
        headers = {
            "content-type": "application/json",
            "user-agent": _AGENT,
            "webhook-id": id_,
            "webhook-timestamp": str(now_s),
            "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
        }
        return Message(url, headers, body)
