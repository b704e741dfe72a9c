"""What the house style forbids outside tests; `make style` prints the figures that are only to be compared."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.style import allowed, places
from tests.style.places import Place
from tests.style.sources import Source, application, read_sources

pytestmark = pytest.mark.slow

Find = Callable[[Source], Iterator[Place]]


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    return read_sources(Path(settings.BASE_DIR))


def found_beyond(listed: set[str], find: Find, sources: list[Source]) -> list[str]:
    return [str(place) for source in sources for place in find(source) if place.key not in listed]


def no_longer_needed(listed: set[str], find: Find, sources: list[Source]) -> set[str]:
    return listed - {place.key for source in sources for place in find(source)}


def test_no_nested_conditional_expression(sources: list[Source]) -> None:
    assert found_beyond(allowed.NESTED_CONDITIONALS, places.nested_conditionals, sources) == []
    assert no_longer_needed(allowed.NESTED_CONDITIONALS, places.nested_conditionals, sources) == set()


def test_no_comprehension_with_two_for(sources: list[Source]) -> None:
    assert found_beyond(allowed.DOUBLE_COMPREHENSIONS, places.double_comprehensions, sources) == []
    assert no_longer_needed(allowed.DOUBLE_COMPREHENSIONS, places.double_comprehensions, sources) == set()


def test_no_walrus_in_what_a_comprehension_collects(sources: list[Source]) -> None:
    assert found_beyond(set(), places.walruses_in_elements, sources) == []


def test_no_function_over_fifty_lines(sources: list[Source]) -> None:
    assert found_beyond(set(), places.long_functions, sources) == []


def test_public_names_are_defined_once(sources: list[Source]) -> None:
    repeated = places.repeated_public_names(application(sources))
    unlisted = {name: list(map(str, found)) for name, found in repeated.items() if name not in allowed.REPEATED_NAMES}
    assert unlisted == {}
    assert allowed.REPEATED_NAMES - repeated.keys() == set(), "no longer needed"
