"""What stands in the navigation: the pages that somebody may open, and no other."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.visibility import Actor
from engine.errors import Text
from engine.web.access import Action, may

ENTRIES: tuple[tuple[str, Text, Action], ...] = (
    ("/", Text("Übersicht", "overview"), Action.OWN_ACCOUNT),
    ("/eingang", Text("Mein Eingang", "my inbox"), Action.INBOX),
    ("/akteneinsicht", Text("Akteneinsicht", "files opened to me"), Action.READING),
    ("/vorhaben", Text("Vorhaben", "measures"), Action.CASE_LIST),
    ("/verbleib", Text("Verbleib", "what became of it"), Action.INBOX),
    ("/jahresbericht", Text("Jahresbericht", "yearly report"), Action.INBOX),
    ("/nicht-gemeldet", Text("Nicht gemeldet?", "not registered?"), Action.RADAR),
    ("/abwesenheit", Text("Abwesenheit", "absence"), Action.ABSENCE),
    ("/sitzungen", Text("Sitzungen", "sittings"), Action.SESSIONS),
    ("/lagebild", Text("Lagebild", "state of affairs"), Action.OVERVIEW),
    ("/feststellungen", Text("Feststellungen", "findings"), Action.FINDINGS),
    ("/fristenprotokoll", Text("Fristenprotokoll", "record of deadlines"), Action.OVERVIEW),
    ("/loeschfristen", Text("Löschfristen", "due for erasure"), Action.RETENTION),
    ("/siegel", Text("Siegel", "seal"), Action.SEAL),
    ("/bericht", Text("Bericht", "report"), Action.OVERVIEW),
    ("/pruefzugang", Text("Prüfzugänge", "inspections"), Action.READERS),
    ("/eskaliert", Text("An mich herangetragen", "brought to me"), Action.ESCALATED),
    ("/regeln", Text("Regelpakete", "rule packs"), Action.RULES),
    ("/ablaeufe", Text("Abläufe", "procedures"), Action.RULES),
    ("/verwaltung/kalender", Text("Kalender", "calendar"), Action.TAKE_CALENDARS),
    ("/verwaltung", Text("Verwaltung", "administration"), Action.PERSONS),
)


def navigation(actor: Actor | None, here: str) -> list[tuple[str, Text, bool]]:
    """Return the entries for somebody: address, label, and whether she is there."""
    return list(_entries(actor, here))


def _entries(actor: Actor | None, here: str) -> Iterator[tuple[str, Text, bool]]:
    if actor is None:
        return
    for path, label, action in ENTRIES:
        if may(actor, action):
            current = here == path or (path != "/" and here.startswith(path + "/"))
            yield path, label, current
