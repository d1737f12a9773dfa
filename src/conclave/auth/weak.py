"""
Which new passwords are refused: too short, among the commonest, or one's own name.

Length is what protects; there are no rules about kinds of signs, which make passwords
worse (NIST SP 800-63B section 3.1.1.2). The list is short on purpose: with the throttle of
sign-ins only the very first guesses count.
"""

import re
from collections.abc import Iterable
from typing import Final

from conclave.auth.passwords import MOST_BYTES, prepared
from conclave.protocol.errors import Code, Reject

LEAST_CHARS: Final = 10
# Of what is left without one's name, and of different signs.
_LEAST_BESIDE_NAME: Final = 6
_LEAST_DIFFERENT: Final = 5
# Shorter names are in many good passwords.
_LEAST_NAME: Final = 3

_LEET: Final = str.maketrans("013457@$!", "oieastasi")
_ENDS: Final = re.compile(r"^[^a-z]+|[^a-z]+$")

# Rows of keys and of the alphabet: any piece of one, forwards or backwards, is a first guess.
_ROWS: Final = (
    "12345678901234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "qazwsxedcrfvtgbyhnujmikolp",
    "zaq12wsxcde34rfvbgt56yhn",
    "!@#$%^&*()",
)
# What remains of the commonest passwords of ten signs and more, without their digits at the
# ends and with letters for the digits that stand for them.
_STEMS: Final = frozenset(
    """
    password passwort passwords mypassword thepassword newpassword yourpassword passw passwd
    motdepasse contrasena wachtwoord parola senha
    qwerty qwertyuiop qwertyui qwertzuiop azerty azertyuiop asdf asdfgh asdfghjkl zxcvbnm
    qazwsx qazwsxedc abc abcdef
    letmein letmeinplease welcome welcomehome changeme changemenow changeit default
    iloveyou iloveyouso ilovejesus iloveme ihateyou fuckyou fuckoff trustno trustnoone
    admin administrator administrador root toor superuser superman sysadmin master masterkey
    secret topsecret login guest user username test testing testpassword temporary temp
    sunshine princess football baseball basketball monkey dragon shadow
    michael jordan jennifer charlie ashley jessica daniel thomas liverpool chelsea arsenal
    manchester barcelona juventus realmadrid cowboys steelers batman spiderman pokemon
    starwars minecraft computer internet samsung google facebook whatever nothing
    blink hello helloworld goodbye summer winter spring autumn sommer
    january february march april june july august september october november december
    monday friday correcthorsebatterystaple conclave chat
    """.split()  # noqa: SIM905 - words are read more easily than a list of them
)


def check_new(password: str, names: Iterable[str]) -> None:
    """
    Raise `bad_request` with words for its owner, if *password* may not become one.

    *names*: how the owner is called.
    """
    secret = prepared(password)
    if secret is None:
        raise _refusal(f"A password has at most {MOST_BYTES:,} bytes and no control characters")
    text = secret.decode()
    if len(text) < LEAST_CHARS:
        raise _refusal(f"A password has at least {LEAST_CHARS} characters")
    plain = text.casefold()
    if _is_common(plain):
        raise _refusal("This password is among the first that others would guess")
    if any(_is_name(plain, name.casefold()) for name in names):
        raise _refusal("A password is more than a name with a few signs")


def _is_common(plain: str) -> bool:
    once = _period(plain)
    few = len(set(plain)) < _LEAST_DIFFERENT
    return few or _is_row(once) or not _STEMS.isdisjoint(_stems(once))


def _stems(plain: str) -> set[str]:
    """Return what is left without digits and signs at the ends, with and without their letters."""
    spelled = plain.translate(_LEET)
    found = {_ENDS.sub("", plain), _ENDS.sub("", spelled), _ENDS.sub("", plain).translate(_LEET)}
    return found | {_period(stem) for stem in found}


def _is_row(plain: str) -> bool:
    return any(plain in row or plain[::-1] in row for row in _ROWS)


def _period(plain: str) -> str:
    """Return the piece that *plain* repeats, or all of it."""
    at = (plain + plain).find(plain, 1)
    return plain[:at] if at < len(plain) else plain


def _is_name(plain: str, name: str) -> bool:
    if len(name) < _LEAST_NAME or name not in plain:
        return False
    left = "".join(char for char in plain.replace(name, "") if char.isalnum())
    return len(left) < _LEAST_BESIDE_NAME or left.isdecimal()


def _refusal(text: str) -> Reject:
    return Reject(Code.BAD_REQUEST, text)
