"""The commands of `rechtzeitig`, put together, and how they end.

Exit codes: 0 done; 1 a check found problems; 2 the input cannot be taken; 3 the procedure
does not permit it; 4 the database or the mail server cannot be used.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from engine.cli import (
    account,
    audit,
    backup,
    calendar,
    case,
    clock,
    concern,
    console,
    db,
    deadline,
    demand,
    health,
    house,
    install,
    lawyers,
    log,
    log_witness,
    mail,
    measure,
    note,
    oparl,
    oparl_import,
    plan,
    prove,
    radar,
    reader,
    rehearse,
    retention,
    rules,
    serve,
    session,
    silence,
    versions,
    what_if,
    witness,
    workflow,
)
from engine.cli.console import emit_json, errors, t
from engine.errors import EngineError, InputError, Refused
from engine.store.errors import SchemaProblem, Unavailable, of_disk

PROBLEMS, INPUT, REFUSED, UNAVAILABLE = 1, 2, 3, 4


def build() -> typer.Typer:
    """Return the commands with their help in the language of this run."""
    app = typer.Typer(
        name="rechtzeitig",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help=t(
            "Rechtzeitig: damit gehört wird, wer zu hören ist, bevor entschieden wird. "
            "--lang en spricht Englisch, --json gilt für Programme.",
            "Rechtzeitig: those who must be heard are heard before it is decided. "
            "--lang de speaks German, --json is for programs.",
        ),
    )
    app.callback()(_top)
    top: dict[str, tuple[Callable[..., None], str]] = {
        "init": (install.init, t("eine Verwaltung einrichten", "set up an administration")),
        "demo": (install.demo, t("den Landkreis Musterheide vorspielen", "play the demo county")),
        "upgrade": (
            install.upgrade,
            t("die Datenbank nachziehen", "bring the database up to date"),
        ),
        "work": (install.work, t("arbeiten, bis jemand beendet", "work until stopped")),
        "tick": (install.tick, t("einmal tun, was fällig ist", "do once what is due")),
        "doctor": (install.doctor, t("die Einrichtung prüfen", "check the installation")),
        "health": (health.health, t("was die Überwachung fragt", "what monitoring asks")),
        "backup": (backup.backup, t("sichern, während gearbeitet wird", "back up while at work")),
        "restore": (backup.restore, t("eine Sicherung zurückspielen", "restore a backup")),
        "serve": (serve.serve, t("die Oberfläche im Browser", "the pages in a browser")),
        "what-if": (
            what_if.what_if,
            t("Vorgänge unter anderen Regeln nachspielen", "tell cases again under other rules"),
        ),
        "radar": (
            radar.radar,
            t("nicht angemeldete Tagesordnungspunkte", "agenda items nobody registered"),
        ),
        "deadline": (deadline.deadline, t("eine Frist berechnen", "compute a deadline")),
    }
    for name, (command, words) in top.items():
        app.command(name, help=words)(command)
    for name, (words, commands) in _groups().items():
        group = typer.Typer(no_args_is_help=True, help=words)
        for word, function in commands.items():
            group.command(word)(function)
        app.add_typer(group, name=name)
    app.add_typer(audit.build(), name="audit")
    return app


def _tell_version(asked: bool) -> None:
    if asked:
        console.console.print(f"rechtzeitig {version('rechtzeitig')}")
        raise typer.Exit


def _top(
    asked: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_tell_version,
            is_eager=True,
            help=t("die Fassung nennen", "tell the version"),
        ),
    ] = False,
) -> None:
    """Take what is said before any command."""


def _groups() -> dict[str, tuple[str, dict[str, Callable[..., None]]]]:
    return {
        "measure": (
            t("Vorhaben", "measures"),
            {
                "check": concern.check,
                "unheard": concern.unheard,
                "register": measure.register,
                "note": note.note,
                "demand": demand.demand,
            },
        ),
        "case": (
            t("Vorgänge", "cases"),
            {"list": case.list_, "show": case.show, "act": case.act, "plan": case.plan},
        ),
        "plan": (t("Zeitpläne", "plans"), {"show": plan.show, "year": plan.year_}),
        "office": (
            t("Stellen und Personen", "offices and persons"),
            {"import": house.import_offices, "list": house.offices, "absent": house.absent},
        ),
        "account": (
            t("Konten", "accounts"),
            {
                "invite": account.invite,
                "list": account.list_,
                "disable": account.disable,
                "reset": account.reset,
            },
        ),
        "reader": (
            t("Prüfzugänge von außen", "inspections from outside"),
            {
                "grant": reader.grant,
                "list": reader.list_,
                "looks": reader.looks,
                "extend": reader.extend,
                "end": reader.end,
            },
        ),
        "session": (
            t("Sitzungen", "sittings"),
            {
                "import": session.import_,
                "list": session.list_,
                "move": session.move,
                "cancel": session.cancel,
                "supplement": session.supplement,
            },
        ),
        "calendar": (
            t("Kalender", "calendars"),
            {
                "show": calendar.show,
                "import": calendar.import_,
                "preview": calendar.preview,
                "activate": calendar.activate,
            },
        ),
        "db": (t("die Datenbank", "the database"), {"copy": db.copy, "roles": db.roles}),
        "rules": (
            t("Regelpakete", "rule packs"),
            {
                "check": rules.check,
                "show": rules.show,
                "activate": versions.activate,
                "diff": lawyers.diff_rules,
                "confirm": lawyers.confirm,
                "draft": lawyers.draft,
            },
        ),
        "workflow": (
            t("Abläufe", "workflows"),
            {
                "check": workflow.check,
                "rehearse": rehearse.rehearse,
                "prove": prove.prove,
                "draw": workflow.draw,
                "schema": workflow.schema,
                "doc": lawyers.doc,
                "diff": lawyers.diff_workflow,
                "activate": versions.activate,
                "versions": versions.versions,
                "migrate": versions.migrate,
            },
        ),
        "retention": (
            t("Aufbewahren und Löschen", "keeping and erasing"),
            {
                "due": retention.due,
                "hold": retention.hold,
                "lift": retention.lift,
                "propose": retention.propose,
                "erase": retention.erase,
                "compact": retention.compact,
            },
        ),
        "silence": (
            t("frühe Erinnerungen stumm schalten", "keep early reminders quiet"),
            {"set": silence.set_, "list": silence.list_, "end": silence.end},
        ),
        "import": (
            t("aus anderen Systemen", "from other systems"),
            {"oparl": oparl_import.import_oparl},
        ),
        "backtest": (t("Rückblick", "backtest"), {"oparl": oparl.backtest}),
        "log": (
            t("das Protokoll und seine Unterschrift", "the log and its signature"),
            {
                "status": log.status,
                "seal": log.seal,
                "key": log.key,
                "rotate": log.rotate,
                "fork-acknowledge": log.fork_acknowledge,
                "offer": log_witness.offer,
                "cosign": log_witness.cosign,
                "stamp": log_witness.stamp,
            },
        ),
        "witness": (
            t("ein Zeuge des Protokolls, anderswo", "a witness of the log, elsewhere"),
            {
                "init": witness.init,
                "look": witness.look,
                "show": witness.show,
                "trust": witness.trust,
            },
        ),
        "clock": (
            t("die Uhr des Servers", "the server's clock"),
            {"status": clock.status, "confirm": clock.confirm},
        ),
        "mail": (
            t("Post", "mail"),
            {
                "test": mail.test,
                "outbox": mail.outbox,
                "bounce": mail.bounce,
                "resend": mail.resend,
                "cancel": mail.cancel,
                "decide": mail.decide,
            },
        ),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end the process with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        spoken = console.speak(given)
    except InputError as error:
        sys.exit(_told(error, as_json="--json" in given))
    try:
        code = build()(args=spoken, standalone_mode=False)
    except EngineError as error:
        sys.exit(_told(error, as_json="--json" in spoken))
    except typer.TyperException as error:
        # A mistyped command or option, in the words of the library that read it.
        errors.print(error.format_message(), style="red", markup=False)
        sys.exit(INPUT)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        # Of a file that nobody foresaw; anything else the system denies is a bug, and is seen.
        if not isinstance(error.filename, str | os.PathLike):
            raise
        told = of_disk(Path(error.filename), error)
        sys.exit(_told(Unavailable(told.de, told.en), as_json="--json" in spoken))
    sys.exit(code if isinstance(code, int) else 0)


def _told(error: EngineError, *, as_json: bool) -> int:
    if as_json:
        emit_json({"error": {"de": error.text.de, "en": error.text.en}})
    else:
        errors.print(console.say(error.text), style="red", markup=False)
    if isinstance(error, Refused):
        return REFUSED
    return UNAVAILABLE if isinstance(error, Unavailable | SchemaProblem) else INPUT
