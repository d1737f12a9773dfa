"""The table of rights: every act, for everybody, in every kind of room."""

from itertools import product

import pytest

from conclave.core.permissions import (
    RULES,
    decide,
    decide_on_server,
    explain,
    is_at_least,
    may_hear,
)
from conclave.model import NOBODY, Act, Identity, Role, RoomKind, RoomRole, Scope, Standing
from conclave.protocol.errors import Code

USER, ADMIN, GUEST, BOT = Role.USER, Role.ADMIN, Role.GUEST, Role.BOT
MEMBER, MODERATOR, OWNER = RoomRole.MEMBER, RoomRole.MODERATOR, RoomRole.OWNER
PUBLIC, PRIVATE, DIRECT = RoomKind.PUBLIC, RoomKind.PRIVATE, RoomKind.DIRECT
GOVERNING = [act for act, rule in RULES.items() if rule.scope is Scope.MODERATE]
OF_ROOMS = [act for act, rule in RULES.items() if rule.about_room]
EVERYBODY = [
    Standing(
        role=role,
        active=active,
        kind=kind,
        archived=archived,
        member=member,
        banned=banned,
        muted=muted,
        own=own,
        other=other,
    )
    for role, active, kind, archived, member, banned, muted, own, other in product(
        (None, *Role),
        (True, False),
        (None, *RoomKind),
        (True, False),
        (None, *RoomRole),
        (True, False),
        (True, False),
        (True, False),
        (None, MEMBER, OWNER),
    )
]


def standing(role: Role | None = USER, **more) -> Standing:
    return Standing(role=role, **{"kind": PUBLIC, "member": MEMBER, "other": MEMBER} | more)


def code_of(act: Act, who: Standing) -> str | None:
    return decide(act, who).code


def test_there_is_a_rule_for_every_act_and_a_reason_for_every_answer() -> None:
    assert list(RULES) == list(Act)
    for act, who in product(Act, EVERYBODY[::97]):
        assert decide(act, who).because


@pytest.mark.parametrize("act", Act)
def test_nobody_may_anything_and_neither_may_who_is_deactivated(act: Act) -> None:
    assert code_of(act, NOBODY) == Code.AUTH_REQUIRED
    for who in EVERYBODY:
        if who.role is not None and not who.active:
            assert code_of(act, who) == Code.AUTH_FAILED


@pytest.mark.parametrize("act", OF_ROOMS)
def test_a_room_one_may_not_know_of_is_like_none(act: Act) -> None:
    for who in EVERYBODY:
        if who.role is None or not who.active or who.member is not None:
            continue
        if who.kind is DIRECT or (who.kind is PRIVATE and who.role is not ADMIN):
            nowhere = Standing(role=who.role, own=who.own, other=who.other)
            assert code_of(act, who) == code_of(act, nowhere)


@pytest.mark.parametrize("act", [a for a in OF_ROOMS if RULES[a].member and not RULES[a].admins])
def test_who_is_no_member_does_nothing_there_admins_neither(act: Act) -> None:
    assert not any(decide(act, who).allowed for who in EVERYBODY if who.member is None)


@pytest.mark.parametrize("act", [Act.WRITE, Act.REACT, Act.EDIT, Act.PIN, Act.TYPE])
def test_the_muted_read_and_do_not_write(act: Act) -> None:
    assert code_of(act, standing(muted=True, own=True)) == Code.MUTED
    assert decide(Act.READ, standing(muted=True)).allowed


@pytest.mark.parametrize("act", [Act.WRITE, Act.REACT, Act.EDIT, Act.PIN, Act.TYPE, Act.INVITE])
def test_an_archived_room_is_read_and_not_written(act: Act) -> None:
    assert code_of(act, standing(archived=True, own=True)) == Code.ARCHIVED
    assert decide(Act.READ, standing(archived=True)).allowed
    assert code_of(Act.JOIN, standing(archived=True, member=None)) == Code.ARCHIVED


def test_the_banned_do_not_come_back_to_a_public_room_and_see_no_private_one() -> None:
    assert code_of(Act.JOIN, standing(member=None, banned=True)) == Code.BANNED
    assert code_of(Act.JOIN, standing(ADMIN, member=None, banned=True)) == Code.BANNED
    private = standing(member=None, banned=True, kind=PRIVATE)
    assert code_of(Act.JOIN, private) == Code.NO_SUCH_ROOM


def test_anybody_joins_a_public_room_and_only_members_come_into_others() -> None:
    for role in Role:
        assert decide(Act.JOIN, standing(role, member=None)).allowed
        for kind in (PRIVATE, DIRECT):
            assert code_of(Act.JOIN, standing(role, member=None, kind=kind)) == Code.NO_SUCH_ROOM
            assert decide(Act.JOIN, standing(role, kind=kind)).allowed


@pytest.mark.parametrize("act", GOVERNING)
def test_members_govern_nothing_and_admins_all_but_direct_rooms(act: Act) -> None:
    assert code_of(act, standing()) == Code.FORBIDDEN
    assert decide(act, standing(ADMIN, member=None)).allowed
    assert decide(act, standing(ADMIN, member=None, kind=PRIVATE)).allowed
    assert code_of(act, standing(ADMIN, member=None, kind=DIRECT)) == Code.NO_SUCH_ROOM


@pytest.mark.parametrize("act", [Act.KICK, Act.BAN, Act.MUTE])
def test_one_acts_upon_those_below_and_owners_upon_each_other(act: Act) -> None:
    def may(member: RoomRole, other: RoomRole | None) -> bool:
        return decide(act, standing(member=member, other=other)).allowed

    assert may(MODERATOR, MEMBER)
    assert may(MODERATOR, None)
    assert not may(MODERATOR, MODERATOR)
    assert not may(MODERATOR, OWNER)
    assert may(OWNER, MODERATOR)
    assert may(OWNER, OWNER)
    assert not decide(act, standing(member=OWNER, own=True)).allowed


def test_only_owners_and_admins_give_roles_archive_and_delete() -> None:
    for act in (Act.SET_ROLE, Act.ARCHIVE, Act.DELETE_ROOM, Act.SET_HISTORY):
        assert code_of(act, standing(member=MODERATOR)) == Code.FORBIDDEN
        assert decide(act, standing(member=OWNER)).allowed


def test_a_message_is_edited_by_its_author_and_deleted_by_moderators_too() -> None:
    assert decide(Act.EDIT, standing(own=True)).allowed
    assert code_of(Act.EDIT, standing(ADMIN, member=OWNER)) == Code.FORBIDDEN
    assert decide(Act.DELETE, standing(own=True)).allowed
    assert code_of(Act.DELETE, standing()) == Code.FORBIDDEN
    assert decide(Act.DELETE, standing(member=MODERATOR)).allowed
    assert decide(Act.DELETE, standing(ADMIN, member=None)).allowed


def test_members_invite_to_public_rooms_and_moderators_to_private_ones() -> None:
    assert decide(Act.INVITE, standing()).allowed
    assert code_of(Act.INVITE, standing(kind=PRIVATE)) == Code.FORBIDDEN
    assert decide(Act.INVITE, standing(kind=PRIVATE, member=MODERATOR)).allowed
    assert code_of(Act.INVITE, standing(kind=DIRECT, member=OWNER)) == Code.FORBIDDEN
    assert code_of(Act.INVITE, standing(GUEST, member=OWNER)) == Code.FORBIDDEN


@pytest.mark.parametrize("act", [Act.CREATE_ROOM, Act.DIRECT, Act.LIST_PEOPLE])
def test_guests_make_no_rooms_and_see_no_directory(act: Act) -> None:
    assert code_of(act, Standing(role=GUEST)) == Code.FORBIDDEN
    for role in (USER, ADMIN, BOT):
        assert decide(act, Standing(role=role)).allowed


@pytest.mark.parametrize("act", [act for act, rule in RULES.items() if rule.scope is Scope.ADMIN])
def test_the_office_is_for_admins(act: Act) -> None:
    for role in Role:
        assert decide(act, Standing(role=role)).allowed == (role is ADMIN)


@pytest.mark.parametrize("act", Act)
def test_a_token_is_good_for_its_scopes_alone(act: Act) -> None:
    role = BOT if act is Act.ANSWER else ADMIN
    who = {"role": role, "kind": PUBLIC, "member": OWNER, "own": act is Act.EDIT}
    for scope in Scope:
        ruling = decide(act, Standing(**who, scopes=frozenset({scope})))
        assert ruling.allowed == (scope in (RULES[act].scope, RULES[act].part))
    assert decide(act, Standing(**who)).allowed


@pytest.mark.parametrize("act", Act)
def test_the_gate_never_refuses_what_the_whole_table_allows(act: Act) -> None:
    for who in EVERYBODY:
        if decide(act, who).allowed:
            assert decide_on_server(act, who).allowed


def test_an_explanation_ends_with_the_first_no() -> None:
    steps = list(explain(Act.KICK, standing(member=MODERATOR, other=OWNER)))
    assert [step.allowed for step in steps] == [*[True] * (len(steps) - 1), False]
    assert steps[-1].because == "the other is owner, which is not below"
    assert decide(Act.KICK, standing(member=MODERATOR, other=OWNER)) == steps[-1]


# An act, what differs from a member of a public room, and what is said of it.
REASONS = [
    (Act.READ, {"role": None}, "nobody has said who they are"),
    (Act.READ, {"active": False}, "the account is deactivated"),
    (Act.READ, {}, "the account is active, and its role is user"),
    (Act.READ, {"scopes": frozenset({Scope.WRITE})}, "the token is not good for «read»"),
    (Act.READ, {"scopes": frozenset({Scope.READ})}, "the token is good for «read»"),
    (Act.SEE_AUDIT, {}, "this is only for admin"),
    (Act.SEE_AUDIT, {"role": ADMIN}, "this is for admin"),
    (Act.CREATE_ROOM, {"role": GUEST}, "this is only for admin, bot, user"),
    (Act.READ, {"kind": None}, "there is no such room"),
    (Act.READ, {"kind": PRIVATE, "member": None}, "the room is private, and they are no member"),
    (Act.KICK, {"kind": DIRECT}, "nobody governs a direct room"),
    (Act.READ, {}, "the room is public"),
    (Act.JOIN, {"banned": True, "member": None}, "they are banned from the room"),
    (Act.JOIN, {"archived": True, "member": None}, "an archived room takes no new members"),
    (Act.WRITE, {"member": None}, "they are no member"),
    (Act.KICK, {}, "they are member, and this takes moderator"),
    (Act.WRITE, {}, "they are member of the room"),
    (Act.WRITE, {"archived": True}, "the room is archived"),
    (Act.WRITE, {"muted": True}, "they are muted in the room"),
    (Act.EDIT, {"own": True}, "the message is their own"),
    (Act.EDIT, {}, "another wrote the message"),
    (
        Act.DELETE,
        {"member": MODERATOR},
        "they may with what others wrote, as moderator of the room",
    ),
    (Act.DELETE, {"role": ADMIN, "member": None}, "they may with what others wrote, as admin"),
    (Act.BAN, {"member": OWNER, "own": True}, "nobody does this to themselves"),
    (Act.BAN, {"role": ADMIN}, "an admin outranks everybody in rooms"),
    (Act.BAN, {"member": MODERATOR, "other": None}, "the other is no member"),
    (Act.BAN, {"member": MODERATOR}, "the other is member"),
    (Act.BAN, {"member": MODERATOR, "other": OWNER}, "the other is owner, which is not below"),
]


@pytest.mark.parametrize(("act", "more", "because"), REASONS, ids=map(str, range(len(REASONS))))
def test_each_answer_has_its_words(act: Act, more: dict, because: str) -> None:
    assert because in [step.because for step in explain(act, standing(**more))]


def test_a_yes_says_how_far_was_asked() -> None:
    assert decide(Act.READ, standing()).because == "nothing speaks against it"
    on_server = decide_on_server(Act.READ, standing()).because
    assert on_server == "nothing speaks against it on the server"
    assert decide_on_server(Act.SEE_AUDIT, standing()) == decide(Act.SEE_AUDIT, standing())


def test_an_admin_who_is_banned_still_governs_and_does_not_come_in() -> None:
    banned = standing(ADMIN, member=None, banned=True)
    assert decide(Act.KICK, banned).allowed
    assert code_of(Act.JOIN, banned) == Code.BANNED


def test_reports_of_a_direct_room_are_seen_by_those_who_moderate_it() -> None:
    assert decide(Act.SEE_REPORTS, standing(member=MODERATOR, kind=DIRECT)).allowed


def test_who_may_not_read_is_told_of_no_room() -> None:
    """A stranger, and a token that is good for other things alone."""
    assert not may_hear(None)
    assert may_hear(Identity(user="ada", name="Ada"))
    assert may_hear(Identity(user="bot", name="Bot", scopes=frozenset({Scope.READ})))
    assert not may_hear(Identity(user="bot", name="Bot", scopes=frozenset({Scope.WRITE})))


def test_a_rank_in_a_room_holds_those_below_it_and_who_is_no_member_has_none() -> None:
    ranks = (None, MEMBER, MODERATOR, OWNER)
    for one, other in product(range(4), range(1, 4)):
        least = ranks[other]
        assert least is not None
        assert is_at_least(ranks[one], least) is (one >= other)
