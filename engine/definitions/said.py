"""The words for what conditions and provisions can say, from closed lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from engine.core.conditions import Value
from engine.core.meanings import Confidence, Governs, StateMeans
from engine.core.offices import Standing
from engine.errors import Text

Survey: TypeAlias = tuple[Text, Text, Mapping[Value, Text], Text | None]
"""Subject, verb, the complement for each value, and the subject of the negation if it differs."""

Trait: TypeAlias = tuple[Text, Text]
"""Verb and complement of a sentence about a provision."""

_IS, _ARE = Text("ist", "is"), Text("sind", "are")
_COMPLETE: Mapping[Value, Text] = {
    "complete": Text("vollständig", "complete"),
    "missing": Text("unvollständig", "incomplete"),
}

CASE: Mapping[Value, Text] = {
    StateMeans.DRAFT: Text("in Vorbereitung", "in preparation"),
    StateMeans.WAITING: Text("in Bearbeitung", "under way"),
    StateMeans.SETTLED: Text("erledigt", "settled"),
    StateMeans.CLEARED: Text("freigegeben", "released"),
    StateMeans.DECIDED: Text("entschieden", "decided"),
    StateMeans.SUSPENDED: Text("ausgesetzt", "suspended"),
    StateMeans.FINAL: Text("beendet", "ended"),
}

SURVEYS: Mapping[str, Survey] = {
    "documents": (Text("die Unterlagen", "the documents"), _ARE, _COMPLETE, None),
    "facts": (
        Text("die Angaben zur Betroffenheit", "the answers on whom the measure touches"),
        _ARE,
        _COMPLETE,
        None,
    ),
    "office": (
        Text("die beteiligte Stelle", "the office that takes part"),
        _IS,
        {
            Standing.HELD: Text("besetzt", "filled"),
            Standing.DEPUTISED: Text("vertreten", "deputised"),
            Standing.VACANT: Text("unbesetzt", "vacant"),
        },
        None,
    ),
    "case": (Text("der Vorgang", "the case"), _IS, CASE, None),
    "findings": (
        Text("jede Feststellung", "each finding"),
        _IS,
        {
            "settled": Text("bewertet oder behoben", "assessed or remedied"),
            "open": Text("offen", "open"),
        },
        Text("nicht jede Feststellung", "not each finding"),
    ),
    "order": (
        Text("die vorgeschriebene Reihenfolge", "the prescribed order"),
        _IS,
        {"kept": Text("eingehalten", "kept"), "open": Text("noch offen", "still open")},
        None,
    ),
    "pending": (
        Text("der Vorgang", "the case"),
        _IS,
        {
            "nothing": Text(
                "ohne ausstehende Frist oder Sitzung", "without a deadline or sitting to come"
            ),
            "something": Text(
                "noch nicht am Ende seiner Fristen und Sitzungen",
                "not yet through with its deadlines and sittings",
            ),
        },
        None,
    ),
    "participations.all.settled": (
        Text("jede Beteiligung", "each participation"),
        _IS,
        {True: Text("abgeschlossen", "settled")},
        Text("nicht jede Beteiligung", "not each participation"),
    ),
    "participations.any.settled": (
        Text("mindestens eine Beteiligung", "at least one participation"),
        _IS,
        {True: Text("abgeschlossen", "settled")},
        Text("keine Beteiligung", "no participation"),
    ),
    "participations.all.open": (
        Text("jede Beteiligung", "each participation"),
        _IS,
        {True: Text("offen", "open")},
        Text("nicht jede Beteiligung", "not each participation"),
    ),
    "participations.any.open": (
        Text("mindestens eine Beteiligung", "at least one participation"),
        _IS,
        {True: Text("offen", "open")},
        Text("keine Beteiligung", "no participation"),
    ),
}

STANDING: Mapping[Value, Text] = {
    "running": Text("im Lauf", "running"),
    "paused": Text("angehalten", "paused"),
    "met": Text("eingehalten", "met"),
    "lapsed": Text("abgelaufen", "over"),
    None: Text("noch nicht begonnen", "not begun"),
}

MEASURES: Mapping[str, Text] = {
    "measure.kind": Text("die Art des Vorhabens", "the kind of measure"),
    "measure.origin": Text("die Herkunft des Vorhabens", "the origin of the measure"),
    "measure.confidentiality": Text("die Vertraulichkeit", "the confidentiality"),
}

_GIVES = Text("gibt", "gives")
_LETS = Text("lässt", "lets")
_ATTACHES = Text("knüpft", "attaches")
_COUNTS = Text("wertet", "counts")
_OPENS = Text("eröffnet", "opens")
_PERMITS = Text("erlaubt", "permits")
_DEMANDS = Text("verlangt", "demands")

TRAITS: Mapping[str, Mapping[Value, Trait]] = {
    "silence": {
        "none": (_GIVES, Text("dem Schweigen keine Wirkung", "no effect to silence")),
        "approval": (_COUNTS, Text("das Schweigen als Billigung", "silence as approval")),
        "right_lost": (
            _LETS,
            Text("mit der Frist das Recht enden", "the right end with the period"),
        ),
        "disregarded": (
            _LETS,
            Text("verspätete Äußerungen außer Acht", "late statements be disregarded"),
        ),
    },
    "reasons": {
        True: (_DEMANDS, Text("Gründe für jede Abweichung", "reasons for each departure")),
        False: (_DEMANDS, Text("ausdrücklich keine Gründe", "expressly no reasons")),
    },
    "query": {
        "pauses": (
            _LETS,
            Text("die Frist während einer Rückfrage ruhen", "the period rest during a query"),
        ),
        "none": (
            _LETS,
            Text("die Frist trotz einer Rückfrage laufen", "the period run despite a query"),
        ),
    },
    "incomplete": {
        "pauses": (
            _LETS,
            Text(
                "die Frist bei fehlenden Unterlagen ruhen",
                "the period rest while documents are missing",
            ),
        ),
        "none": (
            _LETS,
            Text(
                "die Frist bei fehlenden Unterlagen laufen",
                "the period run though documents are missing",
            ),
        ),
    },
    "referral": {
        "direct": (
            _OPENS,
            Text("jederzeit den Weg zur Vertretung", "the way to the council at any time"),
        ),
        "chair": (
            _OPENS,
            Text(
                "den Weg zur Vertretung über deren Vorsitz",
                "the way to the council through its chair",
            ),
        ),
        "diverging": (
            _OPENS,
            Text(
                "den Weg zur Vertretung bei abweichender Auffassung",
                "the way to the council where views differ",
            ),
        ),
        "none": (_OPENS, Text("keinen Weg zur Vertretung", "no way to the council")),
    },
    "supplement": {
        True: (_DEMANDS, Text("die Anhörung zu Nachträgen", "a hearing on supplements")),
        False: (_DEMANDS, Text("keine Anhörung zu Nachträgen", "no hearing on supplements")),
    },
    "objection": {
        "suspensive": (
            _GIVES,
            Text("dem Widerspruch aufschiebende Wirkung", "an objection the effect of suspending"),
        ),
        "plain": (
            _GIVES,
            Text(
                "einen Widerspruch ohne aufschiebende Wirkung",
                "an objection that suspends nothing",
            ),
        ),
        "none": (_GIVES, Text("keinen Widerspruch", "no objection")),
    },
    "skipped": {
        "none": (
            _ATTACHES,
            Text(
                "an eine unterbliebene Beteiligung keine Folge",
                "no consequence to a participation left out",
            ),
        ),
        "suspension": (
            _ATTACHES,
            Text(
                "an eine unterbliebene Beteiligung die Aussetzung",
                "suspension to a participation left out",
            ),
        ),
        "make_up": (
            _ATTACHES,
            Text(
                "an eine unterbliebene Beteiligung die Nachholung",
                "its making up to a participation left out",
            ),
        ),
        "void": (
            _ATTACHES,
            Text(
                "an eine unterbliebene Beteiligung die Unwirksamkeit",
                "nullity to a participation left out",
            ),
        ),
        "harmless": (
            _LETS,
            Text(
                "eine unterbliebene Beteiligung unbeachtet, wo sie nichts ändert,",
                "a participation left out be harmless where it changes nothing",
            ),
        ),
    },
    "higher_stage": {
        True: (_OPENS, Text("die nächsthöhere Stufe", "the next higher stage")),
        False: (_OPENS, Text("keine weitere Stufe", "no further stage")),
    },
    "parallel": {
        "reasoned": (
            _PERMITS,
            Text(
                "mit Begründung die gleichzeitige Beteiligung anderer",
                "others to take part at the same time for a reason",
            ),
        ),
        "none": (
            _PERMITS,
            Text(
                "keine gleichzeitige Beteiligung anderer",
                "no others to take part at the same time",
            ),
        ),
    },
    "agreed": {
        True: (_PERMITS, Text("eine vereinbarte andere Frist", "another period by agreement")),
        False: (_PERMITS, Text("keine andere Frist", "no other period")),
    },
}
"""What a provision's trait says, after "eine geltende Vorschrift" (a provision in force)."""

TRAIT_TITLES: Mapping[str, Text] = {
    "silence": Text("Schweigen", "Silence"),
    "reasons": Text("Begründung", "Reasons"),
    "query": Text("Rückfrage", "Query"),
    "incomplete": Text("Fehlende Unterlagen", "Missing documents"),
    "referral": Text("Weg zur Vertretung", "Way to the council"),
    "supplement": Text("Nachtrag", "Supplement"),
    "objection": Text("Widerspruch", "Objection"),
    "skipped": Text("Unterbliebene Beteiligung", "Participation left out"),
    "higher_stage": Text("Nächsthöhere Stufe", "Higher stage"),
    "parallel": Text("Gleichzeitige Beteiligung", "Parallel participation"),
    "agreed": Text("Vereinbarte Frist", "Period by agreement"),
}

CONFIDENCE: Mapping[Confidence, Text] = {
    Confidence.VERIFIED_TEXT: Text("Wortlaut geprüft", "wording checked"),
    Confidence.VERIFIED_SECONDARY: Text(
        "ungeprüft (nur aus zweiter Hand gelesen)", "unchecked (read at second hand only)"
    ),
    Confidence.VERIFIED_EXISTS: Text(
        "ungeprüft (Wortlaut nicht gesehen)", "unchecked (wording not seen)"
    ),
    Confidence.MEMORY: Text("ungeprüft (aus der Erinnerung)", "unchecked (from memory)"),
    Confidence.UNCERTAIN: Text("ungeprüft (unsicher)", "unchecked (uncertain)"),
    Confidence.FICTITIOUS: Text("erfunden", "fictitious"),
}
"""How sure the project is of a norm's wording, each word of LAW.md."""

GOVERNS: Mapping[Governs, Text] = {
    Governs.START_EVENT: Text("das Recht am Tag des Beginns", "the law of the day it began"),
    Governs.STEP: Text("das Recht am Tag der Handlung", "the law of the day of the act"),
    Governs.DECISION: Text("das Recht am Tag der Entscheidung", "the law of the day of decision"),
}
