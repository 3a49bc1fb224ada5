"""What a provision lays down, in words: a duty, a value or a remedy, with its lengths."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.counting import Backward, Counting, Roll
from engine.core.meanings import Event
from engine.core.retention import TITLES as RETENTION
from engine.core.rules import BARE, Duty, NamedValue, Provision, Remedy, Term
from engine.core.workflow import CLOCK, ENGINE
from engine.definitions.library import Definitions
from engine.errors import NotFound, Text

EVENTS = {
    Event.RECEIPT: Text("Zugang", "receipt"),
    Event.KNOWLEDGE: Text("Kenntnis", "knowledge"),
    Event.INFORMATION: Text("Unterrichtung", "information"),
    Event.SENDING: Text("Absendung", "sending"),
    Event.APPLICATION: Text("Antrag", "application"),
    Event.DECISION: Text("Entscheidung", "decision"),
    Event.SITTING: Text("Sitzung", "sitting"),
    Event.MINUTES: Text("Unterzeichnung der Niederschrift", "signing of the minutes"),
    Event.PUBLICATION: Text("Bekanntmachung", "publication"),
    Event.DISPLAY: Text("Auslegung", "display"),
    Event.DEMAND: Text("Verlangen", "demand"),
    Event.REASONS: Text("Begründung", "reasons"),
    Event.OBJECTION: Text("Widerspruch", "objection"),
    Event.FAILURE: Text("Scheitern", "failure"),
    Event.ELECTION: Text("Wahl", "election"),
    Event.CLOSING: Text("Abschluss des Vorgangs", "closing of the case"),
    Event.LEAVING: Text("Ausscheiden", "leaving"),
}
"""What starts a period, after "ab" (from)."""

VARIANTS = {
    "period": Text("", ""),
    "urgent": Text("im Eilfall ", "if urgent "),
    "supplement": Text("zu einem Nachtrag ", "on a supplement "),
}

_RELATIONS = {
    "lead": Text("federführende Stelle", "lead department"),
    "office": Text("beteiligte Stelle", "office that takes part"),
    "deputy": Text("Vertretung der Stelle", "deputy of the office"),
    "owner": Text("zuständige Stelle", "office that owes it"),
    "superior": Text("vorgesetzte Stelle", "superior office"),
    "excepted": Text("Stellen, deren Beteiligung verneint wurde", "offices held not concerned"),
    "demanding": Text("Stelle, die Beteiligung verlangt", "office that demands to take part"),
    "participants": Text("alle beteiligten Stellen", "all offices that take part"),
    "remedy": Text("wer zur Abhilfe verpflichtet ist", "whoever owes the remedy"),
    CLOCK: Text("Fristenlauf (von selbst)", "the clock (by itself)"),
    ENGINE: Text("Folge eines anderen Schritts", "what follows from another step"),
}


def role(name: str, definitions: Definitions) -> Text:
    """Return what people call a role: a kind of office, or a relation to the case."""
    if name in definitions.kinds:
        return definitions.kinds[name].title
    return _RELATIONS.get(name) or Text(name, name)


def content(provision: Provision, definitions: Definitions) -> Text:
    """Return in a few words what a provision lays down; empty if it is only cited."""
    parts: list[Text] = []
    if provision.duty is not None:
        parts += duty_parts(provision.duty, definitions)
    if provision.value is not None:
        parts += value_parts(provision.value, definitions)
    if provision.table is not None:
        rows = len(provision.table.rows)
        parts.append(
            Text(f"Betroffenheitsprüfung, Zeilen: {rows}", f"table of concern, rows: {rows}")
        )
    if provision.remedy is not None:
        parts += remedy_parts(provision.remedy, definitions)
    return Text(", ".join(p.de for p in parts), ", ".join(p.en for p in parts))


def duty_parts(duty: Duty, definitions: Definitions) -> Iterator[Text]:
    """Yield who takes part in which form, and then each length by its name."""
    kinds = [role(kind, definitions) for kind in sorted(duty.kinds)]
    form = form_title(duty.form, definitions)
    yield Text(
        f"{form.de}: {', '.join(kind.de for kind in kinds)}",
        f"{form.en}: {', '.join(kind.en for kind in kinds)}",
    )
    yield from lengths(duty, definitions)


def lengths(duty: Duty, definitions: Definitions) -> Iterator[Text]:
    """Yield the lengths that a duty names: the usual one, variants, stages."""
    every = {} if duty.counting is None else {"period": duty.counting}
    for name, counting in (every | dict(duty.variants) | dict(duty.stages)).items():
        said = length(counting, duty.terms.get(name, BARE))
        if name in VARIANTS:
            before = VARIANTS[name]
            yield Text(f"{before.de}{said.de}", f"{before.en}{said.en}")
        else:
            stage = value_title(name, definitions)
            yield Text(f"{stage.de} {said.de}", f"{stage.en} {said.en}")


def value_parts(value: NamedValue, definitions: Definitions) -> Iterator[Text]:
    """Yield the title of a local value, and its length."""
    yield value_title(value.name, definitions)
    yield length(value.counting, value.term)


def remedy_parts(remedy: Remedy, definitions: Definitions) -> Iterator[Text]:
    """Yield who owes a remedy, and its length if it has one."""
    owner = role(remedy.owner, definitions)
    yield Text(f"Abhilfe durch {owner.de}", f"remedy by {owner.en}")
    if remedy.counting is not None:
        yield length(remedy.counting, remedy.term)


def length(counting: Counting, term: Term = BARE) -> Text:
    """Return a period in words, with its bounds and what the norm says beside its length."""
    said = [counting.period.text, *_manner(counting), *_beside(term)]
    return Text(" ".join(s.de for s in said), " ".join(s.en for s in said))


def _manner(counting: Counting) -> Iterator[Text]:
    """Yield how a period is counted, where that is not the usual way."""
    if counting.at_least is not None:
        least = counting.at_least.text
        yield Text(f"(mindestens {least.de})", f"(at least {least.en})")
    if counting.at_most is not None:
        most = counting.at_most.text
        yield Text(f"(höchstens {most.de})", f"(at most {most.en})")
    if counting.backward is Backward.CLEAR:
        yield Text("vorher (volle Tage dazwischen)", "before (full days between)")
    elif counting.backward is Backward.NTH:
        yield Text("vorher", "before")
    if counting.day_start:
        yield Text("(der erste Tag zählt mit)", "(the first day counts)")
    if counting.backward is None and counting.rolls is Roll.NONE:
        yield Text("(ohne Verschiebung am Wochenende)", "(not moved at a weekend)")


def _beside(term: Term) -> Iterator[Text]:
    if term.start is not None:
        yield Text(f"ab {EVENTS[term.start].de}", f"from {EVENTS[term.start].en}")
    if term.soll:
        yield Text("(Sollvorschrift)", "(a soll provision)")
    if term.needs is not None:
        yield Text(f"(nur: {term.needs.de})", f"(only: {term.needs.en})")


def value_title(name: str, definitions: Definitions) -> Text:
    """Return what people call a local value: the title of the deadline or stage that needs it."""
    if name in RETENTION:
        return RETENTION[name]
    library = definitions.library
    workflows = [library.workflow(pin) for pin in library.current.values()]
    rules = [rule for w in workflows for rule in w.deadlines.values() if rule.value == name]
    rules.sort(key=lambda rule: rule.name != name)
    titles = [rule.title for rule in rules]
    titles += [stage.title for w in workflows for stage in w.plan if stage.value == name]
    return titles[0] if titles else Text(_plain(name), _plain(name))


def form_title(form: str, definitions: Definitions) -> Text:
    """Return the title of a form of participation; its id where no workflow carries it."""
    try:
        return definitions.library.for_form(form).title
    except NotFound:
        return Text(_plain(form), _plain(form))


def _plain(name: str) -> str:
    return name.replace("_", " ")
