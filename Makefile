# Kadastr: every task of the house. `make demo` from a fresh clone needs Python 3.11, git and make only.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
PARCELS ?= 2000
WORKERS ?= $(shell n=$$(nproc); echo $$((n < 2 ? 2 : n > 4 ? 4 : n)))
PACKAGES := cadastre address_registry ingest tiles api
BIN := .venv/bin
TESTS = -n $(WORKERS) --dist=worksteal -m "not proof" --durations=15 --ignore-glob='*/migrations/*' tests $(PACKAGES)
# what is compiled is kept: tests start hundreds of processes, each of which would compile the program anew
unexport PYTHONDONTWRITEBYTECODE
# parts of the operating system that only tests need; each says what fails without it
TEST_PARTS := postgis chromium poppler gdal-bin bubblewrap softhsm faketime

.PHONY: help setup parts demo stop lint format test coverage proof bench

help:          ## show this list
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

setup:         ## Python packages and web assets; seconds when nothing changed
	@$(PYTHON) .ci/bootstrap.py

parts: setup   ## operating-system parts that the tests need
	@$(BIN)/python -m cadastre.db.system_packages $(TEST_PARTS)

demo: setup    ## embedded PostGIS, a synthetic district, http://127.0.0.1:8000 (PORT=, PARCELS=)
	@$(BIN)/cadastre demo --port $(PORT) --parcels $(PARCELS)

stop: setup    ## stop the embedded databases of the demo and of the tests
	@$(BIN)/cadastre db stop
	@$(BIN)/python -m tests.database

lint: setup    ## ruff, import contracts, mypy --strict
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy

format: setup  ## let ruff rewrite what it can
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

test: lint parts ## everything that must be green: lint, doctests, all tests
	@verdict=0; $(BIN)/python -m pytest $(TESTS) || verdict=$$?; $(BIN)/python -m tests.database; exit $$verdict

coverage: parts ## the same tests, telling which lines and branches none of them reaches (half as long again)
	@verdict=0; $(BIN)/python -m pytest $(TESTS) --cov --cov-report=term:skip-covered || verdict=$$?; \
		$(BIN)/python -m tests.database; exit $$verdict

proof: parts   ## long proofs of concurrency, faults and attacks
	@$(BIN)/python -m pytest -n0 -m proof tests

bench: parts   ## every benchmark script, each printing its figures
	@verdict=0; for script in benchmarks/[a-z]*.py; do echo "== $$script"; \
		$(BIN)/python "$$script" || verdict=$$?; done; exit $$verdict
