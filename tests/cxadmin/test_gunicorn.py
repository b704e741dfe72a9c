"""What gunicorn's workers do while an answer is long."""

import runpy
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any
from wsgiref.util import FileWrapper

import pytest
from django.conf import settings

ENVIRON = {"wsgi.file_wrapper": FileWrapper}


@pytest.fixture
def signs() -> list[int]:
    """One for each sign of life."""
    return []


def answer(blocks: Iterable[bytes], signs: list[int]) -> Any:
    """What a worker gets from the application, once gunicorn.conf.py has seen the worker."""
    worker = SimpleNamespace(wsgi=lambda _environ, _start: blocks, notify=lambda: signs.append(1))
    runpy.run_path(f"{settings.BASE_DIR}/gunicorn.conf.py")["post_worker_init"](worker)
    return worker.wsgi(ENVIRON, None)


def test_long_answer_gives_signs_of_life(signs: list[int]) -> None:
    answered = answer([b"x" * 200_000, b"y"], signs)
    assert b"".join(answered) == b"x" * 200_000 + b"y"
    assert len(signs) == 5  # 64 KiB at once, at most


def test_answer_is_closed_behind_it(signs: list[int]) -> None:
    closed = []

    def blocks() -> Iterator[bytes]:
        try:
            yield b"x"
        finally:
            closed.append(True)

    answered = answer(blocks(), signs)
    next(iter(answered))
    answered.close()
    assert closed == [True]


def test_file_is_left_to_gunicorn(signs: list[int]) -> None:
    file = FileWrapper(open(__file__, "rb"))  # noqa: PTH123, SIM115
    assert answer(file, signs) is file
    file.close()
