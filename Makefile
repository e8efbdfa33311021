# Everything here starts from nothing and is quick the second time: each step
# leaves a stamp and runs again only when what it reads has changed. Settings may
# stand on the command line: make run PORT=9000 DATA_DIR=/tmp/demo

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
# of the Python tests at once: they wait for each other's sockets and processes a quarter of their time
JOBS ?= 3
# of 10,000 documents and frames each
FUZZ_SLICES ?= 100

# Node, npm and every Python tool come from .venv, whatever the machine has.
export PATH := $(CURDIR)/.venv/bin:$(PATH):$(HOME)/.cargo/bin
export npm_config_update_notifier := false

python_ready  := .venv/.ready
web_ready     := web/node_modules/.ready
web_built     := web/dist/.ready
clients_ready := tests/clients/node_modules/.ready
lite_ready    := tests/doubles/lite/node_modules/.ready
web_sources   := $(shell find web \( -name node_modules -o -name dist -o -name tests -o -name e2e \) \
                   -prune -o -type f ! -name '*.test.*' ! -name Makefile ! -name '*.tsbuildinfo' -print)

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(web_built) ## the gateway, the dashboard and GraphiQL on http://127.0.0.1:8000 (PORT=, DATA_DIR=)
	@exec twilio-negotiation serve

test: tools check test-python test-web test-desktop test-e2e ## everything: checks, Python, web, Rust, end to end

test-durability: $(python_ready) $(clients_ready) ## the long form of what must hold: soak, restarts, kills, a million hostile inputs (FUZZ_SLICES=100)
	SOAK_SECONDS=120 OUTAGE_SECONDS=60 RESTART_CLIENTS=1000 STORE_KILLS=500 RULES_KILLS=200 OUTBOX_KILLS=200 OUTBOX_MESSAGES=10000 \
	SYNC_KILLS=100 SHARED_KILLS=50 SHARED_MESSAGES=1000 \
	  pytest -n 0 tests/integration/live/test_soak.py tests/integration/test_restart.py \
	  tests/integration/test_store_kill.py tests/integration/test_outbox_kill.py tests/integration/test_rules_processes.py \
	  tests/integration/test_supabase_outages.py tests/integration/test_supabase_kill.py tests/integration/test_supabase_queue.py
	for slice in $$(seq 1 $(FUZZ_SLICES)); do \
	  echo "slice $$slice of $(FUZZ_SLICES)"; \
	  FUZZ_SEED=$$slice pytest -n 0 -q tests/integration/security/test_fuzz.py; \
	done

test-supabase: $(python_ready) ## the contract suite on the Supabase CLI's own stack (needs the CLI and Docker)
	scripts/with-supabase pytest -n 0 tests/contract/test_supabase.py tests/contract/test_peer.py

check: check-python check-web check-desktop ## formatters, linters, types and layers of all three languages

fix: $(web_ready) ## let formatters and linters mend what they can
	ruff check --fix --quiet . || true
	ruff format --quiet .
	npm --prefix web run fix
	cd desktop && cargo fmt

dev: $(web_ready) ## the gateway, and the dashboard with hot reload beside it
	@trap 'kill 0' EXIT; \
	twilio-negotiation serve & \
	npm --prefix web run dev & wait -n

bench: $(python_ready) tools-rust ## measure against the peers and the machine's limits (PART=live|readers|http|idle|cost|product|workers, QUICK=1)
	$(if $(PART),,$(if $(QUICK),,BENCH_WRITE=1) pytest tests/bench -m bench -n 0 -q \
	  || echo "· a bound was missed: see above")
	python -m tests.bench $(PART) $(if $(QUICK),--quick)

schema: $(web_ready) ## write the SDL, its version, the types generated from it, and the demo as SQL for Supabase
	twilio-negotiation schema --write
	python scripts/api_docs.py
	npm --prefix web run codegen
	twilio-negotiation schema --write  # the documents that codegen wrote are trusted from here on
	twilio-negotiation demo --sql > schema/supabase/seed.sql

preflight: $(web_built) ## check this machine, its settings and every surface before a deployment
	twilio-negotiation preflight

desktop: tools-rust ## the terminal companion, on the gateway at PORT
	@cargo build --quiet --release --locked --manifest-path desktop/Cargo.toml
	@exec desktop/target/release/twilio-negotiation-desktop \
	  $(if $(PORT),--endpoint http://127.0.0.1:$(PORT)/graphql) watch

lock: $(python_ready) ## resolve the Python dependencies anew into requirements.lock
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-header --upgrade --quiet --output-file requirements.lock

clean: ## remove everything that was built or installed; the data stays
	rm -rf .venv web/node_modules web/dist tests/clients/node_modules tests/doubles/lite/node_modules desktop/target .mypy_cache .ruff_cache .pytest_cache \
	  .hypothesis .import_linter_cache

# What the verbs are made of

check-python: $(python_ready)
	ruff format --check --quiet .
	ruff check --quiet .
	mypy
	lint-imports --no-cache
	twilio-negotiation schema --check
	python scripts/api_docs.py --check

check-web: $(web_ready)
	npm --prefix web run check
	@touch $(web_built)  # the check of the budgets built it

check-desktop: tools-rust
	cd desktop && cargo fmt --check
	cd desktop && cargo clippy --quiet --locked --all-targets -- -D warnings

test-python: $(python_ready) $(clients_ready) $(lite_ready)
	pytest -n $(JOBS) --ignore=tests/e2e --ignore=tests/bench

test-web: $(web_ready)
	npm --prefix web test

test-desktop: tools-rust
	cd desktop && cargo test --quiet --locked --tests

test-e2e: $(web_built) $(lite_ready) tools
	npm --prefix web run e2e
	@# The program as its tests have it: on its own, half of its crates would be built once more with other features.
	cd desktop && cargo test --quiet --locked --tests --no-run
	pytest -n 2 tests/e2e

tools:
	@scripts/system-tools

tools-rust:
	@command -v cargo >/dev/null || { echo "cargo is missing: install Rust 1.88 or newer"; exit 1; }

$(python_ready): requirements.lock pyproject.toml scripts/python-env
	@echo "· Python environment"
	@scripts/python-env $(PYTHON)
	@touch $@

$(web_ready): web/package.json web/package-lock.json | $(python_ready)
	@echo "· web dependencies"
	@# Not `npm ci`: it refuses a lock without every platform's binaries, which not every mirror has.
	@npm --prefix web install --no-save --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

$(clients_ready): tests/clients/package.json tests/clients/package-lock.json | $(python_ready)
	@echo "· clients that others wrote, for the tests"
	@npm --prefix tests/clients ci --no-audit --no-fund --loglevel=error
	@touch $@

$(lite_ready): tests/doubles/lite/package.json tests/doubles/lite/package-lock.json | $(python_ready)
	@echo "· a Supabase that others wrote, for the tests"
	@npm --prefix tests/doubles/lite ci --no-audit --no-fund --loglevel=error
	@touch $@

$(web_built): $(web_ready) $(web_sources)
	@echo "· web build"
	@npm --prefix web run build --silent
	@touch $@

.PHONY: help run test test-durability test-supabase check fix dev bench schema preflight desktop lock clean tools tools-rust \
  check-python check-web check-desktop test-python test-web test-desktop test-e2e
