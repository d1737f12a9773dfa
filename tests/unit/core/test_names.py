"""What accounts and people may be called."""

import pytest

from conclave.core.names import canonical_name, clean_about, clean_display_name, is_given
from conclave.protocol.errors import Code, Reject


def refusal(make, text):
    with pytest.raises(Reject) as no:
        make(text)
    return no.value.code


def test_case_does_not_count_in_an_account_s_name() -> None:
    assert canonical_name("Ada.L-9") == "ada.l-9"


@pytest.mark.parametrize("name", ["a", "x" * 33, ".ada", "ada!", "ad a", "\u0430da", "\u0130da"])
def test_what_is_no_name_is_refused_and_not_repaired(name: str) -> None:
    assert refusal(canonical_name, name) == Code.BAD_REQUEST


@pytest.mark.parametrize(
    "name", ["system", "SYSTEM", "deleted-0123456789abcdef", "Guest-0123456789", "hook-0123456789"]
)
def test_names_that_the_server_gives_are_nobody_s(name: str) -> None:
    assert refusal(canonical_name, name) == Code.NAME_TAKEN


def test_names_that_are_only_like_those_are_anybody_s() -> None:
    for name in ("deleted-1", "guest-01234567890", "hooks", "guest-xyz"):
        assert canonical_name(name) == name
        assert not is_given(name)


def test_people_may_be_shown_in_any_script_and_not_as_the_system() -> None:
    assert clean_display_name(" Ada\nLovelace ") == "Ada Lovelace"
    assert clean_display_name("艾达") == "艾达"
    assert refusal(clean_display_name, "SyStEm") == Code.NAME_TAKEN
    for wrong in ("", "x" * 65, "x" * 10_000, "a" + "\u0301" * 9, "\u202eada"):
        assert refusal(clean_display_name, wrong) == Code.BAD_REQUEST


def test_a_line_about_oneself_turns_nothing_around_and_has_an_end() -> None:
    assert clean_about("I \u202eam\n here") == "I am here"
    assert clean_about("x" * 280) == "x" * 280
    for long in ("x" * 281, "x" * 10_000):
        assert refusal(clean_about, long) == Code.TOO_LONG
