#!/usr/bin/env bash
# Celery 5.6.3: a receiver of the signal worker_init that raises doesn't stop the worker.
#
# One would guess that a worker whose preparation fails doesn't start: the signal comes before anything else, and what it
# prepares (a connection, a check of settings) is needed by each task. In fact Celery writes a traceback to its log,
# calls the other receivers, and takes tasks all the same, half prepared. The return value isn't looked at either. Whoever
# wants the worker to end must do so in the receiver: SystemExit isn't an Exception, and passes.
#
# Seen on 2026-11-28:
#   a receiver that raises RuntimeError: the worker took a task: True, exit status 0
#   a receiver that raises SystemExit(3): the worker took a task: False, exit status 3
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check celery==5.6.3

cat > shop.py <<'PY'
import os
import signal
from pathlib import Path

from celery import Celery
from celery.signals import worker_init, worker_ready

broker = {"data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "control"}
app = Celery("shop", broker="filesystem://")
app.conf.update(broker_transport_options=broker, worker_hijack_root_logger=True)


@worker_init.connect
def prepare(**_):
    if os.environ["RAISES"] == "SystemExit":
        raise SystemExit(3)
    raise RuntimeError("the settings are wrong")


@worker_ready.connect
def ask(**_):
    sell.delay()


@app.task
def sell():
    Path("sold").touch()
    os.kill(os.getpid(), signal.SIGTERM)
PY

mkdir queue control
for raises in RuntimeError SystemExit; do
    rm -f sold
    status=0
    RAISES=$raises timeout 60 env/bin/celery -A shop worker -P solo --without-mingle --without-gossip >log 2>&1 || status=$?
    if [[ -e sold ]]; then took=True; else took=False; fi
    argument=""
    if [[ $raises == SystemExit ]]; then argument="(3)"; fi
    echo "a receiver that raises $raises$argument: the worker took a task: $took, exit status $status"
done | tee seen
diff seen - <<'SEEN'
a receiver that raises RuntimeError: the worker took a task: True, exit status 0
a receiver that raises SystemExit(3): the worker took a task: False, exit status 3
SEEN
