"""`audit day`: the Fristenprotokoll of a day, as the page shows it, with who countersigned it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, t
from engine.cli.fields import day_from
from engine.core.wording import day_text, moment_text
from engine.services.legal.daily import DayLine, DayRecord, record_of
from engine.services.reading import house_of
from engine.services.record_words import DETAILS, HAPPENED

Day = Annotated[
    str | None,
    typer.Argument(help=t("Tag JJJJ-MM-TT; sonst gestern", "day YYYY-MM-DD; otherwise yesterday")),
]


def day(date: Day = None, data: Data = HOME, as_json: AsJson = False) -> None:
    app = open_app(data)
    asked = house_of(app).today - timedelta(days=1) if date is None else day_from(date)
    record = record_of(app, asked)
    if as_json:
        emit_json(_plain(record))
        return
    console.print(
        t(f"Fristenprotokoll {day_text(asked).de}", f"Record of deadlines, {day_text(asked).en}"),
        style="bold",
    )
    for happened, words in HAPPENED.items():
        rows = [line for line in record.lines if line.happened is happened]
        console.print(f"{say(words)}: {len(rows)}")
        if rows:
            console.print(_table(rows))
    _print_signatures(record)


def _table(rows: list[DayLine]) -> Table:
    table = Table(
        t("Vorgang", "case"),
        t("Frist", "deadline"),
        t("Stelle", "office"),
        t("letzter Tag", "last day"),
        t("geschehen", "happened"),
    )
    for x in rows:
        note = say(DETAILS[x.detail])
        on = say(day_text(x.on))
        deadline, last = say(x.deadline), say(day_text(x.last_day))
        table.add_row(x.number, deadline, x.office, last, f"{on} · {note}" if note else on)
    return table


def _print_signatures(record: DayRecord) -> None:
    console.print(
        t(
            f"{record.entries} Einträge des Tages, Prüfsumme {record.seal}",
            f"{record.entries} entries of the day, checksum {record.seal}",
        )
    )
    for s in record.signatures:
        fits = t("stimmt überein", "fits") if s.fits else t("stimmt nicht mehr", "no longer fits")
        at = say(moment_text(s.at))
        console.print(t(f"Geprüft: {s.name}, {at} ({fits})", f"Examined: {s.name}, {at} ({fits})"))
    if not record.signatures:
        console.print(t("Noch nicht gegengezeichnet.", "Not countersigned yet."))


def _plain(record: DayRecord) -> dict[str, Any]:
    return {
        "day": record.day,
        "over": record.over,
        "entries": record.entries,
        "seal": record.seal,
        "lines": [
            {
                "happened": x.happened.value,
                "case": x.number,
                "title": x.title,
                "deadline": {"de": x.deadline.de, "en": x.deadline.en},
                "office": x.office,
                "last_day": x.last_day,
                "on": x.on,
                "detail": x.detail,
            }
            for x in record.lines
        ],
        "countersigned": [{"by": s.name, "at": s.at, "fits": s.fits} for s in record.signatures],
    }
