"""Sittings in addresses and on pages: how one is named there, and found again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query

from engine.core.visibility import sees
from engine.core.wording import day_text
from engine.core.world import World
from engine.errors import NotFound, Text
from engine.services.session_words import Said, headline, sentences
from engine.services.sessions import Change, Done, Touched
from engine.services.sittings import Sitting, sitting_at
from engine.web.desk import Desk, Hidden

Word = Annotated[str, Query(max_length=300)]
"""A word of an address; empty where it is left out."""

ROOT = "/sitzungen"


@dataclass(frozen=True, slots=True)
class Affected:
    """A case of a change as the page shows it, with the sentences on what it means."""

    case: Touched
    means: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A change with the cases that the visitor may see, and how many there are beyond them."""

    change: Change
    title: Text
    cases: tuple[Affected, ...]
    hidden: int


def named(sitting: Sitting) -> dict[str, str]:
    """Return the words by which an address or a form names a sitting."""
    return {
        "ort": sitting.municipality,
        "gremium": sitting.body,
        "tag": sitting.day.isoformat(),
    }


def path_of(sitting: Sitting, page: str = "sitzung") -> str:
    """Return the address of a page about a sitting."""
    return f"{ROOT}/{page}?{urlencode(named(sitting))}"


def sitting_from(desk: Desk, ort: str, gremium: str, tag: str) -> Sitting:
    """Return the sitting that words name; Hidden where they name none."""
    try:
        day = date.fromisoformat(tag)
        if not gremium.strip():
            raise Hidden
        return sitting_at(desk.world, ort, gremium, day)
    except (ValueError, NotFound):
        raise Hidden from None


def title_of(sitting: Sitting, world: World) -> Text:
    """Return body and day, with the municipality where there are several."""
    day = day_text(sitting.day)
    several = len(world.municipalities) > 1
    place = f" ({world.place(sitting.municipality).name})" if several else ""
    return Text(f"{sitting.body}{place}, {day.de}", f"{sitting.body}{place}, {day.en}")


def places(world: World) -> list[tuple[str, str]]:
    """Return the municipalities to choose from."""
    return [(p.id, p.name) for p in world.municipalities.values()]


def shown(desk: Desk, change: Change, touched: Iterable[Touched]) -> Shown:
    """Return a change as the visitor may see it: cases that she may not see are only counted."""
    rows = list(touched)
    mine = visible(desk, (case.number for case in rows))
    cases = tuple(Affected(c, tuple(sentences(c))) for c in rows if c.number in mine)
    return Shown(change, headline(change), cases, len(rows) - len(cases))


def visible(desk: Desk, numbers: Iterable[str]) -> set[str]:
    """Return those of the cases that the visitor may see."""
    with desk.app.database.read() as store:
        found = map(store.cases.get, dict.fromkeys(numbers))
        return {case.number for case in found if sees(desk.acting, case)}


def fingerprint(rows: Iterable[tuple[Change, Iterable[Touched]]]) -> str:
    """Return what a list of affected cases is recognised by when it is confirmed."""
    said = [
        f"{change.kind}|{change.after.uid}|{change.after.day}|{change.to}|"
        + ",".join(f"{c.number}:{c.was}:{c.to}" for c in cases)
        for change, cases in rows
    ]
    return sha256("\n".join(said).encode()).hexdigest()


def plain_done(desk: Desk, done: Done, title: Text) -> dict[str, Any]:
    """Return what came of a change as plain values, without cases the visitor may not see."""
    mine = visible(desk, [*done.replanned, *done.failed])
    failed = {n: [why.de, why.en] for n, why in done.failed.items() if n in mine}
    return {
        "title": [title.de, title.en],
        "replanned": [n for n in done.replanned if n in mine],
        "failed": failed,
        "hidden": len([n for n in done.replanned if n not in mine]),
        "hidden_failed": len([n for n in done.failed if n not in mine]),
    }
