"""Figures of projects that are known for readable code, and what this one aims for.

`python -m tests.style CHECKOUT` counted them in their public source: healthchecks at 29b5ec251059 (21 August 2026),
httpx at ae1b9f66238f (10 December 2025), NetBox at 43fe81f9e833 (22 August 2026).
"""

from tests.style.figures import Figures

HEALTHCHECKS = Figures(
    function_lines_median=8,
    function_lines_p90=32,
    function_lines_max=181,
    functions_per_1000=45.3,
    once_called_percent=1.6,
    conditionals_per_1000=2.7,
    nested_conditionals=0,
    comprehensions_per_1000=1.9,
    double_comprehensions=0,
    comments_per_100=4.3,
    one_word_percent=40.9,
    repeated_names=12,
    template_over_160_percent=0.6,
    template_over_200_percent=0.3,
    commit_lines_median=14,
)

HTTPX = Figures(
    function_lines_median=9,
    function_lines_p90=34,
    function_lines_max=133,
    functions_per_1000=50.5,
    once_called_percent=4.9,
    conditionals_per_1000=9.3,
    nested_conditionals=0,
    comprehensions_per_1000=6.3,
    double_comprehensions=0,
    comments_per_100=4.0,
    one_word_percent=47.6,
    repeated_names=0,
    commit_lines_median=6,
)

# NetBox's source needs Python 3.12 to be parsed. Its history was not at hand.
NETBOX = Figures(
    function_lines_median=8,
    function_lines_p90=29,
    function_lines_max=295,
    functions_per_1000=23.4,
    once_called_percent=4.0,
    conditionals_per_1000=2.0,
    nested_conditionals=1,
    comprehensions_per_1000=3.4,
    double_comprehensions=5,
    comments_per_100=3.8,
    one_word_percent=31.2,
    repeated_names=39,
    template_over_160_percent=1.7,
    template_over_200_percent=0.8,
)

# By row of the table. Code that is bent to please a counter reads worse than before: these are for comparison.
AIMS = {
    "function lines: median / p90 / max": "7-9 / 28 / 50",
    "functions per 1000 lines": "up to 60",
    "private helpers called once, of all functions": "up to 10 %",
    "conditional expressions per 1000 lines / nested": "up to 10 / 0",
    "comprehensions per 1000 lines / with two `for`": "up to 10 / 0",
    "own-line comments per 100 lines": "3-5",
    "function names of one word": "up to 40 %",
    "public names defined in several files": "up to 15",
    "template lines over 160 characters": "",
    "template lines over 200 characters": "0 %",
    "changed lines per commit, median": "up to 30",
}
