"""`reader`: who looks in from outside; the legal office gives it, sees it, extends and ends it."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, t
from engine.cli.fields import day_from
from engine.core.wording import day_text, moment_text
from engine.services.accounts import INVITE, PATHS
from engine.services.cases import person_of
from engine.services.legal import readers
from engine.services.legal.readers import Line, Wanted
from engine.services.reading import house_of

By = Annotated[
    str,
    typer.Option("--by", help=t("wer für das Rechtsamt handelt", "who acts for the legal office")),
]
Uid = Annotated[str, typer.Argument(help=t("Kennung des Zugangs", "uid of the access"))]
Until = Annotated[
    str, typer.Option("--until", help=t("letzter Tag, etwa 2026-09-30", "last day, inclusive"))
]
Reason = Annotated[str, typer.Option("--reason", help=t("Grund", "reason"))]


def grant(
    cases: Annotated[list[str], typer.Argument(help=t("Nummern der Vorgänge", "case numbers"))],
    name: Annotated[str, typer.Option("--name", help=t("Name", "name"))],
    authority: Annotated[str, typer.Option("--authority", help=t("Behörde", "authority"))],
    email: Annotated[str, typer.Option("--email", help=t("E-Mail-Adresse", "e-mail address"))],
    until: Until,
    reason: Reason,
    by: By,
    personnel: Annotated[
        list[str] | None,
        typer.Option("--personnel", help=t("Personalsache, eigens genannt", "personnel matter")),
    ] = None,
    personnel_reason: Annotated[
        str,
        typer.Option(
            "--personnel-reason",
            help=t("Grund für die Personalsachen", "reason for the personnel matters"),
        ),
    ] = "",
    extract: Annotated[
        bool,
        typer.Option("--extract", help=t("darf Auszüge mitnehmen", "may take extracts away")),
    ] = False,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    app = open_app(data)
    wanted = Wanted(
        name=name,
        authority=authority,
        email=email,
        numbers=tuple(cases),
        until=day_from(until),
        reason=reason,
        personnel=tuple(personnel or ()),
        personnel_reason=personnel_reason,
        extract=extract,
    )
    made = readers.set_up(app, wanted, person_of(house_of(app), by))
    base = (app.config.settings.link or "").rstrip("/")
    path = None if made.token is None else PATHS[INVITE] + made.token
    if as_json:
        link = f"{base}{path}" if base and path else None
        emit_json({"uid": made.grant.uid, "path": path, "link": link})
        return
    console.print(t(f"Eingerichtet: {made.grant.uid}", f"Set up: {made.grant.uid}"))
    if path is not None:
        console.print(
            t(
                "Die Einladung; sie gilt ein Mal und ist so geheim wie ein Kennwort:",
                "The invitation; it is good once and as secret as a password:",
            )
        )
        console.print(f"{base}{path}")


def list_(data: Data = HOME, as_json: AsJson = False) -> None:
    rows = readers.readers(open_app(data))
    if as_json:
        emit_json([_plain(line) for line in rows])
        return
    for line in rows:
        state = t("offen", "open") if line.live else t("beendet", "ended")
        whence = t("Notzugriff", "emergency access") if line.emergency else line.grant.authority
        console.print(f"{line.grant.uid}  {state}, {t('bis', 'until')} {_until(line)}")
        console.print(f"  {line.account.name or line.login}, {whence}")
        console.print(f"  {', '.join(c.number for c in line.grant.cases)}")


def looks(uid: Uid, data: Data = HOME, as_json: AsJson = False) -> None:
    line = readers.reader(open_app(data), uid)
    numbers = {c.uid: c.number for c in line.grant.cases}
    rows = [
        {
            "at": entry.recorded_at.isoformat(),
            "case": numbers.get(entry.plain["case"]),
            "what": entry.plain["what"],
            "document": entry.plain.get("document"),
        }
        for entry in line.looks
    ]
    if as_json:
        emit_json(rows)
        return
    table = Table(t("Zeit", "time"), t("Vorgang", "case"), t("was", "what"))
    for entry, row in zip(line.looks, rows, strict=True):
        table.add_row(say(moment_text(entry.recorded_at)), row["case"], row["what"])
    console.print(table)


def extend(uid: Uid, until: Until, reason: Reason, by: By, data: Data = HOME) -> None:
    app = open_app(data)
    readers.extend(app, uid, day_from(until), reason, person_of(house_of(app), by))
    day = day_text(day_from(until))
    console.print(t(f"Verlängert bis {day.de}.", f"Extended until {day.en}."))


def end(uid: Uid, reason: Reason, by: By, data: Data = HOME) -> None:
    app = open_app(data)
    readers.end(app, uid, reason, person_of(house_of(app), by))
    console.print(t("Beendet; alle Sitzungen damit auch.", "Ended, and all its sessions with it."))


def _until(line: Line) -> str:
    grant = line.grant
    if grant.ended_at is not None:
        return say(moment_text(grant.ended_at))
    if line.emergency:
        return say(moment_text(grant.ends_at))
    return say(day_text(readers.last_day(grant)))


def _plain(line: Line) -> dict[str, Any]:
    grant = line.grant
    return {
        "uid": grant.uid,
        "kind": grant.kind,
        "account": grant.account,
        "name": line.account.name,
        "authority": grant.authority or None,
        "cases": [c.number for c in grant.cases],
        "extract": grant.extract,
        "given_by": line.given_by,
        "given_at": grant.given_at.isoformat(),
        "last_day": readers.last_day(grant).isoformat(),
        "ends_at": grant.ends_at.isoformat(),
        "ended_at": None if grant.ended_at is None else grant.ended_at.isoformat(),
        "live": line.live,
    }
