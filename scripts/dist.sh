#!/usr/bin/env bash
# Builds the sdist, and the wheel from it, into dist/ (or the folder given), and has them looked at;
# besides, sbom.cdx.json: all that a server of this version runs on, for who keeps lists of that.
# The same checkout makes the same bytes: times are those of its last commit.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(realpath --canonicalize-missing "${1:-dist}")
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 1767225600)
export SOURCE_DATE_EPOCH
# One wheel for all machines; whoever builds from the sources gets what C has to give.
export CONCLAVE_NATIVE=0
rm -rf "$folder"
.venv/bin/python -m build --no-isolation --outdir "$folder" >/dev/null
.venv/bin/twine check --strict "$folder"/*
.venv/bin/check-wheel-contents "$folder"/*.whl
# It warns that a list of requirements says nothing of who needs whom.
.venv/bin/python -W ignore -m cyclonedx_py requirements requirements.lock --pyproject pyproject.toml \
    --mc-type application --output-reproducible --output-file "$folder/sbom.cdx.json"
