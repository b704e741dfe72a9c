"""A simulated CXone and a product, each as processes of their own; whatever is left of them is killed afterwards."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.processes import servers
from tests.processes.cxone import SimulatedCXone
from tests.processes.person import Person
from tests.processes.product import PASSWORD, Product

StartProduct = Callable[..., Product]
SignIn = Callable[[Product], Person]


@pytest.fixture
def cxone(tmp_path: Path) -> Iterator[SimulatedCXone]:
    cxone = SimulatedCXone(tmp_path, "--campaigns", "40")
    cxone.start()
    yield cxone
    cxone.close()


@pytest.fixture
def start_product(tmp_path: Path, cxone: SimulatedCXone) -> Iterator[StartProduct]:
    """Starts `up` on the embedded stack; other settings make another one of it."""
    products = []

    def start(**settings: str) -> Product:
        product = Product(tmp_path, {**cxone.settings, "DEMO_PASSWORD": PASSWORD, **settings})
        products.append(product)
        product.start()
        return product

    yield start
    for product in products:
        product.kill()


@pytest.fixture
def sign_in() -> Iterator[SignIn]:
    with ExitStack() as people:
        yield lambda product: people.enter_context(closing(Person(product.address, "supervisor", PASSWORD)))


@pytest.fixture(params=["embedded", "servers"])
def stack(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Settings: SQLite and the broker in memory, then PostgreSQL and Redis."""
    with ExitStack() as resources:
        if request.param == "embedded":
            yield {}
            return
        servers.require()
        yield {
            "DATABASE_URL": resources.enter_context(servers.database()),
            "REDIS_URL": resources.enter_context(servers.emptied_redis()),
        }
