"""Whom it was looked for while somebody came in: they learn it, and nothing is kept for longer."""

from conclave.core.expecting import Looks


def test_who_comes_in_learns_for_whom_it_was_looked_meanwhile() -> None:
    looks = Looks()
    looks.note("eve")
    with looks.expect() as first:
        looks.note("ada")
        with looks.expect() as second:
            looks.note("bob")
            assert [first.missed(one) for one in ("ada", "bob", "eve")] == [True, True, False]
            assert [second.missed(one) for one in ("ada", "bob", "eve")] == [False, True, False]
        assert not first.everybody


def test_a_look_at_everybody_is_one_at_each() -> None:
    looks = Looks()
    with looks.expect() as first:
        looks.note(None)
        with looks.expect() as second:
            assert first.everybody
            assert first.missed("ada")
            assert not second.everybody
            assert not second.missed("ada")


def test_nothing_is_kept_when_nobody_comes_in() -> None:
    looks = Looks()
    looks.note("ada")
    assert len(looks) == 0
    with looks.expect():
        looks.note("ada")
        assert len(looks) == 1
    assert len(looks) == 0


def test_no_more_is_kept_than_since_the_oldest_began_though_there_is_always_somebody() -> None:
    looks = Looks()
    oldest = looks.expect()
    oldest.__enter__()
    for n in range(1_000):
        newer = looks.expect()
        expected = newer.__enter__()
        looks.note(f"user {n}")
        oldest.__exit__(None, None, None)
        oldest = newer
        assert len(looks) == 1
        assert expected.missed(f"user {n}")
        assert not expected.missed(f"user {n - 1}")
