"""Offices, persons and who fills which when: dated rows, each change with its entry.

The strand `offices` numbers the changes; a roster's `position` is the last of them, and
entries of cases name it. Names and addresses go into the private part, which can be erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.core.ledger import Line
from engine.core.offices import Absence, Office, OfficeKind, Person, Recusal, Roster, Tenure
from engine.store.chains import OFFICES, Chains
from engine.store.tables import AbsenceRow, OfficeRow, PersonRow, RecusalRow, TenureRow
from engine.store.tables.base import table
from engine.store.values import day_text

_OFFICE = table(OfficeRow)
_PERSON = table(PersonRow)
_TENURE = table(TenureRow)
_ABSENCE = table(AbsenceRow)
_RECUSAL = table(RecusalRow)


@dataclass(frozen=True, slots=True)
class By:
    """Who changed something outside a case, when, and the key that makes a retry safe."""

    actor: str
    office: str
    recorded_at: datetime
    happened_on: date
    key: str

    def line(
        self,
        stream: str,
        type_: str,
        plain: Mapping[str, Any],
        private: Mapping[str, Any] | None = None,
        part: int = 0,
    ) -> Line:
        """Return the line of the log that says so."""
        return Line(
            stream,
            type_,
            self.actor,
            self.office,
            self.recorded_at,
            self.happened_on,
            self.key,
            part,
            plain,
            private or {},
        )


def put(
    connection: Connection, into: Table, where: Mapping[str, Any], row: Mapping[str, Any]
) -> None:
    """Change the row that `where` names, or insert it."""
    same = [into.c[name].is_not_distinct_from(value) for name, value in where.items()]
    # A row that is all key has nothing to change, yet must be found.
    changed = connection.execute(update(into).where(*same).values({**where, **row}))
    if changed.rowcount == 0 and not _inserted(connection, into, {**where, **row}):
        # Another transaction has inserted it meanwhile.
        connection.execute(update(into).where(*same).values({**where, **row}))


def _inserted(connection: Connection, into: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless its key is taken by now; return whether it was inserted."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = (
        dialect.insert(into)
        .values(row)
        .on_conflict_do_nothing(index_elements=list(into.primary_key.columns))
    )
    return connection.execute(new).rowcount == 1


class Rosters:
    """The offices of the database, within one transaction."""

    def __init__(self, connection: Connection, chains: Chains) -> None:
        self._connection = connection
        self._chains = chains

    def read(self, kinds: Mapping[str, OfficeKind]) -> Roster:
        """Return the roster as it stands; the `kinds` of offices come from definitions."""
        # Sorted here: databases sort by their own rules, and the order of offices decides.
        offices = sorted((Office(*row) for row in self._rows(_OFFICE)), key=lambda o: o.id)
        persons = [Person(*row) for row in self._rows(_PERSON, "uid")]
        tenures = (row[1:] for row in self._rows(_TENURE, "id"))
        return Roster(
            kinds=kinds,
            offices={office.id: office for office in offices},
            persons={person.uid: person for person in persons},
            tenures=tuple(Tenure(*row) for row in tenures),
            absences=tuple(Absence(*row) for row in self._rows(_ABSENCE, "person", "since")),
            recusals=tuple(Recusal(*row) for row in self._rows(_RECUSAL, "person", "case_uid")),
            position=self._chains.position()[0],
        )

    def at(self, position: int, kinds: Mapping[str, OfficeKind]) -> Roster:
        """Return the roster as it was at a position of its strand, told from its lines.

        Names and addresses are missing where they were erased; no decision needs them.
        """
        told = _Told()
        for line in self._chains.until(OFFICES, position):
            told.hear(line.type, line.plain, line.private)
        return told.roster(kinds, position)

    def save_office(self, office: Office, by: By) -> int:
        """Keep an office, new or changed; return the position of the roster after it."""
        row = {
            "kind": office.kind,
            "name": office.name,
            "superior": office.superior,
            "concern": office.concern,
            "since": office.since,
            "until": office.until,
        }
        put(self._connection, _OFFICE, {"id": office.id}, row)
        plain = {**row, "id": office.id, **_days(office)}
        return self._enter(by, "office", plain, {"name": plain.pop("name")})

    def save_person(self, person: Person, by: By) -> int:
        """Keep a person, new or changed; return the position of the roster after it."""
        row = {"name": person.name, "email": person.email, "language": person.language}
        put(self._connection, _PERSON, {"uid": person.uid}, row)
        plain = {"uid": person.uid, "language": person.language}
        return self._enter(by, "person", plain, {"name": person.name, "email": person.email})

    def save_tenure(self, tenure: Tenure, by: By) -> int:
        """Keep a tenure; one of the same office, person, part and first day gets a new end."""
        where = {
            "office": tenure.office,
            "person": tenure.person,
            "deputy": tenure.deputy,
            "since": tenure.since,
        }
        put(self._connection, _TENURE, where, {"until": tenure.until})
        return self._enter(by, "tenure", {**where, **_days(tenure)})

    def save_absence(self, absence: Absence, by: By) -> int:
        """Keep an absence; one of the same person and first day gets a new end."""
        where = {"person": absence.person, "since": absence.since}
        put(self._connection, _ABSENCE, where, {"until": absence.until})
        return self._enter(by, "absence", {"person": absence.person, **_days(absence)})

    def drop_absence(self, absence: Absence, by: By) -> int:
        """Take an absence back that did not come to pass."""
        same = (_ABSENCE.c.person == absence.person, _ABSENCE.c.since == absence.since)
        self._connection.execute(delete(_ABSENCE).where(*same))
        return self._enter(by, "absence_withdrawn", {"person": absence.person, **_days(absence)})

    def save_recusal(self, recusal: Recusal, by: By) -> int:
        """Keep that a person must not act in a case."""
        where = {"person": recusal.person, "case_uid": recusal.case}
        put(self._connection, _RECUSAL, where, {"since": recusal.since})
        plain = {"person": recusal.person, "case": recusal.case, "since": day_text(recusal.since)}
        return self._enter(by, "recusal", plain)

    def forget(self, person: str, by: By, part: int) -> int:
        """Enter that the name and address of a person were erased; the roster reads them anew."""
        line = by.line(OFFICES, "person_erased", {"uid": person}, part=part)
        return self._chains.enter(line)

    def _rows(self, of: Table, *order: str) -> Any:
        return self._connection.execute(select(of).order_by(*(of.c[c] for c in order)))

    def _enter(
        self, by: By, type_: str, plain: Mapping[str, Any], private: Mapping[str, Any] | None = None
    ) -> int:
        return self._chains.enter(by.line(OFFICES, type_, plain, private))


class _Told:
    """The rows of the roster, as the lines of its strand tell them one after another."""

    def __init__(self) -> None:
        self.offices: dict[str, Office] = {}
        self.persons: dict[str, Person] = {}
        self.tenures: dict[tuple[Any, ...], Tenure] = {}
        self.absences: dict[tuple[str, date], Absence] = {}
        self.recusals: dict[tuple[str, str], Recusal] = {}

    def hear(self, type_: str, plain: Mapping[str, Any], private: Mapping[str, Any]) -> None:
        said: dict[str, Any] = {
            k: _day(v) if k in ("since", "until") else v for k, v in plain.items()
        }
        if type_ == "office":
            self.offices[said["id"]] = Office(name=private.get("name", ""), **said)
        elif type_ == "person":
            told = {"name": private.get("name", ""), "email": private.get("email", "")}
            self.persons[said["uid"]] = Person(**said, **told)
        elif type_ == "tenure":
            key = (said["office"], said["person"], said["deputy"], said["since"])
            self.tenures[key] = Tenure(**said)
        elif type_ == "absence":
            self.absences[said["person"], said["since"]] = Absence(**said)
        elif type_ == "absence_withdrawn":
            self.absences.pop((said["person"], said["since"]), None)
        elif type_ == "recusal":
            self.recusals[said["person"], said["case"]] = Recusal(**said)

    def roster(self, kinds: Mapping[str, OfficeKind], position: int) -> Roster:
        return Roster(
            kinds=kinds,
            offices=dict(sorted(self.offices.items())),
            persons=dict(sorted(self.persons.items())),
            tenures=tuple(self.tenures.values()),
            absences=tuple(row for _, row in sorted(self.absences.items())),
            recusals=tuple(row for _, row in sorted(self.recusals.items())),
            position=position,
        )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _days(dated: Office | Tenure | Absence) -> dict[str, str | None]:
    return {"since": day_text(dated.since), "until": day_text(dated.until)}
