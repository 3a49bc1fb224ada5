"""A disk that is full refuses in plain words, and has taken half of nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.torture.filling import filled
from tests.torture.sink import Sink


@pytest.mark.skipif(shutil.which("cc") is None, reason="a C compiler builds the full disk")
def test_a_full_disk_loses_nothing_and_leaves_nothing_half_done(tmp_path: Path, sink: Sink) -> None:
    done = filled(tmp_path / "amt", sink, positions=24)
    assert done.odd == []
    assert done.left.sound, done.left
    assert done.left.extra <= done.positions
    assert done.missed < done.positions / 4
    assert sum(done.told.values()) >= done.positions / 2
    assert all("voll" in words or "Datenträger" in words for words in done.told), done.told
