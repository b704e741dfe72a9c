#!/usr/bin/env bash
# Celery 5.6.3: with worker_hijack_root_logger=False and a root logger that is already configured, Celery still gives
# the logger "celery.task" a handler of its own and stops it from propagating.
#
# One would guess from the setting's name that Celery leaves logging alone, so that a filter or formatter at the root's
# handler sees every line of a worker. In fact whatever tasks write through celery.utils.log.get_task_logger bypasses the
# root and goes to standard error in Celery's format. Only a receiver of the signal celery.signals.setup_logging, even an
# empty one, prevents this.
#
# Seen on 2026-11-28:
#   without a receiver: root handlers ['Blanking'], celery.task handlers ['StreamHandler'], propagates: 0
#   the root's handler saw the line: False
#   with an empty receiver: root handlers ['Blanking'], celery.task handlers [], propagates: True
#   the root's handler saw the line: True
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check celery==5.6.3

cat > show.py <<'PY'
import logging
import sys

from celery import Celery
from celery.signals import setup_logging
from celery.utils.log import get_task_logger


class Blanking(logging.Handler):
    seen = []

    def emit(self, record):
        self.seen.append(record.getMessage())


with_receiver = sys.argv[1] == "receiver"
logging.basicConfig(handlers=[Blanking()], level="INFO")
app = Celery("shop", broker="memory://")
app.conf.worker_hijack_root_logger = False
if with_receiver:
    setup_logging.connect(lambda **_: None, weak=False)
app.log.setup(loglevel="INFO", redirect_stdouts=False)
get_task_logger("shop.tasks").info("the password is secret")


def handlers(name):
    found = logging.getLogger(name).handlers
    return [type(handler).__name__ for handler in found if not isinstance(handler, logging.NullHandler)]


saw = bool(Blanking.seen)
which = "with an empty receiver" if with_receiver else "without a receiver"
task = logging.getLogger("celery.task")
print(f"{which}: root handlers {handlers('')}, celery.task handlers {handlers('celery.task')}, propagates: {task.propagate}")
print(f"the root's handler saw the line: {saw}")
raise SystemExit(saw != with_receiver)
PY
env/bin/python show.py none 2>/dev/null
env/bin/python show.py receiver 2>/dev/null
