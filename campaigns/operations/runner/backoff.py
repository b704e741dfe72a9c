"""How long to wait before the next try: doubling, jittered, bounded."""

import random

ATTEMPTS = 5
FIRST_SECONDS = 1.0
LONGEST_SECONDS = 30.0


def backoff(failures: int) -> float:
    """Seconds after the `failures`-th failure (from 1): between half and the whole of 1, 2, 4, 8 … 30."""
    whole: float = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** (max(failures, 1) - 1))
    return whole * random.uniform(0.5, 1.0)  # noqa: S311
