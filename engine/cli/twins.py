"""What is said before a file is opened for a matter that may have one already."""

from __future__ import annotations

from engine.app import App
from engine.cli.console import errors, t
from engine.core.case import Measure
from engine.core.radar import Match
from engine.errors import Refused
from engine.services.radar import alike


def hint_at_twins(app: App, measure: Measure, key: str | None) -> None:
    """Refuse to open a second file for the same paper; name a case with nearly its title.

    The same key a second time is the same act, which the service answers with its case.
    """
    match = None if _known(app, key) else alike(app, measure)
    if match is None:
        return
    if match.sure:
        raise _there_already(measure, match)
    errors.print(
        t(
            f"Hinweis: {match.case} könnte dasselbe Vorhaben sein (Titel zu {match.likeness} % "
            "gleich). Bitte prüfen und gegebenenfalls dort weiterarbeiten.",
            f"Note: {match.case} might be the same measure (titles {match.likeness} % alike). "
            "Please check and, if so, go on there.",
        ),
        style="yellow",
        markup=False,
    )


def _known(app: App, key: str | None) -> bool:
    with app.database.read() as store:
        return key is not None and store.chains.kept(key) is not None


def _there_already(measure: Measure, match: Match) -> Refused:
    return Refused(
        f"Zur Nummer {measure.reference} gibt es schon den Vorgang {match.case}. Arbeiten Sie dort "
        f"weiter (case show {match.case}); ein Vorhaben wird nicht zweimal geführt.",
        f"There already is the case {match.case} for the number {measure.reference}. Go on there "
        f"(case show {match.case}); no measure is kept twice.",
    )
