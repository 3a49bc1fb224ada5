"""What a backtest says of each paper; days are local, all values as published or played."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.errors import Text
from engine.oparl import Origin, PaperRecord, Records


@dataclass(frozen=True, slots=True)
class Escalation:
    """A letter that would have gone out because something was missed.

    It comes from a rung after the end of a deadline, or tells the head of administration or
    the legal office of a finding. `to` is the kind of office that would have got it.
    """

    letter: str
    to: str
    day: date


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a paper in the procedure.

    `settled` says whether the participation was settled when the decision was recorded;
    `state` is its id then. `statement_ended` is the last day of the statement period, None
    if it never began. `letters` counts all letters, escalations among them.
    """

    statement_ended: date | None
    settled: bool
    state: str
    findings: tuple[str, ...]
    escalations: tuple[Escalation, ...]
    letters: int


@dataclass(frozen=True, slots=True)
class PaperReport:
    """One paper: in time or not by counting, and what the procedure made of it.

    What cannot be known is None: no decision without its day, no comparison without
    `created`. `too_late_by` counts the working days after the latest day up to the day of
    creation. `possible` tells whether a working day lay in full between creation and
    decision. `problem` says why a paper could not be counted or played.
    """

    record: PaperRecord
    latest_day: date | None = None
    in_time: bool | None = None
    too_late_by: int | None = None
    possible: bool | None = None
    played: Played | None = None
    problem: Text | None = None

    @property
    def charged_to(self) -> str | None:
        """Return the department that answers for the day of creation.

        Only the administration's own papers are charged: a department that deals with a
        motion of a Fraktion does not choose when it comes in.
        """
        return self.record.department if self.record.origin is Origin.ADMINISTRATION else None

    @property
    def after_decision(self) -> bool:
        """Return whether the paper was created only after it had been decided."""
        created, decision = self.record.created, self.record.decision
        return created is not None and decision is not None and created > decision

    @property
    def decision_results(self) -> tuple[str, ...]:
        """Return the results of the meetings on the day of decision, in their own words.

        They may tell of an adjournment: then another day may be the true one, and whoever
        reads them must judge.
        """
        found = (
            s.result
            for s in self.record.stages
            if s.decides and s.day and s.day == self.record.decision and s.result
        )
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """Every paper that has a meeting which is to decide, in the order of the records."""

    records: Records
    lead: Text
    calendar: str
    measures: tuple[PaperReport, ...]
