# Every target creates .venv from pinned versions when it is missing or stale; plain venv and pip, nothing else.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: serve test judge lint format docs

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

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@
