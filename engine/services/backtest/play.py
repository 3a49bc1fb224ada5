"""Papers play through the procedure: informed when created, decided when the body met.

The commissioner confirms the receipt and keeps silent, so that the clock alone ends her
period. Steps are found by what they mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from engine.core.calendar import ONE_DAY, Calendar, local_day
from engine.core.case import (
    Act,
    Case,
    DeadlineStatus,
    Document,
    Measure,
    Notice,
    Outcome,
    Participation,
)
from engine.core.counting import Backward, Counting
from engine.core.derivation import derive
from engine.core.meanings import OfficeMeans, StepMeans
from engine.core.offices import OfficeKind
from engine.core.periods import Period
from engine.core.procedure import advance, register, settle
from engine.core.situation import SETTLED
from engine.core.workflow import Step, Workflow
from engine.core.world import Library, World
from engine.errors import InputError, NotFound
from engine.oparl import PaperRecord, Records
from engine.oparl.records import DECIDES
from engine.services.backtest.report import BacktestReport, Escalation, PaperReport, Played
from engine.services.backtest.setting import (
    COMMISSIONER,
    COUNCIL_OFFICE,
    LEAD,
    PLACE,
    Setting,
    setting,
)
from engine.services.oparl_import import kind_of, stages_of

Progress = Callable[[int, int], None]

NOON, EVENING = 12, 18
"""Papers are created before bodies meet where both fall on one day: the records know the
hour of a creation, but not when an item was called."""

DECIDED: Mapping[str, str] = {"gremium": "vertretung", "ergebnis": "beschlossen"}
"""What is recorded of every decision. Results are published as free text, and reading them
would be guessing; `PaperReport.decision_results` shows them."""

ADDED_LATER = "Die Vorlage wurde erst nach ihrer Entscheidung angelegt."
ABOVE = frozenset({OfficeMeans.HEAD, OfficeMeans.LEGAL})


def play(
    records: Records,
    calendar: Calendar,
    lead: Period,
    library: Library,
    kinds: Mapping[str, OfficeKind],
    progress: Progress | None = None,
) -> BacktestReport:
    """Return what would have come of the records if `lead` had been the rule.

    `progress` is told after each paper how many are played, and of how many. Raises
    InputError for a lead in hours: whole days must lie between paper and decision.
    """
    latest = Counting(lead, backward=Backward.CLEAR)
    papers = [paper for paper in records.papers if _is_to_be_decided(paper)]
    where = setting(papers, calendar, lead, library, kinds)
    measures = []
    for done, paper in enumerate(papers, start=1):
        measures.append(_looked_back(paper, latest, where))
        if progress:
            progress(done, len(papers))
    return BacktestReport(records, lead.text, calendar.id, tuple(measures))


def _is_to_be_decided(paper: PaperRecord) -> bool:
    return any(s.meeting and s.role.casefold() == DECIDES for s in paper.stages)


def _looked_back(paper: PaperRecord, latest: Counting, where: Setting) -> PaperReport:
    """Return the report on a paper, as far as its days and the calendar allow."""
    report = PaperReport(paper)
    try:
        if paper.decision is not None:
            report = _timed(report, derive(latest, paper.decision, where.calendar).last_day)
        if paper.decision is not None and paper.created is not None:
            report = _compared(report, paper.created, paper.decision, where.calendar)
            played = _Playback(paper, where).whole(paper.created, paper.decision)
            report = replace(report, played=played)
    except InputError as error:
        return replace(report, problem=error.text)
    return report


def _timed(report: PaperReport, latest: date) -> PaperReport:
    created = report.record.created
    return replace(
        report, latest_day=latest, in_time=None if created is None else created <= latest
    )


def _compared(
    report: PaperReport, created: date, decision: date, calendar: Calendar
) -> PaperReport:
    late = None
    if report.latest_day is not None and not report.in_time:
        late = calendar.working_days_between(report.latest_day, created)
    between = calendar.working_days_between(created, decision - ONE_DAY)
    return replace(report, too_late_by=late, possible=between > 0)


class _Playback:
    """One paper on its way; what came of it is read off the outcomes."""

    def __init__(self, paper: PaperRecord, where: Setting) -> None:
        self.paper = paper
        self.where = where
        self.lead = where.lead(paper)
        self.notices: list[Notice] = []
        self.escalations: list[Escalation] = []
        self.case: Case

    def whole(self, created: date, decision: date) -> Played:
        """Play a paper from its creation until nothing is waited for.

        A paper created after its decision informs nobody in time: it is registered, and the
        decision entered as what it is, one that came before.
        """
        self._register(created)
        if created <= decision:
            self._inform(created)
        self._decide(max(created, decision), decision)
        state = self._participation.state
        settled = self._workflow.meaning(state) in SETTLED
        self._run_out()
        return Played(
            statement_ended=self._statement_ended(),
            settled=settled,
            state=state,
            findings=tuple(f.kind for f in self.case.findings),
            escalations=tuple(self.escalations),
            letters=len(self.notices),
        )

    @property
    def _participation(self) -> Participation:
        [participation] = self.case.participations
        return participation

    @property
    def _workflow(self) -> Workflow:
        return self.where.world.library.workflow(self._participation.workflow)

    def _register(self, day: date) -> None:
        world = self.where.at(day, NOON)
        step = _step(world.library.case_workflow(), StepMeans.REGISTRATION, "lead")
        # The published paper stands for complete documents: what was attached when is unknown.
        paper = Document(self.paper.id, "vorlage", "", 0, "", 1)
        act = replace(self._act(step, self.lead, world), documents=(paper,))
        measure = Measure(
            title=self.paper.title,
            kind=kind_of(self.paper),
            origin=self.paper.origin.value,
            lead=self.lead,
            municipality=PLACE,
            stages=stages_of(self.paper),
            reference=self.paper.reference,
        )
        self._keep(register(self.paper.id, self.paper.id, measure, act, world))

    def _inform(self, day: date) -> None:
        world = self.where.at(day, NOON)
        for means, office, role in (
            (StepMeans.INFORMATION, self.lead, "lead"),
            (StepMeans.RECEIPT, COMMISSIONER, "office"),
        ):
            act = self._act(_step(self._workflow, means, role), office, world)
            act = replace(act, participation=self._participation.key)
            self._keep(advance(self.case, act, world))

    def _decide(self, day: date, decision: date) -> None:
        world = self.where.at(day, EVENING)
        kind = world.roster.office(COUNCIL_OFFICE).kind
        step = _step(world.library.case_workflow(), StepMeans.DECISION, kind)
        act = replace(
            self._act(step, COUNCIL_OFFICE, world),
            happened_on=decision,
            given=DECIDED,
            reason=ADDED_LATER if decision < day else None,
        )
        self._keep(advance(self.case, act, world))

    def _run_out(self) -> None:
        """Let the clock run until no rung and no deadline waits for its hour."""
        while awaited := list(_awaited(self.case)):
            tomorrow = local_day(max(awaited)) + ONE_DAY
            self._keep(settle(self.case, self.where.at(tomorrow, NOON)))

    def _act(self, step: Step, office: str, world: World) -> Act:
        return Act(
            key=f"{self.paper.id}:{step.id}",
            step=step.id,
            actor=office,
            office=office,
            happened_on=world.today,
            recorded_at=world.now,
        )

    def _keep(self, outcome: Outcome) -> None:
        self.case = outcome.case
        self.notices += outcome.notices
        self.escalations += self._escalations(outcome)

    def _escalations(self, outcome: Outcome) -> Iterator[Escalation]:
        roster = self.where.world.roster
        for notice in outcome.notices:
            told_above = bool(notice.facts.get("findings")) and roster.means(notice.office) in ABOVE
            if told_above or self._from_rung_after_end(notice.facts):
                due = notice.facts.get("due")
                day = local_day(datetime.fromisoformat(due) if due else notice.not_before)
                yield Escalation(notice.letter, roster.office(notice.office).kind, day)

    def _from_rung_after_end(self, facts: Mapping[str, Any]) -> bool:
        if "rung" not in facts:
            return False
        key = tuple(facts["deadline"])
        [deadline] = [d for d in self.case.deadlines if d.key == key]
        ladder = self.where.world.library.ladders[deadline.ladder or ""]
        return not ladder.rung(facts["rung"]).before

    def _statement_ended(self) -> date | None:
        ended = (d.last_day for d in self.case.deadlines if d.provision == LEAD)
        return next(ended, None)


def _step(workflow: Workflow, means: StepMeans, role: str) -> Step:
    """Return the first step of that meaning which `role` may take."""
    found = next((s for s in workflow.steps_meaning(means) if role in s.by), None)
    if found is None:
        raise NotFound(
            f"Der Ablauf „{workflow.title.de}“ hat keinen Schritt der Bedeutung "
            f"„{means.value}“, den „{role}“ tun darf. Der Rückblick braucht einen.",
            f"The workflow '{workflow.title.en}' has no step meaning '{means.value}' that "
            f"'{role}' may take. The backtest needs one.",
        )
    return found


def _awaited(case: Case) -> Iterator[datetime]:
    yield from (rung.due_at for rung in case.rungs)
    running = (d for d in case.deadlines if d.status is DeadlineStatus.RUNNING)
    yield from (deadline.ends_at for deadline in running)
