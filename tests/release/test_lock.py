"""requirements.lock is what a server runs on: all of it, by hash, as it was tested."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PINNED = re.compile(
    r"^([A-Za-z0-9._-]+)==(\S+)((?: ;[^\\]*)?) \\\n((?: {4}--hash=\S+(?: \\)?\n)+)", re.MULTILINE
)
MACHINES = [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64")]


def locked() -> dict[str, str]:
    return {canonicalize_name(name): version for name, version, *_ in PINNED.findall(LOCK)}


def constrained() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pairs = (line.split("==") for line in lines if not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def needed(roots: list[str], python: str, machine: tuple[str, str]) -> set[str]:
    """Return what *roots* need there, and what that needs, by what each says of itself."""
    system, processor = machine
    here = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": system,
        "platform_system": system.title(),
        "platform_machine": processor,
    }
    found: set[tuple[str, frozenset[str]]] = set()
    ahead = [Requirement(root) for root in roots]
    while ahead:
        one = ahead.pop()
        name, extras = canonicalize_name(one.name), frozenset(one.extras)
        if (name, extras) in found:
            continue
        found.add((name, extras))
        ahead += [each for each in _asked(name) if _holds(each, here, extras)]
    return {name for name, _ in found}


def _asked(name: str) -> Iterator[Requirement]:
    return map(Requirement, requires(name) or [])


def _holds(one: Requirement, here: dict[str, str], extras: frozenset[str]) -> bool:
    marker = one.marker
    return marker is None or any(marker.evaluate({**here, "extra": e}) for e in {"", *extras})


def project() -> list[str]:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return [*declared["project"]["dependencies"], *declared["build-system"]["requires"]]


def test_each_version_is_the_one_that_was_tested() -> None:
    assert locked().items() <= constrained().items()


def test_nothing_is_in_it_but_names_versions_and_hashes() -> None:
    body = "".join(line for line in LOCK.splitlines(True) if not line.startswith("#"))
    assert PINNED.sub("", body).strip() == ""
    assert len(locked()) > 40
    assert "://" not in LOCK
    for name, _, _, hashes in PINNED.findall(LOCK):
        assert re.findall(r"--hash=(.*?):([0-9a-f]{64})\b", hashes), name
        assert set(re.findall(r"--hash=(\w+):", hashes)) == {"sha256"}, name


@pytest.mark.parametrize("machine", MACHINES, ids="-".join)
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_it_has_all_that_a_server_needs_there(python: str, machine: tuple[str, str]) -> None:
    roots = [
        one for one in project() if _holds(Requirement(one), _here(python, machine), frozenset())
    ]
    assert needed(roots, python, machine) - locked().keys() == set()


def _here(python: str, machine: tuple[str, str]) -> dict[str, str]:
    return {"python_version": python, "sys_platform": machine[0], "platform_machine": machine[1]}


def test_it_has_nothing_that_no_server_needs() -> None:
    somewhere = {
        name
        for python in ("3.11", "3.12", "3.13")
        for machine in MACHINES
        for name in needed(project(), python, machine)
    }
    assert locked().keys() - somewhere == set()
