"""What surrounds the cases: municipalities, sittings, definitions, and this database itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from engine.core.world import Municipality, Session
from engine.errors import InputError
from engine.store.chains import CALENDAR, DEFINITIONS, Chains
from engine.store.roster import By, put
from engine.store.tables import DefinitionRow, MetaRow, MunicipalityRow, SessionRow
from engine.store.tables.base import table

_DEFINITION = table(DefinitionRow)
_META = table(MetaRow)
_MUNICIPALITY = table(MunicipalityRow)
_SESSION = table(SessionRow)


CONFIRMATION = "confirmation"
"""The type of the entry by which somebody signs a definition."""


@dataclass(frozen=True, slots=True)
class Meta:
    """What was fixed at the birth of a database: its uid, log name, day, and purpose."""

    uid: str
    log: str
    created_at: datetime
    training: bool
    note: str


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a workflow, pack, ladder, fact list or calendar: its bytes, for ever.

    `digest` is the SHA-256 of the bytes in hexadecimal.
    """

    kind: str
    id: str
    version: str
    data: bytes
    valid_from: date | None = None
    current: bool = True
    activated_at: datetime | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person has compared the bytes of this digest with their source, on a day."""

    digest: str
    person: str
    on: date


class House:
    """Definitions, bodies and sittings of the database, within one transaction."""

    def __init__(self, connection: Connection, chains: Chains) -> None:
        self._connection = connection
        self._chains = chains

    def meta(self) -> Meta:
        """Return what was fixed at the birth of this database."""
        row = self._connection.execute(select(_META)).one()
        return Meta(*row[1:])

    def municipalities(self) -> dict[str, Municipality]:
        """Return the Körperschaften by id."""
        rows = self._connection.execute(select(_MUNICIPALITY).order_by(_MUNICIPALITY.c.id))
        return {row.id: Municipality(*row) for row in rows}

    def save_municipality(self, municipality: Municipality, by: By) -> int:
        """Keep a Körperschaft, new or changed; return the position of the calendar strand."""
        row = {
            "name": municipality.name,
            "land": municipality.land,
            "calendar": municipality.calendar,
        }
        put(self._connection, _MUNICIPALITY, {"id": municipality.id}, row)
        plain = {**row, "id": municipality.id}
        return self._chains.enter(by.line(CALENDAR, "municipality", plain))

    def sessions(self, since: date | None = None) -> dict[str, Session]:
        """Return the sittings by uid, cancelled ones too, from a day on if one is named."""
        found = select(_SESSION).order_by(_SESSION.c.day, _SESSION.c.uid)
        if since is not None:
            found = found.where(_SESSION.c.day >= since)
        return {row.uid: Session(*row) for row in self._connection.execute(found)}

    def places_at(self, position: int) -> tuple[dict[str, Municipality], dict[str, Session]]:
        """Return Körperschaften and sittings as they were at a position of their strand."""
        places: dict[str, Municipality] = {}
        sessions: dict[str, Session] = {}
        for line in self._chains.until(CALENDAR, position):
            if line.type == "municipality":
                places[line.plain["id"]] = Municipality(**line.plain)
            elif line.type == "session":
                said = {**line.plain, "day": date.fromisoformat(line.plain["day"])}
                sessions[said["uid"]] = Session(**said)
        in_order = sorted(sessions.values(), key=lambda s: (s.day, s.uid))
        return dict(sorted(places.items())), {s.uid: s for s in in_order}

    def save_session(self, session: Session, by: By) -> int:
        """Keep a sitting, new, moved or cancelled; return the position of the calendar strand."""
        row: dict[str, Any] = {
            "body": session.body,
            "day": session.day,
            "municipality": session.municipality,
            "cancelled": session.cancelled,
        }
        put(self._connection, _SESSION, {"uid": session.uid}, row)
        plain = {**row, "uid": session.uid, "day": session.day.isoformat()}
        return self._chains.enter(by.line(CALENDAR, "session", plain))

    def definitions(self) -> list[Definition]:
        """Return every version that was ever activated, in the order of activation."""
        found = select(_DEFINITION).order_by(_DEFINITION.c.activated_at, _DEFINITION.c.digest)
        return [
            Definition(r.kind, r.id, r.version, r.data, r.valid_from, r.is_current, r.activated_at)
            for r in self._connection.execute(found)
        ]

    def definitions_at(self, position: int) -> list[Definition]:
        """Return the versions that were known when the strand `definitions` had come so far.

        Their order is that of `definitions`, and `current` says what was in force then.
        """
        current: dict[tuple[str, str], str] = {}
        known: set[str] = set()
        for line in self._chains.until(DEFINITIONS, position):
            if line.type != "activation":
                continue
            said = line.plain
            current[said["kind"], said["id"]] = said["digest"]
            known.add(said["digest"])
        return [
            replace(d, current=current.get((d.kind, d.id)) == d.digest)
            for d in self.definitions()
            if d.digest in known
        ]

    def activate(self, definition: Definition, by: By, part: int = 0) -> int:
        """Put a version in force for what begins from now on; return the strand's position.

        The version that was current stays for the cases pinned to it. Raises InputError where
        this version is known with other bytes: what was in force is never rewritten.
        """
        self._refuse_rewriting(definition)
        same = (_DEFINITION.c.kind == definition.kind, _DEFINITION.c.id == definition.id)
        current = _DEFINITION.c.is_current
        self._connection.execute(update(_DEFINITION).where(*same, current).values(is_current=False))
        again = update(_DEFINITION).where(_DEFINITION.c.digest == definition.digest)
        if self._connection.execute(again.values(is_current=True)).rowcount == 0:
            self._connection.execute(insert(_DEFINITION).values(_definition(definition, by)))
        plain = {
            "kind": definition.kind,
            "id": definition.id,
            "version": definition.version,
            "digest": definition.digest,
            "valid_from": None
            if definition.valid_from is None
            else definition.valid_from.isoformat(),
        }
        return self._chains.enter(by.line(DEFINITIONS, "activation", plain, part=part))

    def confirm(self, definition: Definition, by: By, note: str) -> int:
        """Enter that somebody compared exactly these bytes with their source.

        The note is private and can be erased. Returns the strand's position.
        """
        plain = {
            "kind": definition.kind,
            "id": definition.id,
            "version": definition.version,
            "digest": definition.digest,
        }
        return self._chains.enter(by.line(DEFINITIONS, CONFIRMATION, plain, {"note": note}))

    def confirmations(self) -> list[Confirmation]:
        """Return who confirmed which bytes and when, in the order of the log."""
        return [
            Confirmation(line.plain["digest"], line.actor, line.happened_on)
            for line in self._chains.typed(DEFINITIONS, CONFIRMATION)
        ]

    def _refuse_rewriting(self, new: Definition) -> None:
        c = _DEFINITION.c
        same = (c.kind == new.kind, c.id == new.id, c.version == new.version)
        digest = self._connection.execute(select(c.digest).where(*same)).scalar()
        if digest is not None and digest != new.digest:
            raise InputError(
                f"{new.kind} „{new.id}“, Fassung {new.version}: Diese Fassung ist mit anderem "
                "Inhalt schon in Kraft gesetzt worden. Geben Sie der Änderung eine neue Fassung.",
                f"{new.kind} '{new.id}', version {new.version}: this version was activated with "
                "other content before. Give the change a new version.",
            )


def _definition(definition: Definition, by: By) -> dict[str, Any]:
    return {
        "digest": definition.digest,
        "kind": definition.kind,
        "id": definition.id,
        "version": definition.version,
        "data": definition.data,
        "activated_at": by.recorded_at,
        "valid_from": definition.valid_from,
        "is_current": True,
    }
