# Every target creates .venv from pinned versions when it is missing or stale; plain venv and pip, nothing else.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

# The tests start many processes: each would compile everything again where nothing compiled is kept.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: serve test judge lint format docs bench instructions lock

serve: $(STAMP)
	$(BIN)/mockserver serve

test: $(STAMP)
	$(BIN)/pytest --numprocesses auto --dist worksteal

judge: $(STAMP)
	.ci/judge

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(STAMP)
	$(BIN)/mockserver show > docs/providers.md

# Speed beside the peers: benchmarks/README.md. QUICK=1 is a look of some minutes; ONLY="prism throughput" a part.
bench: $(STAMP)
	$(BIN)/python -m benchmarks $(if $(QUICK),--quick) $(foreach name,$(ONLY),--only $(name))

instructions: $(STAMP)
	$(BIN)/python -m benchmarks.instructions --check

# The exact versions, with their hashes, that requirements/ holds for the ranges of pyproject.toml.
lock:
	.ci/lock

$(STAMP): pyproject.toml requirements/dev.txt
	$(PYTHON) -m venv .venv
	$(PIP) --no-deps --require-hashes --requirement requirements/dev.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@
