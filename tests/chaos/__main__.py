"""
`python -m tests.chaos`: kill the server under load until it would show what it loses.

Prints one line of JSON with the numbers and the seed; exits 1 if any promise was broken or
too little was acknowledged. `--kills 3 --acknowledged 2000` is a short one.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import fields
from pathlib import Path

from tests.chaos.plan import Plan
from tests.chaos.run import RESTART_WITHIN, run

_FLAWS_SHOWN = 20


def _plan(words: list[str]) -> Plan:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    for field in fields(Plan):
        if field.type is int:
            parser.add_argument(f"--{field.name.replace('_', '-')}", type=int)
    given = {name: value for name, value in vars(parser.parse_args(words)).items() if value}
    return Plan(**given)


def main() -> int:
    plan = _plan(sys.argv[1:])
    print(f"seed {plan.seed}: {plan.kills} kills, some minutes …", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        outcome = asyncio.run(run(plan, Path(folder)))
    for flaw in outcome.flaws[:_FLAWS_SHOWN]:
        print(f"{flaw.rule}: {flaw.what}", file=sys.stderr)
    line = outcome.line()
    print(json.dumps(line))
    enough = line["acknowledged"] >= plan.acknowledged
    in_time = line["restart_max_s"] <= RESTART_WITHIN
    return 0 if not outcome.flaws and enough and in_time else 1


if __name__ == "__main__":
    sys.exit(main())
