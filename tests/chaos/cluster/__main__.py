"""
`python -m tests.chaos.cluster`: ten minutes of faults among three servers, one PostgreSQL and
one Redis, until they would show what they lose.

Prints one line of JSON with the numbers and the seed; exits 1 if any promise was broken or too
little was acknowledged. `--seconds 60 --acknowledged 5000` is a short one.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import fields
from pathlib import Path

from tests.chaos.cluster.plan import ClusterPlan
from tests.chaos.cluster.run import run
from tests.support.postgres import running

_FLAWS_SHOWN = 20


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make chaos-cluster", description=__doc__)
    parser.add_argument("--keep", type=Path, help="a directory for the logs and journals")
    for one in fields(ClusterPlan):
        if one.type is int:
            parser.add_argument(f"--{one.name.replace('_', '-')}", type=int)
    return parser


def main() -> int:
    given = {name: value for name, value in vars(_parser().parse_args()).items() if value}
    keep: Path | None = given.pop("keep", None)
    plan = ClusterPlan(**given)
    print(f"seed {plan.seed}: {plan.seconds} seconds …", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder, running() as postgres:
        outcome = asyncio.run(run(plan, keep or Path(folder), postgres))
    for flaw in outcome.flaws[:_FLAWS_SHOWN]:
        print(f"{flaw.rule}: {flaw.what}", file=sys.stderr)
    print(json.dumps(outcome.line()))
    enough = outcome.acknowledged >= plan.acknowledged
    return 0 if not outcome.flaws and enough else 1


if __name__ == "__main__":
    sys.exit(main())
