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
	--no-emit-index-url --no-emit-find-links --extra dev --extra build
LOCKER = $(or $(UV),$(wildcard $(BIN)/uv))

.PHONY: demo dev test check style types whole quick bench format lock sbom release compose-smoke clean
.DELETE_ON_ERROR:

# Where this is set, each of some hundred processes would compile all it imports anew.
unexport PYTHONDONTWRITEBYTECODE

demo: $(RUNTIME)
	$(BIN)/trunkline demo

dev: $(RUNTIME)
	$(BIN)/trunkline dev

# All that a change must pass. Types are checked while the tests wait for time to pass.
test: style
	@$(MAKE) --no-print-directory --jobs=2 types whole

# For in between: without the running stack.
check: style
	@$(MAKE) --no-print-directory --jobs=2 types quick

style: $(TESTING)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: $(TESTING)
	$(BIN)/mypy .

# Five at a time on two cores: three of them wait most of the time, for what tests/conftest.py says.
whole: $(TESTING)
	$(BIN)/pytest -n 5 --durations=20

quick: $(TESTING)
	$(BIN)/pytest -n 3 -m "not e2e"

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

# What docker-compose.yml runs, without containers; under a minute on a quiet machine.
compose-smoke: $(TESTING)
	$(BIN)/python -m tools.compose_smoke

# What Trunkline is made of, and under which licences, in dist/.
sbom: $(TESTING)
	$(BIN)/python -m tools.bill_of_materials dist

# Wheel, source, bill of materials and checksums, in dist/; the tree must be as committed.
release: $(TESTING)
	$(BIN)/python -m tools.distribution

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "Trunkline needs Python 3.11 or newer, and none was found:" \
		"install one, or name it with 'make PYTHON=/path/to/python3'." >&2; exit 2; }
	$(if $(UV),"$(UV)" venv --quiet --allow-existing --python "$(PYTHON)" $(VENV),"$(PYTHON)" -m venv $(VENV))

# Most of what libraries bring is never imported: what is, is compiled then.
INSTALL = $(if $(UV),"$(UV)" pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile)

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
