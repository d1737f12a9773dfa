"""Secrets that were planted are found, and what only looks long is not."""

import secrets
from pathlib import Path

import pytest
from scripts.secrets_scan import committed, findings

PLANTED = {
    "a token of ours": lambda: f"cvt_{secrets.token_urlsafe(32)}",
    "a session of ours": lambda: f"cookie = 'cvs_{secrets.token_urlsafe(32)}'",
    "a private key": lambda: "-----BEGIN EC " + "PRIVATE KEY-----",
    "a key of AWS": lambda: "AKIA" + "IOSFODNN7EXAMPL0",
    "a token of GitHub": lambda: "ghp_" + "aB3" * 12,
    "a web token": lambda: "eyJhbGciOiJI." + "eyJzdWIiOiIx" + "." + "c2lnbmF0dXJl",
    "a random text": lambda: f"password = {secrets.token_urlsafe(32)}aA1",
    "a random number": lambda: f"KEY={secrets.token_hex(32)}",
}
HARMLESS = {
    "a sentence": "a_long_name_of_a_function_that_says_what_it_does",
    "a path": "src/conclave/storage/migrations/v0001_rooms_and_their_logs.py",
    "zeros": "0" * 64,
    "a constant": "HTTP_503_SERVICE_UNAVAILABLE",
    "an id": "01M829XWF40000000000000004",
    "the prefix alone": "cvt_",
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_a_secret_is_found(planted, tmp_path: Path) -> None:
    path = tmp_path / "settings.py"
    path.write_text(f"first = 1\n{planted()}\n")
    found = list(findings(path))
    assert found
    assert ":2: " in found[0]


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_only_looks_long_is_not(text: str, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(text)
    assert list(findings(path)) == []


def test_a_secret_in_a_database_is_found_too(tmp_path: Path) -> None:
    path = tmp_path / "conclave.db"
    token = f"cvt_{secrets.token_urlsafe(32)}"
    path.write_bytes(
        b"SQLite format 3\0" + secrets.token_bytes(500) + b"a" + token.encode() + b"\0"
    )
    assert len(list(findings(path))) == 1


def test_a_line_does_not_show_what_it_found(tmp_path: Path) -> None:
    token = f"cvt_{secrets.token_urlsafe(32)}"
    path = tmp_path / "a"
    path.write_text(token)
    assert token[:20] not in next(findings(path))


def test_all_that_is_committed_is_looked_at() -> None:
    names = {path.name for path in committed()}
    assert {"README.md", "conclave-v1.db", "errors.py", "App.js"} <= names
