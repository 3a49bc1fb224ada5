"""`audit`: the log examined, handed out, and looked up."""

from __future__ import annotations

import typer

from engine.cli import audit_export, audit_verify
from engine.cli.console import t


def build() -> typer.Typer:
    """Return the group of commands, in the language of this run."""
    app = typer.Typer(
        no_args_is_help=True, help=t("das Protokoll als Nachweis", "the log as evidence")
    )
    app.command("verify", help=t("das Protokoll prüfen", "examine the log"))(audit_verify.verify)
    app.command("export", help=t("eine Akte zum Prüfen ausgeben", "export a file to be checked"))(
        audit_export.export
    )
    return app
