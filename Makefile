# The one door to Farebox. It needs make and Python 3.11 or later; it makes its own virtual environment.
#
# `make` lists the targets. Stamp files in .venv keep repeated runs quick; `make clean` starts over.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:

UV_VERSION := 0.13.9
DATA := $(or $(FAREBOX_DATA),farebox-data)
PORT := $(or $(FAREBOX_PORT),8000)
CHROMIUM := /usr/bin/chromium
TESTS ?= tests
# One more than there are processors, from three to eight: much of the time a browser or a server is waited for.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); n=$$((n + 1)); [ $$n -lt 3 ] && n=3; [ $$n -gt 8 ] && n=8; echo $$n)
# What touches the records is tested on both engines, but for what tests/engines.toml names; the other tests do not know
# which one they run on. What is about PostgreSQL alone runs beside the second pass, which has a server.
ENGINE_TESTS := tests/records tests/services tests/api tests/warehouse
POSTGRESQL_TESTS := tests/postgresql
# A file is one worker's. conftest puts those that take long first, and they stay there.
PYTEST = $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

VENV := .venv
BIN := $(VENV)/bin
LOCKS := requirements
CATALOGUES := $(shell find src -name '*.po' 2>/dev/null)

# uv follows no other environment that happens to be active, downloads no Python, and copies where it cannot link.
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE ?= copy
export UV_NO_PROGRESS := 1
export UV_SYSTEM_CERTS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport VIRTUAL_ENV
unexport PYTHONHOME
# The tests start many processes of the program; none of them compiles all of it anew.
unexport PYTHONDONTWRITEBYTECODE

# $(call install,LOCK FILES): exactly the locked files, proven by their hashes. uv knows no pip settings, so a machine
# whose pip alone has been told where packages are gets them through pip, under the same hashes.
install = if $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes $(foreach lock,$(1),-r $(LOCKS)/$(lock)) \
		2>$(VENV)/uv.log; then :; else \
		tail -n 3 $(VENV)/uv.log; \
		echo "uv could not install them; trying pip, which checks the same hashes and takes a minute"; \
		$(BIN)/python -m pip install --quiet --require-hashes $(foreach lock,$(1),-r $(LOCKS)/$(lock)); fi

.PHONY: help setup demo serve test test-all faults check docs bench lock browser clean

help:
	@echo "make setup   make the virtual environment and install Farebox into it"
	@echo "make demo    build a year of demo data and serve it on http://127.0.0.1:$(PORT)"
	@echo "make serve   serve your own data folder ($(DATA))"
	@echo "make test    every check and every test, as CI runs them"
	@echo "make test-all  the tests at full size: each page in each language, width and theme; all examples; both engines"
	@echo "make faults  the tests under faults at full size: kills, power cuts, failing disks; some hours"
	@echo "make check   lint, format and types only"
	@echo "make bench   the benchmarks"
	@echo "make docs    write docs/reference anew from the declarations"
	@echo "make lock    pin the dependencies anew, with hashes"
	@echo "make clean   remove everything that make made; your data folder stays"

setup: $(VENV)/farebox.stamp
	@echo "Farebox is ready in $(BIN)/farebox. Next: make demo, or $(BIN)/farebox --help"

$(VENV)/python.stamp:
	@if $(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then exit 0; fi; \
	for python in python3 python3.11 python3.12 python3.13; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found="$$python"; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
		echo "Farebox needs Python 3.11 or later, and found none (python3 is: $$(python3 --version 2>&1 || true))." >&2; \
		echo "Install it (on Debian: apt-get install python3 python3-venv) and run make again." >&2; exit 1; fi; \
	echo "Making a virtual environment in $(VENV) with $$("$$found" --version)"; \
	"$$found" -m venv --clear $(VENV) || { \
		echo "This Python cannot make virtual environments (on Debian: apt-get install python3-venv)." >&2; exit 1; }
	@touch $@

$(VENV)/uv.stamp: $(LOCKS)/bootstrap.lock $(VENV)/python.stamp
	@echo "Installing uv, the installer"
	@$(BIN)/python -m pip install --quiet --require-hashes -r $(LOCKS)/bootstrap.lock
	@touch $@

$(VENV)/runtime.stamp: $(LOCKS)/build.lock $(LOCKS)/runtime.lock $(VENV)/uv.stamp
	@echo "Installing what Farebox runs on ($$(grep -c == $(LOCKS)/runtime.lock) packages, by hash)"
	@$(call install,build.lock runtime.lock)
	@touch $@

$(VENV)/farebox.stamp: pyproject.toml hatch_build.py $(CATALOGUES) $(VENV)/runtime.stamp
	@echo "Installing Farebox itself, with its message catalogues"
	@$(BIN)/uv pip install --quiet --offline --python $(BIN)/python --no-deps --no-build-isolation -e . \
		|| $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: $(LOCKS)/dev.lock $(VENV)/farebox.stamp
	@echo "Installing the tools of the tests ($$(grep -c == $(LOCKS)/dev.lock) packages in all, by hash)"
	@$(call install,dev.lock)
	@touch $@

demo: $(VENV)/farebox.stamp
	@echo "Serving the demo on http://127.0.0.1:$(PORT) with its data in $(DATA); stop it with Ctrl-C. Next: make test"
	@exec $(BIN)/farebox demo

serve: $(VENV)/farebox.stamp
	@echo "Serving $(DATA) on http://127.0.0.1:$(PORT); stop it with Ctrl-C. Next: docs/index.md"
	@exec $(BIN)/farebox serve

test: $(VENV)/dev.stamp browser lint
	@echo "Running the tests in $(TESTS), $(WORKERS) at a time"
	@$(PYTEST) $(TESTS) $(if $(filter tests,$(TESTS)),$(POSTGRESQL_TESTS:%=--ignore %))
	@[ "$(TESTS)" != tests ] || { echo "Running $(ENGINE_TESTS) again, on PostgreSQL, and $(POSTGRESQL_TESTS)"; \
		FAREBOX_TEST_ENGINE=postgresql $(PYTEST) $(POSTGRESQL_TESTS) $(ENGINE_TESTS); }
	@echo "All checks and tests passed. Next: write a fragment in changelog.d and commit"

test-all: export FAREBOX_TEST_ALL := 1
test-all: export FAREBOX_TEST_RANDOM := 1
test-all: export FAREBOX_FUZZ_EXAMPLES := 12
test-all: test

# Every size may be given on the command line, as in `make faults KILLS=5000`; docs/reliability.md says what each means.
KILLS ?= 1000
CUTS ?= 2000
faults: export FAREBOX_FAULTS_KILLS := $(KILLS)
faults: export FAREBOX_FAULTS_CUTS := $(CUTS)
faults: export FAREBOX_FAULTS_STATEMENTS := 0
faults: export FAREBOX_FAULTS_MIGRATIONS := 100
faults: export FAREBOX_FAULTS_DISK_EVERY := 1
faults: export FAREBOX_FAULTS_ANSWERS := 1000
faults: export FAREBOX_FAULTS_CLOCK_STEPS := 250
faults: export FAREBOX_FAULTS_RACES := 200
faults: export FAREBOX_FAULTS_RESTARTS := 100
faults: export FAREBOX_FAULTS_BACKENDS := 1000
faults: export FAREBOX_FAULTS_PERMUTATIONS := 500
faults: export FAREBOX_FAULTS_DUPLICATED := 600
faults: export FAREBOX_FAULTS_UPLOAD_CUTS := 200
faults: export FAREBOX_FAULTS_JOB_ROUNDS := 20
faults: export FAREBOX_FAULTS_DAYS := 366
faults: export FAREBOX_FAULTS_YEARS := 10
faults: export FAREBOX_FUZZ_EXAMPLES := 12
faults: export FAREBOX_TEST_RANDOM := 1
faults: export FAREBOX_FAULTS_FIGURES ?= test-results/faults.txt
faults: $(VENV)/dev.stamp
	@mkdir -p test-results
	@echo "Running the tests under faults at full size; their figures go to $(FAREBOX_FAULTS_FIGURES)"
	@$(BIN)/python -m pytest -q -s tests/faults tests/domain tests/query tests/api/test_openapi.py
	@FAREBOX_TEST_ENGINE=postgresql $(BIN)/python -m pytest -q -s tests/faults/test_races.py tests/faults/test_job_runs.py
	@echo "Nothing was lost or doubled. Next: put the figures into docs/reliability.md"

check: lint
	@echo "Lint, format and types are clean. Next: make test"

.PHONY: lint
lint: $(VENV)/dev.stamp
	@echo "Checking lint, format and types"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

# The page tests drive Debian's Chromium and draw Japanese. Nothing is skipped where they are missing.
browser:
	@missing=""; \
	[ -x "$(CHROMIUM)" ] || missing="chromium"; \
	fc-list 2>/dev/null | grep -q -i 'noto.*cjk' || missing="$${missing:+$$missing }fontconfig fonts-noto-cjk"; \
	[ -n "$$missing" ] || exit 0; \
	if ! command -v apt-get >/dev/null; then \
		echo "The page tests need $$missing. Install them (the browser as $(CHROMIUM)) and run make again." >&2; exit 1; fi; \
	if [ "$$(id -u)" = 0 ]; then as=""; \
	elif sudo -n true 2>/dev/null; then as="sudo -n"; \
	else \
		echo "The page tests need packages that only an administrator may install. Run this, then make again:" >&2; \
		echo "  sudo apt-get update && sudo apt-get install --yes --no-install-recommends $$missing" >&2; exit 1; fi; \
	echo "Installing for the page tests: $$missing"; \
	$$as apt-get update -q=2 && \
	$$as env DEBIAN_FRONTEND=noninteractive apt-get install -q=2 --yes --no-install-recommends $$missing && \
	{ [ -x "$(CHROMIUM)" ] || { echo "There is still no $(CHROMIUM); put the browser there." >&2; exit 1; }; }

bench: $(VENV)/dev.stamp
	@for bench in bench/[a-z]*.py; do \
		name=$$(basename "$$bench" .py); echo "Measuring: bench.$$name"; $(BIN)/python -m "bench.$$name" || exit 1; \
	done
	@echo "Measured. Next: compare with docs, and write down what changed and why"

docs: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.house.reference
	@echo "docs/reference is as the declarations say. Next: git diff docs/reference"

lock: $(VENV)/uv.stamp
	@echo "Pinning the dependencies of pyproject.toml and uv $(UV_VERSION), with hashes and without any index"
	@pin="$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header"; \
	set -e; \
	$$pin pyproject.toml --output-file $(LOCKS)/runtime.lock >/dev/null; \
	$$pin pyproject.toml --extra dev --output-file $(LOCKS)/dev.lock >/dev/null; \
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
		| $$pin --no-annotate --output-file $(LOCKS)/build.lock - >/dev/null; \
	echo "uv==$(UV_VERSION)" | $$pin --no-annotate --output-file $(LOCKS)/bootstrap.lock - >/dev/null
	@echo "Pinned. Next: git diff $(LOCKS), then make test"

clean:
	@rm -rf $(VENV) build dist test-results .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
	@find src tests bench \( -name __pycache__ -o -name '*.egg-info' \) -type d -prune -exec rm -rf {} + 2>/dev/null || true
	@find src -name '*.mo' -exec rm -f {} +
	@echo "Clean; $(DATA), if there, was left alone. Next: make setup"
