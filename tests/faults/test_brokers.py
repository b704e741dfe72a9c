"""The product on other brokers than a plain Redis: one that speaks TLS and wants a password, and Valkey."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import kombu
import pytest
from kombu.exceptions import OperationalError

from cxadmin.environment import verifying_broker
from tests.faults.conftest import SignIn, StartProduct
from tests.processes.cxone import SimulatedCXone
from tests.processes.servers import OwnRedis, valkey_program

pytestmark = pytest.mark.faults
PASSWORD = "a-password-of-the-tests"


@contextmanager
def running(server: OwnRedis) -> Iterator[OwnRedis]:
    server.start()
    try:
        yield server
    finally:
        server.kill()


def make_certificate(folder: Path) -> None:
    """For 127.0.0.1, by its own authority."""
    request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run([*request, *names, *files], check=True, capture_output=True)


def click(
    server: OwnRedis, cxone: SimulatedCXone, start_product: StartProduct, sign_in: SignIn, called: str = "Redis "
) -> str:
    """Pause a campaign; what the product has logged until that is confirmed."""
    campaign_id = cxone.add()
    product = start_product(REDIS_URL=server.url)
    assert server.listeners() == 2, "one worker for each queue"
    sign_in(product).pause(campaign_id)
    product.wait_for_confirmed()
    assert cxone.applied(campaign_id) == 1
    assert f'"redis", "ok": true, "found": "{called}' in product.manage("doctor").stdout
    return product.group.log


def test_redis_with_tls_and_a_password(
    tmp_path: Path, cxone: SimulatedCXone, start_product: StartProduct, sign_in: SignIn
) -> None:
    make_certificate(tmp_path)
    with running(OwnRedis(password=PASSWORD, certificate=tmp_path)) as server:
        log = click(server, cxone, start_product, sign_in)
    assert PASSWORD not in log


def test_certificate_of_somebody_else_is_refused(tmp_path: Path) -> None:
    make_certificate(tmp_path)
    with running(OwnRedis(password=PASSWORD, certificate=tmp_path)) as server:
        # Without the authority that has signed it.
        address = verifying_broker(server.url.partition("?")[0])
        with (
            kombu.Connection(address) as connection,
            pytest.raises(OperationalError, match="CERTIFICATE_VERIFY_FAILED"),
        ):
            connection.ensure_connection(max_retries=1)


def test_valkey_with_a_password(cxone: SimulatedCXone, start_product: StartProduct, sign_in: SignIn) -> None:
    with running(OwnRedis(program=valkey_program(), password=PASSWORD)) as server:
        assert "does not answer" not in click(server, cxone, start_product, sign_in, "Valkey ")
