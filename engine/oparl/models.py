"""The OParl objects that are read, as frozen models, and what is wrong with the others.

Foreign data: unknown properties are passed over, `null` is "not given" (OParl 1.1, chapter
"null-Werte und leere Listen"), a single value stands for a list of one, and an object and
a reference to it stand for each other. A value that cannot be read is reported and then
counts as not given, so one bad date does not cost the paper.

Names are taken as they are written, white space and control characters apart: OParl
forbids HTML escapes, and undoing them could change what is meant.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from engine.core.calendar import BERLIN
from engine.errors import Text

CONTROL_CHARACTERS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " ")
NO_YEARS = (1900, 9999)
"""Databases write "no date" as a day in the first of these years or before (0001, 1753,
1899, 1900), and "no end" as one in the last."""


def words(text: str | None) -> str | None:
    """Return `text` with white space made single blanks, or None if nothing is left.

    >>> words(" 6.  Antrag  der Fraktion ")
    '6. Antrag der Fraktion'
    """
    return " ".join(text.translate(CONTROL_CHARACTERS).split()) or None if text else None


def moment(value: object) -> datetime | None:
    """Return the instant that an OParl date or date-time names.

    OParl demands a time zone with every time; where it is missing, and for a day without
    a time, the time is that of the municipality, Europe/Berlin.
    """
    if value is None:
        return None
    try:
        named = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        named = datetime.min
    if not NO_YEARS[0] < named.year < NO_YEARS[1]:
        raise PydanticCustomError("moment", "not a date or time")
    return named if named.tzinfo else named.replace(tzinfo=BERLIN)


def reference(value: object) -> object:
    """Return the id of an object that stands where its address could stand."""
    return value.get("id") if isinstance(value, dict) else value


def in_full(value: object) -> object:
    """Return an address that stands where an object could stand as an object with this id."""
    return {"id": value} if isinstance(value, str) else value


def listed(value: object) -> object:
    """Return a list: of nothing for `null`, of one for a single value."""
    return [] if value is None else value if isinstance(value, list) else [value]


Id = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Words = Annotated[str | None, AfterValidator(words)]
Moment = Annotated[datetime | None, BeforeValidator(moment)]
Ref = Annotated[Id, BeforeValidator(reference)]
Refs = Annotated[tuple[Ref, ...], BeforeValidator(listed)]


class Part(BaseModel):
    """What all objects of OParl have; one that stands within another needs no id."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Id | None = None
    deleted: bool | None = None


class Thing(Part):
    """An object of its own; a deleted one keeps nothing but its id."""

    id: Id


class Organization(Thing):
    """A body of the council or a department of the administration."""

    name: Words = None


class AgendaItem(Part):
    """An item on the agenda of a meeting."""

    meeting: Ref | None = None
    consultation: Ref | None = None
    number: Words = None
    name: Words = None
    result: Words = None
    public: bool | None = None


class Meeting(Thing):
    """A meeting of one body or several, the leading one first."""

    start: Moment = None
    organization: Refs = ()
    cancelled: bool | None = None
    state: Words = Field(None, alias="meetingState")
    agenda: Annotated[
        tuple[Annotated[AgendaItem, BeforeValidator(in_full)], ...], BeforeValidator(listed)
    ] = Field((), alias="agendaItem")


class Consultation(Part):
    """The dealing of a body with a paper."""

    paper: Ref | None = None
    meeting: Ref | None = None
    agenda_item: Ref | None = Field(None, alias="agendaItem")
    organization: Refs = ()
    role: Words = None

    @property
    def is_reference(self) -> bool:
        """Return whether only the id was given, the rest standing elsewhere."""
        return self.model_fields_set == {"id"}


class Paper(Thing):
    """A paper (Drucksache, Vorlage) that bodies deal with in consultations."""

    name: Words = None
    reference: Words = None
    kind: Words = Field(None, alias="paperType")
    created: Moment = None
    date: Moment = None
    departments: Refs = Field((), alias="underDirectionOf")
    consultations: Annotated[
        tuple[Annotated[Consultation, BeforeValidator(in_full)], ...], BeforeValidator(listed)
    ] = Field((), alias="consultation")


Model = TypeVar("Model", bound=Part)
Flaw = tuple[str, Text]


def usable(model: type[Model], raw: dict[str, Any]) -> tuple[Model | None, list[Flaw]]:
    """Return the object without its illegible values, and these with pointer and words.

    There is no object where the illegible value was one that it must have, its id.
    """
    try:
        return model.model_validate(raw), []
    except ValidationError as failure:
        errors = failure.errors(include_url=False, include_context=False)
    flaws = [(pointer(e["loc"]), _described(e)) for e in errors if e["type"] != "missing"]
    try:
        return model.model_validate(_without(raw, [e["loc"] for e in errors])), flaws
    except ValidationError:
        return None, flaws


def pointer(path: Sequence[str | int]) -> str:
    """Return the JSON pointer of a path (RFC 6901).

    >>> pointer(["data", 17, "created"])
    '/data/17/created'
    """
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def _without(raw: dict[str, Any], paths: list[tuple[str | int, ...]]) -> dict[str, Any]:
    """Return a copy of `raw` without the values at `paths`, the last first."""
    kept = copy.deepcopy(raw)
    for path in reversed(paths):
        _remove(kept, path)
    return kept


def _remove(tree: Any, path: Sequence[str | int]) -> None:
    """Take the value at `path` out of `tree`; a single value standing for a list goes whole."""
    step, *rest = path
    below = tree[step] if _has(tree, step) else None
    if rest and _has(below, rest[0]):
        _remove(below, rest)
    elif _has(tree, step):
        del tree[step]


def _has(tree: Any, step: str | int) -> bool:
    if isinstance(tree, dict):
        return step in tree
    return isinstance(tree, list) and isinstance(step, int) and step < len(tree)


def _described(error: ErrorDetails) -> Text:
    shown = repr(error["input"])
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    if error["type"] == "moment":
        return Text(
            f"{shown} ist kein Datum oder Zeitpunkt wie 2026-03-20T16:30:00+01:00; die Angabe "
            "gilt als fehlend.",
            f"{shown} is no date or time such as 2026-03-20T16:30:00+01:00; it counts as "
            "not given.",
        )
    return Text(
        f"{shown} hat nicht die Form, die OParl 1.1 hier verlangt; die Angabe gilt als fehlend.",
        f"{shown} has not the form that OParl 1.1 demands here; it counts as not given.",
    )
