"""
The one table of who may do what: rooms, people and the office, sockets and HTTP alike.

`decide` answers one question about one moment. Whoever asks fills in a `Standing`, in the
transaction that then does it where it changes something. Which facts are true is not this
module's business; nor are rates and sizes.

A room one may not know of is answered as one that is not there. Admins look after rooms
and people; they do not read what they are no members of.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from conclave.model import Act, Role, RoomKind, RoomRole, Ruling, Scope, Standing
from conclave.protocol.errors import Code

_EVERYBODY: Final = frozenset(Role)
_NO_GUESTS: Final = _EVERYBODY - {Role.GUEST}
_ADMINS: Final = frozenset({Role.ADMIN})

_RANK: Final[dict[RoomRole | None, int]] = {
    None: 0,
    RoomRole.MEMBER: 1,
    RoomRole.MODERATOR: 2,
    RoomRole.OWNER: 3,
}


class Rule(NamedTuple):
    """What one act asks for; the defaults ask for nothing but an active account."""

    scope: Scope
    roles: frozenset[Role] = _EVERYBODY
    # The least role in the room; None: the act is not about a room, or asks for no membership.
    member: RoomRole | None = None
    # The least role in a private room, where that is another.
    private: RoomRole | None = None
    about_room: bool = False
    # Admins may without a role in the room.
    admins: bool = False
    # Also in rooms that are archived, direct, by those who are muted.
    archived: bool = False
    direct: bool = True
    muted: bool = True
    # Only with one's own message; or with another's from this role on.
    own: bool = False
    others_from: RoomRole | None = None
    # The person acted upon must stand below; owners may act on each other.
    outranks: bool = False


def _room(scope: Scope, member: RoomRole | None = RoomRole.MEMBER, **more: object) -> Rule:
    return Rule(scope=scope, member=member, about_room=True, **more)  # type: ignore[arg-type]  # fields of Rule


def _governs(member: RoomRole, **more: object) -> Rule:
    """Return the rule of an act that governs a room: admins may, and direct rooms have none."""
    given = {"admins": True, "direct": False, "archived": True} | more
    return _room(Scope.MODERATE, member, **given)


_MODERATOR: Final = RoomRole.MODERATOR
_OWNER: Final = RoomRole.OWNER

RULES: Final[dict[Act, Rule]] = {
    # Who is a member may always come back in; how one becomes one: `_check_membership`.
    Act.JOIN: _room(Scope.READ, None, archived=True),
    Act.READ: _room(Scope.READ, archived=True),
    Act.WRITE: _room(Scope.WRITE, muted=False),
    Act.TYPE: _room(Scope.WRITE, muted=False),
    Act.MARK_READ: _room(Scope.READ, archived=True),
    Act.REACT: _room(Scope.WRITE, muted=False),
    Act.EDIT: _room(Scope.WRITE, muted=False, own=True),
    Act.DELETE: _room(Scope.WRITE, own=True, others_from=_MODERATOR, admins=True, archived=True),
    Act.PIN: _room(Scope.WRITE, muted=False, roles=_NO_GUESTS),
    Act.REPORT: _room(Scope.WRITE, archived=True),
    Act.QUIT: _room(Scope.WRITE, archived=True),
    Act.INVITE: _room(Scope.WRITE, roles=_NO_GUESTS, private=_MODERATOR, direct=False),
    Act.UPDATE_ROOM: _governs(_MODERATOR, archived=False),
    Act.SET_HISTORY: _governs(_OWNER, archived=False),
    Act.KICK: _governs(_MODERATOR, outranks=True),
    Act.BAN: _governs(_MODERATOR, outranks=True),
    Act.UNBAN: _governs(_MODERATOR),
    Act.MUTE: _governs(_MODERATOR, outranks=True),
    Act.SET_ROLE: _governs(_OWNER),
    Act.SEE_SANCTIONS: _governs(_MODERATOR),
    Act.SEE_REPORTS: _governs(_MODERATOR, direct=True),
    Act.ARCHIVE: _governs(_OWNER),
    Act.DELETE_ROOM: _governs(_OWNER),
    Act.CREATE_ROOM: Rule(Scope.WRITE, _NO_GUESTS),
    Act.DIRECT: Rule(Scope.WRITE, _NO_GUESTS),
    Act.LIST_ROOMS: Rule(Scope.READ),
    Act.SEARCH: Rule(Scope.READ),
    Act.LIST_PEOPLE: Rule(Scope.READ, _NO_GUESTS),
    Act.SET_PROFILE: Rule(Scope.WRITE),
    Act.SET_PRESENCE: Rule(Scope.WRITE),
    Act.IGNORE: Rule(Scope.WRITE),
    Act.MANAGE_SESSIONS: Rule(Scope.ACCOUNT),
    Act.MANAGE_TOKENS: Rule(Scope.ACCOUNT, _NO_GUESTS),
    Act.MANAGE_CREDENTIALS: Rule(Scope.ACCOUNT, _NO_GUESTS),
    Act.MANAGE_PEOPLE: Rule(Scope.ADMIN, _ADMINS),
    Act.INVITE_PEOPLE: Rule(Scope.ADMIN, _ADMINS),
    Act.MANAGE_ROOMS: Rule(Scope.ADMIN, _ADMINS),
    Act.SEE_ALL_REPORTS: Rule(Scope.ADMIN, _ADMINS),
    Act.SEE_AUDIT: Rule(Scope.ADMIN, _ADMINS),
}


def decide(act: Act, standing: Standing) -> Ruling:
    """Return whether who stands so may do *act*, and why."""
    for step in explain(act, standing):
        if step.code is not None:
            return step
    return Ruling(None, "nothing speaks against it")


def explain(act: Act, standing: Standing) -> Iterator[Ruling]:
    """Give what was asked, in order, each with its answer; it ends with the first no."""
    rule = RULES[act]
    for check in _CHECKS:
        answer = check(rule, act, standing)
        if answer is not None:
            yield answer
            if answer.code is not None:
                return


def decide_on_server(act: Act, standing: Standing) -> Ruling:
    """Return what can be said without knowing the room: who this is at all."""
    rule = RULES[act]
    for check in _SERVER_CHECKS:
        answer = check(rule, act, standing)
        if answer is not None and answer.code is not None:
            return answer
    return Ruling(None, "nothing speaks against it on the server")


def _check_account(_rule: Rule, _act: Act, standing: Standing) -> Ruling:
    if standing.role is None:
        return Ruling(Code.AUTH_REQUIRED, "nobody has said who they are")
    if not standing.active:
        return Ruling(Code.AUTH_FAILED, "the account is deactivated")
    return Ruling(None, f"the account is active, and its role is {standing.role}")


def _check_scope(rule: Rule, _act: Act, standing: Standing) -> Ruling | None:
    if standing.scopes is None:
        return None
    if rule.scope not in standing.scopes:
        return Ruling(Code.FORBIDDEN, f"the token is not good for «{rule.scope}»")
    return Ruling(None, f"the token is good for «{rule.scope}»")


def _check_role(rule: Rule, _act: Act, standing: Standing) -> Ruling | None:
    if rule.roles == _EVERYBODY:
        return None
    if standing.role not in rule.roles:
        return Ruling(Code.FORBIDDEN, f"this is only for {_list(rule.roles)}")
    return Ruling(None, f"this is for {_list(rule.roles)}")


def _check_room(rule: Rule, _act: Act, standing: Standing) -> Ruling | None:
    if not rule.about_room:
        return None
    if standing.kind is None:
        return Ruling(Code.NO_SUCH_ROOM, "there is no such room")
    seen = standing.member is not None or standing.kind is RoomKind.PUBLIC
    if not seen and not (_as_admin(rule, standing) and standing.kind is RoomKind.PRIVATE):
        return Ruling(Code.NO_SUCH_ROOM, f"the room is {standing.kind}, and they are no member")
    if not rule.direct and standing.kind is RoomKind.DIRECT:
        return Ruling(Code.FORBIDDEN, "nobody governs a direct room")
    return Ruling(None, f"the room is {standing.kind}")


def _check_membership(rule: Rule, act: Act, standing: Standing) -> Ruling | None:
    if not rule.about_room:
        return None
    if standing.banned and not _as_admin(rule, standing):
        return Ruling(Code.BANNED, "they are banned from the room")
    if act is Act.JOIN and standing.member is None and standing.archived:
        return Ruling(Code.ARCHIVED, "an archived room takes no new members")
    if rule.member is None or _as_admin(rule, standing):
        return None
    if standing.member is None:
        return Ruling(Code.NOT_IN_ROOM, "they are no member")
    least = _least(rule, standing)
    if rule.others_from is None and _RANK[standing.member] < _RANK[least]:
        return Ruling(Code.FORBIDDEN, f"they are {standing.member}, and this takes {least}")
    return Ruling(None, f"they are {standing.member} of the room")


def _least(rule: Rule, standing: Standing) -> RoomRole:
    assert rule.member is not None
    private = standing.kind is not RoomKind.PUBLIC
    return rule.private if private and rule.private is not None else rule.member


def _check_archived(rule: Rule, _act: Act, standing: Standing) -> Ruling | None:
    if rule.about_room and standing.archived and not rule.archived:
        return Ruling(Code.ARCHIVED, "the room is archived")
    return None


def _check_muted(rule: Rule, _act: Act, standing: Standing) -> Ruling | None:
    if standing.muted and not rule.muted:
        return Ruling(Code.MUTED, "they are muted in the room")
    return None


def _check_own(rule: Rule, _act: Act, standing: Standing) -> Ruling | None:
    if not rule.own:
        return None
    if standing.own:
        return Ruling(None, "the message is their own")
    may = rule.others_from is not None and _RANK[standing.member] >= _RANK[rule.others_from]
    if may or (rule.others_from is not None and _as_admin(rule, standing)):
        return Ruling(None, f"they may with what others wrote, as {_as_what(standing)}")
    return Ruling(Code.FORBIDDEN, "another wrote the message")


def _check_rank(rule: Rule, _act: Act, standing: Standing) -> Ruling | None:
    if not rule.outranks:
        return None
    if standing.own:
        return Ruling(Code.FORBIDDEN, "nobody does this to themselves")
    if _as_admin(rule, standing):
        return Ruling(None, "an admin outranks everybody in rooms")
    mine, other = _RANK[standing.member], _RANK[standing.other]
    if mine <= other and standing.member is not _OWNER:
        return Ruling(Code.FORBIDDEN, f"the other is {standing.other}, which is not below")
    return Ruling(None, f"the other is {standing.other or 'no member'}")


def _as_admin(rule: Rule, standing: Standing) -> bool:
    return rule.admins and standing.role is Role.ADMIN


def _as_what(standing: Standing) -> str:
    return f"{standing.member} of the room" if standing.member else f"{standing.role}"


def _list(roles: frozenset[Role]) -> str:
    return ", ".join(sorted(roles))


_Check = Callable[[Rule, Act, Standing], Ruling | None]
_SERVER_CHECKS: Final[tuple[_Check, ...]] = (_check_account, _check_scope, _check_role)
_CHECKS: Final[tuple[_Check, ...]] = (
    *_SERVER_CHECKS,
    _check_room,
    _check_membership,
    _check_archived,
    _check_muted,
    _check_own,
    _check_rank,
)
