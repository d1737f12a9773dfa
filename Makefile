# Everything a person does here. `make` alone lists the targets; those lines are the help.

.DEFAULT_GOAL := help
.PHONY: help run test test-all coverage chaos chaos-cluster bench bench-instructions bench-setup mutants lint types docs check screenshots autobahn npm constraints dist dist-check release clean dev node
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# Tests start hundreds of processes: without it each compiles the whole program again.
unexport PYTHONDONTWRITEBYTECODE

PORT ?= 3000
python := .venv/bin/python
native := scripts/native.py $(wildcard src/conclave/*/*.c)
npm_ready := $(if $(and $(shell command -v npm),$(wildcard package-lock.json)),node_modules/.ready)

# A checkout that was moved needs its environment anew: paths in it are absolute.
moved := $(if $(findstring $(CURDIR)/.venv/bin/,$(shell head -n 2 .venv/bin/pip 2>/dev/null)),,moved)

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

run: .venv/.ready  ## start the demo on port 3000, or PORT=…
	@exec $(python) -m conclave serve --demo --port $(PORT)

test: .venv/.ready-dev  ## run the tests, but for the slow ones, or those that TESTS=… names
	@scripts/test.sh $(TESTS)

test-all: .venv/.ready-dev  ## run all tests: about an hour
	@scripts/test.sh --all

coverage: .venv/.ready-dev  ## list the branches of protocol, auth, resuming and limits that no test takes; fail if there are any
	@scripts/coverage.sh

chaos: .venv/.ready-dev  ## kill the server 20 times under load, and judge what clients saw
	@$(python) -m tests.chaos $(CHAOS)

chaos-cluster: .venv/.ready-dev  ## ten minutes of faults among three servers, PostgreSQL and Redis, and judge what clients saw
	@$(python) -m tests.chaos.cluster $(CHAOS)

bench-setup: .venv/.ready-dev  ## install what Conclave is measured beside (Bun, ws, Socket.IO, websockets, …) into build/bench
	@scripts/bench_setup.sh

bench: .venv/.ready-dev  ## measure Conclave beside its peers; writes benchmarks/results (an hour, on a quiet machine)
	@$(python) -m benchmarks.suite $(BENCH)

bench-instructions: .venv/.ready-dev  ## count instructions a message; with COMMIT=… fail if they cost more than there (needs valgrind)
	@$(python) -m benchmarks.instructions $(COMMIT)

mutants: .venv/.ready-dev  ## change the code of rights and auth, and see whether tests notice
	@$(python) scripts/mutants.py $(MUTANTS)

lint: .venv/.ready-dev $(npm_ready)  ## check style (ruff, eslint, stylelint), floors (import-linter), and for what is unsafe
	@$(python) -m ruff check
	@$(python) -m ruff format --check
	@.venv/bin/lint-imports --no-logo
	@$(python) scripts/house_rules.py
	@$(python) scripts/bandit_reasons.py
	@$(python) scripts/secrets_scan.py
	@scripts/lint_web.sh

types: .venv/.ready-dev $(npm_ready)  ## check types: mypy --strict, and tsc for the JavaScript
	@$(python) -m mypy
	@scripts/tsc.sh

docs: .venv/.ready-dev  ## build the site of the docs into build/site, run what they show, check that it is so
	@$(python) scripts/codes.py --check
	@$(python) scripts/docs_site.py
	@$(python) -m pytest -q tests/docs tests/integration/test_docs_commands.py

check: lint types docs  ## lint, types and docs

screenshots: .venv/.ready-dev  ## take a picture of each state of the page into artifacts/, the main ones onto one sheet
	@$(python) scripts/screenshots.py

autobahn: .venv/.ready-dev  ## run the Autobahn TestSuite (needs CPython 2.7)
	@scripts/autobahn.sh

npm: .venv/.ready-dev $(npm_ready)  ## pack the JavaScript client for npm into dist/
	@$(python) scripts/npm_pack.py

constraints: .venv/.ready-dev  ## write constraints.txt from what is installed, and requirements.lock with hashes
	@scripts/constraints.sh

dist: .venv/.ready-dev  ## build and check the wheel and the sdist into dist/
	@scripts/dist.sh

dist-check: .venv/.ready-dev  ## install them into an empty environment, by hashes, and start what is in it
	@$(python) -m pytest -q tests/release

release: .venv/.ready-dev  ## show the next changelog; with VERSION=… make that version ready, and say what is left
	@$(python) scripts/release.py $(VERSION)

clean:  ## remove what make made; data stays
	@rm -rf .venv node_modules artifacts .autobahn build dist .pytest_cache .mypy_cache .ruff_cache \
		.import_linter_cache .hypothesis mutants
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

dev: .venv/.ready-dev $(npm_ready)  ## make the environment, and start nothing

.venv/.ready: pyproject.toml constraints.txt scripts/install.sh $(native) $(moved)
	@scripts/install.sh

.venv/.ready-dev: pyproject.toml constraints.txt scripts/install.sh $(native) $(moved)
	@scripts/install.sh dev

node_modules/.ready: package-lock.json package.json
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: moved
moved:
