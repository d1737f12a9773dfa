"""Of what bandit finds only that passes which is harmless, or has its reason on the line."""

from pathlib import Path
from typing import Any

from scripts.bandit_reasons import wrong


def report(severity: str, line: str, tmp_path: Path) -> list[str]:
    (tmp_path / "a.py").write_text(f"first = 1\n{line}\n")
    finding: dict[str, Any] = {
        "filename": "a.py",
        "line_number": 2,
        "line_range": [2],
        "test_id": "B608",
        "issue_severity": severity,
        "issue_text": "SQL",
    }
    return wrong({"errors": [], "results": [finding]}, tmp_path)


def test_high_severity_never_passes(tmp_path: Path) -> None:
    assert report("HIGH", "execute(f'…')  # noqa: S608 - because", tmp_path)


def test_medium_severity_passes_with_a_reason(tmp_path: Path) -> None:
    assert report("MEDIUM", "execute(f'…')", tmp_path)
    assert report("MEDIUM", "execute(f'…')  # noqa: S608", tmp_path), "that is no reason"
    assert report("MEDIUM", "execute(f'…')  # noqa: S104 - another one", tmp_path)
    assert report("MEDIUM", "execute(f'…')  # noqa: S608 - two words of ours", tmp_path) == []


def test_low_severity_passes(tmp_path: Path) -> None:
    assert report("LOW", "assert x", tmp_path) == []


def test_a_file_that_cannot_be_read_does_not(tmp_path: Path) -> None:
    broken = {"errors": [{"filename": "a.py", "reason": "syntax"}], "results": []}
    assert wrong(broken, tmp_path)
