"""The Prüfvermerk of a paper: who was informed when, by which norm, and what came of it.

One note for all who take part, made from the file alone. Its norms are those of the packs in
force on the day of informing; none stands in this module. Whoever issues it hands the code of
its line in the log to it (`services.evidence.noting`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from engine.core.case import Case, Document, Entry, FindingState, Participation
from engine.core.checks import provisions_of
from engine.core.draft import Draft
from engine.core.meanings import OfficeMeans, StepMeans
from engine.core.note_forms import DocumentSum, HearingNote
from engine.core.phrases import weight
from engine.core.situation import settled
from engine.core.wording import day_text
from engine.core.workflow import Step, Workflow
from engine.core.world import World
from engine.errors import Text

_ENDS = frozenset(
    {
        StepMeans.STATEMENT,
        StepMeans.SUPPLEMENT,
        StepMeans.WAIVER,
        StepMeans.NOT_CONCERNED,
        StepMeans.LAPSE,
        StepMeans.VACANCY,
        StepMeans.CONSENT,
        StepMeans.REFUSAL,
        StepMeans.OBJECTION,
    }
)
"""What a participation can come to; the last of them is named."""

_STILL = frozenset({FindingState.OPEN, FindingState.CONFIRMED})

_BRINGS_THE_PAPER = frozenset(
    {
        StepMeans.REGISTRATION,
        StepMeans.EARLY_INFORMATION,
        StepMeans.INFORMATION,
        StepMeans.COMPLETION,
        StepMeans.MATERIAL_CHANGE,
    }
)
"""The steps whose documents are the paper; a statement's or a decision's are not."""

ISSUERS = frozenset(
    {OfficeMeans.DEPARTMENT, OfficeMeans.COUNCIL_OFFICE, OfficeMeans.HEAD, OfficeMeans.LEGAL}
)
"""The offices that may issue a note; who is heard does not certify that she was."""

_SHOWN = 16
"""Hexadecimal digits of a checksum that the one line names: the code leads to all of it."""


def hearing_note(
    case: Case,
    world: World,
    lines: Sequence[Entry],
    *,
    paper: Sequence[DocumentSum] = (),
    code: str = "",
) -> HearingNote:
    """Return the note of a case as its file stands, one for all who take part.

    `paper` are the documents of this version of the paper, with their checksums.
    """
    day = day_text(world.today)
    head = Text(
        f"Prüfvermerk zum Vorgang {case.number}, Fassung {case.paper} der Vorlage, Stand {day.de}",
        f"Note on case {case.number}, version {case.paper} of the paper, as of {day.en}",
    )
    papers = [Text(*[f"{d.kind.capitalize()}, SHA-256: {d.sha256}"] * 2) for d in paper]
    rows = (*papers, *said_of(case, world, lines))
    return HearingNote(head, rows, _in_one(case, world, lines, paper), code)


def said_of(case: Case, world: World, lines: Sequence[Entry]) -> tuple[Text, ...]:
    """Return what a note says of each office and finding: what makes an earlier one outdated."""
    draft = Draft(case, world)
    rows = [_of_office(draft, p, lines) for p in draft.current()]
    if not rows:
        rows = [Text("Nach der Betroffenheitsprüfung war niemand zu beteiligen.", "Nobody was called to take part.")]  # fmt: skip
    return (*rows, *_findings(case, world))


def paper_of(case: Case, lines: Iterable[Entry]) -> tuple[Document, ...]:
    """Return the documents of the present version of the paper, in the order of their filing."""
    brought = {
        document["uid"]
        for line in lines
        if _means(line) in _BRINGS_THE_PAPER
        for document in line.plain.get("documents", ())
    }
    return tuple(d for d in case.documents if d.paper == case.paper and d.uid in brought)


def _in_one(case: Case, world: World, lines: Sequence[Entry], paper: Sequence[DocumentSum]) -> Text:
    draft, day = Draft(case, world), day_text(world.today)
    said = [
        Text(
            f"Beteiligung geprüft, Vorgang {case.number}, Fassung {case.paper}",
            f"Participation checked, case {case.number}, version {case.paper}",
        )
    ]
    if paper:
        sums = ", ".join(f"{d.sha256[:_SHOWN]}…" for d in paper)
        said.append(Text(f"SHA-256 {sums}", f"SHA-256 {sums}"))
    for p in draft.current():
        workflow, name = world.library.workflow(p.workflow), world.roster.office(p.office).name
        own = [e for e in lines if e.plain.get("participation") == p.key]
        result = next(_result(workflow, own), workflow.states[p.state].title)
        said.append(Text(f"{name}: {result.de}", f"{name}: {result.en}"))
    open_ = sum(f.state in _STILL for f in case.findings)
    if open_:
        said.append(Text(f"offene Feststellungen: {open_}", f"open findings: {open_}"))
    said.append(Text(f"Stand {day.de}", f"as of {day.en}"))
    return Text("; ".join(s.de for s in said), "; ".join(s.en for s in said))


def _of_office(draft: Draft, p: Participation, lines: Iterable[Entry]) -> Text:
    workflow = draft.world.library.workflow(p.workflow)
    name = draft.world.roster.office(p.office).name
    own = [e for e in lines if e.plain.get("participation") == p.key]
    said = [_informed(draft, p, own), *_result(workflow, own)]
    if not settled(draft, p):
        state = workflow.states[p.state].title
        said.append(Text(f"derzeit: {state.de}", f"at present: {state.en}"))
    return Text(
        f"{name}: {'; '.join(s.de for s in said)}.", f"{name}: {'; '.join(s.en for s in said)}."
    )


def _informed(draft: Draft, p: Participation, own: list[Entry]) -> Text:
    told = next((e for e in own if _means(e) is StepMeans.INFORMATION), None)
    day = draft.world.today if told is None else told.happened_on
    cited = _norms(draft, p, day)
    if told is None:
        return Text(f"noch nicht informiert ({cited.de})", f"not informed yet ({cited.en})")
    on = day_text(day)
    return Text(f"informiert am {on.de} ({cited.de})", f"informed on {on.en} ({cited.en})")


def _norms(draft: Draft, p: Participation, day: date) -> Text:
    rows = []
    for provision in provisions_of(draft, p, day):
        rank = weight(provision)
        rows.append(Text(f"{provision.norm}, {rank.de}", f"{provision.norm}, {rank.en}"))
    once = list(dict.fromkeys(rows))
    return Text("; ".join(r.de for r in once), "; ".join(r.en for r in once))


def _result(workflow: Workflow, own: list[Entry]) -> Iterator[Text]:
    """Yield what the participation came to, and how the points were answered."""
    for entry in reversed(own):
        step = workflow.steps.get(entry.type)
        if step is not None and step.means in _ENDS:
            yield _end(step, entry)
            break
    weighed = next((e for e in reversed(own) if _means(e) is StepMeans.WEIGHING), None)
    if weighed is not None and (answered := _weighed(workflow, weighed)) is not None:
        yield answered


def _end(step: Step, entry: Entry) -> Text:
    day = day_text(entry.happened_on)
    deputy = " (i. V.)" if entry.plain.get("deputy") else ""
    if step.means is StepMeans.LAPSE:
        return Text(
            f"Frist am {day.de} ohne Stellungnahme abgelaufen",
            f"period over on {day.en} without a statement",
        )
    if step.means is StepMeans.STATEMENT:
        result = _choice(step, entry)
        return Text(
            f"Stellungnahme vom {day.de}{deputy}{f': {result.de}' if result.de else ''}",
            f"statement of {day.en}{deputy}{f': {result.en}' if result.en else ''}",
        )
    title = step.title
    return Text(f"{title.de} am {day.de}{deputy}", f"{title.en} on {day.en}{deputy}")


def _choice(step: Step, entry: Entry) -> Text:
    """Return the result that a statement names: the choice it cannot leave out."""
    given = entry.plain.get("given", {})
    for wanted in step.takes:
        if wanted.type == "choice" and not wanted.optional:
            return wanted.labels.get(str(given.get(wanted.name)), Text("", ""))
    return Text("", "")


def _weighed(workflow: Workflow, entry: Entry) -> Text | None:
    """Return in how many points the administration follows; None once the answers are erased."""
    step = workflow.steps[entry.type]
    fields = [f.name for f in step.takes if f.type == "weighing"]
    points = next((entry.private[f] for f in fields if f in entry.private), None)
    if not points:
        return None
    answers = [p["response"] for p in points]
    whole, part = answers.count("followed"), answers.count("partly")
    de = f"in {whole} von {len(answers)} Punkten gefolgt"
    en = f"followed in {whole} of {len(answers)} points"
    if part:
        de, en = f"{de}, in {part} teilweise", f"{en}, in {part} in part"
    return Text(de, en)


def _findings(case: Case, world: World) -> Iterator[Text]:
    workflows = [world.library.workflow(case.workflow)]
    workflows += [world.library.workflow(p.workflow) for p in case.participations]
    for finding in case.findings:
        if finding.state in _STILL:
            titles = (w.findings[finding.kind] for w in workflows if finding.kind in w.findings)
            title = next(titles, Text(finding.kind, finding.kind))
            day = day_text(finding.found_on)
            yield Text(
                f"Feststellung {finding.number} vom {day.de}: {title.de}",
                f"Finding {finding.number} of {day.en}: {title.en}",
            )


def _means(entry: Entry) -> StepMeans | None:
    means = entry.plain.get("means")
    return None if means is None else StepMeans(means)
