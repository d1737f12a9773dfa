"""In which rooms a token is good, and what is left to one that is good in some alone."""

import pytest

from conclave.core.reaching import decide_reach, reaches
from conclave.model import Act, Identity
from conclave.protocol.errors import Code

WIDE = Identity(user="bot", name="Bot")
NARROW = Identity(user="bot", name="Bot", rooms=frozenset({"hall", "attic"}))


def test_a_token_without_rooms_is_good_in_all() -> None:
    assert reaches(WIDE, "hall")
    assert reaches(WIDE, None)
    assert reaches(None, "hall"), "who is nobody is judged elsewhere"
    for act in (None, *Act):
        assert decide_reach(act, WIDE, ["hall", "nowhere"]).allowed
        assert decide_reach(act, WIDE, []).allowed


def test_a_token_for_some_rooms_is_good_there_and_others_are_like_none() -> None:
    assert reaches(NARROW, "hall")
    assert not reaches(NARROW, "cellar")
    assert not reaches(NARROW, None)
    assert decide_reach(Act.WRITE, NARROW, ["hall"]).allowed
    assert decide_reach(Act.WRITE, NARROW, ["hall", "attic"]).allowed
    for rooms in (["cellar"], ["hall", "cellar"]):
        assert decide_reach(Act.WRITE, NARROW, rooms).code == Code.NO_SUCH_ROOM


OUTSIDE = {
    None,
    Act.LIST_PEOPLE,
    Act.SEE_PROFILE,
    Act.SET_PROFILE,
    Act.SET_PRESENCE,
    Act.ANSWER,
    Act.LIST_ROOMS,
}


@pytest.mark.parametrize("act", [None, *Act])
def test_what_names_no_room_could_be_about_any_unless_it_is_known_to_be_about_none(act) -> None:
    ruling = decide_reach(act, NARROW, [])
    assert (ruling.code is None) == (act in OUTSIDE)
    assert ruling.code in (None, Code.FORBIDDEN)
