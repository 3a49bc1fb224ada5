"""`calendar`: which days count, and what a changed calendar means for deadlines that run."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, errors, say, stopped, t
from engine.core.wording import day_text
from engine.errors import InputError, NotFound, Text
from engine.services import calendars
from engine.services.calendars import Activated, Move, Preview
from engine.services.reading import house_of

SHOWN = 20
FAILED = 1

File = Annotated[
    Path | None,
    typer.Argument(
        help=t(
            "YAML; ohne: was noch neu zu rechnen ist", "YAML; without: what is left to be counted"
        )
    ),
]


def show(
    calendar: Annotated[str, typer.Argument(help=t("Kennung, z. B. BB", "id, e.g. BB"))],
    year: Annotated[int, typer.Argument(help=t("Jahr", "year"))],
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    """Show the holidays and closures of a year / Feiertage und Schließungen eines Jahres."""
    known = house_of(open_app(data)).calendars
    if calendar not in known:
        names = ", ".join(known)
        raise NotFound(
            f"Einen Kalender „{calendar}“ gibt es hier nicht (in Kraft: {names}).",
            f"There is no calendar '{calendar}' here (in force: {names}).",
        )
    found = known[calendar]
    found.require(date(year, 1, 1))
    rows = [(day, name, "holiday") for day, name in found.holidays.items()]
    rows += [(day, name, "closure") for day, name in found.closures.items()]
    rows = sorted(row for row in rows if row[0].year == year)
    if as_json:
        emit_json([{"day": day, "name": name, "kind": kind} for day, name, kind in rows])
        return
    console.print(f"{found.name} ({found.id}), {year}", style="bold")
    for day, name, kind in rows:
        shut = t("  (geschlossen)", "  (office closed)") if kind == "closure" else ""
        console.print(f"  {say(day_text(day))}  {name}{shut}")


def import_(
    file: Annotated[Path, typer.Argument(help="CSV, iCalendar (.ics)")],
    into: Annotated[str, typer.Option(help=t("Kalender, zu dem die Tage kommen", "calendar"))],
    as_: Annotated[
        str,
        typer.Option("--as", help=t("Kennung eines neuen Kalenders", "id of a new calendar")),
    ] = "",
    name: Annotated[str, typer.Option(help=t("Name des Orts", "name of the place"))] = "",
    kind: Annotated[str, typer.Option(help="feiertag | schliessung")] = "schliessung",
    source: Annotated[
        str, typer.Option(help=t("Norm oder Verfügung", "the norm or order that says so"))
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(help=t("Datei, die entsteht (sonst Ausgabe)", "file to write (else print)")),
    ] = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    """Write a calendar with further days / einen Kalender mit weiteren Tagen schreiben."""
    done = calendars.import_days(
        open_app(data), file, into, kind=kind, cited=source, id=as_, name=name
    )
    if out is not None:
        _write(out, done.source)
    if as_json:
        days = [{"day": a.day, "name": a.name, "kind": a.kind} for a in done.new]
        emit_json({"new": days, "known": done.known, "file": None if out is None else str(out)})
        return
    if out is None:
        sys.stdout.write(done.source.decode())
    errors.print(
        t(
            f"Neue Tage: {len(done.new)}; schon darin: {done.known}.",
            f"New days: {len(done.new)}; listed already: {done.known}.",
        )
    )
    if out is not None:
        errors.print(
            t(
                f"Geschrieben: {out}. Als Nächstes: calendar preview {out}",
                f"Written: {out}. Next: calendar preview {out}",
            )
        )


def _write(out: Path, source: bytes) -> None:
    try:
        out.write_bytes(source)
    except OSError as error:
        raise InputError(
            f"{out} lässt sich nicht schreiben ({error.strerror}).",
            f"{out} cannot be written ({error.strerror}).",
        ) from None


def preview(file: File = None, data: Data = HOME, as_json: AsJson = False) -> None:
    """Show which running deadlines a calendar moves / zeigen, welche Fristen sich ändern."""
    found = calendars.preview(open_app(data), file)
    if as_json:
        emit_json(_plain(found))
        return
    _print(found)
    if found.moves:
        name = "" if file is None else f" {file}"
        console.print(
            t(
                "Noch ist nichts geändert. Übernehmen und protokollieren: "
                f"calendar activate{name} --by PERSON.",
                f"Nothing is changed yet. To do it, on record: calendar activate{name} "
                "--by PERSON.",
            )
        )


def activate(
    by: Annotated[
        str,
        typer.Option("--by", help=t("Rechtsamt oder Sitzungsdienst", "legal or council office")),
    ],
    file: File = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    """Put a calendar in force and move deadlines / in Kraft setzen und Fristen neu rechnen."""
    app = open_app(data)
    calendars.entitled(house_of(app), by)
    found = calendars.preview(app, file)
    done = calendars.activate(app, by, file)
    if as_json:
        failed = {k: say(v) for k, v in done.failed.items()}
        plain = {"new": done.new, "recounted": done.recounted, "failed": failed}
        emit_json({**_plain(found), **plain})
    else:
        _print(found)
        _print_done(found, done)
    if done.failed:
        stopped(FAILED)


def _print(found: Preview) -> None:
    if found.calendar:
        console.print(t(f"Kalender {found.calendar}", f"calendar {found.calendar}"), style="bold")
        _print_days(t("dazu", "added"), found.gained)
        _print_days(t("gestrichen", "removed"), found.lost)
        if not found.gained and not found.lost:
            console.print(t("  Dieselben Tage wie bisher.", "  The same days as so far."))
    stay = [m for m in found.moves if m.after == m.before]
    count = len(found.moves) - len(stay)
    one = t("1 laufende Frist ändert sich.", "1 running deadline changes.")
    many = t(f"{count} laufende Fristen ändern sich.", f"{count} running deadlines change.")
    console.print(one if count == 1 else many)
    for move in found.moves:
        if move not in stay:
            _print_move(move)
    if stay:
        console.print(
            t(
                "Nicht verkürzt wird, wer eine längere Frist schon hat:",
                "Nobody who was given a longer period has it shortened:",
            )
        )
    for move in stay:
        _print_move(move)
    _print_failed(found.failed)


def _print_days(word: str, days: Mapping[date, str]) -> None:
    for day, name in list(days.items())[:SHOWN]:
        console.print(f"  {word}: {say(day_text(day))}  {name}")
    if len(days) > SHOWN:
        more = len(days) - SHOWN
        console.print(f"  {word}: {t(f'… und {more} weitere', f'… and {more} more')}")


def _print_move(move: Move) -> None:
    console.print(f"{move.number}  {move.title}")
    line = f"    {say(move.office)}, {say(move.deadline)}: {say(day_text(move.before))}"
    stays = t(" bleibt", " stays")
    changes = f" → {say(day_text(move.after))}"
    console.print(line + (stays if move.after == move.before else changes))
    if move.why:
        console.print(f"        {t('weil', 'because of')}: {', '.join(move.why)}")
    if move.held:
        counted = say(day_text(move.counted))
        console.print(
            t(
                f"        Gerechnet wäre es {counted}; die Frist wird nicht so weit verkürzt.",
                f"        Counted it would be {counted}; the deadline is not shortened so far.",
            )
        )


def _print_failed(failed: Mapping[str, Text]) -> None:
    for number, why in failed.items():
        errors.print(f"{number}: {say(why)}", style="red")


def _print_done(found: Preview, done: Activated) -> None:
    if found.calendar:
        console.print(
            t("Der Kalender ist in Kraft.", "The calendar is in force.")
            if done.new
            else t("Der Kalender war schon in Kraft.", "The calendar was in force already.")
        )
    count = len(done.recounted)
    one = t("1 Vorgang neu gerechnet.", "1 case counted again.")
    many = t(f"{count} Vorgänge neu gerechnet.", f"{count} cases counted again.")
    console.print(one if count == 1 else many)
    _print_failed({k: v for k, v in done.failed.items() if k not in found.failed})


def _plain(found: Preview) -> dict[str, Any]:
    return {
        "calendar": found.calendar,
        "gained": {day.isoformat(): name for day, name in found.gained.items()},
        "lost": {day.isoformat(): name for day, name in found.lost.items()},
        "moves": [
            {
                "number": m.number,
                "office": say(m.office),
                "deadline": say(m.deadline),
                "before": m.before,
                "after": m.after,
                "counted": m.counted,
                "why": m.why,
            }
            for m in found.moves
        ],
        "failed": {k: say(v) for k, v in found.failed.items()},
    }
