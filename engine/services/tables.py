"""Tables that people keep elsewhere, read from CSV with all mistakes at once: offices first."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from engine import clock
from engine.app import App, takes_mail
from engine.core.offices import Office, Person, Roster, Tenure
from engine.errors import InputError, Text
from engine.services.setup import by
from engine.store.roster import By

OFFICE_COLUMNS = (
    "stelle",
    "art",
    "name",
    "vorgesetzt",
    "belang",
    "person",
    "email",
    "vertretung",
    "von",
    "bis",
    "sprache",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that cannot be taken, by its line and column, both counted from 1."""

    line: int
    column: int
    text: Text


class TableError(InputError):
    """A table with faults; nothing of it was taken."""

    def __init__(self, name: str, faults: list[Fault]) -> None:
        self.faults = faults
        de = "\n".join(f"{name}, Zeile {f.line}, Spalte {f.column}: {f.text.de}" for f in faults)
        en = "\n".join(f"{name}, line {f.line}, column {f.column}: {f.text.en}" for f in faults)
        super().__init__(de, en)


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows of which sort were taken."""

    offices: int
    persons: int
    tenures: int


class Table:
    """The rows of a CSV file (comma or semicolon, UTF-8), with the faults found in them."""

    def __init__(self, path: Path, columns: tuple[str, ...], required: frozenset[str]) -> None:
        self.name = path.name
        self.columns = columns
        self.required = required
        self.faults: list[Fault] = []
        try:
            text = path.read_text("utf-8-sig")
        except OSError as error:
            raise InputError(
                f"Die Datei {path} ist nicht lesbar ({error.strerror}).",
                f"The file {path} cannot be read ({error.strerror}).",
            ) from None
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path} ist kein UTF-8 (Byte {error.start}). Speichern Sie die Tabelle als "
                "„CSV UTF-8“.",
                f"{path} is no UTF-8 (byte {error.start}). Save the table as 'CSV UTF-8'.",
            ) from None
        first = text.partition("\n")[0]
        reader = csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ",")
        self.head = [h.strip().casefold() for h in next(reader, [])]
        self.rows = list(enumerate(reader, start=2))
        self._check_head()

    def _check_head(self) -> None:
        for at, word in enumerate(self.head, start=1):
            if word not in self.columns:
                known = ", ".join(self.columns)
                self.fault(
                    1,
                    at,
                    f"„{word}“ ist keine Spalte ({known}).",
                    f"'{word}' is no column ({known}).",
                )
        for word in sorted(self.required - set(self.head)):
            self.fault(1, 1, f"Die Spalte „{word}“ fehlt.", f"The column '{word}' is missing.")

    def fault(self, line: int, column: int, de: str, en: str) -> None:
        self.faults.append(Fault(line, column, Text(de, en)))

    def cells(self) -> Iterator[tuple[int, dict[str, str]]]:
        for line, row in self.rows:
            if not any(cell.strip() for cell in row):
                continue
            cells = dict(zip(self.head, (c.strip() for c in row), strict=False))
            if len(row) > len(self.head):
                self.fault(
                    line,
                    len(self.head) + 1,
                    "Die Zeile hat zu viele Felder.",
                    "The line has too many fields.",
                )
            for word in self.required:
                if word in self.head and not cells.get(word):
                    de, en = f"„{word}“ ist leer.", f"'{word}' is empty."
                    self.fault(line, self.at(word), de, en)
            yield line, cells

    def at(self, column: str) -> int:
        return self.head.index(column) + 1 if column in self.head else 1

    def day(self, line: int, cells: dict[str, str], column: str) -> date | None:
        value = cells.get(column, "")
        if not value:
            return None
        for parse in (date.fromisoformat, _german_day):
            try:
                return parse(value)
            except ValueError:
                continue
        self.fault(
            line,
            self.at(column),
            f"„{value}“ ist kein Tag (JJJJ-MM-TT oder TT.MM.JJJJ).",
            f"'{value}' is no day (YYYY-MM-DD or DD.MM.YYYY).",
        )
        return None

    def done(self) -> None:
        if self.faults:
            raise TableError(self.name, sorted(self.faults, key=lambda f: (f.line, f.column)))


def _german_day(value: str) -> date:
    day, month, year = value.split(".")
    return date(int(year), int(month), int(day))


@dataclass(frozen=True, slots=True)
class OfficeRows:
    """What a table of offices says, once nothing is wrong with it."""

    offices: tuple[Office, ...]
    persons: tuple[Person, ...]
    tenures: tuple[Tenure, ...]


def import_offices(app: App, path: Path, who: By | None = None) -> Imported:
    """Take offices, persons and who holds what from a CSV file, all of it or nothing.

    Raises TableError with the line and column of every fault.
    """
    rows = read_offices(app, path)
    with app.database.write() as store:
        held = app.world(store).roster.tenures

        def made(what: str) -> By:
            mine = by(app, what)
            return mine if who is None else replace(mine, actor=who.actor, office=who.office)

        for office in rows.offices:
            store.save_office(office, made(f"office:{office.id}"))
        for person in rows.persons:
            store.save_person(person, made(f"person:{person.uid}"))
        for tenure in rows.tenures:
            if tenure not in held:
                store.save_tenure(tenure, made(f"tenure:{tenure.office}:{tenure.person}"))
    return Imported(len(rows.offices), len(rows.persons), len(rows.tenures))


def read_offices(app: App, path: Path) -> OfficeRows:
    """Return what a CSV file of offices says, and take nothing of it; raises TableError."""
    table = Table(path, OFFICE_COLUMNS, frozenset({"stelle", "art", "name"}))
    with app.database.read() as store:
        world = app.world(store)
        kinds = app.definitions(store).kinds
    offices: dict[str, Office] = {}
    persons: dict[str, Person] = {}
    tenures: list[Tenure] = []
    rows = list(table.cells())
    for line, cells in rows:
        known_only(table, line, cells, "art", kinds)
        known_only(table, line, cells, "belang", world.library.facts)
        office = _office(table, line, cells)
        offices[office.id] = office
        if cells.get("person"):
            there = [*world.roster.persons.values(), *persons.values()]
            person, tenure = _tenure(table, line, cells, there)
            persons[person.uid] = person
            tenures.append(tenure)
    known = {**world.roster.offices, **offices}
    for line, cells in rows:
        known_only(table, line, cells, "vorgesetzt", known)
    table.done()
    Roster(kinds=kinds, offices=known).check()
    return OfficeRows(tuple(offices.values()), tuple(persons.values()), tuple(tenures))


def known_only(
    table: Table, line: int, cells: dict[str, str], column: str, known: Iterable[str]
) -> None:
    """Note a fault where a cell names something that is not known."""
    value = cells.get(column)
    names = sorted(filter(None, known))
    if value and value not in names:
        table.fault(
            line,
            table.at(column),
            f"„{value}“ ist unbekannt; bekannt sind: {', '.join(names)}.",
            f"'{value}' is unknown; known are: {', '.join(names)}.",
        )


def _office(table: Table, line: int, cells: dict[str, str]) -> Office:
    return Office(
        id=cells.get("stelle", ""),
        kind=cells.get("art", ""),
        name=cells.get("name", ""),
        superior=cells.get("vorgesetzt") or None,
        concern=cells.get("belang") or None,
    )


def _tenure(
    table: Table, line: int, cells: dict[str, str], there: Iterable[Person]
) -> tuple[Person, Tenure]:
    name, email = cells["person"], cells.get("email", "")
    if email and not takes_mail(email):
        table.fault(
            line,
            table.at("email"),
            f"„{email}“ ist keine E-Mail-Adresse, die jeder Mailserver annimmt: name@domain ohne "
            "Umlaute und Leerzeichen, eine Domain mit Umlauten in der Schreibweise xn--….",
            f"'{email}' is no mail address that every mail server takes: name@domain without "
            "umlauts and blanks, a domain with umlauts written as xn--….",
        )
    language = cells.get("sprache") or "de"
    if language not in ("de", "en"):
        table.fault(line, table.at("sprache"), "Erlaubt sind de und en.", "Allowed are de and en.")
    deputy = yes(table, line, cells, "vertretung")
    person = Person(_uid(there, email, name), name, email, language)
    since, until = table.day(line, cells, "von"), table.day(line, cells, "bis")
    return person, Tenure(cells.get("stelle", ""), person.uid, deputy, since, until)


def yes(table: Table, line: int, cells: dict[str, str], column: str) -> bool:
    """Return whether a cell says yes; an empty one says no, anything else is a fault."""
    value = cells.get(column, "").casefold()
    if value not in ("", "ja", "nein", "yes", "no"):
        table.fault(line, table.at(column), "Erlaubt sind ja und nein.", "Allowed are yes and no.")
    return value in ("ja", "yes")


def _uid(known: Iterable[Person], email: str, name: str) -> str:
    """Return the uid of the person with that address, or without one of that name, or a new one.

    The uid stands in the log for ever, so it says nothing about the person.
    """
    for person in known:
        same = person.email.casefold() == email.casefold() if email else not person.email
        if same and (email or person.name == name):
            return person.uid
    return f"p{clock.token()}"
