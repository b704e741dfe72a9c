"""Labels of reason codes, for pages.

Records have the codes alone, as they were sent. What they are called is the policy's, which the audit must not import:
whoever keeps the labels registers where they are read.
"""

from collections.abc import Callable, Mapping

Reader = Callable[[], Mapping[str, str]]
_readers: list[Reader] = []


def register_labels(reader: Reader) -> None:
    """Have pages read labels with `reader` too: {code: label}. It is called once for each page."""
    if reader not in _readers:
        _readers.append(reader)


def read_labels() -> dict[str, str]:
    """All labels by code. One that nobody labels is shown as it is."""
    labels: dict[str, str] = {}
    for reader in _readers:
        labels |= reader()
    return labels
