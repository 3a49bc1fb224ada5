"""How a case is shown: to people in sentences and tables, to programs as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from engine.cli.console import console, say, t
from engine.core.bystanders import bystanders
from engine.core.calendar import local_day
from engine.core.case import Case, Deadline, Entry, Finding
from engine.core.checks import provisions_of
from engine.core.draft import Draft
from engine.core.phrases import norm
from engine.core.wording import day_text
from engine.core.workflow import Workflow
from engine.core.world import World
from engine.errors import Text
from engine.services.reading import File


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


LIGHTS = {
    "green": Text("grün", "green"),
    "yellow": Text("gelb", "yellow"),
    "red": Text("rot", "red"),
}


RUNS = {
    "running": Text("läuft", "running"),
    "paused": Text("ruht", "at rest"),
    "lapsed": Text("abgelaufen", "passed"),
}


def _deadlines(file: File, rows: list[Deadline]) -> Table:
    table = Table(t("Frist", "deadline"), t("letzter Tag", "last day"), t("wer", "who"), "")
    for d in rows:
        who = file.world.roster.office(d.owner).name
        stands = say(RUNS[d.status]) if d.status in RUNS else d.status
        table.add_row(deadline_title(file, [*d.key]), say(day_text(d.last_day)), who, stands)
    return table


STATES = {
    "open": Text("offen", "open"),
    "confirmed": Text("bestätigt", "confirmed"),
    "remedied": Text("abgeholfen", "remedied"),
    "unfounded": Text("unbegründet", "unfounded"),
}


def _print_finding(world: World, case: Case, f: Finding) -> None:
    title = finding_title(world, case, f)
    cited = "; ".join(say(norm(world.library.provision(i))) for i in f.provisions)
    head = t(f"Feststellung {f.number}", f"finding {f.number}")
    console.print(f"{head}: {say(title)} ({say(STATES[f.state])})", style="red")
    console.print(f"    {cited}", style="dim")
    for remedy in f.remedies:
        provision = world.library.provision(remedy)
        console.print(
            f"    {t('Abhilfe', 'remedy')}: {say(provision.title)}, {say(norm(provision))}"
        )


def finding_title(world: World, case: Case, f: Finding) -> Text:
    """Return what a finding is called by the workflow that found it."""
    p = case.participation(f.participation)
    for pin in [case.workflow] + ([] if p is None else [p.workflow]):
        for workflow in _versions(world, pin):
            if f.kind in workflow.findings:
                return workflow.findings[f.kind]
    return Text(f.kind, f.kind)


def _history(file: File) -> None:
    for number, line in enumerate(file.lines, start=1):
        day, recorded = line.happened_on, local_day(line.recorded_at)
        noted = t(f"  (eingetragen {recorded:%d.%m.})", f"  (recorded {recorded:%d.%m.})")
        who = _who(file, line)
        console.print(
            f"{number:4}  {say(day_text(day))}  {who}: {_title(file, line)}"
            f"{'' if recorded == day else noted}",
            markup=False,
        )


def _who(file: File, line: Entry) -> str:
    offices = file.world.roster.offices
    name = offices[line.office].name if line.office in offices else t("Fristenlauf", "clock")
    return f"{name} (i. V.)" if line.plain.get("deputy") else name


def _title(file: File, line: Entry) -> str:
    world, plain = file.world, line.plain
    key = plain.get("participation") or (plain.get("deadline") or [""])[0]
    p = file.case.participation(key)
    about = "" if p is None else f" – {world.roster.office(p.office).name}"
    pin = plain.get("definition")
    if pin is not None and line.type in world.library.workflow(pin).steps:
        step = world.library.workflow(pin).steps[line.type]
        return say(step.title) + (about if line.office != (p.office if p else "") else "")
    if "plan" in plain:
        version = world.library.workflow(plain["definition"]).version
        return t(f"Umzug auf Fassung {version}", f"moved to version {version}") + about
    deadline = deadline_title(file, plain["deadline"])
    if "rung" not in plain:
        return t(f"Frist versäumt: {deadline}", f"deadline missed: {deadline}") + about
    return f"{_rung(file, plain)} ({deadline})" + about


def _rung(file: File, plain: Mapping[str, Any]) -> str:
    held = [d for d in file.case.deadlines if list(d.key) == plain["deadline"]]
    ladder = file.world.library.ladders.get(held[0].ladder or "") if held else None
    return "" if ladder is None else say(ladder.rung(plain["rung"]).title)


def deadline_title(file: File, key: list[Any]) -> str:
    """Return what a deadline is called by the workflow it belongs to."""
    p = file.case.participation(key[0])
    pin = file.case.workflow if p is None else p.workflow
    for workflow in _versions(file.world, pin):
        if key[1] in workflow.deadlines:
            return say(workflow.deadlines[key[1]].title)
    return str(key[1])


def _versions(world: World, pin: str) -> list[Workflow]:
    """Return the workflow of that pin, then its other versions: a file may have moved."""
    now = world.library.workflow(pin)
    others = [w for w in world.library.workflows.values() if w.id == now.id and w is not now]
    return [now, *reversed(others)]
