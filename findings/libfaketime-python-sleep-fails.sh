#!/usr/bin/env bash
# libfaketime 0.9.10 (Debian 12) with CPython 3.11: FAKETIME_DONT_FAKE_MONOTONIC=1 makes `time.sleep` fail.
#
# One would guess that this setting is what a Python service needs to be tried with another wall clock: its timeouts go by
# the monotonic clock, which is then left alone. In fact, since 3.11 `time.sleep` itself asks for an absolute time on the
# monotonic clock (clock_nanosleep), and libfaketime refuses that with EINVAL. Waits for a lock, an Event or a Queue with
# a timeout go on working, so a process whose threads only wait can be tried that way, and one that sleeps can't.
#
# Seen on 2026-11-29:
#   threading.Event().wait(0.1): as long as asked
#   time.sleep(0.1): OSError: [Errno 22] Invalid argument
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq libfaketime=0.9.10-2.1 2>/dev/null
dpkg -x libfaketime_*.deb .
library=$(echo "$work"/usr/lib/*/faketime/libfaketimeMT.so.1)

cat > show.py <<'PY'
import threading
import time

WANTED = ["as long as asked", "OSError: [Errno 22] Invalid argument"]


def attempt(rest):
    began = time.monotonic()
    try:
        rest(0.1)
    except OSError as error:
        return f"OSError: {error}"
    return "as long as asked" if 0.1 <= time.monotonic() - began < 1 else "another time"


found = [attempt(threading.Event().wait), attempt(time.sleep)]
print(f"threading.Event().wait(0.1): {found[0]}\ntime.sleep(0.1): {found[1]}")
raise SystemExit(found != WANTED)
PY
LD_PRELOAD="$library" FAKETIME=+1h FAKETIME_DONT_FAKE_MONOTONIC=1 python3 show.py
