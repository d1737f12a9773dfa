#!/usr/bin/env bash
# Installs the peers of `make bench` into build/bench, by the pins in benchmarks/peers, and prints
# what came. What it needs: npm and Node, a C compiler, and the registries of npm and Python.
set -euo pipefail
cd "$(dirname "$0")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore
mkdir -p build/bench/node
cp benchmarks/peers/{package.json,package-lock.json,.npmrc} build/bench/node/
(cd build/bench/node && npm ci --no-audit --no-fund --loglevel=error)
[ -x build/bench/python/bin/python ] || python3 -m venv build/bench/python
build/bench/python/bin/python -m pip install -qq --requirement benchmarks/peers/requirements.txt
.venv/bin/python -c 'from benchmarks import generator; generator.build()'
echo "bun $(build/bench/node/node_modules/.bin/bun --version)"
for package in ws socket.io; do
    node -p "'$package ' + require('./build/bench/node/node_modules/$package/package.json').version"
done
build/bench/python/bin/python -m pip freeze | grep -iE '^(channels|django|fastapi|uvicorn|uvloop|websockets)='
