"""
The one table of who may do what: rooms, people and the office, sockets and HTTP alike.

`decide` answers one question about one moment. Whoever asks fills in a `Standing`, in the
transaction that then does it where it changes something. Which facts are true is not this
module's business; nor are rates and sizes.

A room one may not know of is answered as one that is not there. Admins look after rooms
and people; they do not read what they are no members of.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from conclave.model import Act, Identity, Role, RoomKind, RoomRole, Ruling, Scope, Standing
from conclave.protocol.errors import Code

_EVERYBODY: Final = frozenset(Role)
_NO_GUESTS: Final = _EVERYBODY - {Role.GUEST}
_ADMINS: Final = frozenset({Role.ADMIN})
_BOTS: Final = frozenset({Role.BOT})

_RANK: Final[dict[RoomRole | None, int]] = {
    None: 0,
    RoomRole.MEMBER: 1,
    RoomRole.MODERATOR: 2,
    RoomRole.OWNER: 3,
}


class Rule(NamedTuple):
    """What one act asks for; the defaults ask for nothing but an active account."""

    scope: Scope
    # A part of that scope which is enough.
    part: Scope | None = None
    roles: frozenset[Role] = _EVERYBODY
    # The least role in the room; None: the act is not about a room, or asks for no membership.
    member: RoomRole | None = None
    # The least role in a private room, where that is another.
    private: RoomRole | None = None
    about_room: bool = False
    # It makes a member of who is none.
    joins: bool = False
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


_MODERATOR: Final = RoomRole.MODERATOR
_OWNER: Final = RoomRole.OWNER
# What most acts in a room ask for. Plain values, so that a test sees each of them.
_READS: Final = Rule(
    Scope.READ, Scope.HISTORY_READ, member=RoomRole.MEMBER, about_room=True, archived=True
)
_WRITES: Final = Rule(Scope.WRITE, member=RoomRole.MEMBER, about_room=True)
_SPEAKS: Final = _WRITES._replace(part=Scope.MESSAGES_WRITE, muted=False)
_MODERATES: Final = Rule(
    Scope.MODERATE, member=_MODERATOR, about_room=True, admins=True, archived=True, direct=False
)
_OWNS: Final = _MODERATES._replace(member=_OWNER)

RULES: Final[dict[Act, Rule]] = {
    # Who is a member may always come back in.
    Act.JOIN: _READS._replace(member=None, joins=True),
    Act.READ: _READS,
    Act.WRITE: _SPEAKS,
    Act.TYPE: _SPEAKS,
    Act.MARK_READ: _READS,
    Act.LIST_MEMBERS: _READS._replace(part=Scope.MEMBERS_READ),
    Act.REACT: _SPEAKS,
    Act.EDIT: _SPEAKS._replace(own=True),
    Act.DELETE: _WRITES._replace(
        part=Scope.MESSAGES_WRITE, own=True, others_from=_MODERATOR, admins=True, archived=True
    ),
    Act.PIN: _SPEAKS._replace(part=None, roles=_NO_GUESTS),
    Act.REPORT: _WRITES._replace(archived=True),
    Act.NOTIFY: _WRITES._replace(archived=True),
    Act.FAVOUR: _WRITES._replace(archived=True),
    # A direct room is of exactly these people.
    Act.QUIT: _WRITES._replace(archived=True, direct=False),
    Act.INVITE: _WRITES._replace(roles=_NO_GUESTS, private=_MODERATOR, direct=False),
    # Not by admins: who lets people in could let themselves in, and read.
    Act.LINK: _WRITES._replace(roles=_NO_GUESTS, member=_MODERATOR, direct=False),
    # Nor this: what is said would go wherever they like.
    Act.HOOK: _WRITES._replace(roles=_NO_GUESTS, member=_MODERATOR, archived=True, direct=False),
    Act.UPDATE_ROOM: _MODERATES._replace(archived=False),
    Act.SET_HISTORY: _OWNS._replace(archived=False),
    Act.KICK: _MODERATES._replace(outranks=True),
    Act.BAN: _MODERATES._replace(outranks=True),
    Act.UNBAN: _MODERATES,
    Act.MUTE: _MODERATES._replace(outranks=True),
    Act.SET_ROLE: _OWNS,
    Act.SEE_SANCTIONS: _MODERATES,
    Act.SEE_REPORTS: _MODERATES._replace(direct=True),
    Act.ARCHIVE: _OWNS,
    Act.DELETE_ROOM: _OWNS,
    Act.CREATE_ROOM: Rule(Scope.WRITE, roles=_NO_GUESTS),
    Act.DIRECT: Rule(Scope.WRITE, roles=_NO_GUESTS),
    Act.LIST_ROOMS: Rule(Scope.READ, Scope.ROOMS_READ),
    Act.SEARCH: Rule(Scope.READ, Scope.HISTORY_READ),
    Act.LIST_PEOPLE: Rule(Scope.READ, Scope.MEMBERS_READ, _NO_GUESTS),
    # Guests see only those they share a room with: who answers looks.
    Act.SEE_PROFILE: Rule(Scope.READ, Scope.MEMBERS_READ),
    Act.SET_PROFILE: Rule(Scope.WRITE),
    Act.SET_PRESENCE: Rule(Scope.WRITE),
    Act.IGNORE: Rule(Scope.WRITE),
    # It brings what one may read to wherever it says, for as long as the token is good.
    Act.PUSH: Rule(Scope.ACCOUNT),
    # Where it may, is asked of what it says.
    Act.ANSWER: Rule(Scope.WRITE, Scope.MESSAGES_WRITE, roles=_BOTS),
    Act.MANAGE_SESSIONS: Rule(Scope.ACCOUNT),
    Act.TAKE_DATA: Rule(Scope.ACCOUNT),
    Act.MANAGE_TOKENS: Rule(Scope.ACCOUNT, roles=_NO_GUESTS),
    Act.MANAGE_CREDENTIALS: Rule(Scope.ACCOUNT, roles=_NO_GUESTS),
    Act.MANAGE_PEOPLE: Rule(Scope.ADMIN, roles=_ADMINS),
    Act.INVITE_PEOPLE: Rule(Scope.ADMIN, roles=_ADMINS),
    Act.MANAGE_ROOMS: Rule(Scope.ADMIN, roles=_ADMINS),
    Act.SEE_ALL_REPORTS: Rule(Scope.ADMIN, roles=_ADMINS),
    Act.MANAGE_BOTS: Rule(Scope.ADMIN, roles=_ADMINS),
    Act.SEE_AUDIT: Rule(Scope.ADMIN, roles=_ADMINS),
    Act.SEE_SERVER: Rule(Scope.ADMIN, roles=_ADMINS),
}


# There are few kinds of standings, and each message asks.
@lru_cache(4_096)
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
        answer = check(rule, standing)
        if answer is not None:
            yield answer
            if answer.code is not None:
                return


@lru_cache(4_096)
def decide_on_server(act: Act, standing: Standing) -> Ruling:
    """Return what can be said without knowing the room: who this is at all."""
    rule = RULES[act]
    for check in _SERVER_CHECKS:
        answer = check(rule, standing)
        if answer is not None and answer.code is not None:
            return answer
    return Ruling(None, "nothing speaks against it on the server")


def may_hear(identity: Identity | None) -> bool:
    """Return whether who came in so may read at all."""
    if identity is None:
        return False
    standing = Standing(role=identity.role, scopes=identity.scopes)
    # What is told of rooms has words of what is said there.
    return decide_on_server(Act.SEARCH, standing).allowed


def is_at_least(role: RoomRole | None, least: RoomRole) -> bool:
    """Return whether who is *role* in a room is *least* there, or more."""
    return _RANK[role] >= _RANK[least]


def _check_account(_rule: Rule, standing: Standing) -> Ruling:
    if standing.role is None:
        return Ruling(Code.AUTH_REQUIRED, "nobody has said who they are")
    if not standing.active:
        return Ruling(Code.AUTH_FAILED, "the account is deactivated")
    return Ruling(None, f"the account is active, and its role is {standing.role}")


def _check_scope(rule: Rule, standing: Standing) -> Ruling | None:
    if standing.scopes is None:
        return None
    good = [one for one in (rule.scope, rule.part) if one in standing.scopes]
    if not good:
        return Ruling(Code.FORBIDDEN, f"the token is not good for «{rule.scope}»")
    return Ruling(None, f"the token is good for «{good[0]}»")


def _check_role(rule: Rule, standing: Standing) -> Ruling | None:
    if rule.roles == _EVERYBODY:
        return None
    if standing.role not in rule.roles:
        return Ruling(Code.FORBIDDEN, f"this is only for {_list(rule.roles)}")
    return Ruling(None, f"this is for {_list(rule.roles)}")


def _check_room(rule: Rule, standing: Standing) -> Ruling | None:
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


def _check_membership(rule: Rule, standing: Standing) -> Ruling | None:
    if not rule.about_room:
        return None
    if standing.banned and not _as_admin(rule, standing):
        return Ruling(Code.BANNED, "they are banned from the room")
    if rule.joins and standing.member is None and standing.archived:
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


def _check_archived(rule: Rule, standing: Standing) -> Ruling | None:
    if rule.about_room and standing.archived and not rule.archived:
        return Ruling(Code.ARCHIVED, "the room is archived")
    return None


def _check_muted(rule: Rule, standing: Standing) -> Ruling | None:
    if standing.muted and not rule.muted:
        return Ruling(Code.MUTED, "they are muted in the room")
    return None


def _check_own(rule: Rule, standing: Standing) -> Ruling | None:
    if not rule.own:
        return None
    if standing.own:
        return Ruling(None, "the message is their own")
    may = rule.others_from is not None and _RANK[standing.member] >= _RANK[rule.others_from]
    if may or (rule.others_from is not None and _as_admin(rule, standing)):
        return Ruling(None, f"they may with what others wrote, as {_as_what(standing)}")
    return Ruling(Code.FORBIDDEN, "another wrote the message")


def _check_rank(rule: Rule, standing: Standing) -> Ruling | None:
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


_Check = Callable[[Rule, Standing], Ruling | None]
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
