"""What the rules of the house forbid is found, each, and what is right is not."""

import pytest
from scripts.house_rules import findings

AUTH = "src/conclave/auth/example.py"

FORBIDDEN = {
    "pickle": "import pickle",
    "a part of it": "from marshal import loads",
    "yaml": "import yaml",
    "eval": "eval(text)",
    "exec": "exec(text)",
    "os.system": "import os\nos.system(text)",
    "a shell": "import subprocess\nsubprocess.run(text, shell=True)",
    "a shell by a variable": "import subprocess\nsubprocess.run(text, shell=shell)",
    "old TLS": "import ssl\nssl.SSLContext(ssl.PROTOCOL_TLSv1)",
    "random": "import random",
    "random, in parts": "from random import choice",
    "the wall clock": "import time\nuntil = time.time() + 5",
    "the wall clock by another name": "from time import time",
    "a bare except": "try:\n    go()\nexcept:\n    pass",
    "SQL with a value": 'execute(f"SELECT * FROM t WHERE a = {a}")',
    "SQL with a name, and no reason": 'execute(f"DELETE FROM {table}")  # noqa: S608',
    "SQL by format": 'execute("SELECT * FROM t WHERE a = {}".format(a))',
    "SQL by per cent": "execute(\"INSERT INTO t VALUES ('%s')\" % a)",
    "SQL by plus": 'execute("UPDATE t SET a = \'" + a + "\'")',
    "SQL that begins with a space": 'execute(f"""\n    SELECT {a}\n    FROM t""")',
    "an assert that decides": "assert user.role == 'admin'",
    "a module of 301 lines": "a = 1\n" * 301,
    "an assert that decides besides": "assert user is not None and user.active",
}
RIGHT = {
    "secrets": "import secrets\ntoken = secrets.token_urlsafe(32)",
    "the monotonic clock": "import time\nuntil = time.monotonic() + 5",
    "the wall clock with a reason": "import time\nat = time.time()  # wall clock: it is shown",
    "a named exception": "try:\n    go()\nexcept ValueError:\n    pass",
    "parameters": 'execute("SELECT * FROM t WHERE a = ?", (a,))',
    "SQL with a reason": 'execute(f"DELETE FROM {table}")  # noqa: S608 - two words of ours',
    "SQL of constants": '_GOOD = "a > 0"\nquery = f"SELECT * FROM t WHERE {_GOOD}"',
    "a text that is no SQL": 'f"Selected {count} of them"',
    "no shell": "import subprocess\nsubprocess.run(['ls'], shell=False)",
    "an assert that narrows": "assert user is not None\nassert isinstance(user, User)",
    "a module of 300 lines": "a = 1\n" * 300,
    "one that narrows twice": "assert user is not None and isinstance(user, User)",
}


@pytest.mark.parametrize("source", FORBIDDEN.values(), ids=FORBIDDEN)
def test_what_is_forbidden_is_found(source: str) -> None:
    assert len(findings(AUTH, source)) == 1


@pytest.mark.parametrize("source", RIGHT.values(), ids=RIGHT)
def test_what_is_right_is_left_alone(source: str) -> None:
    assert findings(AUTH, source) == []


def test_outside_of_what_decides_an_assert_may_say_what_is_known() -> None:
    source = "assert count == 3"
    assert findings("src/conclave/storage/example.py", source) == []
    assert findings("src/conclave/core/permissions.py", source)


def test_scripts_and_sheets_of_the_page_are_as_short_but_for_what_others_wrote() -> None:
    long = "a {}\n" * 301
    assert findings("src/conclave/web/app/css/base.css", long)
    assert findings("src/conclave/web/app/page.js", long)
    assert not findings("src/conclave/web/vendor/highlight/core.js", long)
