# Everything from a fresh clone with Python 3.11 or newer and git: `make run`, `make test`.
# Set-up lives in .venv and is done once per content of pyproject.toml.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup run test unit e2e lint bench faults chromium

BIN := .venv/bin
KEY := $(shell cksum < pyproject.toml | tr ' ' '-')
READY := .venv/.ready-$(KEY)
READY_DEV := .venv/.ready-dev-$(KEY)
E2E_CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

help:
	@echo "make run     set up, then serve a demo: prints the address, accounts and passwords"
	@echo "make test    set up, then run every test, those in a browser too"
	@echo "make lint    style, types, walls between the rooms, known vulnerabilities"
	@echo "make e2e     only the tests in a browser"
	@echo "make bench   how much time and memory imports and exports take here"
	@echo "make faults  kill workers at random moments; nothing may be lost or doubled"
	@echo "make setup   only set up .venv"

setup: $(READY)
	@echo "Set up: .venv is ready"

run: $(READY)
	@exec $(BIN)/tableport serve --demo $(ARGS)

test: unit e2e

unit: $(READY_DEV)
	$(BIN)/python -m pytest -q -m "not e2e" -n 2 --dist loadfile $(ARGS)

e2e: $(READY_DEV) chromium
	$(BIN)/python -m pytest -q -m e2e $(ARGS)

lint: $(READY_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/audit.py

bench: $(READY_DEV)
	$(BIN)/python -m benchmarks $(ARGS)

faults: $(READY_DEV)
	$(BIN)/python -m benchmarks.faults $(ARGS)

# Chromium is needed by the browser tests only; without it they are counted as skipped.
chromium:
ifeq ($(E2E_CHROMIUM),)
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Chromium is missing: installing it for the browser tests"; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null \
			|| echo "Chromium could not be installed: the browser tests will be skipped"; \
	else \
		echo "Chromium is missing: install the package 'chromium'; the browser tests will be skipped"; \
	fi
endif

.venv/bin/python:
	@for python in python3.13 python3.12 python3.11 python3 python; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making .venv with $$($$python --version)"; \
			$$python -m venv .venv && exit 0; \
			echo "$$python cannot make a virtual environment: install its venv package" >&2; \
			rm -rf .venv; exit 1; \
		fi; \
	done; \
	echo "Tableport needs Python 3.11 or newer; found: $$(python3 --version 2>&1 || echo none)" >&2; exit 1

$(READY): | .venv/bin/python
	@echo "Installing what Tableport needs into .venv (a few minutes the first time)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e .
	@rm -f .venv/.ready-*; touch $@

$(READY_DEV): | .venv/bin/python
	@echo "Installing what Tableport and its tests need into .venv (a few minutes the first time)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[dev]'
	@rm -f .venv/.ready-*; touch $(READY) $@
