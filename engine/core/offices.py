"""Who holds which office, for whom one may act, and when nobody can.

Holders, deputies and absences are dated rows. An office may be vacant or abolished, and
that is a lawful state of the world, not an error. A deputy acts only while the holder is
prevented: absent, concerned in the matter herself (Befangenheit), or not appointed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from engine.core.meanings import OfficeMeans
from engine.errors import InputError, NotFound, Text

_MOST = 4096
"""How many answers a roster keeps; with more, all are found anew."""


class Standing(StrEnum):
    """How an office is filled on a day, in a case."""

    HELD = "held"
    DEPUTISED = "deputised"
    VACANT = "vacant"


@dataclass(frozen=True, slots=True)
class OfficeKind:
    """A kind of office that a definition declares, e.g. `beauftragte`."""

    id: str
    means: OfficeMeans
    title: Text


@dataclass(frozen=True, slots=True)
class Office:
    """An office of the administration or its council.

    `concern` names the fact of a measure that touches its field; `superior` the office
    that stands above it, if any.
    """

    id: str
    kind: str
    name: str
    superior: str | None = None
    concern: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person; `email` empty means that letters to her go on paper."""

    uid: str
    name: str
    email: str = ""
    language: str = "de"


@dataclass(frozen=True, slots=True)
class Tenure:
    """Somebody holds or deputises an office from `since` to `until`, both inclusive."""

    office: str
    person: str
    deputy: bool = False
    since: date | None = None
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Return whether the tenure lasts on `day`."""
        return _within(day, self.since, self.until)


@dataclass(frozen=True, slots=True)
class Absence:
    """A person is away from `since` to `until`, both inclusive."""

    person: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Recusal:
    """A person is concerned herself in one case and must not act there (§ 22 BbgKVerf)."""

    person: str
    case: str
    since: date


def _within(day: date, since: date | None, until: date | None) -> bool:
    return (since is None or since <= day) and (until is None or day <= until)


@dataclass(frozen=True, slots=True)
class Roster:
    """The offices and their holders; `position` is the entry of the log it stands for."""

    kinds: Mapping[str, OfficeKind] = field(default_factory=dict)
    offices: Mapping[str, Office] = field(default_factory=dict)
    persons: Mapping[str, Person] = field(default_factory=dict)
    tenures: tuple[Tenure, ...] = ()
    absences: tuple[Absence, ...] = ()
    recusals: tuple[Recusal, ...] = ()
    position: int = 0
    _acting: dict[tuple[str, date, str], tuple[Tenure, ...]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def office(self, office: str) -> Office:
        """Return the office of that id; NotFound names it."""
        if office not in self.offices:
            raise NotFound(
                f"Die Stelle „{office}“ ist nicht bekannt. Stellen zeigt: office list.",
                f"The office '{office}' is not known. 'office list' shows the offices.",
            )
        return self.offices[office]

    def name(self, person: str) -> str:
        """Return the name of a person, or her uid where nobody knows a name any more."""
        known = self.persons.get(person)
        return known.name if known is not None and known.name else person

    def means(self, office: str) -> OfficeMeans:
        """Return what kind of part the office has."""
        return self.kinds[self.office(office).kind].means

    def of_kind(self, kind: str, on: date) -> Iterator[Office]:
        """Yield the offices of a kind that exist on a day."""
        return (
            o for o in self.offices.values() if o.kind == kind and _within(on, o.since, o.until)
        )

    def holders(self, office: str, on: date) -> tuple[Tenure, ...]:
        """Return the tenures of an office on a day, holders before deputies."""
        rows = [t for t in self.tenures if t.office == office and t.covers(on)]
        return tuple(sorted(rows, key=lambda t: t.deputy))

    def unbiased(self, office: str, on: date, case: str) -> tuple[Tenure, ...]:
        """Return those of `holders` who are not concerned in the `case`, be they there or away."""
        concerned = {r.person for r in self.recusals if r.case == case and r.since <= on}
        return tuple(t for t in self.holders(office, on) if t.person not in concerned)

    def present(self, person: str, on: date, case: str = "") -> bool:
        """Return whether a person is neither away on `on` nor concerned in the `case`."""
        away = any(a.person == person and a.since <= on <= a.until for a in self.absences)
        return not away and not any(
            r.person == person and r.case == case and r.since <= on for r in self.recusals
        )

    def acting(self, office: str, on: date, case: str = "") -> tuple[Tenure, ...]:
        """Return who acts for an office: its present holders, else its present deputies.

        Found once a day; only where somebody is concerned in a case is it asked of that case.
        """
        asked = case if any(r.case == case for r in self.recusals) else ""
        key = (office, on, asked)
        found = self._acting.get(key)
        if found is None:
            rows = [t for t in self.holders(office, on) if self.present(t.person, on, asked)]
            found = tuple(t for t in rows if not t.deputy) or tuple(rows)
            if len(self._acting) >= _MOST:
                self._acting.clear()
            self._acting[key] = found
        return found

    def standing(self, office: str, on: date, case: str = "") -> Standing:
        """Return how the office is filled on `on` in the `case`.

        An office whose holder is only away for a time is not vacant.
        """
        rows = self.holders(office, on)
        if any(not t.deputy and self.present(t.person, on, case) for t in rows):
            return Standing.HELD
        if any(t.deputy and self.present(t.person, on, case) for t in rows):
            return Standing.DEPUTISED
        return Standing.DEPUTISED if rows and not self._barred(rows, case) else Standing.VACANT

    def _barred(self, rows: tuple[Tenure, ...], case: str) -> bool:
        recused = {r.person for r in self.recusals if r.case == case}
        return all(t.person in recused for t in rows)

    def tenure(self, person: str, office: str, on: date, case: str = "") -> Tenure | None:
        """Return the tenure under which a person may act for an office, or None."""
        return next((t for t in self.acting(office, on, case) if t.person == person), None)

    def check(self) -> None:
        """Refuse offices whose superiors form a loop or are unknown."""
        for office in self.offices.values():
            seen = {office.id}
            above = office.superior
            while above is not None:
                if above in seen:
                    raise InputError(
                        f"Stelle „{office.id}“: Die vorgesetzten Stellen bilden einen Kreis.",
                        f"Office '{office.id}': its superiors form a loop.",
                    )
                seen.add(above)
                above = self.office(above).superior
