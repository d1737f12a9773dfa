"""
Change the code that decides, one small thing at a time, and see whether a test notices.

`python scripts/mutants.py [MODULE …]` runs mutmut over what pyproject.toml names, or over
these modules of it (`core.room`), from the beginning. It prints how many changes each module's
tests found, and exits 1 where fewer than 80 of 100 were.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
LEAST = 0.8
# What mutmut says of a change: a test failed, or did not end.
FOUND = {"killed", "timeout", "caught by type check", "segfault"}


def run(modules: list[str]) -> None:
    shutil.rmtree(ROOT / "mutants", ignore_errors=True)
    wanted = [f"conclave.{module}.*" for module in modules]
    words = ["mutmut", "run", "--max-children", str(os.cpu_count()), *wanted]
    # It draws its progress anew for each change: only its end matters here.
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stdout[-4_000:] + done.stderr[-4_000:])


def results() -> dict[str, Counter[str]]:
    """Return for each module how many changes ended how."""
    words = [sys.executable, "-m", "mutmut", "results", "--all", "true"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found: dict[str, Counter[str]] = {}
    for line in listed.splitlines():
        name, _, how = line.strip().partition(": ")
        module = name.removeprefix("conclave.").partition(".x")[0]
        if how and how != "not checked":
            found.setdefault(module, Counter())[how] += 1
    return found


def main() -> int:
    run(sys.argv[1:])
    good = True
    report = {}
    for module, how in sorted(results().items()):
        share = sum(how[one] for one in FOUND) / how.total()
        report[module] = round(share, 3)
        good = good and share >= LEAST
        rest = ", ".join(f"{n} {one}" for one, n in how.items() if one not in FOUND)
        print(f"{module:<24} {100 * share:5.1f} % of {how.total():4}   {rest}")
    print(json.dumps(report))
    if not report:
        print("nothing was changed: is the module named in pyproject.toml?")
    return 0 if good and report else 1


if __name__ == "__main__":
    sys.exit(main())
