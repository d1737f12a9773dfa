"""
JSON text to typed requests, typed events to JSON text.

Decoding goes in two steps, since «unknown type» and «bad shape» are different answers:
the envelope first, with its data raw, then the data as the type says. Bytes that are no
UTF-8 never come here: frames closes on them.
"""

from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from conclave.protocol.errors import Code, Reject
from conclave.protocol.event import Event, Id
from conclave.protocol.events import Error
from conclave.protocol.frames import frame_text

_NOTHING: Final = Raw(b"{}")


class _Envelope(Struct):
    type: str
    data: Raw = _NOTHING
    id: Id | None = None


class Decoded(Struct, frozen=True, gc=False):
    """One decoded request, and the id its answer shall carry."""

    event: Event
    id: str | None


class Packet:
    """
    One event as a frame, encoded and framed once however many it goes to.

    A transport that frames by itself takes `text`, the JSON in it.
    """

    __slots__ = ("framed",)

    def __init__(self, text: bytes) -> None:
        self.framed = frame_text(text)

    @property
    def text(self) -> bytes:
        return self.framed[_HEADERS.get(self.framed[1], 2) :]


# Bytes of a frame's header, by its second byte (RFC 6455 section 5.2).
_HEADERS: Final = {126: 4, 127: 10}

_encoder = msgspec.json.Encoder()


class _Frame(Struct, omit_defaults=True):
    type: str
    id: str | UnsetType
    data: Any


def encode(type_: str, data: Any = None, id: str | None = None) -> Packet:  # noqa: A002 - the wire's word
    """Return the packet of one event; None as *data* is an empty object."""
    frame = _Frame(type_, UNSET if id is None else id, {} if data is None else data)
    return Packet(_encoder.encode(frame))


def encode_event(event: Event, id: str | None = None) -> Packet:  # noqa: A002 - the wire's word
    return encode(event.type, event, id)


def encode_reject(reject: Reject, id: str | None = None) -> Packet:  # noqa: A002 - the wire's word
    after = UNSET if reject.retry_after_ms is None else reject.retry_after_ms
    return encode_event(Error(reject.message, reject.code, reject.retryable, after), id)


class BadRequest(Reject):
    """The text was no request; `id` is its id, if that much could be read."""

    def __init__(self, code: Code, id: str | None) -> None:  # noqa: A002 - the wire's word
        super().__init__(code)
        self.id = id


class Codec:
    """Decodes the requests a node takes: those that some handler is registered for."""

    def __init__(self, requests: list[type[Event]]) -> None:
        self._envelope = msgspec.json.Decoder(_Envelope)
        self._data: dict[str, msgspec.json.Decoder[Event]] = {
            event.type: msgspec.json.Decoder(event) for event in requests
        }

    def decode(self, text: bytes | memoryview) -> Decoded:
        """
        Return the request that *text* is; keep nothing of *text*.

        Raises `BadRequest`. What msgspec refuses, is refused: NaN, lone surrogates, BOM,
        trailing bytes, nesting beyond the interpreter's recursion limit.
        """
        id_: str | None = None
        try:
            envelope = self._envelope.decode(text)
            id_ = envelope.id
            decoder = self._data.get(envelope.type)
            if decoder is None:
                raise BadRequest(Code.UNKNOWN_TYPE, id_)
            return Decoded(decoder.decode(envelope.data), id_)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise BadRequest(Code.BAD_REQUEST, id_) from None
