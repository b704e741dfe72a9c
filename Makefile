.DEFAULT_GOAL := run
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test lint types contracts unit services lock clean reset

help:
	@echo "make run        start everything on this machine"
	@echo "make test       run every check: lint types contracts unit services, each a target of its own"
	@echo "make lock       write requirements.txt and requirements-dev.txt"
	@echo "make clean      delete what was installed and computed; var/ with the database and its keys stays"
	@echo "make reset      delete var/, once you have confirmed it"

run: .venv/run.stamp
	@$(BIN)/python manage.py up

test: .venv/test.stamp lint types contracts unit services

lint: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/test.stamp
	$(BIN)/mypy .

contracts: .venv/test.stamp
	$(BIN)/lint-imports

unit: .venv/test.stamp
	$(BIN)/pytest --numprocesses 4 --dist loadfile

# The data layer again, on the servers of production.
services: .venv/test.stamp
	$(BIN)/python -m tests.services

lock: .venv/test.stamp
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements-dev.in -c requirements.txt -o requirements-dev.txt

.venv/run.stamp: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what the product runs on…"
	@$(BIN)/pip install -q -r requirements.txt
	@touch $@

.venv/test.stamp: requirements-dev.txt .venv/run.stamp
	@echo "Installing what the checks need…"
	@$(BIN)/pip install -q -r requirements-dev.txt
	@touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

reset:
	@test -d var || { echo "There is no var/ here: nothing to delete."; exit 1; }
	@echo "This deletes var/ for good: the database with its audit, the key that signs the audit, its checkpoints, the"
	@echo "secrets that were made, and the simulator's memory. Stop the product first."
	@printf "Type delete to go on: "; read -r answer; test "$$answer" = delete || { echo "Nothing was deleted."; exit 1; }
	rm -rf var
