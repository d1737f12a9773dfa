"""The demo's two people."""

import pytest

from conclave.auth.demo import TOKENS, DemoAuthenticator
from conclave.model import Identity, Role


async def test_the_two_tokens_are_the_two_people() -> None:
    demo = DemoAuthenticator()
    assert await demo.authenticate("user-token-123") == Identity(user="user1", name="john")
    admin = Identity(user="admin1", name="admin", role=Role.ADMIN)
    assert await demo.authenticate("admin-token-456") == admin
    assert TOKENS == (("user-token-123", "john"), ("admin-token-456", "admin"))


@pytest.mark.parametrize(
    "token", ["", "user-token-12", "user-token-1234", "USER-TOKEN-123", "é\ud800"]
)
async def test_all_others_are_left_to_others(token: str) -> None:
    assert await DemoAuthenticator().authenticate(token) is None
