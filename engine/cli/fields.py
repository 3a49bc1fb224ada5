"""From words on the command line to the fields of a step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from engine.core.workflow import Field
from engine.errors import InputError

YES = frozenset({"ja", "yes", "true", "1"})
NO = frozenset({"nein", "no", "false", "0"})


def fields_from(
    takes: Iterable[Field], sets: list[str], points: list[str], weighs: list[str]
) -> dict[str, Any]:
    """Return the fields of a step from `name=value` words, points and weighings."""
    known = {f.name: f for f in takes}
    found: dict[str, Any] = {}
    for word in sets:
        name, eq, value = word.partition("=")
        if not eq:
            raise InputError(
                f"--set {word}: gemeint ist name=wert.", f"--set {word}: write name=value."
            )
        found[name] = _typed(known.get(name), name, value)
    for wanted in known.values():
        if wanted.type == "points" and points:
            found[wanted.name] = [{"number": n, "text": p} for n, p in enumerate(points, start=1)]
        if wanted.type == "weighing" and weighs:
            found[wanted.name] = [_weighed(word) for word in weighs]
        if wanted.type == "facts" and sets:
            found = {wanted.name: {k: _truth(k, v) for k, v in found.items()}}
    return found


def _typed(wanted: Field | None, name: str, value: str) -> Any:
    if wanted is None:
        return value
    if wanted.type == "bool":
        return _truth(name, value)
    if wanted.type in ("number", "finding"):
        if not value.isdecimal():
            raise InputError(
                f"{name}: „{value}“ ist keine Zahl.", f"{name}: '{value}' is no number."
            )
        return int(value)
    if wanted.type == "day":
        return day_from(value).isoformat()
    return value


def _truth(name: str, value: Any) -> bool:
    word = str(value).casefold()
    if word not in YES | NO:
        raise InputError(
            f"{name}: ja oder nein, nicht „{value}“.", f"{name}: yes or no, not '{value}'."
        )
    return word in YES


def _weighed(word: str) -> dict[str, Any]:
    number, _, answer = word.partition("=")
    response, _, reason = answer.partition(":")
    if not number.isdecimal() or response not in ("followed", "partly", "not_followed"):
        raise InputError(
            f"--weigh {word}: gemeint ist '1=followed', '1=partly:Grund' oder "
            "'1=not_followed:Grund'.",
            f"--weigh {word}: write '1=followed', '1=partly:reason' or '1=not_followed:reason'.",
        )
    return {"number": int(number), "response": response, "reason": reason}


def pair_from(word: str) -> tuple[str, Path]:
    """Return kind and path of a document named as `kind=path`."""
    kind, eq, path = word.partition("=")
    if not eq:
        raise InputError(
            f"--document {word}: gemeint ist art=pfad, z. B. vorlage=Vorlage.pdf.",
            f"--document {word}: write kind=path, e.g. vorlage=paper.pdf.",
        )
    return kind, Path(path)


def day_from(word: str) -> date:
    """Return the day written as JJJJ-MM-TT."""
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise InputError(
            f"„{word}“ ist kein Tag. Schreiben Sie ihn als JJJJ-MM-TT.",
            f"'{word}' is no day. Write it as YYYY-MM-DD.",
        ) from None
