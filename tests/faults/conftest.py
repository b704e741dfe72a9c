"""A simulated CXone and a product, each as processes of their own; whatever is left of them is killed afterwards."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.faults import invariants
from tests.faults.site import Site, run_site
from tests.processes import servers
from tests.processes.cxone import SimulatedCXone
from tests.processes.person import Person
from tests.processes.product import PASSWORD, Product

StartProduct = Callable[..., Product]
SignIn = Callable[[Product], Person]


DATABASES = ("sqlite", "postgresql")


# Before those that `-m` doesn't ask for are left out.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What isn't quick on its database is long there."""
    for item in items:
        quick = item.get_closest_marker("quick_on")
        if quick and isinstance(item, pytest.Function) and item.callspec.params["running_site"] not in quick.args:
            item.add_marker(pytest.mark.long)


class BySite(LoadScopeScheduling):  # type: ignore[misc]
    """The tests of one site run in one process, beside those of the other."""

    def _split_scope(self, nodeid: str) -> str:
        path, _, name = nodeid.partition("::")
        return next((database for database in DATABASES if database in name.partition("[")[2]), path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    # xdist's own groups (3.8.0) do nothing with pytest 9.2: it marks them at an attribute that tests no longer have.
    return BySite(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.fixture(scope="session", params=DATABASES)
def running_site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp(request.param)
    with run_site(directory, postgresql=request.param == "postgresql") as site:
        yield site


@pytest.fixture
def site(running_site: Site) -> Iterator[Site]:
    """A site in which everything runs. After the test, every promise must have been kept."""
    running_site.recover()
    yield running_site
    running_site.recover()
    invariants.check(running_site.product, running_site.cxone)


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


@pytest.fixture(params=["embedded", pytest.param("servers", marks=pytest.mark.long)])
def stack(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Settings: SQLite and the broker in memory, then PostgreSQL and Redis."""
    with ExitStack() as resources:
        if request.param == "embedded":
            yield {}
            return
        servers.require()
        yield {
            "DATABASE_URL": resources.enter_context(servers.database()),
            "REDIS_URL": resources.enter_context(servers.empty_redis()),
        }
