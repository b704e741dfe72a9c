#!/usr/bin/env bash
# pytest-xdist 3.8.0 with pytest 9.2.0 (Python): `--dist loadgroup` ignores groups, and says nothing.
#
# One would guess that tests with the mark xdist_group("one") run in one worker, one after the other, as they do with
# pytest 8: that is what the mark is for, where they share a port, a file or a database. pytest-xdist appends the group's
# name to each test's id by setting `item._nodeid`, which pytest 9.2 no longer reads. The scheduler finds no group in the
# ids and spreads the tests over all workers, at the same time. Nothing warns; tests that share something fail now and
# then. Sort tests into groups by a scheduler of your own (the hook pytest_xdist_make_scheduler), or by file with
# `--dist loadfile`.
#
# Seen on 2026-11-28:
#   pytest 8.4.2: tests of the group ran in 1 worker
#   pytest 9.2.0: tests of the group ran in 2 workers
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > test_group.py <<'PY'
import os
import time

import pytest


@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("number", range(8))
def test_it(number):
    time.sleep(0.1)
    with open("workers", "a") as file:
        print(os.environ["PYTEST_XDIST_WORKER"], file=file)
PY
workers_of() {
    python3 -m venv "env-$1"
    "env-$1/bin/pip" install -q --disable-pip-version-check "pytest==$1" pytest-xdist==3.8.0
    rm -f workers
    "env-$1/bin/pytest" -q --numprocesses 2 --dist loadgroup > /dev/null
    sort -u workers | wc -l
}
before=$(workers_of 8.4.2)
now=$(workers_of 9.2.0)
echo "pytest 8.4.2: tests of the group ran in $before worker"
echo "pytest 9.2.0: tests of the group ran in $now workers"
test "$before" = 1 && test "$now" = 2
