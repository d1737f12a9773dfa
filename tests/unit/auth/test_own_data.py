"""What is kept of one, taken away by its owner: who may, how often, how many at once."""

import io

import pytest
from tests.unit.auth.world import GOOD, HERE

from conclave.auth.confirming import FRESH_MS
from conclave.auth.own_data import EVERY_S, MOST_OPEN, OwnData
from conclave.model import Action, Caller, Identity
from conclave.protocol.errors import Code, Reject


class Files:
    """Writes a line for whoever asks; `fails` is raised instead."""

    fails: BaseException | None = None

    async def write(self, user):
        if self.fails is not None:
            raise self.fails
        return io.BytesIO(f"all of {user}".encode())


@pytest.fixture
def files():
    return Files()


@pytest.fixture
def data(world, files):
    return OwnData(files, world.accounts, world, world.clock, world.confirming)


def program(user):
    """Somebody of another system, who has no password here."""
    return Caller(identity=Identity(user=user, name=user), place=HERE)


async def refusal(awaitable):
    with pytest.raises(Reject) as no:
        await awaitable
    return no.value


async def test_one_is_given_what_is_kept_and_it_is_written_down(world, data):
    taken = await data.take(program("eve"), "")
    assert taken.size == len(b"all of eve")
    assert (taken.read(6), taken.read(100), taken.read(1)) == (b"all of", b" eve", b"")
    taken.close()
    (note,) = world.notes
    assert (note.action, note.actor, note.target) == (Action.DATA_EXPORTED, "eve", "eve")
    assert note.address == HERE.address


async def test_who_has_a_password_here_says_it_unless_they_just_did(world, data):
    await world.account("ada")
    caller = await world.caller("ada")
    (await data.take(caller, "")).close()
    world.clock.turn(FRESH_MS / 1000)
    assert (await refusal(data.take(caller, ""))).code == Code.PASSWORD_REQUIRED
    (await data.take(caller, GOOD)).close()


async def test_one_has_one_at_a_time_and_closing_twice_frees_nobody_else_s(data):
    first = await data.take(program("eve"), "")
    no = await refusal(data.take(program("eve"), ""))
    assert (no.code, no.retry_after_ms) == (Code.RATE_LIMITED, 2_000)
    first.close()
    second = await data.take(program("eve"), "")
    first.close()
    assert (await refusal(data.take(program("eve"), ""))).retry_after_ms == 2_000
    second.close()


async def test_who_was_given_the_last_byte_may_ask_again_before_it_is_closed(data):
    first = await data.take(program("eve"), "")
    assert first.read(6) == b"all of"
    assert (await refusal(data.take(program("eve"), ""))).retry_after_ms == 2_000
    assert first.read(100) == b" eve"
    second = await data.take(program("eve"), "")
    first.close()
    assert (await refusal(data.take(program("eve"), ""))).retry_after_ms == 2_000
    second.close()


async def test_three_are_had_at_once_and_then_one_every_ten_minutes(world, data):
    for _ in range(3):
        (await data.take(program("eve"), "")).close()
    no = await refusal(data.take(program("eve"), ""))
    assert (no.code, no.retry_after_ms) == (Code.RATE_LIMITED, 600_000)
    (await data.take(program("bob"), "")).close()
    world.clock.turn(EVERY_S)
    (await data.take(program("eve"), "")).close()


async def test_without_a_limit_one_has_it_as_often_as_one_likes(world, files):
    data = OwnData(files, world.accounts, world, world.clock, world.confirming, every=0)
    for _ in range(20):
        (await data.take(program("eve"), "")).close()


async def test_all_together_have_a_few_at_a_time(data):
    open_ = [await data.take(program(f"user-{n}"), "") for n in range(MOST_OPEN)]
    assert (await refusal(data.take(program("eve"), ""))).code == Code.BUSY
    open_[0].close()
    (await data.take(program("eve"), "")).close()
    for taken in open_:
        taken.close()


async def test_what_could_not_be_written_is_no_file_that_is_open(world, data, files):
    files.fails = OSError(28, "No space left on device")
    with pytest.raises(OSError, match="No space left"):
        await data.take(program("eve"), "")
    assert world.notes == []
    files.fails = None
    (await data.take(program("eve"), "")).close()
