"""Options that several commands share, each described once."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.cli.console import t

SECRECY = ("public", "non_public", "personnel")

Office = Annotated[str | None, typer.Option(help=t("für welche Stelle", "for which office"))]

Municipality = Annotated[str | None, typer.Option(help=t("Körperschaft", "municipality"))]

Reference = Annotated[str | None, typer.Option(help=t("Vorlagennummer", "paper number"))]

Secrecy = Annotated[str, typer.Option(help=" | ".join(SECRECY))]

Documents = Annotated[
    list[str] | None,
    typer.Option(
        "--document",
        help=t("Unterlage: 'art=pfad', z. B. vorlage=v.pdf", "document: 'kind=path'"),
    ),
]

WhyLate = Annotated[
    str | None, typer.Option("--reason", help=t("warum erst jetzt", "why only now"))
]

Key = Annotated[str | None, typer.Option(help=t("Schlüssel gegen Doppel", "idempotency key"))]
