"""Run data-layer tests through a PgBouncer that gives each transaction another session:
`python -m tests.services.pooled PATHS`.

It and the PostgreSQL behind it are the tests' own. Redis is looked for at TEST_REDIS_URL.
"""

import os
import subprocess
import sys
from contextlib import closing

from tests.processes.pgbouncer import OwnPgBouncer
from tests.processes.servers import OwnPostgreSQL
from tests.services.__main__ import PROCESSES, REDIS_URL


def main() -> int:
    with closing(OwnPostgreSQL()) as server:
        server.start()
        server.limit_sessions()
        with closing(OwnPgBouncer(server.url)) as pooler:
            pooler.start()
            environment = os.environ | {"DATABASE_URL": pooler.url, "DATABASE_POOLED": "on", "REDIS_URL": REDIS_URL}
            # Their databases stay, and go with the server: the pooler keeps sessions in them.
            tests = [sys.executable, "-m", "pytest", "-m", "data_layer or services", "--create-db", "--reuse-db"]
            return subprocess.run([*tests, *PROCESSES, *sys.argv[1:]], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
