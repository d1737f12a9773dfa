"""Kinds of entries that an application declares: their names, what is kept, what is read back."""

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from conclave.model import Entry
from conclave.protocol.durable import RESERVED, Durable
from conclave.protocol.lines import line


class Opened(Durable, type="poll:opened"):
    question: str
    choices: tuple[str, ...] = ()

    def words(self) -> str:
        return f"asks: {self.question}"


class Noted(Durable, type="note:made", searchable=True):
    at: dict[int, str]


class Silent(Durable, type="note:seen"):
    pass


def entry(type_: str, **extra: Any) -> Entry:
    return Entry(
        room="hall",
        seq=1,
        id="a",
        type=type_,
        name="Ada",
        user="ada",
        timestamp=1,
        text="",
        extra=extra,
    )


@pytest.mark.parametrize(
    "name", ["", "opened", ":opened", *(f"{one}:x" for one in sorted(RESERVED))]
)
def test_a_kind_has_a_namespace_of_its_own(name):
    with pytest.raises(TypeError, match=r"expected a name(space of your own| like)"):
        type(Durable)("Wrong", (Durable,), {}, type=name)


def test_what_is_kept_is_what_json_can_hold_and_whether_its_words_are_found():
    opened = Opened("Where to?", ("sea", "hills"))
    assert opened.extra() == {"data": {"question": "Where to?", "choices": ("sea", "hills")}}
    assert Noted({1: "x"}).extra() == {"data": {"at": {"1": "x"}}, "searchable": True}
    assert (opened.words(), Silent().words()) == ("asks: Where to?", "")
    with pytest.raises(TypeError):
        Opened(object()).extra()  # type: ignore[arg-type]  # what an application may do


def test_it_is_read_back_from_the_store_and_from_what_a_client_hears():
    kept = entry("poll:opened", **Opened("Where to?").extra())
    assert Opened.read(kept) == Opened("Where to?")
    assert Opened.read(line(kept, "bob")) == Opened("Where to?")
    newer = SimpleNamespace(type="poll:opened", data={"question": "x", "unknown": 1})
    assert Opened.read(newer) == Opened("x")


def test_what_is_of_another_kind_or_erased_is_nothing():
    assert Opened.read(entry("note:seen", data={})) is None
    assert Opened.read(entry("poll:opened")) is None
    assert Opened.read(SimpleNamespace(type="poll:opened", data=UNSET)) is None


def test_what_an_earlier_class_has_stored_and_this_one_cannot_read_is_said():
    with pytest.raises(msgspec.ValidationError, match="question"):
        Opened.read(entry("poll:opened", data={"title": "x"}))
