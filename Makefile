PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test lint types contracts unit services lock clean

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
	$(BIN)/pytest --numprocesses 2 --dist loadfile

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
	rm -rf .venv var
