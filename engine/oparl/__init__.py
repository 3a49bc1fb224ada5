"""Reads what a council information system publishes through OParl 1.1 (client only).

`read` takes a folder, a file or an address and returns the papers with the bodies that
deal with them and the days of their decisions, every irregularity named and none mended.
OParl 1.0 differs in nothing that is read here and is understood as well.
"""

from __future__ import annotations

from engine.oparl.agendas import AgendaRecord, read_agendas
from engine.oparl.meetings import MeetingRecord, read_meetings
from engine.oparl.papers import read
from engine.oparl.records import Origin, PaperRecord, RecordProblem, Records, Remark, Stage

__all__ = [
    "AgendaRecord",
    "MeetingRecord",
    "Origin",
    "PaperRecord",
    "RecordProblem",
    "Records",
    "Remark",
    "Stage",
    "read",
    "read_agendas",
    "read_meetings",
]
