"""A provision taken apart into labelled words, so that two of them can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from engine.core.meanings import StepMeans
from engine.core.rules import Provision
from engine.definitions.clauses import Vocabulary
from engine.definitions.commentary.vocabulary import speech
from engine.definitions.facets import facets
from engine.definitions.library import Definitions
from engine.definitions.provisions import form_title, role, value_title
from engine.definitions.said import TRAIT_TITLES, TRAITS
from engine.errors import Text

Parts: TypeAlias = Mapping[str, tuple[Text, Text]]
"""Key of a part -> its label and its words."""

_WITHOUT = frozenset({"id", "pack", "lineage", "confirmed", "duty.traits", "template"})

LABELS: Mapping[str, Text] = {
    "title": Text("Titel", "Title"),
    "norm": Text("Norm", "Norm"),
    "url": Text("Fundstelle", "Source"),
    "source": Text("Rang", "Rank"),
    "confidence": Text("Prüfstand", "Confidence"),
    "since": Text("In Kraft ab", "In force from"),
    "until": Text("Außer Kraft ab", "Out of force from"),
    "governs": Text("Maßgeblich ist", "What governs"),
    "when": Text("Gilt nur", "Applies only"),
    "land": Text("Land", "Land"),
    "municipality": Text("Körperschaft", "Municipality"),
    "overrides": Text("Geht vor", "Takes the place of"),
    "open_to": Text("Lässt Abweichung zu durch", "May be departed from by"),
    "cites": Text("Beruft sich auf", "Rests on"),
    "duty.kinds": Text("Wer beteiligt wird", "Who takes part"),
    "duty.form": Text("Form", "Form"),
    "duty.concerned": Text("Nur wer berührt ist", "Only those concerned"),
    "duty.counting": Text("Frist", "Period"),
    "duty.variants": Text("Frist im Sonderfall", "Period in the special case"),
    "duty.variants.urgent": Text("Frist im Eilfall", "Period if urgent"),
    "duty.variants.supplement": Text("Frist zu einem Nachtrag", "Period on a supplement"),
    "duty.stages": Text("Frist der Stufe", "Period of the stage"),
    "duty.extended": Text("Verlängerung nur", "Extension only"),
    "duty.agreed": Text("Andere Frist nach Vereinbarung", "Another period by agreement"),
    "duty.documents": Text("Nötige Unterlagen", "Documents needed"),
    "duty.before": Text("Geht anderen voraus", "Comes before others"),
    "duty.terms.*.start": Text("Beginn der Frist", "Start of the period"),
    "duty.terms.*.soll": Text("Sollvorschrift für die Frist", "A soll provision for the period"),
    "duty.terms.*.needs": Text("Bedingung der Frist", "Condition of the period"),
    "table.answers": Text("Betroffenheitsprüfung für", "Table of concern for"),
    "table.asks": Text("Fragen der Tabelle", "Questions of the table"),
    "table.rows": Text("Zeilen der Tabelle", "Rows of the table"),
    "value.name": Text("Wert für", "Value for"),
    "value.counting": Text("Länge", "Length"),
    "value.term.start": Text("Beginn", "Start"),
    "value.term.soll": Text("Sollvorschrift", "A soll provision"),
    "value.term.needs": Text("Bedingung", "Condition"),
    "remedy.means": Text("Art der Abhilfe", "Kind of remedy"),
    "remedy.kinds": Text("Abhilfe für wen", "Remedy for whom"),
    "remedy.owner": Text("Abhilfe durch", "Remedy by"),
    "remedy.cures": Text("Abhilfe bei", "Remedy for"),
    "remedy.counting": Text("Frist der Abhilfe", "Period of the remedy"),
    "remedy.begins": Text("Frist der Abhilfe beginnt mit", "Period of the remedy begins with"),
    "remedy.term.start": Text("Beginn der Abhilfefrist", "Start of the remedy's period"),
    "remedy.term.soll": Text("Abhilfefrist als Sollvorschrift", "Remedy's period as a soll"),
    "remedy.term.needs": Text("Bedingung der Abhilfefrist", "Condition of the remedy's period"),
}


def provision_parts(provision: Provision, definitions: Definitions) -> Parts:
    """Return what a provision says, part by part, in the words of people."""
    names = _Names(definitions)
    found = dict(facets(provision, LABELS, names, _words(definitions), _WITHOUT))
    return {**found, **_traits(provision)}


def _traits(provision: Provision) -> Parts:
    if provision.duty is None:
        return {}
    found: dict[str, tuple[Text, Text]] = {}
    for name, value in provision.duty.traits.items():
        verb, complement = TRAITS.get(name, {}).get(value, (Text("", ""), _plain(str(value))))
        label = TRAIT_TITLES.get(name) or _plain(name)
        said = Text(f"{complement.de} {verb.de}".strip(), f"{verb.en} {complement.en}".strip())
        found[f"duty.traits.{name}"] = (label, said)
    return found


def _words(definitions: Definitions) -> Vocabulary:
    return speech(definitions.library.case_workflow(), definitions).words


class _Names:
    """Returns what people call an id, or the words themselves where they are no id."""

    def __init__(self, definitions: Definitions) -> None:
        library = definitions.library
        workflows = [library.workflow(pin) for pin in library.current.values()]
        steps = [step for w in workflows for step in w.steps.values()]
        self._known = {
            **{s.means.value: s.title for s in reversed(steps) if s.means in StepMeans},
            **{k: title for w in workflows for k, title in w.findings.items()},
            **{f.id: f.question for f in library.facts.values()},
            **{w.form: form_title(w.form, definitions) for w in workflows if w.form},
            **{p.id: Text(p.norm, p.norm) for pack in library.packs for p in pack.provisions},
            **{k: kind.title for k, kind in definitions.kinds.items()},
        }
        rules = [rule for w in workflows for rule in w.deadlines.values()]
        values = {rule.value for rule in rules} | {s.value for w in workflows for s in w.plan}
        self._known |= {v: value_title(v, definitions) for v in values if v not in self._known}
        self._definitions = definitions

    def __call__(self, name: str) -> Text:
        return self._known.get(name) or role(name, self._definitions)


def _plain(words: str) -> Text:
    return Text(words.replace("_", " "), words.replace("_", " "))
