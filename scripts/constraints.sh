#!/usr/bin/env bash
# Writes constraints.txt, the exact version of everything that is in .venv, and from it
# requirements.lock: what a server runs on and is built with, with the hashes of all its files.
set -euo pipefail
cd "$(dirname "$0")/.."
{
    echo "# What Conclave is tested with. Written by \`make constraints\`."
    .venv/bin/python -m pip freeze --exclude-editable --exclude pip --exclude setuptools
} >constraints.new
mv constraints.new constraints.txt

# No address of an index: pip's own settings say where files come from, the hashes what they are.
.venv/bin/pip-compile --quiet --generate-hashes --build-deps-for wheel --allow-unsafe --strip-extras \
    --no-header --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-options \
    --constraint constraints.txt --output-file requirements.new pyproject.toml
{
    echo "# What a server runs on and is built with, and the hashes of its files: for"
    echo "# \`pip install --require-hashes --requirement requirements.lock\`. Written by \`make constraints\`."
    cat requirements.new
} >requirements.lock
rm requirements.new
