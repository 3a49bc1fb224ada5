"""`radar`: which agenda items of coming sittings are registered, and which are not."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Annotated, Any

import typer

from engine.app import App, open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, t
from engine.cli.fields import day_from
from engine.core.radar import Because, Sighting
from engine.core.wording import day_text
from engine.core.world import World
from engine.errors import InputError
from engine.services.radar import Sweep, Told, about, offices_of, sweep, tell
from engine.services.reading import house_of


def radar(
    source: Annotated[
        str,
        typer.Argument(
            help=t(
                "Tagesordnungen: OParl (Ordner, Datei, Adresse) oder CSV",
                "agendas: OParl (folder, file, address) or CSV",
            )
        ),
    ],
    office: Annotated[
        str | None, typer.Option(help=t("nur für diese Stelle", "for this office only"))
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option("--from", help=t("Sitzungen ab diesem Tag (sonst heute)", "sittings from")),
    ] = None,
    tell_: Annotated[
        bool,
        typer.Option(
            "--tell",
            help=t("den berührten Stellen schreiben", "write to the offices concerned"),
        ),
    ] = False,
    as_: Annotated[
        str | None, typer.Option("--as", help=t("wer mitteilt", "who tells them"))
    ] = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    app = open_app(data)
    world = house_of(app)
    if office is not None:
        world.roster.office(office)
    swept = sweep(app, source, since=None if from_ is None else day_from(from_))
    told = _tell(app, swept, as_, office) if tell_ else None
    seen = [s for s in swept.seen if office is None or _for(world, s, office)]
    if as_json:
        emit_json(_plain(world, swept, seen, told))
    else:
        _print(world, swept, seen, told)


def _tell(app: App, swept: Sweep, person: str | None, office: str | None) -> Told:
    if person is None:
        raise InputError(
            "--tell braucht --as: wer den Stellen mitteilt, was nicht angemeldet ist.",
            "--tell needs --as: who tells the offices what is not registered.",
        )
    return tell(app, swept, person, office)


def _for(world: World, sighting: Sighting, office: str) -> bool:
    return any(o.id == office for o in offices_of(world, sighting))


def _kind(sighting: Sighting) -> str:
    if sighting.match is not None:
        return "registered" if sighting.match.sure else "probable"
    return "unmatched" if sighting.touches else "other"


def _plain(world: World, swept: Sweep, seen: list[Sighting], told: Told | None) -> dict[str, Any]:
    return {
        "counts": Counter(map(_kind, swept.seen)),
        "items": [_plain_item(world, s) for s in seen],
        "told": None if told is None else {"new": told.new, "before": told.before},
    }


def _plain_item(world: World, s: Sighting) -> dict[str, Any]:
    item, match, stands = s.item, s.match, s.standing
    return {
        "kind": _kind(s),
        "body": item.body,
        "day": item.day,
        "top": item.number,
        "reference": item.reference,
        "title": item.title if item.public else None,
        "public": item.public,
        "case": None if match is None else match.case,
        "because": None if match is None else match.because,
        "likeness": None if match is None else match.likeness,
        "state": None if stands is None else stands.state,
        "settled": None if stands is None else stands.settled,
        "late": None if stands is None else stands.late,
        "touches": {fact: list(words) for fact, words in s.touches.items()},
        "offices": [o.id for o in offices_of(world, s)],
    }


def _print(world: World, swept: Sweep, seen: list[Sighting], told: Told | None) -> None:
    for (day, body), rows in groupby(seen, key=lambda s: (s.item.day, s.item.body)):
        shown = [line for s in rows if (line := _line(world, s)) is not None]
        if shown:
            console.print(f"{say(day_text(day))}  {body}", style="bold")
            for line in shown:
                console.print(line, markup=False)
    counts = Counter(map(_kind, swept.seen))
    console.print(
        t(
            f"{len(swept.seen)} Tagesordnungspunkte: {counts['registered']} angemeldet, "
            f"{counts['probable']} vermutlich, {counts['unmatched']} nicht angemeldet mit "
            f"Anhaltspunkt, {counts['other']} ohne Anhaltspunkt.",
            f"{len(swept.seen)} agenda items: {counts['registered']} registered, "
            f"{counts['probable']} probably, {counts['unmatched']} not registered with a hint, "
            f"{counts['other']} without a hint.",
        )
    )
    if told is not None:
        _print_told(world, told)


def _print_told(world: World, told: Told) -> None:
    for office, count in told.new.items():
        name, before = world.roster.office(office).name, told.before[office]
        console.print(
            t(
                f"{name}: {count} neu mitgeteilt, {before} schon früher.",
                f"{name}: told of {count} new, of {before} before.",
            )
        )


def _line(world: World, s: Sighting) -> str | None:
    """Return the line of an item; None for one that there is nothing to say about."""
    top = f"TOP {s.item.number}" if s.item.number else "TOP –"
    head = f"  {top}  {say(about(s.item))}"
    if s.match is not None:
        return f"{head}\n      {_matched(world, s)}"
    if not s.touches:
        return None
    hints = ", ".join(dict.fromkeys(word for words in s.touches.values() for word in words))
    names = ", ".join(o.name for o in offices_of(world, s)) or ", ".join(s.touches)
    quoted = t(f" (Stichwort: {hints})", f" (keyword: {hints})") if hints else ""
    return f"{head}\n      {t('nicht angemeldet', 'not registered')}: {names}{quoted}"


def _matched(world: World, s: Sighting) -> str:
    match, stands = s.match, s.standing
    assert match is not None
    if stands is None:
        why = {
            Because.SUPPLEMENT: t("Ergänzung zu dessen Nummer", "supplement to its number"),
        }.get(match.because, t("ähnlicher Titel", "like title"))
        likeness = f"{match.likeness} %"
        return t(
            f"vermutlich {match.case} ({why}, Titel zu {likeness} gleich); bitte prüfen",
            f"probably {match.case} ({why}, titles {likeness} alike); please check",
        )
    title = world.library.case_workflow().states.get(stands.state)
    words = [stands.state if title is None else say(title.title)]
    if not stands.settled:
        words.append(t("Beteiligung offen", "participation open"))
    if stands.late:
        words.append(t("zu spät für diese Sitzung", "too late for this sitting"))
    return f"{match.case}: {', '.join(words)}"
