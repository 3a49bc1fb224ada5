"""`account`: who may sign in, and the links with which people set their passwords."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from engine.app import App, open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, t
from engine.errors import InputError
from engine.services import accounts
from engine.services.accounts import INVITE, PATHS, RESET

Login = Annotated[str, typer.Argument(help=t("Anmeldename", "login"))]


def invite(
    login: Login,
    person: Annotated[
        str, typer.Option(help=t("Person der Stellenliste", "person of the roster"))
    ] = "",
    name: Annotated[
        str, typer.Option(help=t("Name, wenn ohne Stelle", "name, if without an office"))
    ] = "",
    email: Annotated[
        str, typer.Option(help=t("Adresse, wenn ohne Stelle", "address, if without an office"))
    ] = "",
    admin: Annotated[
        bool, typer.Option("--admin", help=t("darf verwalten", "may administer"))
    ] = False,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    if not person and not admin:
        raise InputError(
            "Wer keine Person der Stellenliste ist, kann nur verwalten: --person oder --admin.",
            "Who is no person of the roster can only administer: --person or --admin.",
        )
    app = open_app(data)
    token = accounts.invite(app, person, login, admin, name=name, email=email)
    _show_link(app.config.settings.link, PATHS[INVITE] + token, as_json=as_json)


def list_(data: Data = HOME, as_json: AsJson = False) -> None:
    rows = accounts.accounts_of(open_app(data))
    if as_json:
        emit_json(
            [
                {
                    "account": r.account.uid,
                    "login": r.login,
                    "person": r.account.person or None,
                    "state": r.account.state,
                    "administrator": r.account.administrator,
                    "second_factor": r.second_factor,
                }
                for r in rows
            ]
        )
        return
    states = {
        "invited": t("eingeladen", "invited"),
        "active": t("in Gebrauch", "in use"),
        "disabled": t("stillgelegt", "disabled"),
    }
    table = Table(
        t("Anmeldename", "login"),
        t("Name", "name"),
        t("Stand", "state"),
        t("verwaltet", "administers"),
        t("Code", "code"),
    )
    for r in rows:
        marks = ("✓" if flag else "" for flag in (r.account.administrator, r.second_factor))
        table.add_row(r.login, r.account.name, states[r.account.state], *marks)
    console.print(table)


def disable(login: Login, data: Data = HOME) -> None:
    app = open_app(data)
    accounts.disable(app, accounts.account_of(app, login).uid)
    console.print(
        t(
            "Stillgelegt; alle Sitzungen sind beendet. Wieder herein kommt, wer neu eingeladen "
            "wird: account invite.",
            "Disabled; all sessions have ended. Whoever is invited anew comes in again: "
            "account invite.",
        )
    )


def reset(
    login: Login,
    second_factor: Annotated[
        bool,
        typer.Option(
            "--second-factor",
            help=t("auch die Anmeldung mit Code abschalten", "switch the code off, too"),
        ),
    ] = False,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    app = open_app(data)
    account = accounts.account_of(app, login)
    token = accounts.offer_reset(app, account.uid, second_factor=second_factor)
    _show_link(app.config.settings.link, PATHS[RESET] + token, as_json=as_json)


def show_invitation(app: App, login: str) -> None:
    """Invite the first administrator and print where her link leads, once.

    Nothing goes out by mail: the settings of a fresh installation are those of the example.
    """
    token = accounts.invite(app, "", login, True, by_mail=False)
    _show_link("", PATHS[INVITE] + token, as_json=False)


def _show_link(base: str | None, path: str, *, as_json: bool) -> None:
    link = (base or "").rstrip("/")
    if as_json:
        emit_json({"path": path, "link": f"{link}{path}" if link else None})
        return
    console.print(
        t(
            "Dieser Link wird nur jetzt gezeigt, gilt ein Mal und ist so geheim wie ein Kennwort:",
            "This link is shown now only, is good once, and is as secret as a password:",
        )
    )
    console.print(f"{link}{path}")
