"""`rechtzeitig rules`: check rule packs, and show what applies on a day in a place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from engine import shipped
from engine.cli.console import AsJson, console, emit_json, say, stopped, t
from engine.cli.sources import Library, library_of
from engine.cli.workflow import PROBLEMS_FOUND, files_in, plain_problem, show_problems
from engine.clock import SystemClock
from engine.core.calendar import local_day
from engine.core.layers import LayerFinding, findings
from engine.core.phrases import RANKS
from engine.core.rules import Provision, RulePack
from engine.core.staleness import stale, stale_packs, stale_text
from engine.definitions.commentary.norms import standing
from engine.definitions.library import Definition, Definitions, compile_all, definition, offered
from engine.definitions.provisions import content
from engine.definitions.rehearsal import examples_in, wrong_dates
from engine.errors import InputError
from engine.strictyaml import DefinitionError


def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help=t(
                "eigene Regelpakete, zusätzlich zu den mitgelieferten",
                "rule packs of your own, beside those shipped",
            )
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check rule packs and count their examples / Regelpakete prüfen und nachrechnen."""
    rows = _rows(paths or [])
    try:
        definitions = compile_all(rows)
    except DefinitionError as error:
        show_problems(error.problems, as_json=as_json)
        return stopped(PROBLEMS_FOUND)
    packs = [row for row in rows if row.kind == "pack"]
    wrong = tuple(p for row in packs for p in wrong_dates(row, definitions.calendars))
    known = {pack.id: pack for pack in definitions.library.packs}
    doubts = tuple(findings(definitions.library.packs))
    if as_json:
        emit_json(
            {
                "problems": [plain_problem(p) for p in wrong],
                "packs": _plain(packs, known),
                "findings": [_plain_finding(f) for f in doubts],
            }
        )
    else:
        _show_packs(packs, known)
        for doubt in (f for f in doubts if f.on(_today())):
            console.print(f"! {say(doubt.text)}", style="yellow", markup=False)
        show_problems(wrong, as_json=False)
    return stopped(PROBLEMS_FOUND) if wrong else None


def show(
    on: Annotated[
        str | None, typer.Option("--on", help=t("Tag, etwa 2026-03-30", "day, such as 2026-03-30"))
    ] = None,
    municipality: Annotated[
        str | None,
        typer.Option("--municipality", help=t("nur was dort gilt", "only what applies there")),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            envvar="RECHTZEITIG_DATA",
            help=t(
                "was in dieser Installation in Kraft ist, statt der mitgelieferten Dateien",
                "what is in force in this installation, instead of the shipped files",
            ),
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the provisions in force on a day / Die an einem Tag geltenden Vorschriften zeigen."""
    library = library_of(data)
    definitions = library.definitions
    day = library.today if on is None else _day(on)
    checked = {pack.id: pack.last_checked or day for pack in definitions.library.packs}
    found = _in_force(library, day, municipality)
    if as_json:
        emit_json([_plain_provision(p, checked[p.pack], definitions) for p in found])
        return
    _show_provisions(found, day, checked, definitions)
    shown = {p.pack for p in found}
    _show_stale(p for p in definitions.library.packs if p.id in shown)


def _rows(paths: list[Path]) -> list[Definition]:
    own = [definition("pack", file.name, file.read_bytes()) for file in files_in(paths)]
    ids = {row.id for row in own}
    rows = offered(shipped.workflows(), shipped.rules())
    return [*(r for r in rows if r.kind != "pack" or r.id not in ids), *own]


def _today() -> date:
    return local_day(SystemClock().now())


def _day(words: str) -> date:
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise InputError(
            f"„{words}“ ist kein Tag. Schreiben Sie etwa 2026-03-30.",
            f"'{words}' is no day. Write one such as 2026-03-30.",
        ) from None


def _in_force(library: Library, day: date, municipality: str | None) -> list[Provision]:
    """Return what applies on a day, the highest rank first; everywhere, or in one place."""
    known = library.definitions.library
    if municipality is None:
        every = [p for pack in known.packs for p in pack.provisions]
        return sorted((p for p in every if p.in_force(day)), key=lambda p: p.rank)
    if municipality not in library.places:
        names = ", ".join(sorted(library.places))
        raise InputError(
            f"Für „{municipality}“ gibt es kein örtliches Regelpaket. Bekannt sind: {names}.",
            f"There is no local rule pack for '{municipality}'. Known are: {names}.",
        )
    return list(known.in_force(day, library.places[municipality]))


def _show_provisions(
    found: list[Provision], day: date, checked: dict[str, date], definitions: Definitions
) -> None:
    title = t(f"Vorschriften am {day:%d.%m.%Y}", f"Provisions on {day.isoformat()}")
    table = Table(title=title, title_justify="left", show_lines=True)
    table.add_column(t("Norm, Rang, Prüfstand", "norm, rank, confidence"), ratio=2)
    table.add_column(t("Inhalt", "content"), ratio=3, overflow="fold")
    table.add_column(t("Geltung, geprüft am", "in force, checked on"), no_wrap=True)
    for p in found:
        rank, sure = say(RANKS[p.source]), say(standing(p))
        place = "" if p.municipality is None else f" {p.municipality}"
        since = t(f"ab {p.since:%d.%m.%Y}", f"from {p.since}")
        last = None if p.until is None else p.until - timedelta(days=1)
        until = "" if last is None else t(f"\nbis {last:%d.%m.%Y}", f"\nuntil {last}")
        seen = t(f"geprüft {checked[p.pack]:%d.%m.%Y}", f"checked {checked[p.pack]}")
        table.add_row(
            f"{p.norm}\n{rank}{place}\n{sure}",
            f"{p.title.de}\n{say(content(p, definitions))}".strip(),
            f"{since}{until}\n{seen}",
        )
    console.print(table)


def _plain_provision(p: Provision, checked: date, definitions: Definitions) -> dict[str, Any]:
    words = content(p, definitions)
    return {
        "id": p.id,
        "pack": p.pack,
        "title": p.title.de,
        "content": {"de": words.de, "en": words.en},
        "norm": p.norm,
        "url": p.url,
        "rank": p.source,
        "confidence": p.confidence,
        "unchecked": p.unchecked,
        "land": p.land,
        "municipality": p.municipality,
        "since": p.since,
        "until": p.until,
        "checked_on": checked,
        "confirmed": None if p.confirmed is None else {"by": p.confirmed.by, "on": p.confirmed.on},
    }


def _plain(packs: list[Definition], known: dict[str, RulePack]) -> list[dict[str, Any]]:
    return [
        {
            "id": row.id,
            "file": row.name,
            "provisions": len(known[row.id].provisions),
            "examples": examples_in(row),
            "checked_on": known[row.id].checked_on,
            "stale": stale(known[row.id], _today()),
        }
        for row in packs
    ]


def _plain_finding(finding: LayerFinding) -> dict[str, Any]:
    return {
        "provision": finding.provision.id,
        "pack": finding.provision.pack,
        "doubt": finding.doubt,
        "since": finding.since,
        "until": finding.until,
        "de": finding.text.de,
        "en": finding.text.en,
    }


def _show_packs(packs: list[Definition], known: dict[str, RulePack]) -> None:
    table = Table(title=t("Geprüfte Regelpakete", "Rule packs checked"), title_justify="left")
    for head in (
        t("Regelpaket", "rule pack"),
        t("Vorschriften", "provisions"),
        t("Beispiele", "examples"),
        t("geprüft am", "checked on"),
    ):
        table.add_column(head)
    for row in packs:
        pack = known[row.id]
        counts = str(len(pack.provisions)), str(examples_in(row))
        table.add_row(row.name, *counts, str(pack.checked_on))
    console.print(table)
    _show_stale(known[row.id] for row in packs)


def _show_stale(packs: Iterable[RulePack]) -> None:
    """Name the packs that nobody has compared with their source for more than 12 months."""
    words = stale_text(stale_packs(packs, _today()))
    if words is not None:
        console.print(say(words), style="yellow", markup=False)
