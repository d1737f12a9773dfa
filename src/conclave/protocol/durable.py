"""
What an application keeps in a room's log: entries of kinds of its own.

A `Durable` is to the log what an `Event` is to the wire: a frozen struct with a name. It is
numbered, synced, told, replayed, exported and verified like a message. What others do not
know they still get: the name, the words for people, and the data as they are.
"""

from typing import Any, ClassVar, Final, Self

import msgspec
from msgspec import Struct, UnsetType

from conclave.protocol.event import EventType

# The chat's own types begin with these: what they change is judged by other rules.
RESERVED: Final = frozenset({"message", "member", "reaction", "room", "user", "system", "chat"})
# Where an entry keeps the fields of the struct, and whether search shall find its words.
DATA: Final = "data"
SEARCHABLE: Final = "searchable"


class DurableType(EventType):
    """Gives each kind its name: `class Opened(Durable, type="poll:opened")`."""

    def __new__(
        mcls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        type: str = "",  # noqa: A002 - the word an application writes
        searchable: bool = False,
    ) -> "DurableType":
        space, colon, _ = type.partition(":")
        if bases != (Struct,) and (not colon or space in RESERVED):
            raise TypeError(
                f'class {name}(Durable, type="…"): expected a namespace of your own, as in '
                f'"poll:opened", got {type!r}'
            )
        cls = super().__new__(mcls, name, bases, namespace, type=type)
        setattr(cls, "searchable", searchable)  # noqa: B010 - mypy cannot know it of a metaclass
        return cls  # type: ignore[return-value]  # made by this very metaclass


class Durable(Struct, metaclass=DurableType):
    """
    One kind of entry; subclass it with `type="namespace:what"`.

    Give new fields a default: what was stored before is read by the class as it is now.
    """

    type: ClassVar[str] = ""
    searchable: ClassVar[bool] = False

    def words(self) -> str:
        """
        Return what people read of it: also where nothing knows this kind.

        With `searchable=True` these words are found.
        """
        return ""

    def extra(self) -> dict[str, Any]:
        """Return what its entry keeps besides the words; raises for what JSON cannot hold."""
        kept: dict[str, Any] = {DATA: msgspec.to_builtins(self, str_keys=True)}
        return {**kept, SEARCHABLE: True} if self.searchable else kept

    @classmethod
    def read(cls, line: Any) -> Self | None:
        """
        Return what *line* says, an entry of the store or a line of a client, or None.

        None where it is of another kind, or erased. Raises `msgspec.ValidationError` where
        it was stored by a class that this one cannot read.
        """
        if line.type != cls.type:
            return None
        data = line.extra.get(DATA) if hasattr(line, "extra") else line.data
        if data is None or isinstance(data, UnsetType):
            return None
        return msgspec.convert(data, cls)
