"""Whether Redis answers, for a health check: asked at most every few seconds, and never waited for long."""

import threading
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    import redis

SECONDS_KEPT = 5.0
# A probe of a load balancer gives up after a second or so.
PATIENCE_SECONDS = 0.5
_lock = threading.Lock()
_looked_at = -SECONDS_KEPT
_was_silent = False


def is_silent() -> bool:
    """False, too, where the broker is in this process."""
    global _looked_at, _was_silent
    if not settings.REDIS_URL:
        return False
    # Whoever comes while another asks is told what was last known.
    if monotonic() - _looked_at >= SECONDS_KEPT and _lock.acquire(blocking=False):
        try:
            _was_silent, _looked_at = _does_not_answer(settings.REDIS_URL), monotonic()
        finally:
            _lock.release()
    return _was_silent


def _does_not_answer(address: str) -> bool:
    from redis.exceptions import RedisError

    try:
        _server(address).ping()
    except (RedisError, OSError):
        return True
    return False


@cache
def _server(address: str) -> "redis.Redis":
    # One process without Redis does without its client, too: 3 MB.
    import redis

    return redis.Redis.from_url(address, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS)
