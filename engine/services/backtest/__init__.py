"""The past played again: council records go through the procedure that live use runs.

`play` sends each published paper through the same `register`, `advance` and `settle` as any
case, only with a virtual clock, and reports what would have come of it. No store is needed.
"""

from __future__ import annotations

from engine.services.backtest.play import play
from engine.services.backtest.report import BacktestReport, Escalation, PaperReport, Played
from engine.services.backtest.summary import FEW, NOTES, UNNAMED, Summary, Tally, as_plain

__all__ = [
    "FEW",
    "NOTES",
    "UNNAMED",
    "BacktestReport",
    "Escalation",
    "PaperReport",
    "Played",
    "Summary",
    "Tally",
    "as_plain",
    "play",
]
