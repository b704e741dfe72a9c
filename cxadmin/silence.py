"""How long a server may be silent before its connection counts as dead.

A machine that loses its power or its network tells nobody. Linux would send what is unanswered again for a quarter of
an hour, and wait for ever where nothing is; meanwhile a worker, a page or a dispatcher would hang at the old address
although the servers have long come back elsewhere.
"""

import socket

# Seconds: the first question, and each further one. Three without an answer end the connection.
FIRST_SECONDS, NEXT_SECONDS, QUESTIONS = 10, 5, 3
# What has been sent must have arrived by then; how long a statement runs doesn't matter.
ARRIVAL_SECONDS = 20

# Parameters of libpq.
POSTGRESQL = {
    "keepalives_idle": FIRST_SECONDS,
    "keepalives_interval": NEXT_SECONDS,
    "keepalives_count": QUESTIONS,
    "tcp_user_timeout": ARRIVAL_SECONDS * 1000,
}

# Options of the sockets to Redis; systems have different ones.
_OF_SOCKETS = {
    "TCP_KEEPIDLE": FIRST_SECONDS,
    "TCP_KEEPINTVL": NEXT_SECONDS,
    "TCP_KEEPCNT": QUESTIONS,
    "TCP_USER_TIMEOUT": ARRIVAL_SECONDS * 1000,
}
REDIS = {getattr(socket, name): value for name, value in _OF_SOCKETS.items() if hasattr(socket, name)}
