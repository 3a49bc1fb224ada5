"""`silence`: early reminders of a case that an office keeps quiet, with author, reason and end."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.app import App, open_app
from engine.cli.case import Number
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, t
from engine.cli.fields import day_from
from engine.core.wording import day_text
from engine.services import silences
from engine.services.cases import person_of
from engine.services.reading import house_of

As = Annotated[str, typer.Option("--as", help=t("wer für die Stelle handelt", "who acts for it"))]


def set_(
    number: Number,
    office: Annotated[str, typer.Option(help=t("Kennung der Stelle", "id of the office"))],
    until: Annotated[str, typer.Option(help=t("letzter stiller Tag", "last quiet day"))],
    reason: Annotated[str, typer.Option(help=t("Grund", "reason"))],
    as_: As,
    data: Data = HOME,
) -> None:
    """Keep early reminders to an office quiet; the last one before a day ends goes out anyway."""
    app = open_app(data)
    made = silences.silence(app, number, office, day_from(until), reason, _person(app, as_))
    last = day_text(made.until)
    console.print(
        t(
            f"{number}: frühe Erinnerungen an {office} sind stumm bis {last.de} ({made.uid}).",
            f"{number}: early reminders to {office} are quiet until {last.en} ({made.uid}).",
        )
    )


def list_(number: Number, data: Data = HOME, as_json: AsJson = False) -> None:
    """List what is quiet in a case."""
    app = open_app(data)
    roster, rows = house_of(app).roster, silences.silences_of(app, number)
    if as_json:
        emit_json(
            [
                {
                    "silence": s.uid,
                    "office": s.office,
                    "person": s.person,
                    "reason": s.reason,
                    "since": s.since.isoformat(),
                    "until": s.until.isoformat(),
                }
                for s in rows
            ]
        )
        return
    if not rows:
        console.print(t("Nichts ist stumm.", "Nothing is quiet."))
    for s in rows:
        who = f"{roster.office(s.office).name}, {roster.name(s.person)}"
        console.print(f"{s.uid}  {t('bis', 'until')} {say(day_text(s.until))}  {who}: {s.reason}")


def end(
    number: Number,
    uid: Annotated[str, typer.Argument(help=t("Kennung aus silence list", "uid of silence list"))],
    as_: As,
    data: Data = HOME,
) -> None:
    """Let reminders go out again."""
    app = open_app(data)
    silences.end_silence(app, number, uid, _person(app, as_))
    console.print(t(f"{number}: Es wird wieder erinnert.", f"{number}: reminders go out again."))


def _person(app: App, named: str) -> str:
    return person_of(house_of(app), named)
