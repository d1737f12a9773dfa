#!/usr/bin/env bash
# Builds the sdist, and the wheel from it, into dist/ (or the folder given), and has them looked at.
# The same checkout makes the same bytes: times are those of its last commit.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(realpath --canonicalize-missing "${1:-dist}")
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 1767225600)
export SOURCE_DATE_EPOCH
rm -rf "$folder"
.venv/bin/python -m build --no-isolation --outdir "$folder" >/dev/null
.venv/bin/twine check --strict "$folder"/*
.venv/bin/check-wheel-contents "$folder"/*.whl
