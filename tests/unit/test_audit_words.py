"""What may stand in a line of the audit log."""

import secrets

import pyotp
import pytest

from conclave.auth.tokens import new_token
from conclave.model import Action, cut_account, details
from conclave.model.audit import MAX_TEXT


@pytest.mark.parametrize(
    "secret",
    [
        new_token(),
        f"cvk_{secrets.token_urlsafe(32)}",
        secrets.token_hex(32),
        pyotp.random_base32(),
        (
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGFsb3ZlbGFjZWFuZGJvYiJ9."
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        ),
    ],
    ids=["token", "ticket", "digest", "key of an app", "JWT"],
)
def test_what_looks_like_a_secret_is_blanked(secret) -> None:
    said = details({"reason": f"he wrote {secret} to all", "name": secret})
    assert all(part not in str(said) for part in secret.split("."))
    assert str(said["reason"]).startswith("he wrote […")


def test_names_and_ids_are_no_secrets() -> None:
    longest_name, ulid = "a" * 32, "01JABCDEFGHJKMNPQRSTVWXYZ0"
    assert details({"name": longest_name, "id": ulid}) == {"name": longest_name, "id": ulid}


def test_texts_are_short() -> None:
    assert len(str(details({"reason": "so " * 1_000})["reason"])) == MAX_TEXT


def test_of_a_name_that_is_nobodys_little_is_kept() -> None:
    assert cut_account(" hunter2 ") == "hun…"
    assert cut_account("\x1b[2J") == "?[2…"
    assert cut_account("ab") == "ab"


def test_every_action_says_what_it_was_done_to() -> None:
    for action in Action:
        kind, _, done = action.partition(".")
        assert kind.isalpha()
        assert done.replace("_", "").isalpha()
