"""`rechtzeitig rules`: check rule packs, and show what applies on a day in a place."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from engine import shipped
from engine.cli.console import AsJson, console, emit_json, say, stopped, t
from engine.cli.workflow import PROBLEMS_FOUND, files_in, plain_problem, show_problems
from engine.clock import SystemClock
from engine.core.calendar import local_day
from engine.core.counting import Counting
from engine.core.meanings import Confidence
from engine.core.phrases import RANKS
from engine.core.rules import Duty, Provision
from engine.core.world import Library, Municipality
from engine.definitions.library import Definition, Definitions, compile_all, definition, offered
from engine.definitions.packs import checked_on
from engine.definitions.rehearsal import examples_in, wrong_dates
from engine.errors import InputError, Text
from engine.strictyaml import DefinitionError

STALE = timedelta(days=365)
"""A pack that nobody has compared with its source for so long is named."""

_SURE = {
    Confidence.VERIFIED_TEXT: Text("Wortlaut geprüft", "wording checked"),
    Confidence.FICTITIOUS: Text("erfunden", "fictitious"),
}
_UNCHECKED = Text("ungeprüft", "unchecked")


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
    provisions = {pack.id: len(pack.provisions) for pack in definitions.library.packs}
    if as_json:
        emit_json(
            {"problems": [plain_problem(p) for p in wrong], "packs": _plain(packs, provisions)}
        )
    else:
        _show_packs(packs, provisions)
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
    as_json: AsJson = False,
) -> None:
    """Show the provisions in force on a day / Die an einem Tag geltenden Vorschriften zeigen."""
    rows = _rows([])
    definitions = compile_all(rows)
    day = _today() if on is None else _day(on)
    checked = {row.id: checked_on(row.source, row.name) for row in rows if row.kind == "pack"}
    found = _in_force(definitions.library, day, municipality)
    if as_json:
        emit_json([_plain_provision(p, checked[p.pack], definitions) for p in found])
        return
    _show_provisions(found, day, checked, definitions)


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
    every = [p for pack in library.packs for p in pack.provisions]
    if municipality is None:
        return sorted((p for p in every if p.in_force(day)), key=lambda p: p.rank)
    lands = {p.municipality: p.land or "" for p in every if p.municipality is not None}
    if municipality not in lands:
        known = ", ".join(sorted(lands))
        raise InputError(
            f"Für „{municipality}“ gibt es kein örtliches Regelpaket. Bekannt sind: {known}.",
            f"There is no local rule pack for '{municipality}'. Known are: {known}.",
        )
    place = Municipality(municipality, municipality, lands[municipality], "")
    return list(library.in_force(day, place))


def content(provision: Provision, definitions: Definitions) -> Text:
    """Return in a few words what a provision lays down: a duty, a value or a remedy."""
    if provision.duty is not None:
        return _joined(_duty(provision.duty, definitions), _lengths(provision.duty))
    if provision.value is not None:
        name = provision.value.name
        return _joined(Text(name, name), _length(provision.value.counting))
    if provision.remedy is not None:
        owner = _office(provision.remedy.owner, definitions)
        head = Text(f"Abhilfe durch {owner.de}", f"remedy by {owner.en}")
        return _joined(head, _length(provision.remedy.counting))
    return Text("", "")


def _duty(duty: Duty, definitions: Definitions) -> Text:
    form = definitions.library.for_form(duty.form).title
    kinds = [_office(kind, definitions) for kind in sorted(duty.kinds)]
    return Text(
        f"{form.de}: {', '.join(kind.de for kind in kinds)}",
        f"{form.en}: {', '.join(kind.en for kind in kinds)}",
    )


def _office(kind: str, definitions: Definitions) -> Text:
    lead = Text("federführende Stelle", "lead department")
    return definitions.kinds[kind].title if kind in definitions.kinds else lead


def _lengths(duty: Duty) -> Text:
    usual, urgent = _length(duty.counting), _length(duty.variants.get("urgent"))
    if not urgent.de:
        return usual
    return Text(f"{usual.de}, im Eilfall {urgent.de}", f"{usual.en}, if urgent {urgent.en}")


def _length(counting: Counting | None) -> Text:
    return Text("", "") if counting is None else counting.period.text


def _joined(head: Text, length: Text) -> Text:
    return Text(f"{head.de}, {length.de}", f"{head.en}, {length.en}") if length.de else head


def _show_provisions(
    found: list[Provision], day: date, checked: dict[str, date], definitions: Definitions
) -> None:
    title = t(f"Vorschriften am {day:%d.%m.%Y}", f"Provisions on {day.isoformat()}")
    table = Table(title=title, title_justify="left", show_lines=True)
    table.add_column(t("Norm, Rang, Prüfstand", "norm, rank, confidence"), ratio=2)
    table.add_column(t("Inhalt", "content"), ratio=3, overflow="fold")
    table.add_column(t("Geltung, geprüft am", "in force, checked on"), no_wrap=True)
    for p in found:
        rank, sure = say(RANKS[p.source]), say(_SURE.get(p.confidence, _UNCHECKED))
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
    }


def _stale(row: Definition) -> bool:
    return checked_on(row.source, row.name) + STALE < _today()


def _plain(packs: list[Definition], provisions: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "id": row.id,
            "file": row.name,
            "provisions": provisions[row.id],
            "examples": examples_in(row),
            "checked_on": checked_on(row.source, row.name),
            "stale": _stale(row),
        }
        for row in packs
    ]


def _show_packs(packs: list[Definition], provisions: dict[str, int]) -> None:
    table = Table(title=t("Geprüfte Regelpakete", "Rule packs checked"), title_justify="left")
    for head in (
        t("Regelpaket", "rule pack"),
        t("Vorschriften", "provisions"),
        t("Beispiele", "examples"),
        t("geprüft am", "checked on"),
    ):
        table.add_column(head)
    for row in packs:
        counts = str(provisions[row.id]), str(examples_in(row))
        table.add_row(row.name, *counts, str(checked_on(row.source, row.name)))
    console.print(table)
    for row in filter(_stale, packs):
        words = t(
            "seit über einem Jahr nicht mit der Quelle verglichen",
            "not compared with its source for over a year",
        )
        console.print(f"{row.name}: {words}", style="yellow", markup=False)
