"""
What `make bench` does, small: its scenarios against this server, its sums, its page.

The figures of a shrunk run mean nothing; that all was delivered once is held in each.
"""

import argparse
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from benchmarks import hosts, instructions, promises, suite
from benchmarks.page import show_in, write_page
from benchmarks.plot import number
from benchmarks.scenarios import SCENARIOS

ROOT = Path(__file__).parents[2]
SMALL = 0.02


def run(scenario, host, repetition, value):
    return suite.Run(scenario, host, repetition, {SCENARIOS[scenario].lead: value})


def results(runs, **more):
    machine = {"cpu": "a CPU", "cores": 2, "memory_mb": 8_000, "kernel": "6", "system": "Debian"}
    return {
        "date": "2026-11-26T08:00:00+00:00",
        "commit": "abc",
        "machine": machine | {"busy_before": 0.0},
        "repetitions": 2,
        "scale": 1,
        "note": "",
        "versions": {"conclave": "conclave-chat 1", "bun": "bun <1>"},
        "summary": suite.summary(runs),
        "runs": [suite.asdict(one) for one in runs],
        **more,
    }


TWICE = [
    run("S1", "conclave", 0, 9.0),
    run("S1", "bun", 0, 10.0),
    run("S1", "conclave", 1, 30.0),
    run("S1", "bun", 1, 20.0),
    run("S1", "bun", 2, 11.0),
]


def test_ratios_are_of_one_repetition():
    summed = suite.summary(TWICE)["S1"]
    # 9 / 10 and 30 / 20; the third has nothing of Conclave's beside it.
    assert summed["bun"]["conclaves_ratio"] == {"median": 1.2, "least": 0.9, "most": 1.5}
    assert summed["bun"]["cpu_us_per_delivery"] == {"median": 11.0, "least": 10.0, "most": 20.0}
    assert "conclaves_ratio" not in summed["conclave"]


def test_what_was_measured_of_the_same_commit_can_be_kept(tmp_path):
    before = results([*TWICE, run("S2", "bun", 0, 1.0)])
    before["machine"]["busy_before"] = 0.3
    (tmp_path / "results.json").write_text(json.dumps(before))
    given = argparse.Namespace(scenarios="S2,S3", into=tmp_path, add=True)
    about = results([], versions={"conclave": "conclave-chat 1", "ws": "ws 8"})
    assert suite.kept(given, about) == TWICE
    assert set(about["versions"]) == {"conclave", "bun", "ws"}
    assert about["machine"]["busy_before"] == 0.3
    with pytest.raises(SystemExit, match="is of abc"):
        suite.kept(given, about | {"commit": "def"})
    given.add = False
    assert suite.kept(given, about | {"commit": "def"}) == []


def test_the_page_says_how_often_what_was_done(tmp_path):
    once = run("S2", "conclave", 0, 1.0)
    write_page(results([*TWICE, run("S3", "conclave", 2, 1.0), once]), tmp_path)
    assert "Medians of 3 repetitions (1 of S2)" in (tmp_path / "README.md").read_text()


def test_a_promise_that_is_missed_is_shown_with_its_number(tmp_path):
    (missed,) = promises.judge(suite.summary(TWICE))
    assert not missed.kept
    write_page(results(TWICE), tmp_path)
    assert "| S1 | to bun's | ≤ 1.1 | 1.2 | **missed** |" in (tmp_path / "README.md").read_text()


def test_plots_are_there_for_both_themes_and_say_their_numbers(tmp_path):
    (tmp_path / "s9-light.svg").write_text("of yesterday")
    write_page(results(TWICE), tmp_path)
    drawn = sorted(file.name for file in tmp_path.glob("*.svg"))
    assert drawn == ["overview-dark.svg", "overview-light.svg", "s1-dark.svg", "s1-light.svg"]
    for file in tmp_path.glob("*.svg"):
        root = ET.parse(file).getroot()
        assert "conclave 19.5, bun 11" in root[0].text
    page = (tmp_path / "README.md").read_text()
    assert page.count("prefers-color-scheme: dark") == 1
    assert "Preliminary" not in page


def test_a_page_says_when_its_figures_mean_nothing(tmp_path):
    busy = results(TWICE)["machine"] | {"busy_before": 3.0}
    lost = suite.Run("S1", "bun", 3, {}, "missing: 1\nand so on")
    write_page(results([*TWICE, lost], machine=busy, scale=0.1), tmp_path)
    page = (tmp_path / "README.md").read_text()
    assert "Preliminary: the machine was not quiet (3.0 processors" in page
    assert "Shrunk to 0.1" in page
    assert "* S1 with bun, repetition 3: `missing: 1`" in page


def test_the_readme_shows_whole_figures_of_a_quiet_machine_and_no_others(tmp_path):
    runs = [run(name, host, 0, 5.0) for name in ("S1", "S2", "S3", "S4") for host in hosts.NAMES]
    readme = tmp_path / "README.md"
    readme.write_text((ROOT / "README.md").read_text())
    before = readme.read_text()
    show_in(readme, results(runs, scale=0.5))
    show_in(readme, results(runs, machine=results(runs)["machine"] | {"busy_before": 2.0}))
    assert readme.read_text() == before
    for _ in range(2):
        show_in(readme, results(runs))
        shown = readme.read_text()
        assert shown.count("benchmarks/results/overview-light.svg") == 1
        assert shown.count("benchmarks/results/overview-dark.svg") == 1


@pytest.mark.parametrize(
    ("value", "said"), [(1_234_567, "1.23 M"), (30_000, "30,000"), (9.876, "9.88"), (0.5, "0.5")]
)
def test_numbers_are_short(value, said):
    assert number(value) == said


def test_pins_name_no_registry():
    peers = ROOT / "benchmarks" / "peers"
    assert '"resolved"' not in (peers / "package-lock.json").read_text()
    assert "://" not in (peers / "requirements.txt").read_text()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [name for name in SCENARIOS if name not in ("S9", "start")])
def test_each_scenario_delivers_all_once_here(name):
    one = suite.run_once(name, "conclave", 0, SMALL)
    assert one.wrong == ""
    assert one.figures[SCENARIOS[name].lead] > 0


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_each_peer_that_is_installed_delivers_all_once():
    names = [name for name in hosts.installed() if name != "conclave"]
    for name in names:
        for scenario in ("S1", "S4", "S6"):
            one = suite.run_once(scenario, name, 0, SMALL)
            assert one.wrong == "", name


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_whole_writes_results_and_a_page(tmp_path):
    words = ["--scenarios", "S1,S4", "--hosts", "conclave", "--repetitions", "2", "--scale", "0.02"]
    command = [sys.executable, "-m", "benchmarks.suite", *words, "--into", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True)
    written = json.loads((tmp_path / "results.json").read_text())
    assert [run["scenario"] for run in written["runs"]] == ["S1", "S1", "S4", "S4"]
    assert written["summary"]["S1"]["conclave"]["deliveries"]["least"] > 0
    assert "picows" in written["versions"]["conclave"]
    assert "## S4" in (tmp_path / "README.md").read_text()


def test_what_costs_more_instructions_than_before_is_named(capsys):
    now = {"a room of 100": 1_031.0, "rooms of one": 950.0, "coming in": 5.0}
    before = {"a room of 100": 1_000.0, "rooms of one": 1_000.0}
    assert instructions.compare(before, now, 3.0) == ["a room of 100"]
    assert instructions.compare(before, now, 4.0) == []
    assert "rooms of one              950 instructions" in capsys.readouterr().out
