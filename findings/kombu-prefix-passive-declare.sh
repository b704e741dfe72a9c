#!/usr/bin/env bash
# kombu 5.6.2 with redis-py 6.4.0: with the transport option `global_keyprefix`, which lets several applications share
# one Redis, a passive declaration of a queue never finds it, although messages wait in it.
#
# One would guess that the prefix is put before every key. kombu prefixes a list of commands; EXISTS, by which a passive
# declaration looks for the queue, isn't one of them, while LPUSH and LLEN are. So the usual way to ask how many messages
# wait (queue_declare(passive=True).message_count) raises "no queue" with a prefix and works without; a declaration that
# is not passive counts correctly with both. (Worse where an application without a prefix has a queue of the same name in
# the same database: then that one is found, and the other one's messages are counted.)
#
# Seen on 2026-11-28:
#   no prefix: passive 3, active 3
#   prefix 'shop:': passive 404 NOT_FOUND, active 3
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
env/bin/pip install -q --disable-pip-version-check kombu==5.6.2 redis==6.4.0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$redis" --port "$port" --bind 127.0.0.1 --save "" --appendonly no > redis.log & server=$!
sleep 1
PORT=$port env/bin/python - <<'PY' | tee seen
import os
from kombu import Connection
from kombu.exceptions import ChannelError

for database, prefix in enumerate(("", "shop:")):
    options = {"global_keyprefix": prefix} if prefix else {}
    with Connection(f"redis://127.0.0.1:{os.environ['PORT']}/{database}", transport_options=options) as connection:
        queue = connection.SimpleQueue("orders", no_ack=True)
        for number in range(3):
            queue.put(number)
        channel = connection.default_channel
        try:
            passive = channel.queue_declare("orders", passive=True).message_count
        except ChannelError as error:
            passive = f"{error.reply_code} {error.reply_text.split(' - ')[0]}"
        active = channel.queue_declare("orders").message_count
        print(f"{f'prefix {prefix!r}' if prefix else 'no prefix'}: passive {passive}, active {active}")
PY
diff - seen <<'EXPECTED'
no prefix: passive 3, active 3
prefix 'shop:': passive 404 NOT_FOUND, active 3
EXPECTED
