#!/usr/bin/env bash
# respx 0.23.1 (Python): a mocked answer never passes through HTTP, so half a body counts as a whole one.
#
# One would guess that `respond(content=b'{"id"', headers={"Content-Length": "1000"})` is how to test an answer that
# breaks off, that a mocked 103 is skipped as an interim answer is, and that a side effect that takes longer than the
# client's timeout ends in httpx.ReadTimeout. In fact respx replaces httpcore's pool (or httpx's transport), and what
# checks lengths, skips interim answers and watches the clock is below that: the mock gives a success with five bytes, a
# final 103, and an answer that is ten times too late. A test of the failure passes without the failure. Have the body's
# stream raise the exception that httpcore would raise, and try the rest on a real socket.
#
# Seen on 2026-11-28, httpx 0.28.1, httpcore 1.0.9:
#   half a body: mocked 200 b'{"id"'; real RemoteProtocolError peer closed connection without sending complete message body (received 5 bytes, expected 1000)
#   103, then 200: mocked 103; real 200
#   answer after 1 s, timeout 0.1 s: mocked 200; real ReadTimeout timed out
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check respx==0.23.1 httpx==0.28.1

cat > show.py <<'PY'
import socket
import threading
import time

import httpx
import respx


def outcome(url):
    try:
        response = httpx.get(url, timeout=0.1)
    except httpx.TransportError as error:
        return f"{type(error).__name__} {error}"
    return f"{response.status_code} {response.content or ''}".strip()


def mocked(**answer):
    with respx.mock(using="httpcore") as router:
        router.get("http://mocked.test/").mock(**answer)
        return outcome("http://mocked.test/")


def real(answer, after=0.0):
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listening.accept()
        connection.recv(65_536)
        time.sleep(after)
        connection.sendall(answer)
        connection.close()

    threading.Thread(target=serve, daemon=True).start()
    return outcome(f"http://127.0.0.1:{listening.getsockname()[1]}/")


def late(request):
    time.sleep(1)
    return httpx.Response(200)


half = mocked(return_value=httpx.Response(200, content=b'{"id"', headers={"Content-Length": "1000"}))
interim = mocked(return_value=httpx.Response(103))
slow = mocked(side_effect=late)
really_half = real(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"id"')
really_interim = real(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
really_slow = real(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", after=1.0)
print(f"half a body: mocked {half}; real {really_half}")
print(f"103, then 200: mocked {interim}; real {really_interim}")
print(f"answer after 1 s, timeout 0.1 s: mocked {slow}; real {really_slow}")
seen = half.startswith("200") and interim == "103" and slow == "200" and "received 5 bytes" in really_half
raise SystemExit(not seen)
PY
env/bin/python show.py
