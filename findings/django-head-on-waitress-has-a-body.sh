#!/usr/bin/env bash
# Django 5.2.19 on waitress 3.0.2: the response to HEAD comes with its body, so the next response on the same connection
# is misread.
#
# One would guess that something on the way drops it: Django's tests show empty bodies, and so do `runserver` and
# gunicorn. In fact Django's handler leaves this to the server (only its test client and its own server remove the body),
# and waitress sends what the application returns. A client that keeps the connection open, such as a load balancer's
# health check, reads the body of the first response as the beginning of the second (RFC 9110, section 9.3.2: no content
# in a response to HEAD).
#
# Seen on 2026-11-28:
#   after the head of the first response: b'the bodyHTTP/1.1 200 OK'
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check Django==5.2.19 waitress==3.0.2

cat > show.py <<'PY'
import socket
import threading

import waitress
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

# As SecurityMiddleware and CommonMiddleware stand in every project; the second gives the response its Content-Length.
settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="x",
    MIDDLEWARE=["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"],
)
urlpatterns = [path("", lambda request: HttpResponse("the body"))]
server = waitress.create_server(get_wsgi_application(), host="127.0.0.1", port=0)
threading.Thread(target=server.run, daemon=True).start()

with socket.create_connection(("127.0.0.1", server.effective_port), timeout=10) as connection:
    connection.sendall(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    received = b""
    while data := connection.recv(65536):
        received += data
rest = received.partition(b"\r\n\r\n")[2].splitlines()[0]
print(f"after the head of the first response: {rest!r}")
raise SystemExit(rest != b"the bodyHTTP/1.1 200 OK")
PY
env/bin/python show.py
