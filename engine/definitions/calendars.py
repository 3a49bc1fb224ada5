"""Calendars as definitions: every holiday written out per year, so that the past stays put.

The `holidays` library is asked once, when a calendar is written down (`materialise`). The
engine counts with the listed days only, and the digest of the bytes says which list it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from importlib.metadata import version
from typing import Annotated, Literal, Self

from holidays.countries.germany import Germany
from pydantic import Field, model_validator

from engine import strictyaml
from engine.core.calendar import Calendar
from engine.errors import InputError, Text
from engine.strictyaml import Strict, Wrong
from engine.strictyaml.problems import did_you_mean, suggest

Words = Annotated[str, Field(min_length=1)]
Year = Annotated[int, Field(ge=1900, le=2999)]


class Addition(Strict):
    """A day that a place adds to the holidays of its Land, with the source that says so.

    A `holiday` is statutory, such as a one-off under § 2 (3) FTG; a `closure` only shuts
    the office.
    """

    day: date
    name: Words
    kind: Literal["holiday", "closure"]
    source: Words


class CalendarFile(Strict):
    """A calendar as it is written down; every day lies within its years and stands once."""

    id: Words
    name: Words
    first_year: Year
    last_year: Year
    made_from: Words
    holidays: dict[date, Words]
    additions: tuple[Addition, ...]

    @model_validator(mode="after")
    def _days_stand_once_and_within(self) -> Self:
        seen = set(self.holidays)
        for day in self.holidays:
            self._within(day, ("holidays", day.isoformat()))
        for place, added in enumerate(self.additions):
            self._within(added.day, ("additions", place, "day"))
            if added.day in seen:
                raise Wrong(
                    f"{added.day} steht schon in der Liste; lassen Sie den Eintrag weg.",
                    f"{added.day} is listed already; leave this entry out.",
                    ("additions", place, "day"),
                )
            seen.add(added.day)
        return self

    def _within(self, day: date, place: tuple[str | int, ...]) -> None:
        if not self.first_year <= day.year <= self.last_year:
            raise Wrong(
                f"{day} liegt nicht in den Jahren {self.first_year} bis {self.last_year} dieses "
                "Kalenders.",
                f"{day} is not in the years {self.first_year} to {self.last_year} of this "
                "calendar.",
                place,
            )

    def days(self, kind: Literal["holiday", "closure"]) -> dict[date, str]:
        """Return the added days of one kind with their names."""
        return {added.day: added.name for added in self.additions if added.kind == kind}


def lands() -> tuple[str, ...]:
    """Return the ids of the Länder whose holidays can be written down."""
    return tuple(sorted(Germany.subdivisions_aliases.values()))


def unknown_land(land: str) -> Text | None:
    """Return that nobody knows this id of a Land, with the one that was meant; None if it is one.

    >>> unknown_land("Brandenburg").en[:59]
    "The Land 'Brandenburg' is unknown. Did you mean 'BB'? Known"
    """
    if land in lands():
        return None
    named = {**Germany.subdivisions_aliases, **{id: id for id in lands()}}
    likely = suggest(land, named)
    hint = Text("", "") if likely is None else did_you_mean(named[likely])
    known = ", ".join(lands())
    return Text(
        f"Das Land „{land}“ ist unbekannt.{hint.de} Bekannt sind: {known}.",
        f"The Land '{land}' is unknown.{hint.en} Known are: {known}.",
    )


def materialise(
    land: str, first_year: int, last_year: int, additions: Iterable[Addition] = (), id: str = ""
) -> bytes:
    """Return a calendar file in YAML that lists every holiday of a Land for these years.

    `id` names the calendar of a municipality that adds days of its own; it is the Land's id
    otherwise. Raises InputError for a Land or years that the library does not know: for
    these it would list nothing, and every day would pass for a working day.
    """
    _known(land, first_year, last_year)
    names = {short: name for name, short in Germany.subdivisions_aliases.items()}
    years = range(first_year, last_year + 1)
    library = version("holidays")
    public = Germany(subdiv=land, language="de", years=years)
    said = [
        f"# Gesetzliche Feiertage in {names[land]}, {first_year} bis {last_year}, Tag für Tag.",
        "# Gezählt wird nur mit dieser Liste: eine neue Fassung der Bibliothek ändert nichts.",
    ]
    file = CalendarFile.model_construct(
        id=id or land,
        name=names[land],
        first_year=first_year,
        last_year=last_year,
        made_from=f"holidays {library}, Germany, {land}",
        holidays=dict(public),
        additions=tuple(additions),
    )
    return _written(file, said)


def with_additions(
    source: bytes, additions: Iterable[Addition], *, id: str = "", name: str = ""
) -> bytes:
    """Return a calendar file with further days; those that it lists already are left out.

    What is listed stays as it is: a newer library never rewrites the past. `id` and `name`
    make it the calendar of another place. Raises DefinitionError where the file is none, or
    InputError for a day outside its years.
    """
    file = strictyaml.read(CalendarFile, source, "calendar").value
    known = {*file.holidays, *(a.day for a in file.additions)}
    new = {a.day: a for a in additions if a.day not in known}
    for day in sorted(new):
        if not file.first_year <= day.year <= file.last_year:
            raise InputError(
                f"{day:%d.%m.%Y}: Der Kalender {file.id} kennt nur die Jahre {file.first_year} "
                f"bis {file.last_year}. Lassen Sie den Tag weg.",
                f"{day:%d.%m.%Y}: the calendar {file.id} knows only the years "
                f"{file.first_year} to {file.last_year}. Leave the day out.",
            )
    changed = file.model_copy(
        update={
            "id": id or file.id,
            "name": name or file.name,
            "additions": (*file.additions, *new.values()),
        }
    )
    if changed == file:
        return source
    said = [line for line in source.decode().splitlines() if line.startswith("#")]
    return _written(changed, said)


def _written(file: CalendarFile, said: Iterable[str]) -> bytes:
    lines = [
        *said,
        f"id: {_quoted(file.id)}",
        f"name: {_quoted(file.name)}",
        f"first_year: {file.first_year}",
        f"last_year: {file.last_year}",
        f"made_from: {_quoted(file.made_from)}",
        "holidays:",
        *(f'  "{day}": {_quoted(file.holidays[day])}' for day in sorted(file.holidays)),
        *_lines(file.additions),
    ]
    return ("\n".join(lines) + "\n").encode()


def read_calendar(source: bytes, place: str = "calendar") -> Calendar:
    """Return the calendar that a file lists; its digest is the SHA-256 of the bytes in hex.

    Raises DefinitionError with every problem of the file, which it calls `place`.
    """
    file = strictyaml.read(CalendarFile, source, place).value
    return Calendar(
        id=file.id,
        first_year=file.first_year,
        last_year=file.last_year,
        holidays=file.holidays | file.days("holiday"),
        closures=file.days("closure"),
        digest=sha256(source).hexdigest(),
        name=file.name,
    )


def _known(land: str, first_year: int, last_year: int) -> None:
    if (told := unknown_land(land)) is not None:
        raise InputError(told.de, told.en)
    oldest, newest = Germany.start_year, Germany.end_year
    if not oldest <= first_year <= last_year <= newest:
        raise InputError(
            f"Feiertage von {first_year} bis {last_year} sind nicht bekannt; wählen Sie Jahre "
            f"von {oldest} bis {newest}, das frühere zuerst.",
            f"Holidays from {first_year} to {last_year} are not known; choose years from "
            f"{oldest} to {newest}, the earlier one first.",
        )


def _lines(additions: Iterable[Addition]) -> list[str]:
    said = [
        f'  - {{day: "{a.day}", name: {_quoted(a.name)}, '
        f"kind: {a.kind}, source: {_quoted(a.source)}}}"
        for a in sorted(additions, key=lambda a: a.day)
    ]
    return ["additions:", *said] if said else ["additions: []"]


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)
