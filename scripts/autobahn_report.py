"""Count what an Autobahn TestSuite report says; exit 1 unless it is as good as promised."""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

# What a case may end with; everything else is a failure.
GOOD = {"OK", "INFORMATIONAL", "UNIMPLEMENTED"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path, help="index.json of a run")
    parser.add_argument("--cases", type=int, required=True, help="how many there must be")
    parser.add_argument("--non-strict", type=int, required=True, help="how many are allowed")
    options = parser.parse_args()
    (results,) = json.loads(options.report.read_text()).values()
    bad = judge(results, options.cases, options.non_strict)
    for line in bad:
        print(line, file=sys.stderr)
    sys.exit(1 if bad else 0)


def judge(results: dict[str, dict[str, str]], cases: int, non_strict: int) -> list[str]:
    """Print the counts; return what is wrong."""
    kinds = Counter(result["behavior"] for result in results.values())
    closes = Counter(result["behaviorClose"] for result in results.values())
    print(json.dumps({"cases": len(results), "behaviour": kinds, "close": closes}))
    soft = sorted(name for name, result in results.items() if result["behavior"] == "NON-STRICT")
    if soft:
        print("NON-STRICT:", ", ".join(soft))
    bad = [
        f"case {name}: {result['behavior']}, close {result['behaviorClose']}"
        for name, result in results.items()
        if result["behavior"] not in {*GOOD, "NON-STRICT"} or result["behaviorClose"] not in GOOD
    ]
    if len(results) != cases:
        bad.append(f"{len(results)} cases ran instead of {cases}")
    if len(soft) > non_strict:
        bad.append(f"{len(soft)} cases are NON-STRICT, {non_strict} may be")
    return bad


if __name__ == "__main__":
    main()
