"""How one setting is declared: its default, its group, its help and its bounds."""

from dataclasses import field
from typing import TypeVar

T = TypeVar("T")


def setting(
    default: T,
    group: str,
    help: str,  # noqa: A002 - the word of every command line
    *,
    of: str = "origin",
    least: float | None = None,
    most: float | None = None,
) -> T:
    """
    Declare one setting; numbers outside `least` and `most` are problems.

    `of` is what several texts are of, as the help calls one.
    """
    declared: T = field(
        default=default,
        metadata={"group": group, "help": help, "of": of, "least": least, "most": most},
    )
    return declared


def flag(name: str) -> str:
    """Return the flag of the setting *name*."""
    return "--" + name.replace("_", "-")


class CannotStart(Exception):
    """The server cannot start; the message is one line for a person and names the fix."""
