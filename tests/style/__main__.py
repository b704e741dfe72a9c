"""Print the figures of this checkout beside those of other projects: `python -m tests.style [--list] [CHECKOUT]`."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.style import places
from tests.style.figures import Figures, measure
from tests.style.others import AIMS, HEALTHCHECKS, HTTPX, NETBOX
from tests.style.sources import Source, application, read_sources

ROOT = Path(__file__).parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.style", description=__doc__)
    parser.add_argument("checkout", nargs="?", type=Path, default=ROOT, help="another project to measure")
    parser.add_argument("--list", action="store_true", help="also list where the code is dense")
    options = parser.parse_args()

    sources = read_sources(options.checkout)
    for row in table(measure(options.checkout, sources)):
        sys.stdout.write(f"{row[0]:<52}" + "".join(f"{cell:>14}" for cell in row[1:]) + "\n")
    if options.list:
        sys.stdout.write("\n" + "\n".join(listed(sources)) + "\n")
    return 0


def table(ours: Figures) -> list[tuple[str, ...]]:
    columns = [described(figures) for figures in (ours, HEALTHCHECKS, HTTPX, NETBOX)]
    rows: list[tuple[str, ...]] = [("", "here", "healthchecks", "httpx", "NetBox", "aim")]
    for label, aim in AIMS.items():
        rows.append((label, *(column[label] for column in columns), aim))
    return rows


def described(figures: Figures) -> dict[str, str]:
    lines = (figures.function_lines_median, figures.function_lines_p90, figures.function_lines_max)
    return {
        "function lines: median / p90 / max": " / ".join(f"{count:g}" for count in lines),
        "functions per 1000 lines": f"{figures.functions_per_1000:.0f}",
        "private helpers called once, of all functions": f"{figures.once_called_percent:.0f} %",
        "conditional expressions per 1000 lines / nested": (
            f"{figures.conditionals_per_1000:.1f} / {figures.nested_conditionals}"
        ),
        "comprehensions per 1000 lines / with two `for`": (
            f"{figures.comprehensions_per_1000:.1f} / {figures.double_comprehensions}"
        ),
        "own-line comments per 100 lines": f"{figures.comments_per_100:.1f}",
        "function names of one word": f"{figures.one_word_percent:.0f} %",
        "public names defined in several files": str(figures.repeated_names),
        "template lines over 160 characters": percent(figures.template_over_160_percent),
        "template lines over 200 characters": percent(figures.template_over_200_percent),
        "changed lines per commit, median": number(figures.commit_lines_median),
    }


def percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1f} %"


def number(count: float | None) -> str:
    return "-" if count is None else f"{count:g}"


def listed(sources: Sequence[Source]) -> Iterator[str]:
    kinds = {
        "Nested conditional expressions": places.nested_conditionals,
        "Comprehensions with two `for`": places.double_comprehensions,
        "Walrus in what a comprehension collects": places.walruses_in_elements,
        f"Functions over {places.MAX_FUNCTION_LINES} lines": places.long_functions,
        f"Private helpers under {places.MIN_HELPER_LINES} lines, called once": places.once_called_tiny_helpers,
    }
    for title, find in kinds.items():
        yield f"{title}:"
        for source in sources:
            yield from (f"  {place}" for place in sorted(find(source)))
    yield "Public names defined in several files of the application:"
    for name, found in places.repeated_public_names(application(sources)).items():
        yield f"  {name}: " + ", ".join(str(place.path) for place in found)


if __name__ == "__main__":
    sys.exit(main())
