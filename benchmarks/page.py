"""The page of results: Markdown with plots, which a repository's host shows as it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.plot import THEMES, Bar, Panel, number, svg
from benchmarks.promises import Verdict, judge
from benchmarks.scenarios import SCENARIOS

# What the README shows.
OVERVIEW = ("S1", "S2", "S3", "S4")
_BEGIN, _END = "<!-- results -->", "<!-- end of results -->"
# Processors that were busy before it began: above it something else was at work.
_QUIET = 0.5


def write_page(results: dict[str, Any], into: Path) -> None:
    """Write `README.md` and its plots; plots of earlier results are removed."""
    for old in into.glob("*.svg"):
        old.unlink()
    drawn = [name for name in results["summary"] if len(results["summary"][name]) > 1]
    for name in drawn:
        _write_plots(into, name.lower(), [panel(results, name)])
    first = [panel(results, name) for name in OVERVIEW if name in drawn]
    if first:
        _write_plots(into, "overview", first, columns=2)
    (into / "README.md").write_text("\n".join(_lines(results, drawn)) + "\n")


def panel(results: dict[str, Any], name: str) -> Panel:
    scenario, of = SCENARIOS[name], results["summary"][name]
    better = "more is better" if scenario.more_is_better else "less is better"
    bars = [
        Bar(host, **figures[scenario.lead], own=host == "conclave") for host, figures in of.items()
    ]
    return Panel(f"{name}: {scenario.title}", f"{scenario.unit}; {better}", bars)


def _write_plots(into: Path, stem: str, panels: list[Panel], columns: int = 1) -> None:
    for name, theme in THEMES.items():
        (into / f"{stem}-{name}.svg").write_text(svg(panels, theme, columns))


def picture(stem: str, alt: str, folder: str = "") -> str:
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="{folder}{stem}-dark.svg">'
        f'<img src="{folder}{stem}-light.svg" alt="{alt}"></picture>'
    )


def show_in(readme: Path, results: dict[str, Any]) -> None:
    """Put the overview into *readme* between its marks, if these figures mean something."""
    if not is_sound(results) or not set(OVERVIEW) <= results["summary"].keys():
        return
    before, begin, rest = readme.read_text().partition(_BEGIN)
    _, end, after = rest.partition(_END)
    shown = picture("overview", "Conclave beside others, in four scenarios", "benchmarks/results/")
    link = f"[Measured on {results['date'][:10]}](benchmarks/results/README.md)"
    said = f"{link} on one core; Conclave stores each message first, the others store nothing."
    readme.write_text(f"{before}{begin}\n{shown}\n\n{said}\n{end}{after}")


def _repetitions(runs: list[dict[str, Any]]) -> str:
    """Say how often what was done, the most usual first."""
    times = {run["scenario"]: 0 for run in runs}
    for run in runs:
        times[run["scenario"]] = max(times[run["scenario"]], run["repetition"] + 1)
    counts = sorted(set(times.values()), key=list(times.values()).count, reverse=True)
    others = [
        f"{count} of {', '.join(name for name, of in times.items() if of == count)}"
        for count in counts[1:]
    ]
    usual = f"{counts[0]} repetitions" if counts else "no repetitions"
    return f"{usual} ({'; '.join(others)})" if others else usual


def is_sound(results: dict[str, Any]) -> bool:
    """Return whether these are figures of whole scenarios on a quiet machine."""
    quiet: bool = results["machine"]["busy_before"] <= _QUIET
    return quiet and results["scale"] == 1 and not any(run["wrong"] for run in results["runs"])


def _lines(results: dict[str, Any], drawn: list[str]) -> Iterator[str]:
    yield "# Results\n"
    yield from _about(results)
    verdicts = judge(results["summary"])
    if verdicts:
        yield "\n## What is promised\n"
        yield from _promises(verdicts)
    for name, of in results["summary"].items():
        yield f"\n## {name}: {SCENARIOS[name].title}\n"
        if name in drawn:
            yield picture(name.lower(), f"{name}, as in the table below") + "\n"
            yield from _comparison(name, of)
        yield from _rest(of.get("conclave", {}))
    yield from _wrong(results["runs"])


def _about(results: dict[str, Any]) -> Iterator[str]:
    machine = results["machine"]
    yield (
        f"Measured on {results['date'][:10]} at commit `{results['commit']}` with "
        f"`python -m benchmarks.suite`: {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memory_mb'] // 1000} GB, {machine['system']}, kernel {machine['kernel']}. "
        "The server has one core, the load the other. "
        f"Medians of {_repetitions(results['runs'])}, in which the hosts take turns; "
        "ratios are made within a repetition. Conclave validates, numbers, stores "
        "(`synchronous=FULL`) and acknowledges each message; the peers do none of that."
    )
    if results["scale"] != 1:
        yield f"\n**Shrunk to {results['scale']:g}: these figures mean nothing.**"
    if machine["busy_before"] > _QUIET:
        yield (
            "\n**Preliminary: the machine was not quiet "
            f"({machine['busy_before']:.1f} processors were busy before it began).**"
        )
    if results["note"]:
        yield f"\n{results['note']}"
    yield ""
    yield from (f"* {name}: {said}" for name, said in results["versions"].items())


def _promises(verdicts: list[Verdict]) -> Iterator[str]:
    yield "| scenario | what | bound | measured | |\n|---|---|---|---|---|"
    for one in verdicts:
        promise = one.promise
        sign = "≥" if promise.at_least else "≤"
        beside = f"to {promise.beside}'s" if promise.beside else promise.figure.replace("_", " ")
        kept = "kept" if one.kept else "**missed**"
        yield (
            f"| {promise.scenario} | {beside} | {sign} {number(promise.bound)} "
            f"| {number(one.value)} | {kept} |"
        )


def _comparison(name: str, of: dict[str, Any]) -> Iterator[str]:
    scenario = SCENARIOS[name]
    yield f"| host | {scenario.unit} | least to most | Conclave's is so many times that |"
    yield "|---|---|---|---|"
    for host, figures in of.items():
        value, ratio = figures[scenario.lead], figures.get("conclaves_ratio")
        times = f"{ratio['median']:.2f} ({_range(ratio)})" if ratio else ""
        yield f"| {host} | {number(value['median'])} | {_range(value)} | {times} |"


def _range(value: dict[str, float]) -> str:
    return f"{number(value['least'])} to {number(value['most'])}"


def _rest(own: dict[str, Any]) -> Iterator[str]:
    if own:
        yield "\nConclave's figures:\n"
        yield "| figure | median | least to most |\n|---|---|---|"
    for name, value in own.items():
        yield f"| {name.replace('_', ' ')} | {number(value['median'])} | {_range(value)} |"


def _wrong(runs: list[dict[str, Any]]) -> Iterator[str]:
    wrong = [run for run in runs if run["wrong"]]
    if wrong:
        yield "\n## Runs that were not sound\n"
    for run in wrong:
        reason = run["wrong"].splitlines()[0][:200]
        yield f"* {run['scenario']} with {run['host']}, repetition {run['repetition']}: `{reason}`"
