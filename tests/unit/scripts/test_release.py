"""A release has one version, later than the last, and one heading in the changelog."""

import pytest
from scripts.release import (
    BROKEN,
    NOTHING,
    PROTOCOL,
    ROOT,
    folded,
    order,
    refusal,
    unbroken,
    written,
)

SOURCE = '"""A docstring."""\n__version__ = "0.2.0"\n'


@pytest.mark.parametrize("version", ["0.2.0", "0.2.1", "0.3.0rc1", "1.0.0"])
def test_a_version_that_is_not_earlier_may_come(version: str) -> None:
    assert refusal(version, SOURCE) is None


@pytest.mark.parametrize(
    "version", ["0.1.9", "0.2.0rc1", "0.2", "v0.3.0", "0.3.0-rc1", "", "--yes"]
)
def test_what_is_earlier_or_no_version_may_not(version: str) -> None:
    assert refusal(version, SOURCE)


def test_versions_go_up_as_their_numbers_do() -> None:
    versions = ["0.9.0", "0.10.0a1", "0.10.0b1", "0.10.0rc1", "0.10.0rc2", "0.10.0", "0.10.1"]
    shuffled = sorted(versions)
    assert shuffled != versions
    assert sorted(shuffled, key=order) == versions


def test_a_source_with_two_versions_has_none() -> None:
    with pytest.raises(ValueError, match="unpack"):
        written(SOURCE + SOURCE)


def test_what_broke_before_a_release_is_news_of_that_release_alone() -> None:
    head, after = "## What breaks\n\nWhat was taken is taken.\n\n", "## What is to come\n"
    broken = "* `event x: removed`: ask\n  for y.\n* `event z: removed`: wait.\n\n"
    assert unbroken(head + broken + after) == f"{head}{NOTHING}\n\n{after}"
    assert len(BROKEN.findall((ROOT / PROTOCOL).read_text("utf-8"))) == 1
    assert unbroken(unbroken(head + broken + after)) == f"{head}{NOTHING}\n\n{after}"


HEAD = "# Changelog\n\nWhat changes.\n\n<!-- here -->\n"
NEW = "\n## [0.1.0] - 2026-12-01\n\n### Added\n\n- New.\n\n### Fixed\n\n- Mended.\n"
OLD = "\n## [0.1.0] - unreleased\n\n### Added\n\n- One.\n- Two.\n"
EARLIER = "\n## [0.0.1] - 2026-01-01\n\n### Added\n\n- First.\n"


def test_what_was_written_by_hand_goes_under_the_new_heading_once() -> None:
    assert folded(HEAD + NEW + OLD) == (
        HEAD + "\n## [0.1.0] - 2026-12-01\n\n### Added\n\n- One.\n- Two.\n- New.\n\n"
        "### Fixed\n\n- Mended.\n"
    )


def test_earlier_versions_stay_below_it() -> None:
    done = folded(HEAD + NEW + OLD + EARLIER)
    assert done.endswith("- Mended.\n" + EARLIER)
    assert done.count("\n## ") == 2


def test_a_changelog_without_such_a_heading_stays_as_it_is() -> None:
    assert folded(HEAD + NEW + EARLIER) == HEAD + NEW + EARLIER
