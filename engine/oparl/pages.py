"""One file or list page of OParl: the objects on it and the addresses it names."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from engine.errors import InputError

TYPES = frozenset(
    {
        *("System", "Body", "LegislativeTerm", "Organization", "Person", "Membership"),
        *("Meeting", "AgendaItem", "Paper", "Consultation", "File", "Location"),
    }
)
"""The twelve types of object that OParl knows."""

LISTS = {"System": ("body",), "Body": ("organization", "meeting", "paper")}
"""The properties whose lists are followed, by the type of the object that has them."""

Entries = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The objects of one file or list page, each with its JSON pointer.

    `read` counts the objects of this list up to here, `total` is how many the source says
    the list has. `following` is the address of the next page, `lists` those of the lists
    that systems and bodies on this page name.
    """

    source: str
    entries: Entries
    read: int
    total: int | None
    following: str | None
    lists: tuple[str, ...]


def page(content: bytes, source: str, before: int = 0) -> Page:
    """Return what a file or an answer holds, `before` objects of its list having been read.

    It is a list response, an array or a single object; InputError if it is no JSON or
    holds no object of OParl.
    """
    document = _json(content, source)
    envelope = document if isinstance(document, dict) else {}
    entries = _entries(document)
    if entries and not any(kind(thing) for _, thing in entries):
        raise InputError(
            f"{source}: Darin steht kein OParl-Objekt. Erkannt werden Objekte an ihrem `type`, "
            "etwa https://schema.oparl.org/1.1/Paper.",
            f"{source}: It holds no OParl object. Objects are recognised by their `type`, such "
            "as https://schema.oparl.org/1.1/Paper.",
        )
    total = _within(envelope, "pagination", "totalElements")
    following = _within(envelope, "links", "next")
    return Page(
        source,
        entries,
        read=before + len(entries),
        total=total if isinstance(total, int) else None,
        following=following if isinstance(following, str) and following.strip() else None,
        lists=tuple(_lists(entries)),
    )


def kind(thing: object) -> str | None:
    """Return the OParl type of a JSON object, from the last word of its `type` address.

    >>> kind({"type": "https://schema.oparl.org/1.1/Paper"})
    'Paper'
    """
    name = thing.get("type") if isinstance(thing, dict) else None
    _, slash, last = name.rpartition("/") if isinstance(name, str) else ("", "", "")
    return last if slash and last in TYPES else None


def _json(content: bytes, source: str) -> Any:
    try:
        return orjson.loads(content.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError as failure:
        raise InputError(
            f"{source}: Der Inhalt ist kein JSON in UTF-8 (Zeile {failure.lineno}, Spalte "
            f"{failure.colno}). Erwartet wird eine OParl-Liste oder ein OParl-Objekt.",
            f"{source}: The content is no JSON in UTF-8 (line {failure.lineno}, column "
            f"{failure.colno}). Expected is an OParl list or an OParl object.",
        ) from failure


def _entries(document: Any) -> Entries:
    if isinstance(document, dict) and isinstance(document.get("data"), list):
        return tuple((f"/data/{n}", thing) for n, thing in enumerate(document["data"]))
    if isinstance(document, list):
        return tuple((f"/{n}", thing) for n, thing in enumerate(document))
    return (("", document),)


def _within(envelope: dict[str, Any], part: str, name: str) -> object:
    inner = envelope.get(part)
    return inner.get(name) if isinstance(inner, dict) else None


def _lists(entries: Entries) -> Iterator[str]:
    for _, thing in entries:
        for name in LISTS.get(kind(thing) or "", ()):
            named = thing.get(name)
            addresses = named if isinstance(named, list) else [named]
            yield from (a for a in addresses if isinstance(a, str) and a.strip())
