"""`init`, `demo`, `work`, `tick`, `doctor`, `serve`: the installation as a whole."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from engine.app import open_app
from engine.cli.account import show_invitation
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, stopped, t
from engine.cli.journal import keep_journal
from engine.cli.log import show_key
from engine.services import doctor as checks
from engine.services import setup
from engine.worker import Worker, one_round

TRAINING = typer.Option(
    "--training",
    help=t("Übungsdatenbank: versendet nichts, für immer", "for training: never sends, for ever"),
)


ADMIN = typer.Option(
    "--admin",
    help=t("Anmeldename der ersten Systemverwaltung", "login of the first administrator"),
)


def init(
    training: Annotated[bool, TRAINING] = False,
    admin: Annotated[str, ADMIN] = "",
    data: Data = HOME,
) -> None:
    app = setup.init(data, training=training)
    console.print(t(f"Eingerichtet in {data}.", f"Set up in {data}."))
    if app.config.settings.evidence.signs:
        show_key(app)
    if admin:
        show_invitation(app, admin)
    console.print(
        t(
            "Als Nächstes: config.yaml anpassen, office import, doctor, work.",
            "Next: adapt config.yaml, office import, doctor, work.",
        )
    )
    app.close()


def upgrade(data: Data = HOME) -> None:
    setup.upgrade(data)
    console.print(t("Die Datenbank ist auf dem Stand.", "The database is up to date."))


def demo(data: Data = Path("demo")) -> None:
    from engine.cli.demo import play_demo

    play_demo(data)


def work(data: Data = HOME) -> None:
    keep_journal()
    app = open_app(data)
    setup.take_places(app)
    worker = Worker(app, app.config.settings.every)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.start()
    console.print(t("Fristenlauf läuft.", "The clock is running."))
    worker.wait()


def tick(data: Data = HOME, as_json: AsJson = False) -> None:
    app = open_app(data)
    setup.take_places(app)
    done = one_round(app)
    sent = done.delivered.sent
    if as_json:
        emit_json(
            {
                "cases": done.ticked.cases,
                "entries": done.ticked.entries,
                "stuck": list(done.ticked.stuck),
                "composed": done.delivered.composed,
                "accepted": sent.accepted,
                "retry": sent.retry,
                "dead": sent.dead,
                "unsure": sent.unsure,
                "trouble": sent.trouble,
            }
        )
        return
    console.print(
        t(
            f"{done.ticked.entries} Einträge in {done.ticked.cases} Vorgängen, "
            f"{sent.accepted} Nachrichten übergeben, {sent.retry} später, {sent.dead} gescheitert.",
            f"{done.ticked.entries} entries in {done.ticked.cases} cases, "
            f"{sent.accepted} messages handed over, {sent.retry} later, {sent.dead} failed.",
        )
    )
    if done.ticked.stuck:
        count, uids = len(done.ticked.stuck), ", ".join(done.ticked.stuck)
        told = t(
            f"{count} Vorgänge konnte die Uhr nicht bewegen; den Grund nennt die Ausgabe oben: {uids}",
            f"{count} cases the clock could not move; the output above names the reason: {uids}",
        )
        console.print(told, style="red")
    if sent.trouble:
        console.print(sent.trouble, style="red")


def doctor(data: Data = HOME, as_json: AsJson = False) -> None:
    rows = checks.examine(data)
    if as_json:
        emit_json(
            [{"check": r.name, "state": r.state, "de": r.text.de, "en": r.text.en} for r in rows]
        )
    else:
        marks = {"ok": ("✓", "green"), "note": ("!", "yellow"), "bad": ("✗", "red")}
        for r in rows:
            sign, colour = marks[r.state]
            console.print(f"{sign} {say(r.text)}", style=colour)
    if any(r.state == "bad" for r in rows):
        stopped(1)
