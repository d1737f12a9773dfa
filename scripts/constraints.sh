#!/usr/bin/env bash
# Writes constraints.txt: the exact version of everything that is in .venv.
set -euo pipefail
cd "$(dirname "$0")/.."
{
    echo "# What Conclave is tested with. Written by \`make constraints\`."
    .venv/bin/python -m pip freeze --exclude-editable --exclude pip --exclude setuptools
} >constraints.new
mv constraints.new constraints.txt
