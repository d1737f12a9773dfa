"""Slash commands that an application answers itself: methods marked with `command`."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from msgspec import Struct, ValidationError, convert

from conclave.controllers.hooks import marked
from conclave.core.commands import Command
from conclave.core.text import clean_line
from conclave.model import Identity, RoomRole
from conclave.protocol.commanding import Asked, Offer

F = TypeVar("F", bound=Callable[..., Any])

_MARK: Final = "offers"


class ForAll(Struct, frozen=True):
    """An answer that everybody in the room reads, as a line of the system."""

    text: str


Said = str | ForAll


class Served(NamedTuple):
    command: Command
    answer: Callable[[Asked], Awaitable[Said]]


def command(
    name: str, *, about: str = "", hint: str = "", least: RoomRole | str = RoomRole.MEMBER
) -> Callable[[F], F]:
    """
    Mark an async method that answers `/name` in every room.

    It is called with the `Asked`, once the store has said that who asks may write there and
    has the role *least* in the room. What it returns is shown to them alone, and a `ForAll` to
    the room; it may raise `Reject`, and has ten seconds.
    """
    offered = Command(name=name, about=about, hint=hint, least=RoomRole(least))

    def mark(method: F) -> F:
        setattr(method, _MARK, offered)
        return method

    return mark


def served(controllers: Sequence[object]) -> dict[str, Served]:
    """Return what *controllers* answer, by name; two of one name are a `TypeError`."""
    found: dict[str, Served] = {}
    for where, offered, method in marked(controllers, _MARK):
        _check(where, offered)
        if offered.name in found:
            raise TypeError(f"{where}: «/{offered.name}» has two answers; give one another name")
        found[offered.name] = Served(offered, method)
    return found


def _check(where: str, offered: Command) -> None:
    """Say at start what a bot would be told: the same bounds hold."""
    try:
        convert({"name": offered.name, "about": offered.about, "hint": offered.hint}, Offer)
    except ValidationError as wrong:
        raise TypeError(f"{where}: «/{offered.name}» is no command: {wrong}") from None


def offers_of(by: Identity, offers: Iterable[Offer]) -> list[Command]:
    """Return what the bot *by* offers; the last of a name in a room counts."""
    found = {
        (one.room, one.name): Command(
            name=one.name,
            about=clean_line(one.about),
            hint=clean_line(one.hint),
            room=one.room,
            least=one.least,
            rooms=by.rooms,
            bot=by.user,
            bot_name=by.name,
        )
        for one in offers
    }
    return list(found.values())
