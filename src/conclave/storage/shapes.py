"""
What a draft of each type must look like, and which act of its author it is.

Clients' requests have their shape from the protocol; an application's own code makes drafts
by itself. Nothing here looks into the database: what may be is judged by `changes`.
"""

from typing import Any, Final

from conclave.model import Act, Draft, RoomHistory
from conclave.protocol.state import (
    DELETED,
    EDITED,
    MESSAGE,
    PINNED,
    REACTED,
    UNPINNED,
    UNREACTED,
    UPDATED,
)

_OF_A_MESSAGE: Final = frozenset({EDITED, DELETED, PINNED, UNPINNED, REACTED, UNREACTED})
# Entries that change what is there.
CHANGES: Final = _OF_A_MESSAGE | {UPDATED}
_ACTS: Final = {
    EDITED: Act.EDIT,
    DELETED: Act.DELETE,
    PINNED: Act.PIN,
    UNPINNED: Act.PIN,
    REACTED: Act.REACT,
    UNREACTED: Act.REACT,
    UPDATED: Act.UPDATE_ROOM,
}

# The act that a change of these fields of a room is; of all others one of its words.
_SETTING: Final = {"archived": Act.ARCHIVE, "history": Act.SET_HISTORY}


def act_of(draft: Draft) -> Act:
    """Return what *draft* asks of its author; what is no change is written like a message."""
    if draft.type == UPDATED:
        for field, act in _SETTING.items():
            if field in draft.extra:
                return act
    return _ACTS.get(draft.type, Act.WRITE)


def check_shape(draft: Draft) -> None:
    """Raise `ValueError` for what no client can send, and an application may by mistake."""
    extra = draft.extra
    if draft.type == MESSAGE and not extra:
        return
    if draft.type in _OF_A_MESSAGE and not _is_number(extra.get("target")):
        raise ValueError(f"{draft.type}: extra needs the target, a number")
    if draft.type in (REACTED, UNREACTED) and not isinstance(extra.get("emoji"), str):
        raise ValueError(f"{draft.type}: extra needs the emoji, a text")
    if draft.type == UPDATED and not _is_update(extra):
        raise ValueError("room:updated: title and topic are texts, archived stands alone")
    if draft.type == MESSAGE and extra:
        numbers = (extra[name] for name in ("reply_to", "thread") if name in extra)
        named = extra.get("mentions", [])
        if not all(map(_is_number, numbers)) or not _are_names(named):
            raise ValueError("message: reply_to and thread are numbers, mentions a list of ids")
        if not _are_attachments(extra.get("attachments", [])):
            raise ValueError("message: attachments is a list of what has an id, each once")


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value < 2**53


def _is_update(extra: dict[str, Any]) -> bool:
    return (
        all(isinstance(extra.get(name, ""), str) for name in ("title", "topic"))
        and isinstance(extra.get("archived", False), bool)
        and _is_number(extra.get("slow_mode", 0))
        and extra.get("history", "all") in tuple(RoomHistory)
        # Who may archive need not be who may give a room its words.
        and ("archived" not in extra or len(extra) == 1)
    )


def _are_attachments(value: Any) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(one, dict) for one in value)
        and _are_names([one.get("id") for one in value])
    )


def _are_names(value: Any) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(one, str) for one in value)
        and len(set(value)) == len(value)
    )
