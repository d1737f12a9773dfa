"""The query language: what people type, and what it asks for."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conclave.core.query import MAX_TERMS, TRAITS, narrowed, parse
from conclave.model import Query, Term


def texts(terms: tuple[Term, ...]) -> list[str]:
    return [("-" if term.without else "") + term.text for term in terms]


def day(year: int, month: int = 1, day: int = 1) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * 1000


def test_words_stand_for_themselves() -> None:
    query = parse("hello  big\tworld ")
    assert query == Query(words=(Term(text="hello"), Term(text="big"), Term(text="world")))


def test_nothing_asks_for_nothing() -> None:
    for text in ("", "   ", "\u3000"):
        assert parse(text) == Query()


def test_what_stands_in_quotes_is_one_term() -> None:
    for text in ('"big world" x ', "“big world” x ", "„big world“ x ", '"big world" x" "'):
        assert texts(parse(text).words)[:2] == ["big world", "x"]
    assert texts(parse('a"b c"d ').words) == ["a", "b c", "d"]
    assert texts(parse('say "never closed').words) == ["say", "never closed"]


def test_the_last_word_may_go_on_until_something_follows_it() -> None:
    def goes_on(text: str) -> list[bool]:
        return [term.begins for term in parse(text).words]

    assert goes_on("hello wor") == [False, True]
    assert goes_on("hello wor ") == [False, False]
    assert goes_on('hello "wor"') == [False, False]
    assert goes_on('hello "wor') == [False, False]
    assert goes_on("hello -wor") == [False, False]
    assert goes_on("hello from:ann") == [False]
    assert goes_on("hel* world ") == [True, False]


def test_people_rooms_and_traits_are_named() -> None:
    query = parse(
        'from:ann from:"John Doe" -from:@bob in:#hall -in:"the cellar" has:links -has:pin x'
    )
    assert texts(query.people) == ["ann", "John Doe", "-bob"]
    assert texts(query.rooms) == ["hall", "-the cellar"]
    assert texts(query.traits) == ["link", "-pin"]
    assert texts(query.words) == ["x"]
    assert texts(parse("FROM:ann In：hall HAS:Reactions").people) == ["ann"]


def test_every_trait_has_the_name_that_people_give_it() -> None:
    for name, trait in TRAITS.items():
        assert texts(parse(f"has:{name}").traits) == [trait]


def test_days_bound_the_time_half_open() -> None:
    query = parse("after:2026-11-01 before:2026-12-01")
    assert (query.after, query.before) == (day(2026, 11, 1), day(2026, 12, 1))
    assert parse("after:2026-2").after == day(2026, 2)
    assert parse("before:2026").before == day(2026)
    assert parse("-before:2026").after == day(2026)
    assert parse("-after:2026").before == day(2026)


def test_the_narrowest_time_counts() -> None:
    query = parse("after:2025 after:2026 before:2028 before:2027")
    assert (query.after, query.before) == (day(2026), day(2027))
    query = narrowed(query, before=day(2026, 6), after=day(2020))
    assert (query.after, query.before) == (day(2026), day(2026, 6))
    assert narrowed(Query()) == Query()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("before:noon", ["before noon"]),
        ("before:2026-13-01", ["before 2026-13-01"]),
        ("after:0000", ["after 0000"]),
        ("after:２０２６", ["after ２０２６"]),
        ("has:cheese", ["has cheese"]),
        ("from:", ["from:"]),
        ("-", ["-"]),
        ("--x", ["-x"]),
        ("AND OR NOT NEAR(a b)", ["AND", "OR", "NOT", "NEAR(a", "b)"]),
        ("a:b {c} ^d", ["a:b", "{c}", "^d"]),
    ],
)
def test_what_means_nothing_is_a_word(text: str, words: list[str]) -> None:
    query = parse(text)
    assert [term.text for term in query.words] == words
    assert (query.before, query.after, query.people, query.rooms, query.traits) == (
        None,
        None,
        (),
        (),
        (),
    )


@given(st.text() | st.text(alphabet='"-:* frominhasbeforeafter@#2026\0'))
def test_any_text_is_a_query(text: str) -> None:
    query = parse(text)
    terms = (*query.words, *query.people, *query.rooms, *query.traits)
    assert len(terms) <= MAX_TERMS
    assert not any(term.begins for term in query.words[:-1]) or "*" in text


def test_the_longest_text_is_read_in_no_time() -> None:
    for part in ('"', "-", "from:", "a ", "\0", "before:2026 ", '-"', "has:link "):
        query = parse(part * (65_536 // len(part)))
        assert len(query.words) + len(query.traits) <= MAX_TERMS
