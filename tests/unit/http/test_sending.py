"""Parts of a file: what `Range` asks for."""

import pytest

from conclave.http.sending import Part, part_of


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("", Part(0, 100)),
        ("bytes=0-", Part(0, 100)),
        ("bytes=0-0", Part(0, 1)),
        ("bytes=10-19", Part(10, 10)),
        ("BYTES=90-500", Part(90, 10)),
        ("bytes=-5", Part(95, 5)),
        ("bytes=-500", Part(0, 100)),
        ("bytes=-0", None),
        ("bytes=100-", None),
        ("bytes=9-3", Part(0, 100)),
        ("bytes=-", Part(0, 100)),
        ("bytes=0-1,5-6", Part(0, 100)),
        ("bytes=x-y", Part(0, 100)),
        ("lines=0-1", Part(0, 100)),
        ("bytes=" + "9" * 400 + "-", Part(0, 100)),
    ],
)
def test_a_part_is_what_was_asked_for_and_all_for_what_makes_no_sense(wanted, part):
    assert part_of(wanted, 100) == part
