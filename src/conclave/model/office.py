"""What an admin sees of people and rooms, and who an admin is when they act."""

from typing import Final, Unpack

from msgspec import Struct

from conclave.model.audit import OPERATOR, Action, Details, Note, details
from conclave.model.log import Entry
from conclave.model.people import SYSTEM, Identity, Role, User
from conclave.model.rooms import RoomKind


class By(Struct, frozen=True, kw_only=True):
    """Who does something in the office, and from where."""

    # As the audit log names them.
    actor: str
    # As rooms do.
    identity: Identity
    address: str | None = None

    def note(
        self,
        action: Action,
        *,
        target: str | None = None,
        room: str | None = None,
        **said: Unpack[Details],
    ) -> Note:
        """Return the line of the audit log about what they did."""
        return Note(
            action=action,
            actor=self.actor,
            target=target,
            room=room,
            address=self.address,
            details=details(said),
        )


# Whoever has the data directory; in rooms it is the server that does what they ask for.
BY_OPERATOR: Final = By(
    actor=OPERATOR, identity=Identity(user=SYSTEM.user, name=SYSTEM.name, role=Role.ADMIN)
)


class PersonInfo(Struct, frozen=True, kw_only=True):
    """Somebody, as the list of people shows them to admins."""

    id: str
    name: str
    display_name: str
    role: Role
    active: bool
    # False: another system vouches for them, and says what they are.
    account: bool
    created_at: int
    # When a session or token of theirs was last used.
    last_used_at: int | None
    # That are good now.
    sessions: int
    tokens: int
    rooms: int
    has_password: bool
    second_factor: bool


class PersonChange(Struct, frozen=True, kw_only=True):
    """What is to be another; None: as it is."""

    display_name: str | None = None
    role: Role | None = None
    active: bool | None = None


class Changed(Struct, frozen=True, kw_only=True):
    """Who somebody was and is, and what was written to logs of rooms for it."""

    before: User
    user: User
    entries: tuple[Entry, ...] = ()


class RoomFacts(Struct, frozen=True, kw_only=True):
    """A room, as the list of rooms shows it to admins: nothing of what is said in it."""

    room: str
    title: str
    kind: RoomKind
    archived: bool
    created_by: str
    created_at: int
    members: int
    owners: list[str]
    # Entries ever written, and messages that are kept.
    last_seq: int
    messages: int
    # When the last entry was written; None: nothing ever was.
    last_at: int | None
    slow_mode: int
    # Reports of its messages that nobody has closed.
    reports: int
