"""What is released has all that a server needs, and nothing of how it was made."""

import subprocess
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import conclave

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def tracked(folder: str) -> set[str]:
    listed = subprocess.run(["git", "ls-files", folder], cwd=ROOT, capture_output=True, text=True)
    return set(listed.stdout.split("\n")) - {""}


@pytest.fixture(scope="module")
def wheel(built):
    (path,) = built.glob("*.whl")
    with zipfile.ZipFile(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def sdist(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as opened:
        yield opened


def test_the_wheel_has_each_file_of_the_package_as_it_is(wheel) -> None:
    inside = {name for name in wheel.namelist() if name.startswith("conclave/")}
    assert {f"src/{name}" for name in inside} == tracked("src/conclave")
    for name in inside:
        assert wheel.read(name) == (ROOT / "src" / name).read_bytes(), name


def test_the_wheel_has_what_a_server_and_a_type_checker_look_for(wheel) -> None:
    inside = wheel.namelist()
    assert "conclave/py.typed" in inside
    for kind in ("web/app/index.html", "web/client/conclave.js", "web/app/css/tokens.css"):
        assert f"conclave/{kind}" in inside
    assert [name for name in inside if "/migrations/" in name and name.endswith(".py")]


def test_the_wheel_says_its_version_and_licence(wheel) -> None:
    (info,) = {name.split("/")[0] for name in wheel.namelist()} - {"conclave"}
    assert info == f"conclave_chat-{conclave.__version__}.dist-info"
    says = Parser().parsestr(wheel.read(f"{info}/METADATA").decode())
    assert says["Version"] == conclave.__version__
    assert says["License-Expression"] == "MIT"
    assert f"{info}/licenses/LICENSE" in wheel.namelist()
    assert "conclave = conclave.cli:main" in wheel.read(f"{info}/entry_points.txt").decode()


def test_the_sdist_has_what_builds_the_wheel_and_no_more(sdist, wheel) -> None:
    names = {member.name.partition("/")[2] for member in sdist.getmembers() if member.isfile()}
    beside = {name for name in names if not name.startswith("src/conclave/")}
    assert names - beside == tracked("src/conclave")
    assert beside == {
        ".gitignore",
        "CHANGELOG.md",
        "LICENSE",
        "PKG-INFO",
        "README.md",
        "SECURITY.md",
        "pyproject.toml",
        "requirements.lock",
        "scripts/native.py",
    }


def test_the_same_checkout_makes_the_same_bytes(built, tmp_path) -> None:
    again = tmp_path / "again"
    subprocess.run([ROOT / "scripts/dist.sh", again], check=True, capture_output=True, timeout=120)
    assert len(list(built.iterdir())) == 3
    for one in built.iterdir():
        assert (again / one.name).read_bytes() == one.read_bytes()
