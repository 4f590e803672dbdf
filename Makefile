# `make demo` and `make test` set up all they need in .venv; nothing is installed elsewhere.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
# By file, so that what a file's tests share (NEURON's runs, compiled functions) is made once; tests/conftest.py says
# which files begin, so that no worker is left with a long one at the end
PYTEST = $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
PARTS = $(sort $(notdir $(patsubst %/,%,$(dir $(wildcard tests/*/test_*.py)))))

# Translated mechanisms, compiled .mod folders and compiled JAX functions are kept between runs.
export JXNEURON_CACHE ?= $(CURDIR)/.cache/jxneuron
export JAX_COMPILATION_CACHE_DIR ?= $(CURDIR)/.cache/jax
export JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS ?= 0.1
export JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES ?= -1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test tests quick lint slow validate part compiler clean

help:
	@echo "make demo      compare NEURON's demo cell in both simulators (no compiler needed)"
	@echo "make test      style, types and all tests but the slow ones: 5 minutes on 2 quiet cores (NEURON's"
	@echo "               builds and compiled JAX functions are kept in .cache for the next time)"
	@echo "make quick PART=nmodl   style, types and tests of one part in less than a minute, without the tests marked long"
	@echo "make slow      the tests that take minutes: all published mechanisms, every start of every validation case"
	@echo "make validate  run every validation case anew; rewrite what is kept of them and the README's table"
	@echo "make clean     remove .venv, caches and reports"

demo: $(VENV)/.runtime
	$(BIN)/python -m jxneuron.compare --demo --html demo-report.html
	@echo "The full report: demo-report.html"

# Without optimisation: see tests/cxx. Types are checked beside the tests.
test quick: export CXX = $(CURDIR)/tests/cxx
test: compiler $(VENV)/.dev
	@$(MAKE) --no-print-directory -j 2 lint tests

tests: $(VENV)/.dev
	$(PYTEST) -m "not slow"

quick: part compiler $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright $(wildcard jxneuron/$(PART)) tests/$(PART)
	$(PYTEST) -m "not slow and not long" tests/$(PART) tests/test_imports.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

slow: compiler $(VENV)/.dev
	$(PYTEST) -m slow

validate: compiler $(VENV)/.dev
	$(BIN)/python -m validation.references
	$(BIN)/python -m validation.results
	$(BIN)/python -m validation.table --write
	$(BIN)/python -m validation.picture

part:
	@test -n "$(filter $(PART),$(PARTS))" || { echo "make quick PART=... with one of: $(PARTS)" >&2; exit 2; }

compiler:
	@for tool in g++ make; do command -v $$tool > /dev/null || { \
	  echo "$$tool is missing: the tests compile .mod files. On Debian or Ubuntu: apt-get install g++ make" >&2; \
	  exit 1; }; done

# The first Python from 3.11 to 3.13 that can make a virtual environment.
$(BIN)/python:
	@supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; \
	for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	  "$$python" -c "$$supported" 2> /dev/null || continue; \
	  found="$$python"; \
	  rm -rf $(VENV); \
	  if "$$python" -c 'import ensurepip, venv' 2> /dev/null; then "$$python" -m venv $(VENV); exit; fi; \
	  if "$$python" -m virtualenv --version > /dev/null 2>&1; then "$$python" -m virtualenv -q $(VENV); exit; fi; \
	done; \
	if [ -n "$${found:-}" ]; then \
	  echo "$$found cannot make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv" >&2; \
	else \
	  echo "jxneuron needs Python 3.11, 3.12 or 3.13; name one with: make PYTHON=/path/to/python3.12 ..." >&2; \
	fi; exit 1

$(VENV)/.runtime: pyproject.toml | $(BIN)/python
	@echo "Installing jxneuron and what it needs into $(VENV) ..."
	$(BIN)/python -m pip install -q -e .
	@touch $@

$(VENV)/.dev: pyproject.toml validation/models.txt | $(BIN)/python
	@echo "Installing jxneuron, what it needs, and the tools for its tests into $(VENV) ..."
	$(BIN)/python -m pip install -q -e '.[dev]'
	$(BIN)/python -m pip install -q --no-deps -r validation/models.txt
	@touch $@ $(VENV)/.runtime

clean:
	rm -rf $(VENV) .cache .pytest_cache .ruff_cache build dist demo-report.html
