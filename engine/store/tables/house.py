"""The house: this database, its definitions, offices, persons, bodies."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from engine.store.tables.base import Row, instant, local_day, octets, partial, whole


class MetaRow(Row, table=True):
    """What was fixed at the birth of this database: its uid, log name, and its purpose."""

    __tablename__ = "meta"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    uid: str
    log: str
    created_at: datetime = instant(nullable=False)
    training: bool
    note: str


class DefinitionRow(Row, table=True):
    """The bytes of one version of a workflow, pack, ladder or calendar, for ever."""

    __tablename__ = "definition"
    __table_args__ = (
        UniqueConstraint("kind", "id", "version"),
        partial("definition_current", "kind", "id", where="is_current", unique=True),
    )

    digest: str = Field(primary_key=True)
    kind: str
    id: str
    version: str
    data: bytes = octets(nullable=False)
    activated_at: datetime = instant(nullable=False)
    valid_from: date | None = local_day(nullable=True)
    is_current: bool


class MunicipalityRow(Row, table=True):
    """A Körperschaft that the administration serves."""

    __tablename__ = "municipality"

    id: str = Field(primary_key=True)
    name: str
    land: str
    calendar: str


class OfficeRow(Row, table=True):
    """An office of the administration or its council."""

    __tablename__ = "office"

    id: str = Field(primary_key=True)
    kind: str
    name: str
    superior: str | None
    concern: str | None
    since: date | None = local_day(nullable=True)
    until: date | None = local_day(nullable=True)


class PersonRow(Row, table=True):
    """A person; an empty address means that letters go on paper."""

    __tablename__ = "person"

    uid: str = Field(primary_key=True)
    name: str
    email: str
    language: str


class TenureRow(Row, table=True):
    """Who holds or deputises an office, from when to when."""

    __tablename__ = "tenure"
    __table_args__ = (Index("tenure_office", "office"), Index("tenure_person", "person"))

    id: int | None = whole(default=None, primary_key=True)
    office: str = Field(foreign_key="office.id")
    person: str = Field(foreign_key="person.uid")
    deputy: bool
    since: date | None = local_day(nullable=True)
    until: date | None = local_day(nullable=True)


class AbsenceRow(Row, table=True):
    """When a person is away."""

    __tablename__ = "absence"

    person: str = Field(primary_key=True, foreign_key="person.uid")
    since: date = local_day(primary_key=True)
    until: date = local_day(nullable=False)


class RecusalRow(Row, table=True):
    """In which case a person must not act."""

    __tablename__ = "recusal"

    person: str = Field(primary_key=True, foreign_key="person.uid")
    case_uid: str = Field(primary_key=True)
    since: date = local_day(nullable=False)


class SessionRow(Row, table=True):
    """A sitting of a body; a cancelled one stays."""

    __tablename__ = "session"
    __table_args__ = (Index("session_day", "day"),)

    uid: str = Field(primary_key=True)
    body: str
    day: date = local_day(nullable=False)
    municipality: str = Field(foreign_key="municipality.id")
    cancelled: bool
