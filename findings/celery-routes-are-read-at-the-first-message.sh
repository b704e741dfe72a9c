#!/usr/bin/env bash
# Celery 5.6.3: a route added to task_routes counts only if the process hasn't sent a message yet.
#
# One would guess that app.conf is live, since other settings can be changed while a process runs, and since the new
# route is there when task_routes is looked at. In fact the first message copies the table, and later ones go by the
# copy: the task lands in the default queue, silently. So a test or a plug-in that adds a route works alone, and fails
# when anything was sent before it.
#
# Seen on 2026-11-29:
#   route added before the first message: slow 1, celery 1
#   route added after it: slow 0, celery 2
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check celery==5.6.3

cat > show.py <<'PY'
from celery import Celery


def waiting(app, queue):
    with app.connection_for_read() as connection:
        return connection.default_channel.queue_declare(queue).message_count


for when in ("before the first message", "after it"):
    app = Celery("shop", broker="memory://", set_as_current=False)
    app.conf.task_routes = {"shop.sell": {"queue": "celery"}}
    if when == "after it":
        app.send_task("shop.sell")
    app.conf.task_routes["shop.report"] = {"queue": "slow"}
    if when != "after it":
        app.send_task("shop.sell")
    app.send_task("shop.report")
    print(f"route added {when}: slow {waiting(app, 'slow')}, celery {waiting(app, 'celery')}")
    with app.connection_for_write() as connection:
        for queue in ("slow", "celery"):
            connection.default_channel.queue_purge(queue)
PY

cat > expected <<'TEXT'
route added before the first message: slow 1, celery 1
route added after it: slow 0, celery 2
TEXT

env/bin/python show.py | tee seen
diff expected seen
