"""After an hour, a day, thirty days in which nobody worked: all once, in order, marked late."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.absence import LENGTHS, caught_up
from tests.torture.nursery import Nursery
from tests.torture.sink import Sink


@pytest.mark.parametrize("name", LENGTHS)
def test_what_fell_due_while_nobody_worked_is_done_once_and_in_order(
    tmp_path: Path, sink: Sink, nursery: Nursery, name: str
) -> None:
    done = caught_up(tmp_path / "amt", sink, nursery, rungs=120, length=LENGTHS[name])
    assert done.trouble == ""
    assert done.left.sound, done.left
    assert (done.disorder, done.mislated) == (0, 0)
    assert done.left.rungs >= 120
