.DEFAULT_GOAL := run
PYTHON ?= python3
BIN := .venv/bin
DJADE := $(BIN)/djade --target-version 5.2
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Each process of the tests would compile all of them anew, for 11 s of CPU.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test lint types contracts unit browsers scenarios faults services coverage bench bench-quick format style pictures schema lock clean reset

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: .venv/run.stamp ## start everything on this machine
	@$(BIN)/python manage.py up

# mypy keeps one core busy for half a minute. Here it does so beside the tests, which often wait; what it found is told
# after them, out of its cache. CI runs browsers, scenarios and services as well: before each commit nobody waits for them.
test: .venv/test.stamp lint contracts ## run what each commit must pass: lint, contracts, unit, types
	@$(BIN)/mypy . >/dev/null 2>&1 & $(MAKE) --no-print-directory unit && wait
	@$(MAKE) --no-print-directory types

lint: .venv/test.stamp ## check the rules and the format of code and templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find templates -name '*.html' -exec $(DJADE) --check {} +

types: .venv/test.stamp ## check the types
	$(BIN)/mypy .

contracts: .venv/test.stamp ## check which package may import which
	$(BIN)/lint-imports

unit: .venv/test.stamp ## run the tests on SQLite that need no browser
	$(BIN)/pytest --numprocesses 4 --dist loadfile -m "not faults and not browser"

# In four processes, which mostly wait for browsers and for what they start.
browsers: .venv/test.stamp ## run the tests that drive Chromium and Firefox
	$(BIN)/pytest --numprocesses 4 --dist loadfile -m "browser and not faults"

# Beside nothing else, since they start and kill whole installations. Each database's tests are in one process.
scenarios: .venv/test.stamp ## kill, stop and cut off real processes for a minute
	$(BIN)/pytest tests/faults --numprocesses 3 --dist loadgroup -m "faults and not long"

faults: .venv/test.stamp ## the same for a quarter of an hour, ten minutes of it at random
	$(BIN)/pytest tests/faults --numprocesses 3 --dist loadgroup -m faults --deselect tests/faults/test_random_run.py::test_minutes_at_random
	$(BIN)/pytest tests/faults/test_random_run.py::test_minutes_at_random --capture no

# Those that lock, share and wait run a second time, each transaction in another session.
POOLED := tests/audit/test_exports.py $(addprefix tests/queueing/, test_frozen_process.py test_request_budget.py) \
	$(addprefix tests/operations/runner/, test_concurrency.py test_leases.py)
services: .venv/test.stamp ## run the data layer's tests on PostgreSQL and Redis
	$(BIN)/python -m tests.services
	$(BIN)/python -m tests.services.pooled $(POOLED)

# Apart from `make test`: counting branches takes 60 % more CPU time. It multiplies the time of pure computing, so the
# test that bounds the CPU time for a calendar file is left out.
coverage: .venv/test.stamp ## run the tests on SQLite, and check how much of the code they reach
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses 4 --dist loadfile -m "not long" --deselect tests/holidays/ical/test_bounds.py::test_costly_file_ends_soon
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

bench: .venv/test.stamp ## measure all that has a target, beside an earlier version with BASE=its commit
	BASE="$(BASE)" $(BIN)/python -m benchmarks

bench-quick: .venv/test.stamp ## the same in a minute, roughly, without an earlier version
	$(BIN)/python -m benchmarks --quick

format: .venv/test.stamp ## fix what ruff can fix, and format code and templates
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	find templates -name '*.html' -exec $(DJADE) {} +

style: .venv/test.stamp ## print figures of the code beside those of other projects
	$(BIN)/python -m tests.style

pictures: .venv/test.stamp ## take the documentation's pictures from the running product
	$(BIN)/python -m tests.pictures

schema: .venv/test.stamp ## write from what a new SQLite database is made: after each new migration
	$(BIN)/python -m tests.schema

lock: .venv/test.stamp ## write requirements.txt and requirements-dev.txt
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

clean: ## delete what was installed and computed; var/ with the database and its keys stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*

reset: ## delete var/, once you have confirmed it
	@test -d var || { echo "There is no var/ here: nothing to delete."; exit 1; }
	@echo "This deletes var/ for good: the database with its audit, the key that signs the audit, its checkpoints, the"
	@echo "secrets that were made, and the simulator's memory. Stop the product first."
	@printf "Type delete to go on: "; read -r answer; test "$$answer" = delete || { echo "Nothing was deleted."; exit 1; }
	rm -rf var
