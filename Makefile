# Everything starts from nothing: `make demo` and `make test` do all the set-up themselves.
PYTHON ?= python3
BIN := .venv/bin
SCENARIO ?= kill-two-masters
PROFILE ?= article

.PHONY: help demo test unit bench lint venv engine clean
help:
	@echo "make demo    run $(SCENARIO) on $(PROFILE) and write its report (SCENARIO=, PROFILE=)"
	@echo "make test    run every test: the pure ones, the ones in containers, the scenarios"
	@echo "make unit    run the tests that need no container engine (seconds)"
	@echo "make bench   measure the harness itself"
	@echo "make lint    check style, types and layers"
	@echo "make clean   remove labs that dead runs left, and stop the harness' own engine"

demo: engine
	$(BIN)/harness run --scenario $(SCENARIO) --profile $(PROFILE)

test: engine
	$(BIN)/pytest tests scenarios

unit: venv
	$(BIN)/pytest tests -m "not lab"

bench: engine
	$(BIN)/python -m tests.bench

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict harness
	$(BIN)/lint-imports

clean:
	-$(BIN)/harness clean --all
	-$(BIN)/harness engine stop

engine: venv
	$(BIN)/harness engine start --install

venv: .venv/.stamp
.venv/.stamp: requirements.lock pyproject.toml
	@rm -f $@
	@if command -v uv >/dev/null; then \
	  uv venv --quiet --allow-existing --python $(PYTHON) .venv && \
	  uv pip install --quiet --python $(BIN)/python -r requirements.lock && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
	else \
	  if ! $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
	    test "$$(id -u)" = 0 && command -v apt-get >/dev/null || \
	      { echo "$(PYTHON) has no venv module: sudo apt-get install python3-venv"; exit 1; }; \
	    echo "installing python3-venv with apt-get"; \
	    apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends python3-venv; \
	  fi; \
	  $(PYTHON) -m venv .venv && \
	  $(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock && \
	  $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
	@touch $@
