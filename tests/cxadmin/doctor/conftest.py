import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cxadmin.doctor.visit import Place
from tests.processes import servers
from tests.processes.cxone import SimulatedCXone


@pytest.fixture(scope="package")
def cxone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedCXone]:
    simulator = SimulatedCXone(tmp_path_factory.mktemp("cxone"), "--campaigns", "3", "--rate", "0")
    simulator.start()
    yield simulator
    simulator.close()


@pytest.fixture(scope="package")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a first start leaves on a machine."""
    place = Place(tmp_path_factory.mktemp("prepared"))
    place.prepare()
    return place.var


@pytest.fixture(scope="package")
def redis_url() -> Iterator[str]:
    with servers.empty_redis() as url:
        yield url


@pytest.fixture
def place(tmp_path: Path, prepared: Path, cxone: SimulatedCXone) -> Iterator[Place]:
    """Where everything is well: SQLite, no Redis, a CXone that answers."""
    place = Place(tmp_path, **cxone.settings)
    shutil.copytree(prepared, place.var)
    yield place
    cxone.calm()
