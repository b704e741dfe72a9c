#!/usr/bin/env bash
# Celery 5.6.3 with kombu 5.6.2, redis-py 6.4.0 and a Redis server: a worker with `--pool threads`, eight threads and
# worker_prefetch_multiplier=1 takes eight messages, is done with them in a fifth of a second, and then sits idle for
# seconds although the queue is full.
#
# One would guess that a thread which begins a task acknowledges its message, and that the worker fetches the next one.
# In fact the thread leaves the acknowledgement to the event loop (kombu's Hub.call_soon), and nothing wakes that loop.
# While as many messages are unacknowledged as may be prefetched, the Redis transport doesn't poll for more, so the loop
# has nothing to listen to but its timers: it goes on with the next of these, up to ten seconds later. With
# worker_prefetch_multiplier=0 (no limit) the same forty tasks take about a second. Tasks of a few milliseconds hide it
# on a busy machine: they end before the loop has begun to wait.
#
# Seen on 2026-11-29 (40 tasks of 0.2 s, eight threads; the gap, between two tasks' ends, was 9.9 s and 0.2 s):
#   prefetch 1: 40 tasks, longest gap over 2 s: True
#   prefetch 0: 40 tasks, longest gap over 2 s: False
set -euo pipefail
work=$(mktemp -d)
server=""
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
cd "$work"

redis=$(command -v redis-server || true)
if [ -z "$redis" ]; then
    echo "This needs a redis-server: apt-get install redis-server" >&2
    exit 2
fi
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check celery==5.6.3 kombu==5.6.2 redis==6.4.0

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$redis" --port "$port" --bind 127.0.0.1 --save "" --appendonly no > redis.log & server=$!
export PORT=$port

cat > shop.py <<'PY'
import os, time
from celery import Celery

app = Celery("shop", broker=f"redis://127.0.0.1:{os.environ['PORT']}/0")
app.conf.update(
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    worker_prefetch_multiplier=int(os.environ.get("PREFETCH", "1")),
)

@app.task
def nap():
    time.sleep(0.2)
    with open(os.environ["TIMES"], "a") as file:
        file.write(f"{time.monotonic()}\n")
PY
cat > wait.py <<'PY'
import os, pathlib, time

path, end = pathlib.Path(os.environ["TIMES"]), time.monotonic() + 120
while time.monotonic() < end and (not path.exists() or len(path.read_text().split()) < 40):
    time.sleep(0.2)
times = sorted(map(float, path.read_text().split()))
gap = max(after - before for before, after in zip(times, times[1:]))
print(f"prefetch {os.environ['PREFETCH']}: {len(times)} tasks, longest gap over 2 s: {gap > 2}")
PY
for PREFETCH in 1 0; do
    export PREFETCH TIMES="$work/times-$PREFETCH"
    # All wait before the worker starts: messages that arrive later would wake it.
    env/bin/python -c 'import shop; [shop.nap.delay() for _ in range(40)]'
    env/bin/celery -q -A shop worker --pool threads -c 8 -l ERROR --without-gossip --without-mingle --without-heartbeat > worker.log 2>&1 & worker=$!
    env/bin/python wait.py | tee -a seen
    kill "$worker"; wait "$worker" || true
done
diff - seen <<'EXPECTED'
prefetch 1: 40 tasks, longest gap over 2 s: True
prefetch 0: 40 tasks, longest gap over 2 s: False
EXPECTED
