"""
What an event is: a frozen struct that knows its name on the wire.

The chat's own stand in `requests` (what a client may send, because some handler takes it)
and in `events` (what the server tells). An application adds its own by subclassing `Event`.
Field order is wire order.
"""

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec
from msgspec import Meta, Struct

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        return lambda cls: cls


_NAME = re.compile(r"[a-z][a-z0-9_-]*(:[a-z][a-z0-9_-]*)*")


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class EventType(msgspec.StructMeta):
    """Gives each event class its wire name: `class Roll(Event, type="dice:roll")`."""

    def __new__(
        mcls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        type: str = "",  # noqa: A002 - the word an application writes
    ) -> "EventType":
        if bases and bases != (Struct,) and not _NAME.fullmatch(type):
            raise TypeError(
                f'class {name}(Event, type="…"): expected a name like "dice:roll", got {type!r}'
            )
        cls = super().__new__(mcls, name, bases, namespace, frozen=True)
        setattr(cls, "type", type)  # noqa: B010 - mypy cannot know it of a metaclass
        return cls


class Event(Struct, metaclass=EventType):
    """One message of the protocol; subclass it with `type="namespace:verb"`."""

    type: ClassVar[str] = ""


# The key of a request, chosen by its client.
Id = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[A-Za-z0-9_.:-]+\Z")]
