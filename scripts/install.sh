#!/usr/bin/env bash
# Makes .venv and installs Conclave into it: `install.sh` what it runs on, `install.sh dev`
# what its tests need too. Says in one line what is missing and how to get it.
set -euo pipefail
cd "$(dirname "$0")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore

give_up() {
    echo "conclave: $1" >&2
    exit 1
}

version_of() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local candidate old="" bare=""
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        # Some version managers have a command for each version, and most of them do not work.
        version_of "$candidate" >/dev/null || continue
        if ! new_enough "$candidate"; then
            old=$candidate
        elif ! "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
            bare=${bare:-$candidate}
        else
            echo "$candidate"
            return
        fi
    done
    if [ -n "$bare" ]; then
        give_up "$bare has no venv module: apt install python$(version_of "$bare")-venv"
    elif [ -n "$old" ]; then
        give_up "Python 3.11 or newer is needed and $old is $(version_of "$old"): apt install python3.11 python3.11-venv, or make PYTHON=/path/to/python3.11 …"
    fi
    give_up "${PYTHON:-python3} is no Python: apt install python3 python3-venv, or make PYTHON=/path/to/python3.11 …"
}

usable() {
    new_enough .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1 &&
        head -n 2 .venv/bin/pip 2>/dev/null | grep -qF "$PWD/.venv/bin/"
}

if ! usable; then
    python=$(find_python)
    echo "Making .venv with Python $(version_of "$python") …"
    rm -rf .venv
    "$python" -m venv .venv || give_up "$python -m venv failed: see above"
fi

what=".${1:+[$1]}"
echo "Installing Conclave${1:+ and its $1 tools} …"
.venv/bin/python -m pip install -qq --constraint constraints.txt --editable "$what" ||
    give_up "the installation failed: see above; is the package index reachable? Then try again"
touch .venv/.ready
if [ "${1:-}" = dev ]; then touch .venv/.ready-dev; fi
