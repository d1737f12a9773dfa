#!/usr/bin/env bash
# Holds the page's JavaScript and style sheets to eslint.config.js and stylelint.config.js. Without
# Node nothing is checked, and that is said; with CI=true it is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -x node_modules/.bin/eslint ] || [ ! -x node_modules/.bin/stylelint ]; then
    echo "Skipped the style of the JavaScript and CSS: apt install nodejs npm, then make lint"
    [ "${CI:-}" != true ]
    exit
fi
node_modules/.bin/eslint --max-warnings 0 .
node_modules/.bin/stylelint --max-warnings 0 "src/conclave/web/app/css/*.css"
echo "The JavaScript and the style sheets are in order."
