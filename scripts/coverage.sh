#!/usr/bin/env bash
# Shows which branches of the rules (protocol, core, relay, auth, the server's limits, the client's
# resuming) no quick test takes, and fails if there is one. Whole servers do not count: what they run
# nobody need have looked at.
set -uo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
parts=(tests/unit/{protocol,auth,core,relay,controllers,server,client} tests/schedules tests/conformance)

mkdir -p build/coverage
rm -f build/coverage/data*
# Being traced takes some two times as long.
$python -m coverage run -m pytest -q --numprocesses $(($(nproc) + 1)) --dist loadfile \
    -m "not alone and not slow" -o timeout=400 "${parts[@]}"
tested=$?
$python -m coverage combine --quiet && $python -m coverage report
covered=$?
[ $tested = 0 ] || echo "Tests failed: see above."
[ $tested = 0 ] && [ $covered = 0 ]
