"""`session`: when the bodies sit, and what a moved or cancelled sitting means for its cases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from engine.app import App, open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, stopped, t
from engine.cli.fields import day_from
from engine.cli.session_show import (
    plain_change,
    plain_session,
    print_change,
    print_end,
    print_import,
)
from engine.core.wording import day_text
from engine.errors import InputError
from engine.services import sessions
from engine.services.reading import house_of
from engine.services.session_files import read_sittings
from engine.services.sessions import Change, Done

FAILED = 1

Sitting = Annotated[
    str,
    typer.Argument(help=t("Kennung oder Gremium=JJJJ-MM-TT", "uid or body=YYYY-MM-DD")),
]
Apply = Annotated[
    bool, typer.Option("--apply", help=t("tun, was angezeigt wird", "do what is shown"))
]
By = Annotated[
    str | None,
    typer.Option("--by", help=t("wer es tut (Sitzungsdienst)", "who does it (council office)")),
]
Place = Annotated[str | None, typer.Option(help=t("Körperschaft", "municipality"))]


def import_(
    source: Annotated[
        str,
        typer.Argument(
            help=t("CSV, iCalendar (.ics) oder OParl (Datei, Ordner)", "CSV, .ics or OParl")
        ),
    ],
    municipality: Place = None,
    body: Annotated[
        str | None,
        typer.Option(help=t("Gremium aller Termine der Datei", "body of all events of the file")),
    ] = None,
    apply: Apply = False,
    by: By = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    """Take sittings from a file / Sitzungen aus einer Datei übernehmen."""
    app = open_app(data)
    world = house_of(app)
    found = read_sittings(source, world, municipality=municipality, body=body)
    compared = sessions.compared(world, found.sessions)
    if apply:
        # Refuse before anything is taken, not after half of it.
        sessions.council_office(world, _who(by))
    new = sessions.save_new(app, compared.new)
    rows = [(change, sessions.touched(app, change)) for change in compared.changes]
    done = [sessions.apply(app, change, _who(by)) for change in compared.changes if apply]
    if as_json:
        emit_json(
            {
                "new": new,
                "known": compared.known,
                "missing": [plain_session(s) for s in compared.missing],
                "problems": [{"de": p.de, "en": p.en} for p in found.problems],
                "changes": [plain_change(change, cases) for change, cases in rows],
                "applied": apply,
                "failed": {k: say(v) for d in done for k, v in d.failed.items()},
            }
        )
    else:
        print_import(new, compared, found.problems)
        for change, cases in rows:
            print_change(change, cases)
        print_end(done, apply, bool(rows))
    _end(done)


def list_(
    body: Annotated[
        str | None, typer.Option(help=t("nur dieses Gremium", "only this body"))
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help=t("auch vergangene", "past ones too"))
    ] = False,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    """Show the sittings / die Sitzungen zeigen."""
    world = house_of(open_app(data))
    rows = [
        s
        for s in sorted(world.sessions.values(), key=lambda s: (s.day, s.body))
        if (all_ or s.day >= world.today) and (body is None or s.body == body)
    ]
    if as_json:
        emit_json([plain_session(s) for s in rows])
        return
    for s in rows:
        off = t("  fällt aus", "  cancelled") if s.cancelled else ""
        place = f"  ({world.place(s.municipality).name})" if len(world.municipalities) > 1 else ""
        console.print(f"{say(day_text(s.day))}  {s.body}{place}{off}  [{s.uid}]")
    if not rows:
        console.print(t("Keine Sitzungen eingetragen.", "No sittings entered."))


def move(
    sitting: Sitting,
    to: Annotated[str, typer.Option("--to", help=t("neuer Tag", "the new day"))],
    apply: Apply = False,
    by: By = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    """Move a sitting, its cases shown first / eine Sitzung verlegen, erst die Vorgänge zeigen."""
    app = open_app(data)
    world = house_of(app)
    session = sessions.sitting_named(world, sitting)
    _show_and_do(app, sessions.moving(world, session, day_from(to)), apply, by, as_json)


def cancel(
    sitting: Sitting,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            help=t(
                "Vorgänge auf diese Sitzung desselben Gremiums: JJJJ-MM-TT oder next",
                "move its cases to this sitting of the same body: YYYY-MM-DD or next",
            ),
        ),
    ] = None,
    apply: Apply = False,
    by: By = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    """Cancel a sitting, its cases shown first / eine Sitzung absagen, erst die Vorgänge zeigen."""
    app = open_app(data)
    world = house_of(app)
    session = sessions.sitting_named(world, sitting)
    _show_and_do(app, sessions.cancelling(world, session, to), apply, by, as_json)


def supplement(
    body: Annotated[str, typer.Option(help=t("Gremium", "body"))],
    day: Annotated[str, typer.Option(help=t("Tag der zusätzlichen Sitzung", "day"))],
    municipality: Place = None,
    apply: Apply = False,
    by: By = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    """Add a sitting, its cases shown first / eine Sitzung ergänzen, erst die Vorgänge zeigen."""
    app = open_app(data)
    change = sessions.supplementing(house_of(app), body, day_from(day), municipality)
    _show_and_do(app, change, apply, by, as_json)


def _show_and_do(app: App, change: Change, apply: bool, by: str | None, as_json: bool) -> None:
    if apply:
        sessions.council_office(house_of(app), _who(by))
    cases = sessions.touched(app, change)
    done = [sessions.apply(app, change, _who(by))] if apply else []
    if as_json:
        plain = plain_change(change, cases)
        failed = {k: say(v) for d in done for k, v in d.failed.items()}
        replanned = [n for d in done for n in d.replanned]
        emit_json({**plain, "applied": apply, "replanned": replanned, "failed": failed})
    else:
        print_change(change, cases)
        print_end(done, apply, True)
    _end(done)


def _who(by: str | None) -> str:
    if by is None:
        raise InputError(
            "Wer tut es? Nennen Sie mit --by die Person, die für den Sitzungsdienst handelt.",
            "Who does it? Name with --by the person who acts for the council office.",
        )
    return by


def _end(done: Iterable[Done]) -> None:
    if any(d.failed for d in done):
        stopped(FAILED)
