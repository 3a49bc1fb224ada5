"""How a file is told: its lines, deadlines and findings, each in the words of its definition.

A file may have moved to another version of its workflow; what only an older one knows is
still named by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.core.case import BY_LINK, Case, Entry, Finding
from engine.core.daily_record import Happened
from engine.core.workflow import Workflow
from engine.core.world import World
from engine.errors import Text

LIGHTS = {
    "green": Text("grün", "green"),
    "yellow": Text("gelb", "yellow"),
    "red": Text("rot", "red"),
}

RUNS = {
    "running": Text("läuft", "running"),
    "paused": Text("ruht", "at rest"),
    "met": Text("gewahrt", "met"),
    "lapsed": Text("abgelaufen", "passed"),
    "void": Text("ersetzt", "replaced"),
}

FINDINGS = {
    "open": Text("offen", "open"),
    "confirmed": Text("bestätigt", "confirmed"),
    "remedied": Text("abgeholfen", "remedied"),
    "unfounded": Text("unbegründet", "unfounded"),
}

HAPPENED = {
    Happened.MISSED: Text("abgelaufen", "ended"),
    Happened.MET: Text("gewahrt", "met"),
    Happened.ENTERED: Text("eingetragen", "entered"),
    Happened.CHANGED: Text("geändert", "changed"),
}
"""What became of a deadline on a day, the most pressing first."""

DETAILS = {
    "": Text("", ""),
    "paused": Text("ruht", "at rest"),
    "dropped": Text("entfallen", "dropped"),
    "counted": Text("neu berechnet", "counted again"),
    "done_late": Text("nach Fristende erledigt", "done after the end"),
}

CLOCK_NAME = Text("Fristenlauf", "clock")
_BY_LINK = Text(", über den persönlichen Link", ", by the personal link")


def line_title(case: Case, world: World, line: Entry) -> Text:
    """Return what happened, in a few words: a step, a missed deadline, a rung, a move."""
    plain = line.plain
    p = case.participation(plain.get("participation") or (plain.get("deadline") or [""])[0])
    about = "" if p is None else f" – {world.roster.office(p.office).name}"
    pin = plain.get("definition")
    if pin is not None and line.type in world.library.workflow(pin).steps:
        own = p is not None and line.office == p.office
        said = _with(world.library.workflow(pin).steps[line.type].title, "" if own else about)
        linked = own and plain.get("way") == BY_LINK
        return Text(said.de + _BY_LINK.de, said.en + _BY_LINK.en) if linked else said
    if "plan" in plain:
        version = world.library.workflow(plain["definition"]).version
        return _with(Text(f"Umzug auf Fassung {version}", f"moved to version {version}"), about)
    said = deadline_title(case, world, plain["deadline"])
    if "rung" not in plain:
        return _with(Text(f"Frist versäumt: {said.de}", f"deadline missed: {said.en}"), about)
    rung = _rung(case, world, plain)
    return _with(Text(f"{rung.de} ({said.de})", f"{rung.en} ({said.en})"), about)


def line_office(world: World, line: Entry) -> Text:
    """Return for which office a line was written, marked where a deputy did (i. V.)."""
    offices = world.roster.offices
    if line.office not in offices:
        return CLOCK_NAME
    name = offices[line.office].name
    return (
        Text(f"{name} (i. V.)", f"{name} (i. V.)") if line.plain.get("deputy") else Text(name, name)
    )


def deadline_title(case: Case, world: World, key: Sequence[Any]) -> Text:
    """Return what a deadline is called by the workflow it belongs to."""
    p = case.participation(key[0])
    for workflow in _versions(world, case.workflow if p is None else p.workflow):
        if key[1] in workflow.deadlines:
            return workflow.deadlines[key[1]].title
    return Text(str(key[1]), str(key[1]))


def finding_title(case: Case, world: World, f: Finding) -> Text:
    """Return what a finding is called by the workflow that found it."""
    p = case.participation(f.participation)
    for pin in [case.workflow] + ([] if p is None else [p.workflow]):
        for workflow in _versions(world, pin):
            if f.kind in workflow.findings:
                return workflow.findings[f.kind]
    return Text(f.kind, f.kind)


def _with(text: Text, rest: str) -> Text:
    return Text(text.de + rest, text.en + rest)


def _rung(case: Case, world: World, plain: Mapping[str, Any]) -> Text:
    held = [d for d in case.deadlines if list(d.key) == plain["deadline"]]
    ladder = world.library.ladders.get(held[0].ladder or "") if held else None
    return Text("", "") if ladder is None else ladder.rung(plain["rung"]).title


def _versions(world: World, pin: str) -> list[Workflow]:
    """Return the workflow of that pin, then its other versions: a file may have moved."""
    now = world.library.workflow(pin)
    others = [w for w in world.library.workflows.values() if w.id == now.id and w is not now]
    return [now, *reversed(others)]
