"""API tokens: whom they let in, whom not, and what is kept of them."""

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from conclave.auth.tokens import (
    GrantBot,
    Shown,
    TokenAuthenticator,
    digest,
    grant_token,
    new_token,
    token_commands,
)
from conclave.model import Identity, Place, Role, Scope, User
from conclave.ports import Store
from conclave.protocol.errors import Code, Reject
from conclave.storage import SqliteStore
from conclave.storage.accounts import SqlAccounts

DAY = 86_400_000


class Wall:
    def __init__(self) -> None:
        self.now = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
async def store(fresh: Callable[[str], Path]) -> AsyncIterator[Store]:
    store = await SqliteStore.open(fresh("data"))
    yield store
    await store.close()


@pytest.fixture
def authenticator(store: Store, wall: Wall) -> TokenAuthenticator:
    return TokenAuthenticator(store, wall)


async def refused(authenticator: TokenAuthenticator, token: str) -> bool:
    with pytest.raises(Reject) as no:
        await authenticator.authenticate(token)
    return no.value.code == Code.AUTH_FAILED


def test_a_token_is_256_random_bits_under_a_known_name() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(re.fullmatch(r"cvt_[A-Za-z0-9_-]{43}", token) for token in tokens)


async def test_a_granted_token_lets_its_user_in(store, authenticator) -> None:
    token = await grant_token(store, "ann")
    known = await store.token(digest(token))
    expected = Identity(user="ann", name="ann", session=known.id)
    assert await authenticator.authenticate(token) == expected


async def test_a_token_of_another_kind_is_left_to_others(authenticator) -> None:
    for token in ("", "user-token-123", "eyJhbGciOiJub25lIn0.e30.", "CVT_x", " cvt_x"):
        assert await authenticator.authenticate(token) is None


async def test_a_token_that_was_never_granted_is_refused(store, authenticator) -> None:
    granted = await grant_token(store, "ann")
    other_case = granted[:4] + granted[4:].swapcase()
    wrong = [new_token(), "cvt_", granted[:-1], granted + "x", other_case, granted + "\n"]
    wrong += ["cvt_" + "é" * 43, "cvt_" + "\ud800" * 43, "cvt_' OR 1=1 --", "cvt_" + "x" * 100_000]
    for token in wrong:
        assert await refused(authenticator, token)


async def test_a_token_ends_at_its_hour(store, authenticator, wall) -> None:
    token = await grant_token(store, "ann", days=2, wall=wall)
    wall.now += 2 * DAY - 1
    identity = await authenticator.authenticate(token)
    assert identity is not None
    assert identity.expires_at == wall.now + 1
    wall.now += 1
    assert await refused(authenticator, token)


async def test_a_revoked_token_and_a_deactivated_user_are_refused(store, wall) -> None:
    token = await grant_token(store, "ann")
    known = await store.token(digest(token))

    class Revoking:
        """The store with one answer changed: nothing revokes yet."""

        async def token(self, _digest: bytes) -> object:
            return self.answer

    stand_in = Revoking()
    authenticator = TokenAuthenticator(stand_in, wall)
    stand_in.answer = known
    assert await authenticator.authenticate(token) is not None
    changed = {name: getattr(known, name) for name in known.__struct_fields__}
    stand_in.answer = type(known)(**(changed | {"revoked_at": 1}))
    assert await refused(authenticator, token)
    asleep = User(id="ann", name="ann", display_name="ann", active=False)
    stand_in.answer = type(known)(**(changed | {"user": asleep}))
    assert await refused(authenticator, token)


async def test_only_the_digest_is_on_disk(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path / "kept")
    token = await grant_token(store, "ann", name="laptop")
    found = {file.name: file.read_bytes() for file in (tmp_path / "kept").iterdir()}
    await store.close()
    found |= {file.name + " closed": file.read_bytes() for file in (tmp_path / "kept").iterdir()}
    assert not [name for name, content in found.items() if token.encode() in content]
    assert not [name for name, content in found.items() if token[4:].encode() in content]
    assert [name for name, content in found.items() if digest(token) in content]


async def test_a_user_may_have_many_tokens_and_a_role_from_the_first(store, authenticator) -> None:
    first = await grant_token(store, "root", role="admin")
    second = await grant_token(store, "root")
    third = await grant_token(store, "root", role="admin")
    for token in (first, second, third):
        identity = await authenticator.authenticate(token)
        assert (identity.user, identity.role) == ("root", Role.ADMIN)
    assert len({first, second, third}) == 3


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        ({"user": "Ann"}, "cannot be a user"),
        ({"user": "a"}, "cannot be a user"),
        ({"user": "x" * 33}, "cannot be a user"),
        ({"user": ".ann"}, "cannot be a user"),
        ({"user": "ann\n"}, "cannot be a user"),
        ({"user": "añn"}, "cannot be a user"),
        ({"user": "system"}, "cannot be a user"),
        ({"user": "ann", "days": 0}, "days"),
        ({"user": "ann", "days": 10**9}, "days"),
        ({"user": "ann", "role": "king"}, "no role"),
        ({"user": "old", "role": "admin"}, "has the role user"),
    ],
)
async def test_a_wish_that_cannot_be_granted_says_why(store, wishes, says) -> None:
    await grant_token(store, "old")
    with pytest.raises(Reject, match=says) as no:
        await grant_token(store, **wishes)
    assert says in no.value.message
    assert await store.user("ann") is None


async def test_a_token_is_good_for_its_scopes_and_says_which_it_is(store, authenticator) -> None:
    whole = await authenticator.authenticate(await grant_token(store, "ann"))
    some = await authenticator.authenticate(await grant_token(store, "ann", scopes=["read"]))
    none = await authenticator.authenticate(await grant_token(store, "ann", scopes=[]))
    assert (whole.scopes, some.scopes, none.scopes) == (None, {Scope.READ}, frozenset())
    known = {token.id for token in await store.people.tokens("ann")}
    assert {whole.session, some.session, none.session} == known
    with pytest.raises(Reject, match="'king' is no scope: write some of read, write") as no:
        await grant_token(store, "ann", scopes=["read", "king"])
    assert no.value.code == Code.BAD_REQUEST
    assert len(await store.people.tokens("ann")) == 3


async def test_the_operator_s_commands_make_show_and_revoke(store, authenticator, wall) -> None:
    commands = token_commands(store)
    assert set(commands) == {"token create", "token list", "token revoke"}
    token = await commands["token create"]("ann", "laptop", 30_000, "admin", ["write", "read"])
    identity = await authenticator.authenticate(token)
    assert (identity.role, identity.scopes) == (Role.ADMIN, {Scope.READ, Scope.WRITE})
    await commands["token create"]("bob")
    (shown,) = await commands["token list"]("ann")
    assert shown == Shown(
        id=identity.session,
        user="ann",
        kind="token",
        name="laptop",
        scopes=["read", "write"],
        rooms=[],
        created_at=shown.created_at,
        expires_at=identity.expires_at,
        last_used_at=None,
        address=None,
        agent=None,
    )
    (_, other) = sorted(await commands["token list"](), key=lambda one: one.user)
    assert (other.user, other.scopes, other.expires_at) == ("bob", [], None)
    with pytest.raises(Reject, match="ann has no token") as no:
        await commands["token revoke"]("ann", [shown.id, other.id])
    assert no.value.code == Code.NOT_FOUND
    assert await commands["token revoke"]("ann", [shown.id]) == [shown.id]
    assert await refused(authenticator, token)
    assert await commands["token revoke"]("bob") == [other.id]
    assert await commands["token list"]() == []


async def test_a_token_for_rooms_names_rooms_that_are_there(store, authenticator) -> None:
    for room in ("hall", "Café"):
        await store.create_room(room, Identity(user="root", name="Root"))
    token = await grant_token(store, "ann", rooms=["hall", "Café"])
    assert (await authenticator.authenticate(token)).rooms == {"hall", "Café"}
    # A slip, also of case, would be a token that is good for nothing.
    for rooms in (["hall", "nowhere"], ["HALL"]):
        with pytest.raises(Reject, match="there is no room") as no:
            await grant_token(store, "ann", rooms=rooms)
        assert no.value.code == Code.NO_SUCH_ROOM
    for wrong in ([], ["hall"] * 101):
        with pytest.raises(Reject, match="1 to 100 rooms"):
            await grant_token(store, "ann", rooms=wrong)
    assert len(await store.people.tokens("ann")) == 1


@pytest.mark.parametrize(
    "given", ["deleted-0123456789abcdef", "guest-0123456789", "hook-0123456789"]
)
async def test_nobody_is_made_under_a_name_that_only_the_server_gives(store, given) -> None:
    with pytest.raises(Reject, match="only the server gives"):
        await grant_token(store, given)
    assert await store.user(given) is None


async def test_who_is_deactivated_gets_no_token(store) -> None:
    await grant_token(store, "ann")
    await store.people.change("ann", active=False)
    with pytest.raises(Reject, match="ann is deactivated"):
        await grant_token(store, "ann")


async def test_the_office_makes_tokens_for_bots_alone(store, authenticator, wall) -> None:
    grant = GrantBot(store, wall)
    await store.create_room("hall", Identity(user="root", name="Root"))
    await store.put_user(User(id="robot", name="robot", display_name="Robot", role=Role.BOT))
    await grant_token(store, "ann")
    wishes = {"name": "ci", "scopes": ["write"], "rooms": ["hall"], "days": 30}
    identity = await authenticator.authenticate(await grant("robot", **wishes))
    assert (identity.user, identity.role) == ("robot", Role.BOT)
    assert (identity.scopes, identity.rooms) == ({Scope.WRITE}, {"hall"})
    assert identity.expires_at == wall.now + 30 * DAY
    with pytest.raises(Reject, match="has the role user"):
        await grant("ann", **wishes)


async def test_a_running_node_is_the_one_that_revokes(store) -> None:
    asked: list[tuple[str, list[str] | None]] = []

    async def revoke(user: str, tokens: list[str] | None) -> list[str]:
        asked.append((user, tokens))
        return ["done"]

    await grant_token(store, "ann")
    assert await token_commands(store, revoke)["token revoke"]("ann") == ["done"]
    assert asked == [("ann", None)]
    assert len(await store.people.tokens("ann")) == 1


async def test_a_session_is_no_token(store, authenticator) -> None:
    accounts = SqlAccounts(store)
    await grant_token(store, "ann")
    token = new_token()
    place = Place(address="192.0.2.1", agent="Firefox")
    await accounts.open_session("ann", digest(token), expires_at=2**45, place=place, most=5)
    assert await refused(authenticator, token)
    shown = await token_commands(store)["token list"]("ann")
    assert {(one.kind, one.address, one.agent) for one in shown} == {
        ("token", None, None),
        ("session", "192.0.2.1", "Firefox"),
    }
    await accounts.close()
