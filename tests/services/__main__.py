"""Run the data layer's tests again on PostgreSQL and Redis: `python -m tests.services`.

They are looked for at TEST_DATABASE_URL and TEST_REDIS_URL. Where one is missing, this says so and skips; in CI that
is a failure.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

DATABASE_URL = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/13")
# The second process's Redis database is the next after that of TEST_REDIS_URL.
MARKED = re.compile(r"\bmark\.(data_layer|services)\b")
PROCESSES = ("--numprocesses", "2", "--dist", "loadfile")


def missing() -> str:
    """What can't be reached, in words; empty when all can."""
    try:
        psycopg.connect(DATABASE_URL, connect_timeout=3).close()
    except psycopg.Error as error:
        # It may answer, and lack the database.
        said = str(error).strip().splitlines()[0]
        return f"PostgreSQL at {urlsplit(DATABASE_URL).hostname} can’t be used: {said}."
    try:
        redis.Redis.from_url(REDIS_URL, socket_connect_timeout=3).ping()
    except redis.RedisError as error:
        return f"No Redis answers at {urlsplit(REDIS_URL).hostname} ({type(error).__name__})."
    return ""


def marked_files() -> list[str]:
    """Each process imports all files that it is given: the three in five without such tests would cost it 12 s."""
    files = sorted(Path("tests").rglob("test_*.py"))
    return [str(file) for file in files if MARKED.search(file.read_text(encoding="utf-8"))]


def main() -> int:
    if reason := missing():
        sys.stderr.write(f"{reason} Set TEST_DATABASE_URL and TEST_REDIS_URL to run the data layer on them.\n")
        return 1 if os.environ.get("CI") else 0
    environment = os.environ | {"DATABASE_URL": DATABASE_URL, "REDIS_URL": REDIS_URL}
    wanted = sys.argv[1:] or marked_files()
    tests = [sys.executable, "-m", "pytest", "-m", "data_layer or services", *PROCESSES, *wanted]
    return subprocess.run(tests, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
