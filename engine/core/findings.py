"""Findings: what ought to have been waited for, who owes what about it, how it was judged."""

from __future__ import annotations

from dataclasses import replace

from engine.core.case import Act, DeadlineStatus, Finding, FindingState, Participation
from engine.core.checks import provisions_of
from engine.core.deadlines import derive
from engine.core.draft import Draft
from engine.core.duties import in_force
from engine.core.rules import Provision, highest
from engine.core.running import add_deadline
from engine.core.situation import settled
from engine.core.telling import offices
from engine.core.workflow import Judges, Step
from engine.errors import NotFound


def judge(draft: Draft, judges: Judges, act: Act) -> None:
    """Add to a finding what was done or found about it, and close what it owed.

    Who does something about it has done her own part; an assessment settles all of it.
    """
    number = act.given[judges.finding]
    if not 1 <= number <= len(draft.findings):
        raise NotFound(
            f"Der Vorgang {draft.before.number} hat keine Feststellung {number}.",
            f"Case {draft.before.number} has no finding {number}.",
        )
    choice = "" if judges.choice is None else act.given[judges.choice]
    if choice in judges.states:
        state = FindingState(judges.states[choice])
        draft.put_finding(replace(draft.findings[number - 1], state=state))
    for deadline in draft.of(""):
        if deadline.finding == number and judges.settles(deadline.owner, act.office):
            late = deadline.status is DeadlineStatus.LAPSED
            status = DeadlineStatus.LAPSED if late else DeadlineStatus.MET
            draft.put_deadline(replace(deadline, status=status, closed_on=act.happened_on))
            draft.void_rungs(deadline)


def find(draft: Draft, moved: Participation | None, step: Step, act: Act) -> list[int]:
    """Open a finding for each participation that the step ought to have waited for.

    What was found before is not found twice: a finding stays, whatever is decided next.
    """
    lacking = [p for p in draft.current() if not settled(draft, p)] if moved is None else [moved]
    known = {(f.kind, f.participation) for f in draft.findings}
    new = [p for p in lacking if (step.finding or step.id, p.key) not in known]
    return [_open_finding(draft, p, step, act) for p in new]


def begin_remedies(draft: Draft, step: Step, act: Act) -> None:
    """Let the remedies run whose period begins with this step, such as the signed minutes."""
    running = {(d.finding, d.provision) for d in draft.deadlines.values()}
    for finding in draft.findings:
        for name in finding.remedies:
            remedy = draft.world.library.provision(name)
            begins = None if remedy.remedy is None else remedy.remedy.begins
            subject = draft.participations.get(finding.participation)
            if begins is step.means and subject and (finding.number, name) not in running:
                _owe_remedy(draft, finding, remedy, subject, act)


def _open_finding(draft: Draft, p: Participation, step: Step, act: Act) -> int:
    provisions: tuple[Provision, ...] = provisions_of(draft, p, act.happened_on)
    first = highest(provisions)
    remedies = _remedies(draft, p, step, act)
    finding = Finding(
        number=len(draft.findings) + 1,
        kind=step.finding or step.id,
        participation=p.key,
        provisions=tuple(x.id for x in provisions),
        rank=None if first is None else first.source,
        found_on=act.happened_on,
        remedies=tuple(r.id for r in remedies),
    )
    draft.put_finding(finding)
    for remedy in remedies:
        if remedy.remedy is not None and remedy.remedy.begins is None:
            _owe_remedy(draft, finding, remedy, p, act)
    return finding.number


def _remedies(draft: Draft, p: Participation, step: Step, act: Act) -> list[Provision]:
    """Return the provisions in force that say what is to be done now, highest rank first."""
    values = {f"given.{k}": v for k, v in {**draft.given, **act.given}.items()}
    rows = in_force(draft.measure, draft.world, act.happened_on, values)
    kind = draft.world.roster.office(p.office).kind
    cures = [x for x in rows if x.remedy is not None and step.finding in x.remedy.cures]
    return [x for x in cures if x.remedy and (not x.remedy.kinds or kind in x.remedy.kinds)]


def _owe_remedy(
    draft: Draft, finding: Finding, remedy: Provision, p: Participation, act: Act
) -> None:
    owed = remedy.remedy
    rule = next((d for d in draft.workflow.deadlines.values() if d.period == "remedy"), None)
    if owed is None or owed.counting is None or rule is None:
        return
    calendar = draft.world.calendar(draft.measure.municipality)
    [owner, *_] = offices(draft, owed.owner, p, act, None) or [draft.measure.lead]
    derivation = derive(owed.counting, act.happened_on, calendar)
    add_deadline(draft, rule, None, derivation, remedy.id, act, owner, finding.number)
