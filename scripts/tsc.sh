#!/usr/bin/env bash
# Checks the types of the JavaScript and that what is vendored is what npm has, where Node is;
# in CI it has to be.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -f tsconfig.json ]; then
    exit 0
elif [ -x node_modules/.bin/tsc ]; then
    node scripts/vendor.mjs --check
    exec node_modules/.bin/tsc -p tsconfig.json
fi
echo "The JavaScript was not checked: apt install nodejs npm" >&2
[ "${CI:-}" != true ]
