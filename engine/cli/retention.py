"""`retention`: legal holds, what is due for erasure, and the erasing that two people release."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from engine.app import App, open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, t
from engine.core.retention import KEPT
from engine.core.wording import day_text
from engine.services import retention
from engine.services.cases import person_of
from engine.services.reading import house_of
from engine.services.retention import DueLine, Released

Number = Annotated[str, typer.Argument(help=t("Nummer des Vorgangs", "number of the case"))]

Names = Annotated[
    list[str],
    typer.Argument(
        help=t(
            "Nummern von Vorgängen, oder Kennungen von Personen",
            "numbers of cases, or uids of persons",
        )
    ),
]

As = Annotated[
    str, typer.Option("--as", help=t("Person des Rechtsamts", "person of the legal office"))
]

Reason = Annotated[str, typer.Option(help=t("Grund", "reason"))]


def due(data: Data = HOME, as_json: AsJson = False) -> None:
    app = open_app(data)
    retention.look(app)
    rows = retention.due_lines(app)
    if as_json:
        emit_json([_plain(row) for row in rows])
        return
    if not rows:
        console.print(t("Nichts ist zu löschen.", "Nothing is due for erasure."))
        return
    table = Table(
        t("wen", "whom"),
        t("was", "what"),
        t("aufbewahrt bis", "kept until"),
        t("nach", "by"),
        t("Stand", "state"),
    )
    for row in rows:
        table.add_row(row.name, say(row.words), say(day_text(row.kept_until)), say(row.norm),
                      _state(row))  # fmt: skip
    console.print(table)


def _state(row: DueLine) -> str:
    if row.held:
        return t("gesperrt", "on hold")
    if row.state == "proposed":
        return t(f"vorgeschlagen von {row.proposed_by}", f"proposed by {row.proposed_by}")
    return t("fällig", "due")


def _plain(row: DueLine) -> dict[str, object]:
    return {
        "subject": row.subject,
        "name": row.name,
        "class": row.what.value,
        "kept_until": row.kept_until.isoformat(),
        "norm": {"de": row.norm.de, "en": row.norm.en},
        "unchecked": row.unchecked,
        "state": row.state,
        "proposed_by": row.proposed_by or None,
        "held": row.held,
    }


def hold(number: Number, as_: As, reason: Reason, data: Data = HOME) -> None:
    app = open_app(data)
    retention.hold(app, number, _person(app, as_), reason)
    console.print(
        t(
            f"{number}: gesperrt. Nichts davon wird gelöscht, bis die Sperre aufgehoben ist.",
            f"{number}: on hold. Nothing of it is erased until the hold is lifted.",
        )
    )


def lift(number: Number, as_: As, reason: Reason, data: Data = HOME) -> None:
    app = open_app(data)
    retention.lift(app, number, _person(app, as_), reason)
    console.print(
        t(f"{number}: Die Sperre ist aufgehoben.", f"{number}: the hold has been lifted.")
    )


def propose(names: Names, as_: As, data: Data = HOME) -> None:
    app = open_app(data)
    count = retention.propose(app, names, _person(app, as_))
    console.print(
        t(
            f"{count} vorgeschlagen. Freigeben muss es eine andere Person: retention erase.",
            f"{count} proposed. Another person has to release it: retention erase.",
        )
    )


def erase(names: Names, as_: As, data: Data = HOME, as_json: AsJson = False) -> None:
    app = open_app(data)
    rows = retention.release(app, names, _person(app, as_))
    if as_json:
        emit_json([{n: getattr(r, n) for n in r.__dataclass_fields__} for r in rows])
        return
    for row in rows:
        console.print(_said(row))
    console.print(
        t(
            "Bis zum nächsten „retention compact“ stehen Reste davon in freien Seiten der "
            "Datenbank; in Sicherungen, bis sie überschrieben sind.",
            "Until the next 'retention compact' remains of it stand in free pages of the "
            "database; in backups, until those are overwritten.",
        )
    )


def _said(row: Released) -> str:
    words = KEPT[row.what]
    stays = ""
    if row.letters_kept:
        stays = t(
            f"; {row.letters_kept} Briefe bleiben, weil andere Vorgänge sie noch brauchen",
            f"; {row.letters_kept} letters stay because other cases still need them",
        )
    return t(
        f"Gelöscht: {words.de} ({row.entries} Texte, {row.documents} Unterlagen, "
        f"{row.letters} Briefe{stays}).",
        f"Erased: {words.en} ({row.entries} texts, {row.documents} documents, "
        f"{row.letters} letters{stays}).",
    )


def compact(data: Data = HOME) -> None:
    left = retention.compact(open_app(data))
    console.print(
        t(
            "Die Datenbank ist neu geschrieben; Gelöschtes steht in keiner ihrer Dateien mehr.",
            "The database has been written anew; nothing erased is left in any of its files.",
        )
    )
    if left:
        console.print(
            t(
                f"{left} liegen gebliebene Unterlagen sind gelöscht.",
                f"{left} documents that had been left were deleted.",
            )
        )


def _person(app: App, name: str) -> str:
    return person_of(house_of(app), name)
