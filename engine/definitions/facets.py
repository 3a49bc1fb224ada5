"""Any value of the core taken apart into labelled words, so that two of them can be compared.

A part that somebody adds to a provision or a step shows under its own name until it gets a
label here; it is never left out of a comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

from engine.core.conditions import All, AnyOf, Is, Not, Within
from engine.core.counting import Counting
from engine.core.meanings import Confidence, Event, Governs, Source
from engine.core.phrases import RANKS
from engine.core.wording import day_text
from engine.definitions.clauses import Vocabulary, lines
from engine.definitions.provisions import EVENTS, length
from engine.definitions.said import CONFIDENCE, GOVERNS
from engine.errors import Text

Names = Callable[[str], Text]
"""What people call an id: a kind of office, a state, a step, a provision."""

Facets = Mapping[str, tuple[Text, Text]]
"""Key of a part -> its label and its words, in the order of the value's own parts."""

NOTHING = Text("nichts", "nothing")

_ENUMS: tuple[tuple[type[Enum], Mapping[Any, Text]], ...] = (
    (Confidence, CONFIDENCE),
    (Source, RANKS),
    (Governs, GOVERNS),
    (Event, EVENTS),
)
_YES_NO = {True: Text("ja", "yes"), False: Text("nein", "no")}


def facets(
    value: Any,
    labels: Mapping[str, Text],
    names: Names,
    words: Vocabulary,
    leave: Iterable[str] = (),
) -> Facets:
    """Return the parts of a dataclass with their labels and words.

    A part that is a dataclass itself is taken apart in its turn (`duty.counting`); parts
    named in `leave` are left out. A part that is empty or None is not there.
    """
    without = frozenset(leave)
    return dict(_parts(value, labels, _Speaker(names, words), "", without))


def _parts(
    value: Any, labels: Mapping[str, Text], say: _Speaker, path: str, leave: frozenset[str]
) -> Iterator[tuple[str, tuple[Text, Text]]]:
    for part in fields(value):
        name = f"{path}{part.name}"
        held = getattr(value, part.name)
        if name in leave or held is None or _empty(held):
            continue
        if _nested(held):
            yield from _parts(held, labels, say, f"{name}.", leave)
        elif isinstance(held, Mapping):
            for key, inner in held.items():
                yield from _inside(f"{name}.{key}", key, name, inner, labels, say, leave)
        else:
            yield name, (_label(labels, name), say(held))


def _inside(
    path: str,
    key: str,
    name: str,
    held: Any,
    labels: Mapping[str, Text],
    say: _Speaker,
    leave: frozenset[str],
) -> Iterator[tuple[str, tuple[Text, Text]]]:
    """Yield one entry of a mapping: under a label of its own, or the mapping's and its key."""
    if _nested(held):
        for inner, (label, said) in _parts(held, labels, say, f"{name}.*.", leave):
            shown = _joined_label(label, say.named(key))
            yield inner.replace("*", key), (shown, said)
        return
    label = labels.get(path) or _joined_label(_label(labels, name), say.named(key))
    yield path, (label, say(held))


class _Speaker:
    """Puts a single value into words."""

    def __init__(self, names: Names, words: Vocabulary) -> None:
        self.named = names
        self._words = words

    def __call__(self, value: Any) -> Text:
        if isinstance(value, Text):
            return value
        if isinstance(value, bool):
            return _YES_NO[value]
        if isinstance(value, All | AnyOf | Is | Not | Within):
            return _joined(lines(value, self._words), "; ")
        if isinstance(value, Counting):
            return length(value)
        return self._simple(value)

    def _simple(self, value: Any) -> Text:
        for kind, said in _ENUMS:
            if isinstance(value, kind):
                return said[value]
        if isinstance(value, Enum):
            return self.named(str(value.value))
        if isinstance(value, date):
            return day_text(value)
        if isinstance(value, str):
            return self.named(value)
        if isinstance(value, frozenset | set):
            return _joined(sorted(map(self, value), key=lambda t: t.de))
        if isinstance(value, tuple | list):
            return _joined(map(self, value))
        return self._rest(value)

    def _rest(self, value: Any) -> Text:
        if is_dataclass(value) and not isinstance(value, type):
            held = [getattr(value, f.name) for f in fields(value)]
            return _joined([self(h) for h in held if h is not None and not _empty(h)], " ")
        return Text(str(value), str(value))


def _nested(value: Any) -> bool:
    speaks = (Text, Counting, All, AnyOf, Is, Not, Within, type)
    return is_dataclass(value) and not isinstance(value, speaks)


def _empty(value: Any) -> bool:
    nothing = isinstance(value, str | tuple | list | frozenset | Mapping) and not value
    return nothing or (isinstance(value, All) and not value.parts)


def _label(labels: Mapping[str, Text], name: str) -> Text:
    plain = name.rpartition(".")[2].replace("_", " ")
    return labels.get(name) or Text(plain, plain)


def _joined_label(label: Text, key: Text) -> Text:
    return Text(f"{label.de} „{key.de}“", f"{label.en} '{key.en}'")


def _joined(rows: Iterable[Text], between: str = ", ") -> Text:
    found = tuple(rows)
    return Text(between.join(r.de for r in found), between.join(r.en for r in found))
