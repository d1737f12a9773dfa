"""
L1: each class of what is unsafe is found by one of the three that `make lint` runs.

They stand for semgrep, see decision 0026: so what its rules for Python look for is planted here,
and must be found by ruff's S, by bandit or by the rules of the house, each run as it is there.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from scripts.house_rules import findings

ROOT = Path(__file__).parents[3]
PLANTED = {
    "unpickling": "import pickle\npickle.loads(data)",
    "unmarshalling": "import marshal\nmarshal.loads(data)",
    "loading of YAML": "import yaml\nyaml.load(text)",
    "eval": "eval(text)",
    "exec": "exec(text)",
    "a shell": "import subprocess\nsubprocess.run(text, shell=True)",
    "os.system": "import os\nos.system(text)",
    "SQL made of text": 'execute(f"SELECT * FROM t WHERE a = {a}")',
    "chance that can be guessed": "import random\ntoken = random.random()",
    "the wall clock for a deadline": "import time\nuntil = time.time() + 5",
    "a bare except": "try:\n    go()\nexcept:\n    raise ValueError",
    "an error that is swallowed": "try:\n    go()\nexcept Exception:\n    pass",
    "an assert that decides": "assert user.is_admin",
    "a weak hash": "import hashlib\nhashlib.md5(data)",
    "a weak cipher": "from Crypto.Cipher import DES\nDES.new(key)",
    "TLS that checks nothing": "import ssl\nssl._create_unverified_context()",
    "old TLS": "import ssl\nssl.SSLContext(ssl.PROTOCOL_TLSv1)",
    "a request that checks nothing": "import requests\nrequests.get(url, verify=False, timeout=5)",
    "XML from strangers": "import xml.etree.ElementTree as tree\ntree.fromstring(text)",
    "a temporary name": "import tempfile\ntempfile.mktemp()",
    "unpacking of archives": "import tarfile\ntarfile.open(path).extractall(target)",
    "rights for everybody": "import os\nos.chmod(path, 0o777)",
    "all interfaces": 'listen("0.0.0.0")',
    "a password in the code": 'password = "correct horse"',
    "HTML that is not escaped": "import jinja2\njinja2.Environment(autoescape=False)",
}


def ran(*words: object) -> bytes:
    command = [sys.executable, "-m", *map(str, words)]
    return subprocess.run(command, capture_output=True, check=False, cwd=ROOT).stdout


def linted(place: Path) -> dict[str, list[str]]:
    """Return what ruff and bandit say of each file in *place*."""
    said = defaultdict(list)
    words = ("--isolated", "--no-cache", "--select", "S,BLE,E722", "--output-format", "json")
    for one in json.loads(ran("ruff", "check", *words, place)):
        said[Path(one["filename"]).name].append(one["code"])
    for one in json.loads(ran("bandit", "-q", "-r", "-f", "json", place))["results"]:
        said[Path(one["filename"]).name].append(one["test_id"])
    # An assert may narrow a type: that one is the house's matter.
    return {name: [one for one in all_ if one[1:] != "101"] for name, all_ in said.items()}


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict[str, list[str]]:
    place = tmp_path_factory.mktemp("planted")
    files = {name: f"planted{n}.py" for n, name in enumerate(PLANTED)}
    for name, source in PLANTED.items():
        (place / files[name]).write_text(source + "\n")
    said = linted(place)
    return {
        name: said.get(files[name], [])
        + [text for _, text in findings("src/conclave/auth/planted.py", source)]
        for name, source in PLANTED.items()
    }


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found(found, name) -> None:
    print({"L1": name, "by": found[name]})
    assert found[name]


def test_ruff_is_asked_for_it_and_what_is_clean_passes(tmp_path) -> None:
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    assert '"S"' in settings.partition("[tool.ruff.lint]")[2].partition("]")[0]
    path = tmp_path / "clean.py"
    path.write_text("import secrets\n\ntoken = secrets.token_urlsafe(32)\n")
    assert linted(tmp_path) == {}
