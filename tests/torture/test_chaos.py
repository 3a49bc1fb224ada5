"""Fifteen ways in which a mail server misbehaves: nothing is lost, and each is known for what it is."""

from __future__ import annotations

from pathlib import Path

from tests.torture.chaos import WAYS
from tests.torture.chaotic import met


def test_no_way_of_a_server_loses_a_mail_or_is_taken_for_another(tmp_path: Path) -> None:
    """Three mails each here; `make torture PART=chaos` takes fifty."""
    found = list(met(tmp_path / "haus", 3))
    assert [m.way for m in found] == list(WAYS)
    for m in found:
        assert (m.lost, m.wrong) == ((), ()), m.way.name
        assert m.most <= m.way.copies, m.way.name
    unsure = {m.way.name for m in found if m.extra}
    assert unsure == {"drop-after-dot", "stall-after-dot"}


def test_the_ways_are_fifteen_and_three_of_them_leave_a_doubt() -> None:
    assert len({way.name for way in WAYS}) == 15
    doubtful = [way.name for way in WAYS if way.kind == "unsure"]
    assert doubtful == ["drop-mid-body", "drop-after-dot", "stall-after-dot"]
