# Everything starts from nothing: `make demo` and `make test` do all the set-up themselves.
PYTHON ?= python3
BIN := .venv/bin
SCENARIO ?= kill-two-masters
PROFILE ?= article
FUZZ_S ?= 600
SIDE_BY_SIDE ?= 2
# A scenario of each family; `make catalogue` runs all.
REPRESENTATIVES := kill_haproxy kill_two_masters link_down etcd_space reload_broken_haproxy reload_haproxy

.PHONY: help demo test unit catalogue bench bench-independent bench-truth bench-cost bench-peers bench-agree bench-cases bench-series fuzz lint venv engine clean
help:
	@echo "make demo    run $(SCENARIO) on $(PROFILE) and write its report (SCENARIO=, PROFILE=)"
	@echo "make test    run every test: the pure ones, the ones in containers, a scenario of each family"
	@echo "make unit    run the tests that need no container engine (seconds)"
	@echo "make catalogue  run every scenario on four profiles (hours); one that fails as theory says it should has failed"
	@echo "make bench   measure the harness itself; also bench-truth (how narrow the bounds are), bench-independent"
	@echo "             (against tcpdump), bench-peers (against hey, curl and chaostoolkit), bench-cost (what measuring"
	@echo "             costs, and whether it changes anything), bench-agree (thirty drawn configurations in labs against"
	@echo "             their predictions), bench-cases (the same on what people have), bench-series (what a"
	@echo "             stored series says of theory, SERIES=)"
	@echo "make fuzz    damage a thousand stored trials; throw mutated files at both parsers for FUZZ_S=$(FUZZ_S) seconds each"
	@echo "make lint    check style, types and layers"
	@echo "make clean   remove labs that dead runs left, and stop the harness' own engine"

demo: engine
	$(BIN)/harness run --scenario $(SCENARIO) --profile $(PROFILE)

test: engine unit
	$(BIN)/pytest tests -m "lab and not alone" -n $(SIDE_BY_SIDE) --dist loadfile
	$(BIN)/pytest tests $(REPRESENTATIVES:%=scenarios/%.py) -m alone

unit: venv
	$(BIN)/pytest tests -m "not lab" -n auto

catalogue: engine
	$(BIN)/harness run --all $(addprefix --profile ,article kubeadm kubeadm-fast two-load-balancers)

bench: engine
	$(BIN)/python -m bench

bench-independent: engine
	$(BIN)/python -m bench.independent

bench-truth: engine
	$(BIN)/python -m bench.truth

bench-cost: engine
	$(BIN)/python -m bench.cost

bench-agree: engine
	$(BIN)/python -m bench.drawn

bench-cases: engine
	$(BIN)/python -m bench.cases

bench-series: venv
	$(BIN)/python -m bench.series $(SERIES)

bench-peers: engine .venv-peers
	@command -v hey >/dev/null || { echo "installing hey with apt-get"; apt-get -qq update && apt-get -qq install -y hey; }
	$(BIN)/python -m bench.peers

.venv-peers:
	$(PYTHON) -m venv $@ && $@/bin/pip install --quiet --disable-pip-version-check chaostoolkit==1.19.0 || { rm -rf $@; exit 1; }

fuzz: venv .venv-fuzz
	$(BIN)/python -m bench.mutate
	.venv-fuzz/bin/python -m bench.fuzz keepalived $(FUZZ_S)
	.venv-fuzz/bin/python -m bench.fuzz haproxy $(FUZZ_S)

.venv-fuzz:
	$(PYTHON) -m venv $@ && $@/bin/pip install --quiet --disable-pip-version-check atheris==3.0.0 || { rm -rf $@; exit 1; }

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict harness images bench scenarios tests conftest.py
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
