"""
Runs bandit over src: nothing of high severity, nothing of medium severity without a reason.

A reason is that of ruff's rule of the same number, on one of the lines: `# noqa: S608 - why`.
So there is one comment for both.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def reasoned(finding: dict[str, Any], lines: list[str]) -> bool:
    """Return whether a line of *finding*, or its statement's next one, says why it is right."""
    number = finding["test_id"].removeprefix("B")
    form = re.compile(rf"#\s*noqa:[A-Z0-9, ]*\bS{number}\b[A-Z0-9, ]*\s+-\s+\S")
    span = finding["line_range"] or [finding["line_number"]]
    return any(form.search(line) for line in lines[span[0] - 1 : span[-1] + 1])


def wrong(report: dict[str, Any], root: Path = ROOT) -> list[str]:
    found = [f"{error['filename']}: {error['reason']}" for error in report["errors"]]
    for one in report["results"]:
        severity = one["issue_severity"]
        path = root / one["filename"]
        lines = path.read_text("utf-8").split("\n")
        if severity == "HIGH" or (severity == "MEDIUM" and not reasoned(one, lines)):
            where = f"{one['filename']}:{one['line_number']}"
            found.append(f"{where}: {one['test_id']} {severity}: {one['issue_text']}")
    return found


def main() -> int:
    ran = subprocess.run(
        [sys.executable, "-m", "bandit", "--quiet", "--recursive", "--format", "json", "src"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    report = json.loads(ran.stdout)
    checked = sum(1 for name in report["metrics"] if name != "_totals")
    found = wrong(report)
    for line in found:
        print(line)
    if not checked:
        print("bandit looked at nothing")
    return 1 if found or not checked else 0


if __name__ == "__main__":
    raise SystemExit(main())
