"""
The whole comparison: `make bench`, or `python -m benchmarks.suite --help`.

Server and generator have a core each. The hosts take turns within each repetition, so that what
else the machine does hits all alike, and ratios are made within a repetition. Writes
`results.json`, a page and its plots into a folder.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from benchmarks import generator, hosts
from benchmarks.page import show_in, write_page
from benchmarks.scenarios import SCENARIOS

RESULTS = Path(__file__).with_name("results")
_ROOT = Path(__file__).parents[1]
_LOOKED_S = 3.0


@dataclass(frozen=True)
class Run:
    """One scenario with one host, once; `wrong` says what was lost: then there are no figures."""

    scenario: str
    host: str
    repetition: int
    figures: dict[str, float]
    wrong: str = ""


def run_once(scenario: str, host: str, repetition: int, scale: float) -> Run:
    try:
        figures = SCENARIOS[scenario].measure(host, scale)
    except (generator.Unsound, subprocess.TimeoutExpired) as error:
        return Run(scenario, host, repetition, {}, str(error)[:2_000])
    return Run(scenario, host, repetition, dict(figures))


def run_all(
    scenarios: Iterable[str], names: list[str], repetitions: int, scale: float
) -> Iterator[Run]:
    """Run each scenario with all hosts in turn, so many times."""
    for scenario in scenarios:
        able = ["conclave"] if SCENARIOS[scenario].stored else names
        for repetition in range(repetitions):
            for name in able:
                yield run_once(scenario, name, repetition, scale)


def machine() -> dict[str, Any]:
    with open("/proc/cpuinfo") as file:
        models = [line.partition(": ")[2].strip() for line in file if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "memory_mb": psutil.virtual_memory().total // 1_000_000,
        "kernel": platform.release(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", ""),
        # Processors that had something to do: above a few tenths something else ran beside it.
        "busy_before": round(psutil.cpu_percent(_LOOKED_S) / 100 * (os.cpu_count() or 1), 2),
    }


def commit() -> str:
    """Name what is measured; what measuring itself writes does not make it another."""
    described = ["git", "describe", "--always", "--abbrev=12", "--exclude=*"]
    done = subprocess.run(described, cwd=_ROOT, capture_output=True, text=True)
    if done.returncode:
        return "unknown"
    written = [f":(exclude){path}" for path in ("README.md", "benchmarks/results")]
    changed = ["git", "diff", "--quiet", "HEAD", "--", ".", *written]
    dirty = subprocess.run(changed, cwd=_ROOT, capture_output=True).returncode
    return done.stdout.strip() + ("-dirty" if dirty else "")


def versions(names: Iterable[str]) -> dict[str, str]:
    found = {}
    for name in names:
        with hosts.host(name) as host:
            found[name] = host.versions
    return found


def show(run: Run) -> None:
    scenario = SCENARIOS[run.scenario]
    said = f"{run.figures[scenario.lead]:>12,.2f} {scenario.unit}" if run.figures else run.wrong
    print(f"{run.scenario:<7} {run.host:<11} {said}", flush=True)


def spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def summary(runs: Iterable[Run]) -> dict[str, Any]:
    """
    Return, by scenario and host, median and spread of each figure, and of the ratio of Conclave's
    leading figure to the host's in the same repetition.
    """
    summed: dict[str, Any] = {}
    sound = [run for run in runs if run.figures]
    ours = {(one.scenario, one.repetition): one for one in sound if one.host == "conclave"}
    for scenario, host in dict.fromkeys((run.scenario, run.host) for run in sound):
        mine = [run for run in sound if (run.scenario, run.host) == (scenario, host)]
        of: dict[str, Any] = {
            name: spread([run.figures[name] for run in mine]) for name in mine[0].figures
        }
        ratios = _ratios(SCENARIOS[scenario].lead, mine, ours)
        if ratios and host != "conclave":
            of["conclaves_ratio"] = spread(ratios)
        summed.setdefault(scenario, {})[host] = of
    return summed


def _ratios(lead: str, mine: list[Run], ours: dict[tuple[str, int], Run]) -> list[float]:
    pairs = [(ours.get((run.scenario, run.repetition)), run) for run in mine]
    return [own.figures[lead] / run.figures[lead] for own, run in pairs if own is not None]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", default=",".join(SCENARIOS))
    parser.add_argument("--hosts", default="", help="by default all that are installed")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="below 1: for trying only")
    parser.add_argument("--into", type=Path, default=RESULTS)
    parser.add_argument("--note", default="", help="a sentence for the page")
    parser.add_argument(
        "--add", action="store_true", help="keep other scenarios of this commit that are there"
    )
    return parser.parse_args()


def kept(given: argparse.Namespace, about: dict[str, Any]) -> list[Run]:
    """
    Return what was measured of this commit before, but for the scenarios that are now.

    *about* has from then on what is true of both.
    """
    path, now = given.into / "results.json", given.scenarios.split(",")
    if not given.add or not path.exists():
        return []
    before = json.loads(path.read_text())
    if before["commit"] != about["commit"]:
        raise SystemExit(f"{path} is of {before['commit']}: measure all anew, without --add")
    about["versions"] = before["versions"] | about["versions"]
    about["scale"] = min(about["scale"], before["scale"])
    busy = about["machine"]["busy_before"], before["machine"]["busy_before"]
    about["machine"]["busy_before"] = max(busy)
    return [Run(**run) for run in before["runs"] if run["scenario"] not in now]


def main() -> None:
    given = options()
    names = given.hosts.split(",") if given.hosts else hosts.installed()
    about: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(),
        "python": sys.version.split()[0],
        "repetitions": given.repetitions,
        "scale": given.scale,
        "note": given.note,
        "versions": versions(names),
    }
    for name, said in about["versions"].items():
        print(f"{name:<11} {said}")
    began, runs = time.monotonic(), kept(given, about)
    for run in run_all(given.scenarios.split(","), names, given.repetitions, given.scale):
        show(run)
        runs.append(run)
    results = {
        **about,
        "seconds": round(time.monotonic() - began),
        "summary": summary(runs),
        "runs": [asdict(run) for run in runs],
    }
    given.into.mkdir(parents=True, exist_ok=True)
    (given.into / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    write_page(results, given.into)
    if given.into == RESULTS:
        show_in(_ROOT / "README.md", results)
    print(f"See {given.into / 'README.md'}")
    if any(run.wrong for run in runs):
        raise SystemExit("not every run was sound: see above")


if __name__ == "__main__":
    main()
