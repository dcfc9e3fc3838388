# The commands of this repository. `make setup` is part of every other one.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: setup demo test check bench soak kafka lock clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Drempel needs Python 3.11 or newer")'
	@echo "Setting up $(VENV), once; this takes a minute or two."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: setup
	$(BIN)/drempel demo $(ARGS)

# Formatting, types and boundaries first: they fail fast and say where.
check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Two processes, a file to each in turn: the tests wait more than they work. `-n 0` in ARGS: one after another.
test: check
	$(BIN)/python -m pytest -m "not soak" -n 2 --dist loadgroup --no-loadscope-reorder $(ARGS)

bench: setup
	$(BIN)/python -m bench $(ARGS)

# The fault campaign, closed by one table (docs/faults.md). In parts: ARGS="-k kills" or database, brokers, handlers, schedules, cuts.
soak: setup
	@test -n "$(ARGS)" || rm -f .data/soak.jsonl
	DREMPEL_SOAK=1 $(BIN)/python -m pytest tests/faults -m "campaign or soak" $(ARGS)

# A real Apache Kafka on 127.0.0.1:9092 until Ctrl-C, from its own jars: needs Java 17 and, the first time, Maven.
kafka: setup
	$(BIN)/python -m deploy.kafka $(ARGS)

# Hashes of everything; no line names an index, so that every mirror will do. The image has a lock without tests.
lock: setup
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host \
	  --no-emit-find-links --no-emit-options --all-build-deps --extra embedded --extra dev \
	  --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host \
	  --no-emit-find-links --no-emit-options --all-build-deps --constraint requirements.lock \
	  --output-file deploy/requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis
