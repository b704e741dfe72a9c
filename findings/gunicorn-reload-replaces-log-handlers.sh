#!/usr/bin/env bash
# gunicorn 27.0.1: a SIGHUP takes away what `on_starting` did to the handlers of its log.
#
# One would guess that `on_starting`, which runs once in the master, is the place to give gunicorn's own lines a format or
# a filter of one's own, such as one that masks secrets in the paths of requests: the master lives on through a SIGHUP,
# and so does `server.log`, the same object as before. In fact reloading sets that object up anew, with other handlers,
# so lines come in gunicorn's own format from then on, without a filter. `on_starting` doesn't run again; `on_reload` does,
# and runs after the new handlers are there.
#
# Seen on 2026-11-29:
#   before: ours: Booting worker
#   after: [INFO] Booting worker
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check gunicorn==27.0.1

cat > conf.py <<'PY'
import logging

bind = "127.0.0.1:0"


def on_starting(server):
    for handler in server.log.error_log.handlers:
        handler.setFormatter(logging.Formatter("ours: %(message)s"))
PY
cat > application.py <<'PY'
def application(environ, start_response):
    start_response("200 OK", [])
    return []
PY
cat > show.py <<'PY'
import re
import signal
import subprocess
import sys

server = subprocess.Popen(
    [sys.executable, "-m", "gunicorn", "-c", "conf.py", "application"], stderr=subprocess.PIPE, text=True
)


def next_boot():
    for line in server.stderr:
        if "Booting worker" in line:
            return re.sub(r"^\[[^]]*\] \[\d+\] | with pid.*", "", line.strip())


try:
    before = next_boot()
    server.send_signal(signal.SIGHUP)
    after = next_boot()
finally:
    server.terminate()
    server.wait(20)
print(f"before: {before}")
print(f"after: {after}")
raise SystemExit((before, after) != ("ours: Booting worker", "[INFO] Booting worker"))
PY
env/bin/python show.py
