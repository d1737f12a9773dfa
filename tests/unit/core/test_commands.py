"""Slash commands: whose name is whose, who is waited for, and what is kept of an answer."""

from typing import Any

import pytest

from conclave.core.commands import KEPT, WITHIN, Call, Calls, Command, Offers
from conclave.model import RoomRole
from conclave.protocol.errors import Code, Reject

ABOUT = ("hall", "roll", "2d6")


def everywhere(_bot: str) -> bool:
    return True


def nowhere(_bot: str) -> bool:
    return False


def command(name: str, bot: str | None = None, room: str | None = None, **more: Any) -> Command:
    return Command(name=name, bot=bot, room=room, **more)


def named(offers: Offers, room: str) -> list[tuple[str, str | None]]:
    return [(one.name, one.bot) for one in offers.in_room(room)]


# ── what is offered ────────────────────────────────────────────────────────────────────


def test_a_name_is_another_s_while_that_is_here_and_free_when_it_has_gone() -> None:
    offers = Offers()
    offers.offer("dicebot", [command("roll", "dicebot"), command("flip", "dicebot")], everywhere)
    with pytest.raises(Reject) as no:
        offers.offer("other", [command("roll", "other")], everywhere)
    assert no.value.code == Code.NAME_TAKEN
    assert named(offers, "hall") == [("flip", "dicebot"), ("roll", "dicebot")], "as it was"
    offers.offer("other", [command("roll", "other")], nowhere)
    assert named(offers, "hall") == [("flip", "dicebot"), ("roll", "other")]


def test_a_name_of_the_application_is_nobody_else_s_ever() -> None:
    offers = Offers()
    offers.offer(None, [command("help")], everywhere)
    with pytest.raises(Reject):
        offers.offer("bot", [command("help", "bot")], nowhere)
    # In one room it is another name; the application's still goes first.
    offers.offer("bot", [command("help", "bot", "hall")], everywhere)
    assert named(offers, "hall") == [("help", None), ("help", "bot")]
    assert named(offers, "attic") == [("help", None)]


def test_who_offers_anew_offers_nothing_of_before_and_who_offers_nothing_is_forgotten() -> None:
    offers = Offers()
    offers.offer("bot", [command("one", "bot")], everywhere)
    offers.offer("bot", [command("two", "bot")], everywhere)
    assert named(offers, "hall") == [("two", "bot")]
    offers.offer("bot", [], everywhere)
    assert list(offers) == []


def test_what_is_of_one_room_goes_first_there_and_a_token_s_rooms_are_all_it_is_good_in() -> None:
    offers = Offers()
    offers.offer("wide", [command("roll", "wide")], everywhere)
    offers.offer("here", [command("roll", "here", "hall")], everywhere)
    narrow = command("narrow", "narrow", rooms=frozenset({"attic"}), least=RoomRole.OWNER)
    offers.offer("narrow", [narrow], everywhere)
    assert named(offers, "hall") == [("roll", "here"), ("roll", "wide")]
    assert named(offers, "attic") == [("narrow", "narrow"), ("roll", "wide")]


async def test_addresses_that_answer_are_those_of_now_and_no_others() -> None:
    async def answer(_: Any) -> tuple[str, bool]:
        return "pong", False

    offers = Offers()
    offers.offer("bot", [command("own", "bot")], everywhere)
    offers.serve({"a": (command("ping", "a"), answer), "b": (command("pong", "b"), answer)})
    assert set(offers.answering) == {"a", "b"}
    offers.serve({"b": (command("pang", "b"), answer)})
    assert named(offers, "hall") == [("own", "bot"), ("pang", "b")]
    assert await offers.answering["b"](None) == ("pong", False)
    assert "a" not in offers.answering


# ── what was asked ─────────────────────────────────────────────────────────────────────


def asked(calls: Calls[str], n: int = 0, user: str = "ada", now: float = 0.0) -> Call[str]:
    call: Call[str] = Call(f"{user}-{n}", (user, f"request-{n}"), ABOUT, "bot")
    calls.begin(call, now)
    return call


def test_one_user_has_fifty_askings_and_all_together_two_thousand() -> None:
    calls: Calls[str] = Calls()
    for n in range(50):
        asked(calls, n)
    with pytest.raises(Reject) as no:
        asked(calls, 50)
    assert no.value.code == Code.BUSY
    for user in range(39):
        for n in range(50):
            asked(calls, n, f"user{user}")
    assert len(calls) == 2_000
    with pytest.raises(Reject):
        asked(calls, 0, "somebody new")


def test_the_same_request_again_is_the_same_asking_and_with_other_words_a_mistake() -> None:
    calls: Calls[str] = Calls()
    call = asked(calls)
    assert calls.repeated(call.key, ABOUT) is call
    assert calls.repeated(("bob", "request-0"), ABOUT) is None
    with pytest.raises(Reject) as no:
        calls.repeated(call.key, ("hall", "roll", "1d6"))
    assert no.value.code == Code.ID_REUSED


def test_only_the_bot_that_was_asked_may_answer_and_not_once_it_is_too_late() -> None:
    calls: Calls[str] = Calls()
    call = asked(calls)
    assert calls.of_bot(call.id, "bot") is call
    calls.end(call, "a six", 1.0)
    assert calls.of_bot(call.id, "bot") is call, "told twice: it was answered"
    late = asked(calls, 1)
    calls.end(late, Reject(Code.UNAVAILABLE), 1.0)
    for id_, bot in ((call.id, "other"), ("none", "bot"), (late.id, "bot")):
        with pytest.raises(Reject) as no:
            calls.of_bot(id_, bot)
        assert no.value.code == Code.NOT_FOUND


def test_all_who_wait_hear_the_outcome_once() -> None:
    calls: Calls[str] = Calls()
    call = asked(calls)
    call.waiting += ["laptop", "phone"]
    assert calls.end(call, "a six", 1.0) == ["laptop", "phone"]
    call.waiting.append("tablet")
    assert calls.end(call, "a one", 2.0) == []
    assert call.outcome == "a six"


def test_who_has_not_answered_in_time_is_late_unless_the_answer_is_being_stored() -> None:
    calls: Calls[str] = Calls()
    silent, storing = asked(calls, 0), asked(calls, 1)
    storing.storing = True
    assert calls.late(WITHIN - 0.1) == []
    assert calls.late(WITHIN) == [silent]
    assert len(calls) == 2, "late ones are ended by who is told of them"
    storing.storing = False
    assert calls.late(WITHIN) == [silent, storing]


def test_an_outcome_is_kept_a_minute_for_who_asks_once_more() -> None:
    calls: Calls[str] = Calls()
    call = asked(calls)
    calls.end(call, "a six", 1.0)
    assert calls.late(KEPT + 0.9) == []
    assert calls.repeated(call.key, ABOUT) is call
    assert calls.late(KEPT + 1.0) == []
    assert (len(calls), calls.repeated(call.key, ABOUT)) == (0, None)
