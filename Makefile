# Everything starts from nothing: `make demo` and `make test` do all the set-up themselves.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help venv test lint
help:
	@echo "make test   run the tests"; echo "make lint   check style, types and layers"

venv: .venv/.stamp
.venv/.stamp: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --editable .
	touch $@

test: venv
	$(BIN)/pytest tests

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict harness
	$(BIN)/lint-imports
