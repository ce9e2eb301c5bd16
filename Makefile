# Two commands for a fresh machine: `make demo` shows it, `make test` checks it.

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.trunkline-runtime
TESTING := $(VENV)/.trunkline-testing
UV := $(shell command -v uv 2>/dev/null)

# The first of these that runs, is 3.11 or newer and can make a virtual environment.
CANDIDATES := python3 python3.13 python3.12 python3.11 python
SUITABLE := import sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in $(CANDIDATES); do \
	"$$name" -c '$(SUITABLE)' >/dev/null 2>&1 && { command -v "$$name"; exit; }; done; \
	[ -z "$(UV)" ] || "$(UV)" python find --no-python-downloads '>=3.11' 2>/dev/null)

LOCK := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet \
	--no-emit-index-url --no-emit-find-links --extra build
LOCKER = $(or $(UV),$(wildcard $(BIN)/uv))

.PHONY: demo dev test bench format lock clean
.DELETE_ON_ERROR:

demo: $(RUNTIME)
	$(BIN)/trunkline demo

dev: $(RUNTIME)
	$(BIN)/trunkline dev

# Three at a time on two cores: many of them wait for processes to start, and for time to pass.
test: $(TESTING)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/pytest -n 3

# Also measures PostgreSQL, whose server comes with what the tests need.
bench: $(TESTING)
	$(BIN)/python -m benchmarks

format: $(TESTING)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Needs uv; asks the ordinary index only, so that the locks hold nothing local.
lock:
	@[ -n "$(LOCKER)" ] || { echo "make lock needs uv: https://docs.astral.sh/uv/" >&2; exit 2; }
	"$(LOCKER)" pip compile pyproject.toml $(LOCK) --output-file requirements.lock
	"$(LOCKER)" pip compile pyproject.toml $(LOCK) --extra test --constraint requirements.lock \
		--output-file requirements-test.lock

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "Trunkline needs Python 3.11 or newer, and none was found:" \
		"install one, or name it with 'make PYTHON=/path/to/python3'." >&2; exit 2; }
	$(if $(UV),"$(UV)" venv --quiet --allow-existing --python "$(PYTHON)" $(VENV),"$(PYTHON)" -m venv $(VENV))

INSTALL = $(if $(UV),"$(UV)" pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet --disable-pip-version-check)

# A hashed lock first; then the project itself, editable, built by what the lock brought.
define install
	$(INSTALL) --require-hashes --requirement $(1)
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@
endef

$(RUNTIME): requirements.lock pyproject.toml | $(BIN)/python
	$(call install,requirements.lock)

$(TESTING): requirements-test.lock pyproject.toml | $(BIN)/python
	$(call install,requirements-test.lock)
