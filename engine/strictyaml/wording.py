"""What is wrong with a value, in words for someone who knows the field and not pydantic."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, get_args

from pydantic_core.core_schema import ErrorType

from engine.errors import Text
from engine.strictyaml.forms import (
    BOUNDS,
    CHOICES,
    DATES,
    FORMATS,
    FORMS,
    LIST,
    MAPPING,
    MOMENTS,
    WHOLE,
)
from engine.strictyaml.nodes import Path
from engine.strictyaml.problems import did_you_mean, quoted, suggest, unknown

_MOST_WORDS = 15
_WORD = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|-?[0-9]+|True|False|None")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_GERMAN_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_OF_PYDANTIC = frozenset(get_args(ErrorType))
_A_KEY = Text("Der Schlüssel", "The key")
_BLANK_AFTER_COLON = Text(
    " Fehlt nach dem Doppelpunkt ein Leerzeichen?", " Is a blank missing after the colon?"
)


def is_form(kind: str) -> bool:
    """Return whether the error says that a value has the wrong form (text, list, number ...)."""
    return kind in FORMS


def is_choice(kind: str) -> bool:
    """Return whether the error says that a value is none of the permitted words."""
    return kind in CHOICES


def wanted(kind: str, context: dict[str, Any]) -> Text | None:
    """Return what a place takes, as far as the error tells."""
    if "wanted" in context:
        return Text(context["wanted"].de, context["wanted"].en)
    return _one_of(_permitted(context)) if kind in CHOICES else FORMS.get(kind)


def unknown_key(word: str, value: object, known: Iterable[str]) -> Text:
    """Return the words for a key that the model does not have."""
    if value is None and ":" in word:  # {means:draft} is a key without a value
        return _joined(unknown(_A_KEY, word, ()), _BLANK_AFTER_COLON)
    return unknown(_A_KEY, word, known)


def intended_key(word: str, value: object, known: Iterable[str]) -> str | None:
    """Return the key that an unknown one was most likely meant to be."""
    return suggest(word.partition(":")[0] if value is None else word, known)


def missing(path: Path, names: list[str | int]) -> Text:
    """Return the words for the keys (or the elements of a tuple) that a place lacks."""
    if any(isinstance(name, int) for name in names):
        count = min(int(name) for name in names)
        where = _subject(path)
        return Text(
            f"{where.de} hat {count} von {count + len(names)} Einträgen, die es braucht.",
            f"{where.en} has {count} of the {count + len(names)} entries that it needs.",
        )
    listed, one = ", ".join(map(quoted, names)), len(names) == 1
    de = f"fehlt der Schlüssel {listed}" if one else f"fehlen die Schlüssel {listed}"
    en = f"the key {listed} is missing" if one else f"the keys {listed} are missing"
    place = _place(path) if path else Text("der Datei", "the file")
    return Text(f"In {place.de} {de}.", f"In {place.en} {en}.")


def fault(
    kind: str,
    path: Path,
    given: object,
    context: dict[str, Any],
    message: str,
    *,
    on_key: bool = False,
) -> Text:
    """Return the words for an error of pydantic (`kind`, `context`, `message`) at `path`."""
    subject = _key(path) if on_key else _subject(path)
    if "wanted" in context or kind in FORMS:
        return _form(subject, wanted(kind, context) or MAPPING, given)
    if kind in CHOICES and on_key:
        return unknown(_A_KEY, str(given), _permitted(context))
    if kind in CHOICES:
        return _choice(subject, given, context)
    if kind in DATES:
        return _date(str(given))
    if kind in MOMENTS:
        return _sentence(subject, MOMENTS[kind], given)
    if kind in FORMATS:
        return _sentence(subject, FORMATS[kind], given)
    if kind in BOUNDS:
        return _bound(subject, given, BOUNDS[kind](context))
    if kind in {"value_error", "assertion_error"}:
        return _raised(subject, context.get("error"), message)
    return _other(kind, subject, given, context, message)


def _form(subject: Text, form: Text, given: object) -> Text:
    return _joined(_sentence(subject, form, given), _remedy(form, given))


def _sentence(subject: Text, form: Text, given: object) -> Text:
    actual = _actual(given)
    return Text(
        f"{subject.de} verlangt {form.de}; hier steht {actual.de}.",
        f"{subject.en} takes {form.en}; found {actual.en}.",
    )


def _remedy(form: Text, given: object) -> Text:
    """Return the next step where the slip is a common one."""
    if isinstance(given, str) and ":" in given and form == MAPPING:
        return _BLANK_AFTER_COLON
    if isinstance(given, str | int) and form == LIST:
        word = str(given).lower() if isinstance(given, bool) else quoted(given)[1:-1]
        return Text(f" Schreiben Sie [{word}].", f" Write [{word}].")
    if isinstance(given, int) and form == FORMS["string_type"]:
        word = str(given).lower()
        return Text(f' Schreiben Sie "{word}" in Anführungszeichen.', f' Write "{word}" in quotes.')
    bare = isinstance(given, str) and (
        (form == WHOLE and re.fullmatch(r"-?[0-9]+", given))
        or (form == FORMS["bool_type"] and given in {"true", "false"})
    )
    if bare:
        return Text(
            f" Schreiben Sie {given} ohne Anführungszeichen.", f" Write {given} without quotes."
        )
    return Text("", "")


def _actual(given: object) -> Text:
    if given is None:
        return Text("nichts", "nothing")
    if isinstance(given, bool):
        word = str(given).lower()
        return Text(f"der Wahrheitswert {word}", f"the truth value {word}")
    if isinstance(given, int):
        return Text(f"die Zahl {given}", f"the number {given}")
    if isinstance(given, str):
        return Text(f"der Text {quoted(given)}", f"the text {quoted(given)}")
    return (
        Text("eine Liste", "a list")
        if isinstance(given, list)
        else Text("eine Zuordnung", "a mapping")
    )


def _choice(subject: Text, given: object, context: dict[str, Any]) -> Text:
    words = _permitted(context)
    if not isinstance(given, str):
        return _sentence(subject, _one_of(words), given)
    likely = suggest(given, words)
    allowed = Text(f" Erlaubt: {_listed(words)}.", f" Allowed: {_listed(words)}.")
    hint = did_you_mean(likely) if likely else Text("", "")
    rest = Text("", "") if words == [likely] else allowed
    return Text(
        f"{subject.de} kennt {quoted(given)} nicht.{hint.de}{rest.de}",
        f"{subject.en} does not know {quoted(given)}.{hint.en}{rest.en}",
    )


def _permitted(context: dict[str, Any]) -> list[str]:
    expected = str(context.get("expected") or context.get("expected_tags") or "")
    return [word.strip("'\"") for word in _WORD.findall(expected)]


def _one_of(words: list[str]) -> Text:
    listed = _listed(words)
    if len(words) == 1:
        return Text(f"das Wort {listed}", f"the word {listed}")
    return Text(f"eines der Wörter {listed}", f"one of the words {listed}")


def _listed(words: list[str]) -> str:
    more = ["…"] if len(words) > _MOST_WORDS else []
    return ", ".join([*words[:_MOST_WORDS], *more])


def _date(word: str) -> Text:
    if _ISO_DAY.fullmatch(word):
        return Text(f"Den Tag {word} gibt es nicht.", f"There is no day {word}.")
    likely = _as_iso(word)
    if likely:
        return Text(
            f"{quoted(word)} ist kein Datum JJJJ-MM-TT. Meinten Sie {likely}?",
            f"{quoted(word)} is no date YYYY-MM-DD. Did you mean {likely}?",
        )
    return Text(
        f"{quoted(word)} ist kein Datum. Schreiben Sie es als JJJJ-MM-TT, etwa 2026-03-12.",
        f"{quoted(word)} is no date. Write it as YYYY-MM-DD, such as 2026-03-12.",
    )


def _as_iso(word: str) -> str | None:
    german = _GERMAN_DAY.fullmatch(word.strip())
    try:
        return german and date(int(german[3]), int(german[2]), int(german[1])).isoformat()
    except ValueError:
        return None


def _bound(subject: Text, given: object, rule: Text) -> Text:
    if not isinstance(given, str | int):
        return Text(f"{subject.de} {rule.de}.", f"{subject.en} {rule.en}.")
    actual = _actual(given)
    return Text(
        f"{subject.de} {rule.de}; hier steht {actual.de}.",
        f"{subject.en} {rule.en}; found {actual.en}.",
    )


def _raised(subject: Text, cause: object, message: str) -> Text:
    text = getattr(cause, "text", None)
    if isinstance(text, Text):
        return text
    words = str(cause) or message
    return Text(f"{subject.de}: {words}", f"{subject.en}: {words}")


def _other(kind: str, subject: Text, given: object, context: dict[str, Any], message: str) -> Text:
    if kind not in _OF_PYDANTIC:  # A PydanticCustomError speaks for itself.
        return Text(str(context.get("de", message)), message)
    actual = _actual(given)
    return Text(
        f"{subject.de} nimmt diesen Wert nicht an; hier steht {actual.de} (pydantic: {message}).",
        f"{subject.en} does not take this value; found {actual.en} (pydantic: {message}).",
    )


def _subject(path: Path) -> Text:
    place = _place(path)
    return Text(place.de[0].upper() + place.de[1:], place.en[0].upper() + place.en[1:])


def _key(path: Path) -> Text:
    return Text(f"Der Schlüssel {quoted(path[-1])}", f"The key {quoted(path[-1])}")


def _place(path: Path) -> Text:
    """Return the name of a value in the middle of a sentence; the mark says the rest."""
    keys = [quoted(step) for step in path if isinstance(step, str)]
    if not path:
        return Text("die Datei", "the file")
    if isinstance(path[-1], str):
        return Text(keys[-1], keys[-1])
    number = path[-1] + 1
    if not keys:
        return Text(f"Eintrag {number}", f"entry {number}")
    return Text(f"Eintrag {number} von {keys[-1]}", f"entry {number} of {keys[-1]}")


def _joined(first: Text, second: Text) -> Text:
    return Text(first.de + second.de, first.en + second.en)
