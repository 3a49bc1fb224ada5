"""One mail server and one parent of workers for all tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.torture.nursery import Nursery
from tests.torture.sink import Sink


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink() as opened:
        yield opened


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as opened:
        yield opened
