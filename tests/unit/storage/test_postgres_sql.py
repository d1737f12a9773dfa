"""The storage's statements in the words of PostgreSQL, and its values."""

import pytest

from conclave.storage.postgres.adapting import escaped, restored
from conclave.storage.postgres.sql import translated


@pytest.mark.parametrize(
    ("said", "text", "places"),
    [
        ("SELECT a WHERE b = ? AND c = ?", "SELECT a WHERE b = %s AND c = %s", (0, 1)),
        ("SELECT ?2, ?1, ?2", "SELECT %s, %s, %s", (1, 0, 1)),
        ("SELECT :now, x::text", "SELECT %(now)s, x::text", ()),
        ("SELECT user, users.user FROM users", 'SELECT "user", users."user" FROM users', ()),
        ("SELECT \"user\", 'user ? :x'", "SELECT \"user\", 'user ? :x'", ()),
        ("FROM e INDEXED BY e_x WHERE a LIKE '5%'", "FROM e  WHERE a LIKE '5%%'", ()),
    ],
)  # fmt: skip
def test_what_a_statement_says_is_said_in_the_other_words(said, text, places) -> None:
    assert translated(said)[:2] == (text, places)


def test_an_insert_of_one_row_may_be_one_of_many_and_no_other() -> None:
    many = translated("INSERT INTO t (a, user) VALUES (?, ?)")
    assert (many.head, many.row) == ('INSERT INTO t (a, "user") VALUES ', "(%s, %s)")
    assert translated("INSERT INTO t VALUES (?) ON CONFLICT DO NOTHING").row == ""
    assert translated("UPDATE t SET a = ?").row == ""


@pytest.mark.parametrize(
    "text", ["\0", "a\0b\0", "\U0010ffff", "\U0010ffff0", "\0\U0010ffff1", "x"]
)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert "\0" not in escaped(text)
    assert restored(escaped(text)) == text
