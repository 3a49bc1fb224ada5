"""Conditions as sentences: what must be so, in words that can stand in a Dienstanweisung.

Each line of a condition becomes a clause with a subject, a complement and a verb, so that
German can put the verb second ("die Frist ist abgelaufen") or last ("wenn die Frist
abgelaufen ist"). Names come from a `Vocabulary`, which knows what a definition calls them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from engine.core.conditions import All, AnyOf, Condition, Is, Not, Value, Within
from engine.definitions.said import MEASURES, STANDING, SURVEYS, TRAITS
from engine.errors import Text

_YES_NO: Mapping[Value, Text] = {
    True: Text("mit Ja beantwortet", "answered with yes"),
    False: Text("mit Nein beantwortet", "answered with no"),
    None: Text("nicht beantwortet", "not answered"),
}
_IS = Text("ist", "is")
_MADE: Mapping[Value, Text] = {
    True: Text("gemacht", "given"),
    None: Text("nicht gemacht", "not given"),
}


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a definition calls the things that its conditions name.

    `names` has a title for each dotted name (`given.<field>`, `deadline.<name>`,
    `measure.<fact>`, `before.<form>`, `step.<id>`) and each state; `values` the words for a
    value of a name; `answers` the names that are answered with yes or no.
    """

    names: Mapping[str, Text] = field(default_factory=dict)
    values: Mapping[tuple[str, Value], Text] = field(default_factory=dict)
    answers: frozenset[str] = frozenset()

    def named(self, name: str) -> Text:
        """Return the title of a name; one without a title shows without its head."""
        plain = name.rpartition(".")[2].replace("_", " ")
        return self.names.get(name) or Text(plain, plain)

    def value(self, name: str, value: Value) -> Text:
        """Return the words for a value of a name."""
        plain = str(value).replace("_", " ")
        return self.values.get((name, value)) or Text(plain, plain)


@dataclass(frozen=True, slots=True)
class Clause:
    """A statement in its parts: any of the `options` may be what completes it.

    `denied` is the subject of its negation, if that differs.
    """

    subject: Text
    verb: Text
    options: tuple[Text, ...]
    denied: Text | None = None

    def said(self, *, negated: bool = False, last: bool = False) -> Text:
        """Return the clause, denied or not, the German verb second or `last`."""
        whole = (
            self._denied()
            if negated
            else Text(_listed(self.options, "de"), _listed(self.options, "en"))
        )
        subject = self.denied if negated and self.denied is not None else self.subject
        end = (whole.de, self.verb.de) if last else (self.verb.de, whole.de)
        return Text(f"{subject.de} {' '.join(end)}", f"{subject.en} {self.verb.en} {whole.en}")

    def _denied(self) -> Text:
        rows = self.options
        if self.denied is not None:
            return Text(_listed(rows, "de"), _listed(rows, "en"))
        if len(rows) == 1:
            return Text(f"nicht {rows[0].de}", f"not {rows[0].en}")
        de, en = " noch ".join(r.de for r in rows), " nor ".join(r.en for r in rows)
        return Text(f"weder {de}", f"neither {en}")


def lines(condition: Condition, words: Vocabulary) -> tuple[Text, ...]:
    """Return one sentence for each requirement of a condition; none for an empty one.

    >>> [line.de for line in lines(Is("documents", frozenset({"complete"})), Vocabulary())]
    ['die Unterlagen sind vollständig']
    """
    parts = condition.parts if isinstance(condition, All) else (condition,)
    return tuple(clause(part, words) for part in parts)


def clause(
    condition: Condition, words: Vocabulary, *, last: bool = False, negated: bool = False
) -> Text:
    """Return a condition as one clause; `last` puts the German verb at its end."""
    match condition:
        case Not(part):
            return clause(part, words, last=last, negated=not negated)
        case All(parts) | AnyOf(parts):
            # Not all of them: at least one not. None of them: each of them not.
            either = isinstance(condition, AnyOf) != negated
            return _joined((clause(p, words, last=last, negated=negated) for p in parts), either)
        case Is(name, accepted):
            return _is(name, accepted, words).said(negated=negated, last=last)
        case Within(name, least, None) if negated and least is not None:
            return clause(Within(name, most=least - 1), words, last=last)
        case Within(name, None, most) if negated and most is not None:
            return clause(Within(name, least=most + 1), words, last=last)
        case Within(name, least, most):
            return _within(name, least, most, words).said(negated=negated, last=last)


def _joined(parts: Iterable[Text], either: bool) -> Text:
    rows = tuple(parts)
    de, en = (", oder ", ", or ") if either else (" und ", " and ")
    return Text(de.join(r.de for r in rows), en.join(r.en for r in rows))


def _is(name: str, accepted: frozenset[Value], words: Vocabulary) -> Clause:
    head, _, tail = name.partition(".")
    if name in SURVEYS:
        return _survey(name, accepted)
    if head == "provision":
        return _trait(tail, accepted)
    if head == "deadline":
        title = words.named(name)
        subject = Text(f"die Frist „{title.de}“", f"the deadline '{title.en}'")
        return Clause(subject, _IS, _among(STANDING, accepted))
    if head == "before":
        title = words.named(name)
        subject = Text(f"die Beteiligung „{title.de}“", f"the participation '{title.en}'")
        return Clause(subject, _IS, (Text("abgeschlossen", "settled"),))
    if head == "actor":
        title = words.named("step." + tail.partition(".")[2])
        other = Text(f"eine andere als bei „{title.de}“", f"another than for '{title.en}'")
        return Clause(Text("die handelnde Person", "the person who acts"), _IS, (other,))
    return _answer(name, accepted, words)


def _survey(name: str, accepted: frozenset[Value]) -> Clause:
    """Return a clause about what the engine sees at a glance: documents, office, case."""
    subject, verb, rows, denied = SURVEYS[name]
    return Clause(subject, verb, _among(rows, accepted), denied)


def _trait(name: str, accepted: frozenset[Value]) -> Clause:
    found = _among(TRAITS.get(name, {}), accepted)
    rule = Text("eine geltende Vorschrift", "a provision in force")
    none = Text("keine geltende Vorschrift", "no provision in force")
    if len({verb for verb, _ in found}) == 1:
        return Clause(rule, found[0][0], tuple(c for _, c in found), none)
    said = tuple(Text(f"„{c.de} {v.de}“", f"'{v.en} {c.en}'") for v, c in found)
    return Clause(rule, Text("bestimmt", "lays down"), said, none)


def _answer(name: str, accepted: frozenset[Value], words: Vocabulary) -> Clause:
    """Return a clause about something that was asked for: yes or no, a choice, a text."""
    subject = _subject(name, words)
    if name in words.answers:
        return Clause(subject, _IS, _among(_YES_NO, accepted))
    if accepted <= {True, None} and name.startswith("given."):
        return Clause(subject, _IS, _among(_MADE, accepted))
    known = [value for of, value in words.values if of == name and value in accepted]
    rest = sorted(accepted - set(known), key=str)
    rows = [words.value(name, value) for value in (*known, *rest)]
    quoted = tuple(Text(f"„{row.de}“", f"'{row.en}'") for row in rows)
    return Clause(subject, _IS if name == "state" else Text("lautet", "is"), quoted)


def _within(name: str, least: int | None, most: int | None, words: Vocabulary) -> Clause:
    if least is not None and most is not None:
        span = Text(f"{least} bis {most}", f"{least} to {most}")
    elif least is not None:
        span = Text(f"mindestens {least}", f"at least {least}")
    else:
        span = Text("0", "0") if most == 0 else Text(f"höchstens {most}", f"at most {most}")
    return Clause(_subject(name, words), Text("beträgt", "is"), (span,))


def _subject(name: str, words: Vocabulary) -> Text:
    if name in MEASURES:
        return MEASURES[name]
    title, head = words.named(name), name.partition(".")[0]
    if head == "measure":
        return Text(f"die Frage „{title.de}“", f"the question '{title.en}'")
    if head == "state":
        return Text("der Stand", "the state")
    return Text(f"die Angabe „{title.de}“", f"the entry '{title.en}'")


def _among(rows: Mapping[Value, Row], accepted: frozenset[Value]) -> tuple[Row, ...]:
    return tuple(said for value, said in rows.items() if value in accepted)


def _listed(rows: tuple[Text, ...], language: str) -> str:
    """Return words in a row, the last with "oder" (or) before it."""
    *first, last = (row.in_(language) for row in rows) if rows else ("–",)
    word = " or " if language == "en" else " oder "
    return word.join([", ".join(first), last]) if first else last
