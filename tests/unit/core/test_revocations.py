"""What is revoked catches also those who are just authenticating."""

import pytest

from conclave.core.revocations import Revocations, Revoked
from conclave.model import Identity

ADA = Identity(user="ada", name="Ada", session="s-1")
# Whom another system vouches for: no token of ours.
GUEST = Identity(user="ada", name="Ada")


def revoked(user: str = "ada", tokens: set[str] | None = None, but: str | None = None) -> Revoked:
    return Revoked(
        user, None if tokens is None else frozenset(tokens), but, 4501, "Session revoked"
    )


@pytest.mark.parametrize(
    ("what", "identity", "caught"),
    [
        (revoked(), ADA, True),
        (revoked(), GUEST, True),
        (revoked("eve"), ADA, False),
        (revoked(tokens={"s-1", "s-2"}), ADA, True),
        (revoked(tokens={"s-2"}), ADA, False),
        (revoked(tokens=set()), ADA, False),
        (revoked(tokens={"s-1"}), GUEST, False),
        (revoked(but="s-1"), ADA, False),
        (revoked(but="s-2"), ADA, True),
        (revoked(but="s-1"), GUEST, True),
        (revoked("eve", tokens={"s-1"}), ADA, False),
    ],
)
def test_it_covers_what_came_in_with_what_was_revoked(what, identity, caught) -> None:
    assert what.covers(identity) is caught


def test_who_watches_sees_what_comes_meanwhile_and_nothing_else() -> None:
    revocations = Revocations()
    revocations.note(revoked())
    with revocations.watch() as early:
        assert early.finds(ADA) is None
        revocations.note(revoked("eve"))
        with revocations.watch() as late:
            revocations.note(revoked(tokens={"s-1"}))
            assert late.finds(ADA) == early.finds(ADA) == revoked(tokens={"s-1"})
            assert late.finds(Identity(user="eve", name="Eve")) is None
            assert early.finds(Identity(user="eve", name="Eve")) is not None


def test_nothing_is_kept_for_who_has_stopped_to_watch() -> None:
    revocations = Revocations()
    with pytest.raises(RuntimeError), revocations.watch() as watch:
        raise RuntimeError
    revocations.note(revoked())
    assert watch.seen == []
    assert not revocations._watches
