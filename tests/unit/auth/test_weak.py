"""Which new passwords are refused, and with which words."""

import pytest

from conclave.auth.weak import check_new
from conclave.protocol.errors import Code, Reject

NAMES = ("john", "John Ó Dubhthaigh", "al")


TOLD = {
    "A password has at most 1,024 bytes and no control characters",
    "A password has at least 10 characters",
    "This password is among the first that others would guess",
    "A password is more than a name with a few signs",
}


@pytest.mark.parametrize(
    "password",
    [
        "four words of mine",
        "hello-kitty-9",
        "korrekt hest",
        "東京の夜は静かです。本当",
        "x7!kq0-zzp",
        "john paul george",
        "albatross wing",
        "4815162342 numbers",
        "🦜🐢🦔🐙🦑🦐🦞🦀🐡🐠",
        "    spaces  count    here",
        "john sixsix",
        "abcdefgabcdez",
        "1234passwordly",
    ],
)
def test_a_good_password_is_taken(password):
    check_new(password, NAMES)


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("", "at most 1,024 bytes"),
        ("x" * 2_000, "at most 1,024 bytes"),
        ("a\tb\tc\td\te\tf\tg", "no control characters"),
        ("ninechars", "at least 10"),
        ("\ufb03\ufb03\ufb03", "at least 10"),
        ("aaaaaaaaaaaaaa", "first that others would guess"),
        ("ababababab", "first that others would guess"),
        ("1234512345", "first that others would guess"),
        ("1234567890", "first that others would guess"),
        ("0987654321", "first that others would guess"),
        ("abcdefghijkl", "first that others would guess"),
        ("LKJHGFDSAP", "first that others would guess"),
        ("1q2w3e4r5t", "first that others would guess"),
        ("qwertyuiop", "first that others would guess"),
        ("password123!", "first that others would guess"),
        ("P@$$w0rd2024", "first that others would guess"),
        ("PASSWORD!!!!", "first that others would guess"),
        ("passwordpassword", "first that others would guess"),
        ("123letmein123", "first that others would guess"),
        ("testtest1234", "first that others would guess"),
        ("Conclave2026", "first that others would guess"),
        ("summer2026!", "first that others would guess"),
        ("john.john.", "more than a name"),
        ("JOHN1234567", "more than a name"),
        ("johnjohnjohn", "first that others"),
        ("john ó dubhthaigh!", "more than a name"),
        ("1984-john-5", "more than a name"),
        ("john.is.me!", "more than a name"),
        ("john fives!", "more than a name"),
        ("1!letmein!1!", "first that others would guess"),
        ("123P@ssw0rd", "first that others would guess"),
        ("aaaaaaaaaaaaab", "first that others would guess"),
    ],
)
def test_a_weak_one_is_refused_and_the_words_say_why(password, says):
    with pytest.raises(Reject) as no:
        check_new(password, NAMES)
    assert no.value.code == Code.BAD_REQUEST
    assert says in no.value.message
    assert no.value.message in TOLD
    assert not password or password not in no.value.message


def test_a_name_of_two_letters_spoils_nothing():
    check_new("al al pretzel", ("al",))
