"""How a case is shown: to people in sentences and tables, to programs as plain values."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from engine.cli.console import console, say, t
from engine.core.bystanders import bystanders
from engine.core.calendar import local_day
from engine.core.case import Case, Deadline, Finding
from engine.core.checks import provisions_of
from engine.core.draft import Draft
from engine.core.next_steps import after_the_end, owner_name
from engine.core.phrases import norm
from engine.core.wording import day_text
from engine.core.world import World
from engine.services.reading import File
from engine.services.record_words import (
    FINDINGS,
    RUNS,
    deadline_title,
    finding_title,
    line_office,
    line_title,
)


def plain_file(file: File) -> dict[str, Any]:
    """Return a case and its history for programs."""
    case = file.case
    return {
        "number": case.number,
        "uid": case.uid,
        "title": case.measure.title,
        "state": case.state,
        "version": case.version,
        "paper": case.paper,
        "participations": [
            {
                "key": p.key,
                "office": p.office,
                "form": p.form,
                "state": p.state,
                "revision": p.revision,
                "provisions": p.provisions,
            }
            for p in case.participations
        ],
        "deadlines": [
            {
                "participation": d.participation,
                "name": d.name,
                "owner": d.owner,
                "last_day": d.last_day,
                "status": d.status,
                "closed_on": d.closed_on,
                "provision": d.provision,
            }
            for d in case.deadlines
        ],
        "findings": [
            {
                "number": f.number,
                "kind": f.kind,
                "rank": f.rank,
                "state": f.state,
                "provisions": f.provisions,
                "remedies": f.remedies,
            }
            for f in case.findings
        ],
        "next": [
            {"what": {"de": n.what.de, "en": n.what.en}, "who": n.who, "until": n.until}
            for n in file.next
        ],
        "history": [
            {
                "number": number,
                "type": line.type,
                "actor": line.actor,
                "office": line.office,
                "recorded_at": line.recorded_at,
                "happened_on": line.happened_on,
            }
            for number, line in enumerate(file.lines, start=1)
        ],
    }


def print_file(file: File) -> None:
    """Print a case: where it stands, what comes next, its deadlines, findings, history."""
    case, world = file.case, file.world
    state = world.library.workflow(case.workflow).states[case.state]
    console.print(f"{case.number}  {case.measure.title}", style="bold")
    console.print(f"{t('Stand', 'state')}: {say(state.title)}")
    for step in file.next:
        console.print(f"{t('Als Nächstes', 'next')}: {say(step.what)}")
    ended = after_the_end(case, world)
    if ended is not None:
        console.print(say(ended))
    for p in case.participations:
        _print_participation(case, world, p.key)
    for row in bystanders(case.measure, world, world.today):
        because = t(f"nicht beteiligt: {row.because.de}", f"takes no part: {row.because.en}")
        console.print(f"{row.office.name} – {because}", style="dim", markup=False)
    open_ = [d for d in case.deadlines if d.open]
    if open_:
        console.print(_deadlines(file, open_))
    for f in case.findings:
        _print_finding(world, case, f)
    _history(file)


def _print_participation(case: Case, world: World, key: str) -> None:
    p = case.participation(key)
    assert p is not None
    workflow = world.library.workflow(p.workflow)
    provisions = provisions_of(Draft(case, world), p, world.today)
    console.print(
        f"{world.roster.office(p.office).name} – {say(workflow.title)}: "
        f"{say(workflow.states[p.state].title)}"
    )
    for provision in provisions:
        console.print(f"    {say(norm(provision))}", style="dim")


def _deadlines(file: File, rows: list[Deadline]) -> Table:
    table = Table(t("Frist", "deadline"), t("letzter Tag", "last day"), t("wer", "who"), "")
    for d in rows:
        who = say(owner_name(file.world, d.owner))
        stands = say(RUNS[d.status]) if d.status in RUNS else d.status
        table.add_row(
            say(deadline_title(file.case, file.world, d.key)),
            say(day_text(d.last_day)),
            who,
            stands,
        )
    return table


def _print_finding(world: World, case: Case, f: Finding) -> None:
    title = finding_title(case, world, f)
    cited = "; ".join(say(norm(world.library.provision(i))) for i in f.provisions)
    head = t(f"Feststellung {f.number}", f"finding {f.number}")
    console.print(f"{head}: {say(title)} ({say(FINDINGS[f.state])})", style="red")
    console.print(f"    {cited}", style="dim")
    for remedy in f.remedies:
        provision = world.library.provision(remedy)
        console.print(
            f"    {t('Abhilfe', 'remedy')}: {say(provision.title)}, {say(norm(provision))}"
        )


def _history(file: File) -> None:
    for number, line in enumerate(file.lines, start=1):
        day, recorded = line.happened_on, local_day(line.recorded_at)
        noted = t(f"  (eingetragen {recorded:%d.%m.})", f"  (recorded {recorded:%d.%m.})")
        who = say(line_office(file.world, line))
        console.print(
            f"{number:4}  {say(day_text(day))}  {who}: {say(line_title(file.case, file.world, line))}"
            f"{'' if recorded == day else noted}",
            markup=False,
        )
