"""API tokens: whom they let in, whom not, and what is kept of them."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conclave.auth.tokens import TokenAuthenticator, digest, grant_token, new_token
from conclave.model import Identity, Role, User
from conclave.ports import Store
from conclave.protocol.errors import Code, Reject
from conclave.storage import SqliteStore

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
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await SqliteStore.open(tmp_path / "data")
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
