"""A test ends with the requests that it made, however they end."""

import socket
import struct
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.browser.chromium import PATIENCE
from tests.browser.requests import RequestsAtWork

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RESET_AT_CLOSE = struct.pack("ii", 1, 0)
HALF_A_FORM = b"POST /accounts/logout/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nreason="


@pytest.fixture
def sender(live_server: LiveServer, requests_at_work: RequestsAtWork) -> Iterator[socket.socket]:
    """Has sent half a form, and been refused before the server has read the rest."""
    address = urlsplit(live_server.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=PATIENCE) as sender:
        sender.sendall(HALF_A_FORM)
        assert b"403 Forbidden" in sender.recv(1000)
        yield sender


def test_is_over_when_its_browser_is_gone_amid_a_form(sender: socket.socket, requests_at_work: RequestsAtWork) -> None:
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
    sender.close()
    requests_at_work.wait_for_all()


def test_one_that_never_ends_is_told_with_where_it_stands(
    sender: socket.socket, requests_at_work: RequestsAtWork
) -> None:
    told = r"(?s)1 requests never end\s+POST /accounts/logout/\n.*handle_one_request"
    with pytest.raises(AssertionError, match=told):
        requests_at_work.wait_for_all(patience=2)
    sender.close()
    requests_at_work.wait_for_all()
