"""The table of handlers is complete and rightly typed, or there is no start."""

from typing import Any

import pytest

from conclave.controllers.dispatch import Access, Controller, Dispatcher, at_once, on, on_join
from conclave.controllers.hooks import around
from conclave.core.ratelimit import Cost
from conclave.core.turns import Turn
from conclave.protocol.event import Event

NODE: Any = None


class Roll(Event, type="test:roll"):
    sides: int = 6


class Shout(Event, type="test:shout"):
    room: str


class Dice(Controller):
    @on(Roll, needs=Access.ANYONE, turn=Turn.READ)
    async def roll(self, connection: Any, event: Roll) -> None: ...


def table(*controllers: type[Controller], requests: Any = ()) -> Dispatcher:
    return Dispatcher(NODE, [make(NODE) for make in controllers], requests)


def test_a_handler_is_found_by_the_type_of_its_event() -> None:
    found = table(Dice, requests=[Roll])
    route = found.route(Roll)
    assert (route.event, route.needs, route.turn) == (Roll, Access.ANYONE, Turn.READ)
    assert route.costs is Cost.MESSAGE, "what says nothing counts as what costs others most"
    assert not route.takes_request
    assert found.events == [Roll]


def test_a_missing_handler_is_named() -> None:
    with pytest.raises(TypeError, match="no handler for Roll, Shout: mark one with @on"):
        table(requests=[Shout, Roll])


def test_a_second_handler_is_named() -> None:
    class More(Controller):
        @on(Roll)
        async def again(self, connection: Any, event: Roll) -> None: ...

    with pytest.raises(TypeError, match=r"«test:roll» has two handlers.*remove one"):
        table(Dice, More)


def test_two_events_of_one_name_are_one_too_many() -> None:
    class Other(Event, type="test:roll"):
        pass

    class More(Controller):
        @on(Other)
        async def other(self, connection: Any, event: Other) -> None: ...

    with pytest.raises(TypeError, match="for Roll and Other"):
        table(Dice, More)


def test_a_handler_must_take_the_event_it_is_marked_with() -> None:
    class Wrong(Controller):
        @on(Roll)
        async def roll(self, connection: Any, event: Shout) -> None: ...

    with pytest.raises(TypeError, match=r"Wrong\.roll: handles Roll but takes .*Shout"):
        table(Wrong)


def test_a_handler_must_be_async() -> None:
    class Plain(Controller):
        @on(Roll)
        def roll(self, connection: Any, event: Roll) -> None: ...

    with pytest.raises(TypeError, match=r"Plain\.roll: expected «async def».*add async"):
        table(Plain)


def test_a_hook_must_be_async() -> None:
    class Plain(Controller):
        @on_join
        def joined(self, connection: Any, room: str) -> None: ...

    with pytest.raises(TypeError, match=r"Plain\.joined: expected «async def»"):
        table(Plain)


def test_who_needs_the_room_must_be_told_which() -> None:
    class Roomless(Controller):
        @on(Roll, needs=Access.ROOM)
        async def roll(self, connection: Any, event: Roll) -> None: ...

    with pytest.raises(TypeError, match="Roll has no field «room»"):
        table(Roomless)


def test_a_handler_is_of_an_event() -> None:
    class Odd(Controller):
        @on(str)  # type: ignore[type-var]
        async def word(self, connection: Any, event: str) -> None: ...

    with pytest.raises(TypeError, match="@on expects a subclass of Event"):
        table(Odd)


@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_handler_takes_the_connection_the_event_and_perhaps_the_request(count: int) -> None:
    async def one(self: Any) -> None: ...
    async def two(self: Any, a: Any) -> None: ...
    async def five(self: Any, a: Any, b: Roll, c: Any, d: Any) -> None: ...

    method = {0: one, 1: two, 4: five}[count]
    odd = type("Odd", (Controller,), {"handle": on(Roll)(method)})
    with pytest.raises(TypeError, match=r"expected \(self, connection, event\[, request\]\)"):
        table(odd)


def test_an_event_needs_a_name_of_the_wire() -> None:
    for name in ("", "Dice", "dice roll", "dice:", "__class__"):
        with pytest.raises(TypeError, match="expected a name like"):
            type(Event)("Odd", (Event,), {}, type=name)


@pytest.mark.parametrize("wrong", ["async", "read"])
def test_what_begins_a_request_is_a_plain_function_for_a_write(wrong: str) -> None:
    class Begun(Controller):
        @on(Shout, turn=Turn.READ if wrong == "read" else Turn.WRITE)
        async def shout(self, connection: Any, event: Shout) -> None: ...

        def plain(self, connection: Any, event: Shout, request: Any, done: Any) -> bool:
            return False

        async def waits(self, connection: Any, event: Shout, request: Any, done: Any) -> bool:
            return False

        begin = at_once(Shout)(waits if wrong == "async" else plain)

    with pytest.raises(TypeError, match="@at_once expects a plain function, for a write"):
        table(Begun)


def test_what_begins_a_request_begins_one_that_has_a_handler() -> None:
    class Begun(Controller):
        @at_once(Shout)
        def begin(self, connection: Any, event: Shout, request: Any, done: Any) -> bool:
            return False

    with pytest.raises(TypeError, match="@at_once expects an event that has a handler"):
        table(Begun)


def test_what_stands_around_handlers_lets_no_request_be_begun_past_it() -> None:
    class Begun(Controller):
        @on(Shout)
        async def shout(self, connection: Any, event: Shout) -> None: ...

        @at_once(Shout)
        def begin(self, connection: Any, event: Shout, request: Any, done: Any) -> bool:
            return False

    class Around(Controller):
        @around
        async def watch(self, request: Any, proceed: Any) -> Any: ...

    assert table(Begun).route(Shout).begins is not None
    assert table(Begun, Around).route(Shout).begins is None
