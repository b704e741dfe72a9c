"""The contract is held against the simulators, or against a real tenant where CONTRACT_BASE_URL names one.

CONTRACT_DIALECT is then the dialect that the tenant speaks, v2 unless it is set; the other one's tests are left out.
So is whatever asks for `simulator`: it changes something, and only what reads is run against a real tenant.
"""

from pathlib import Path

import pytest

from tests.contract.real import BASE_URL, DIALECT


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not BASE_URL:
        return
    here = Path(__file__).parent
    for item in list(items):
        if not item.path.is_relative_to(here):
            continue
        item.add_marker("enable_socket")
        is_of_the_other = not item.path.is_relative_to(here / DIALECT)
        if is_of_the_other or "simulator" in getattr(item, "fixturenames", ()):
            config.hook.pytest_deselected(items=[item])
            items.remove(item)
