#!/usr/bin/env bash
# Django 5.2.19: GZipMiddleware compresses for a client that refuses gzip, compresses archives, and holds streams back.
#
# One would guess that `Accept-Encoding: gzip;q=0` (RFC 9110, 12.5.3: "not acceptable") keeps a response as it is, that
# content which is compressed already is left alone, and that a streamed response still arrives part by part. In fact
# the middleware looks for the word gzip in the header, never at the content type, and writes a stream through one
# GzipFile that is flushed only when its buffer fills: the first rows of a CSV arrive with the last ones.
#
# Seen on 2026-11-28:
#   gzip;q=0: Content-Encoding gzip
#   application/zip: Content-Encoding gzip
#   stream of 5 parts: 1st compressed bytes that decompress to something come after part 5
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check django==5.2.19

cat > show.py <<'PY'
import zlib

import django
from django.conf import settings

settings.configure(ALLOWED_HOSTS=["*"])
django.setup()

from django.http import HttpResponse, StreamingHttpResponse  # noqa: E402
from django.middleware.gzip import GZipMiddleware  # noqa: E402
from django.test import RequestFactory  # noqa: E402

TEXT = b"who,did,what\n" * 200


def answer(response, accepts):
    request = RequestFactory().get("/", headers={"Accept-Encoding": accepts})
    return GZipMiddleware(lambda _: response)(request)


def encoding(response, accepts):
    return answer(response, accepts).headers.get("Content-Encoding", "none")


def first_part_that_shows():
    sent = []

    def rows():
        for number in range(1, 6):
            sent.append(number)
            yield b"row %d\n" % number

    stream = answer(StreamingHttpResponse(rows(), content_type="text/csv"), "gzip")
    decompress = zlib.decompressobj(wbits=31)
    for chunk in stream:
        if decompress.decompress(chunk):
            return sent[-1]
    return "none"


print("gzip;q=0: Content-Encoding", encoding(HttpResponse(TEXT), "gzip;q=0"))
print("application/zip: Content-Encoding", encoding(HttpResponse(TEXT, content_type="application/zip"), "gzip"))
print("stream of 5 parts: 1st compressed bytes that decompress to something come after part", first_part_that_shows())
PY

cat > expected <<'TEXT'
gzip;q=0: Content-Encoding gzip
application/zip: Content-Encoding gzip
stream of 5 parts: 1st compressed bytes that decompress to something come after part 5
TEXT

env/bin/python show.py | tee seen
diff expected seen
