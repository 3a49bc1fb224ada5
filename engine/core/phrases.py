"""What is missing and which norm asks for it, in words that need no technician."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.conditions import All, AnyOf, Condition, Is, Not, Within
from engine.core.meanings import Confidence, Source
from engine.core.rules import Confirmed, Provision
from engine.core.wording import day_text
from engine.errors import Text

RANKS = {
    Source.STATUTE: Text("Gesetz", "statute"),
    Source.LOCAL_STATUTE: Text("Satzung", "local statute"),
    Source.RULES_OF_PROCEDURE: Text("Geschäftsordnung", "rules of procedure"),
    Source.SERVICE_INSTRUCTION: Text("Dienstanweisung", "service instruction"),
    Source.HOUSE: Text("Hauswert", "house value"),
}

_UNCHECKED = Text(", ungeprüft", ", unchecked")
_SURE = {
    Confidence.VERIFIED_TEXT: Text("", ""),
    Confidence.FICTITIOUS: Text(", erfunden", ", fictitious"),
}

_NAMES = {
    "documents": Text("die Unterlagen müssen vollständig sein", "the documents must be complete"),
    "participations.all.settled": Text(
        "alle Beteiligungen müssen abgeschlossen sein", "all participations must be settled"
    ),
    "office": Text(
        "die Besetzung der Stelle lässt es nicht zu", "the office's standing does not allow it"
    ),
    "demanding": Text(
        "keine geltende Vorschrift ruft die verlangende Stelle, so wie die Betroffenheit "
        "angegeben ist: ergänzen Sie die Angaben, oder lehnen Sie mit Gründen ab",
        "no provision in force calls the demanding office, as it is stated whom the measure "
        "touches: add to the statement, or refuse with reasons",
    ),
    "findings": Text(
        "zu jeder Feststellung gehört erst eine Abhilfe oder Bewertung",
        "each finding first needs a remedy or an assessment",
    ),
    "measure.origin": Text(
        "woher das Vorhaben kommt, lässt es nicht zu", "where the measure comes from forbids it"
    ),
    "measure.kind": Text(
        "die Art des Vorhabens lässt es nicht zu", "the kind of the measure forbids it"
    ),
    "pending": Text(
        "eine Frist, an die erinnert wird, oder eine Sitzung steht noch aus",
        "a deadline that somebody is reminded of, or a sitting, is still to come",
    ),
    "case": Text("der Stand des Vorgangs lässt es nicht zu", "the state of the case forbids it"),
}

_HEADS = {
    "given": Text("die Angabe „{}“ passt nicht oder fehlt", "the field '{}' is missing or unfit"),
    "measure": Text("die Tatsache „{}“ passt nicht", "the fact '{}' does not fit"),
    "deadline": Text("die Frist „{}“ steht nicht so", "the deadline '{}' stands otherwise"),
    "provision": Text(
        "keine geltende Vorschrift sieht es vor ({})", "no provision in force provides for it ({})"
    ),
    "actor": Text(
        "eine andere Person muss handeln (Vier-Augen-Prinzip)",
        "another person must act (four eyes)",
    ),
    "before": Text(
        "zuerst muss die Beteiligung „{}“ abgeschlossen sein",
        "the participation '{}' must be settled first",
    ),
}


def norm(provision: Provision) -> Text:
    """Return a provision's norm with its rank, marked *ungeprüft* where it is."""
    rank = weight(provision)
    return Text(f"{provision.norm} ({rank.de})", f"{provision.norm} ({rank.en})")


def weight(provision: Provision) -> Text:
    """Return the rank of a provision, and how sure its wording is."""
    rank = RANKS[provision.source]
    sure = _SURE.get(provision.confidence) or _checked(provision.confirmed)
    return Text(f"{rank.de}{sure.de}", f"{rank.en}{sure.en}")


def _checked(confirmed: Confirmed | None) -> Text:
    """Return the mark of a wording that nobody read for the pack: unchecked, or who did since."""
    if confirmed is None:
        return _UNCHECKED
    said = checked(confirmed)
    return Text(f", {said.de}", f", {said.en}")


def checked(confirmed: Confirmed) -> Text:
    """Return who has confirmed a pack, and when.

    >>> from datetime import date
    >>> checked(Confirmed("Vera Recht", date(2026, 11, 20))).de
    'geprüft von Vera Recht am Fr., 20.11.2026'
    """
    day = day_text(confirmed.on)
    return Text(f"geprüft von {confirmed.by} am {day.de}", f"checked by {confirmed.by} on {day.en}")


def norms(provisions: Iterable[Provision]) -> Text:
    """Return several norms in one line, each once."""
    rows = list(dict.fromkeys(norm(p) for p in provisions))
    return Text("; ".join(r.de for r in rows), "; ".join(r.en for r in rows))


def requirement(condition: Condition) -> Text:
    """Return in a few words what an unmet condition asks for."""
    match condition:
        case Is(name, _) | Within(name, _, _):
            return _named(name)
        case Not(part):
            return requirement(part)
        case All(parts) | AnyOf(parts):
            words = [requirement(p) for p in parts]
            joint = (" oder ", " or ") if isinstance(condition, AnyOf) else (" und ", " and ")
            return Text(joint[0].join(w.de for w in words), joint[1].join(w.en for w in words))


def _named(name: str) -> Text:
    if name in _NAMES:
        return _NAMES[name]
    head, _, tail = name.partition(".")
    words = _HEADS.get(head, Text("„{}“ steht nicht so", "'{}' stands otherwise"))
    return Text(words.de.format(tail or name), words.en.format(tail or name))
