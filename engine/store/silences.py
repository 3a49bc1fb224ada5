"""Silences of reminders, each change with its entry, within one transaction.

The strand `silences` numbers them. There stand uids and days alone; the reason is private and is
erased with the texts of the case.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, update

from engine.core.silence import Silence
from engine.store.chains import Chains
from engine.store.roster import By
from engine.store.tables import CaseRow, SilenceRow
from engine.store.tables.base import table

SILENCES = "silences"
SILENCED, ENDED = "silenced", "silence_ended"
"""The strand, and the types of its entries."""

_SILENCE = table(SilenceRow)
_CASE = table(CaseRow)


class Silences:
    """The silences of the database, within one transaction."""

    def __init__(self, connection: Connection, chains: Chains) -> None:
        self._connection = connection
        self._chains = chains

    def add(self, silence: Silence, by: By) -> None:
        """Keep a new silence with its entry."""
        case = select(_CASE.c.id).where(_CASE.c.uid == silence.case).scalar_subquery()
        row = {name: getattr(silence, name) for name in _OWN}
        self._connection.execute(insert(_SILENCE).values(case_id=case, **row))
        plain = {"until": silence.until.isoformat()}
        self._enter(SILENCED, silence, by, plain, {"reason": silence.reason})

    def end(self, silence: Silence, by: By) -> None:
        """End a silence before its day, with its entry."""
        mine = _SILENCE.c.uid == silence.uid
        self._connection.execute(update(_SILENCE).where(mine).values(ended_at=by.recorded_at))
        self._enter(ENDED, silence, by, {}, {})

    def of(self, case: str) -> list[Silence]:
        """Return the silences of a case by its uid, those that are over too, the newest first."""
        c = _SILENCE.c
        columns = (c.uid, _CASE.c.uid, *(c[n] for n in _OWN if n != "uid"), c.ended_at)
        found = select(*columns).select_from(_SILENCE.join(_CASE, _CASE.c.id == c.case_id))
        rows = self._connection.execute(
            found.where(_CASE.c.uid == case).order_by(c.since.desc(), c.uid.desc())
        )
        return [Silence(*row) for row in rows]

    def _enter(
        self, type_: str, silence: Silence, by: By, plain: dict[str, Any], private: dict[str, Any]
    ) -> None:
        said = {"silence": silence.uid, "case": silence.case, "office": silence.office, **plain}
        self._chains.enter(by.line(SILENCES, type_, said, private))


_OWN = ("uid", "office", "reason", "person", "since", "until")
