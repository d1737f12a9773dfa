"""The token for metrics: a word in a file, and what is said of a file that has none."""

import pytest

from conclave.auth.metrics_token import LEAST, read_metrics_token
from conclave.settings import CannotStart

GOOD = "0123456789abcdef" * 2


@pytest.mark.parametrize("content", [GOOD, f"{GOOD}\n", f" {GOOD} \nand a note\n"])
def test_it_is_the_first_line_of_its_file(tmp_path, content):
    (tmp_path / "token").write_text(content)
    assert read_metrics_token(tmp_path / "token") == GOOD


@pytest.mark.parametrize(
    "content",
    ["", "\n" + GOOD, "x" * (LEAST - 1), "x" * 257, "two words of enough letters", "\x7f" * 20],
)
def test_what_a_stranger_may_try_or_a_header_cannot_say_is_refused_with_the_fix(tmp_path, content):
    (tmp_path / "token").write_text(content)
    with pytest.raises(CannotStart, match="is no word of 16 to 256 letters: openssl rand -hex 16"):
        read_metrics_token(tmp_path / "token")


def test_a_file_that_cannot_be_read_is_said_with_the_reason(tmp_path):
    with pytest.raises(CannotStart, match="cannot be read: No such file or directory"):
        read_metrics_token(tmp_path / "token")
    (tmp_path / "token").write_bytes(GOOD.encode() + "é".encode())
    with pytest.raises(CannotStart, match="cannot be read: it has more than ASCII"):
        read_metrics_token(tmp_path / "token")
