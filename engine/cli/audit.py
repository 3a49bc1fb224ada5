"""`audit`: the log examined, handed out, and looked up."""

from __future__ import annotations

import typer

from engine.cli import (
    audit_check,
    audit_day,
    audit_export,
    audit_findings,
    audit_sweep,
    audit_verify,
)
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
    app.command("check", help=t("einen Prüfcode nachschlagen", "look a code up"))(audit_check.check)
    app.command("day", help=t("das Fristenprotokoll eines Tages", "the deadlines of a day"))(
        audit_day.day
    )
    app.command("findings", help=t("das Register der Feststellungen", "the register of findings"))(
        audit_findings.findings
    )
    app.command("sweep", help=t("offene Vorgänge durchsehen", "look through open cases"))(
        audit_sweep.show
    )
    return app
