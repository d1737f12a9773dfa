"""What is encoded once for all who come in says what a `System` of one's own would say."""

import random

import pytest

from conclave.protocol.codec import encode_event
from conclave.protocol.events import System
from conclave.protocol.welcoming import MOST_NAMED, PublicRooms

ODD = ['say "no"', "back\\slash", "tëa", "🍵", "line\u2028break", ""]


def as_system(own: list[str], public: list[str]) -> bytes:
    named = [*dict.fromkeys([*own, *public])][:MOST_NAMED]
    return encode_event(System("Welcome, ann!", named)).framed


@pytest.mark.parametrize("public", [0, 1, 5, MOST_NAMED - 1, MOST_NAMED])
@pytest.mark.parametrize("own", [0, 1, 3, MOST_NAMED, MOST_NAMED + 3])
def test_it_says_what_a_system_says(own: int, public: int) -> None:
    chance = random.Random(f"{own} {public}")
    names = [*ODD, *(f"room-{n}" for n in range(2 * MOST_NAMED))]
    for _ in range(5):
        theirs, all_ = chance.sample(names, own), chance.sample(names, public)
        rooms = PublicRooms(all_)
        for mine in (theirs, [*theirs, *theirs], theirs[:1]):
            assert rooms.welcome("Welcome, ann!", mine).framed == as_system(mine, all_)
