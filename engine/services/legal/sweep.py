"""The Durchsicht of all open cases: each flaw with the place where it is mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from engine.app import App
from engine.core.case import Case
from engine.core.foresight import settled
from engine.core.meanings import StateMeans
from engine.core.sweep import Flaw, Flawed, flaws
from engine.core.visibility import Actor
from engine.core.world import World
from engine.errors import Text
from engine.store.cases import Filter
from engine.store.store import Store

_PERSONS = "/verwaltung/personen"


@dataclass(frozen=True, slots=True)
class Mend:
    """Where a flaw is mended: a page, a command, and in words who does what there.

    Page and command take the number of the case or the id of what the flaw is about.
    """

    page: str
    command: str
    how: Text


MENDS = {
    Flaw.EARLY: Mend(
        "/vorhaben/{number}#zeitplan",
        "plan show {number}",
        Text("Der Zeitplan zeigt, was noch möglich ist.", "The plan shows what can be done."),
    ),
    Flaw.PASSED: Mend(
        "/vorhaben/{number}",
        "case show {number}",
        Text(
            "Ergebnis oder neuen Sitzungstag eintragen (Sitzungsdienst).",
            "Enter the outcome or another sitting (council office).",
        ),
    ),
    Flaw.UNFILLED: Mend(
        _PERSONS,
        "office import",
        Text("Stelle besetzen oder Vertretung bestellen.", "Fill the office or appoint a deputy."),
    ),
    Flaw.AWAY: Mend(
        _PERSONS,
        "office import",
        Text("Vertretung bestellen.", "Appoint a deputy."),
    ),
    Flaw.RECEIPT: Mend(
        "/vorhaben/{number}",
        "case show {number}",
        Text(
            "Eingang bestätigen lassen oder auf anderem Weg nachweisen.",
            "Have the receipt confirmed, or show it another way.",
        ),
    ),
    Flaw.UNDATED: Mend(
        "/vorhaben/{number}",
        "case show {number}",
        Text("Beratungsfolge ergänzen.", "Enter the bodies with their days."),
    ),
    Flaw.STALE: Mend(
        "/regeln/{about}",
        "rules confirm {about}",
        Text("Mit der Quelle vergleichen und bestätigen.", "Compare with the source and confirm."),
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One flaw of one case; `page` and `command` are where it is mended."""

    flaw: Flaw
    number: str
    title: str
    text: Text
    page: str
    command: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a look through open cases found, by flaw; `whole` says that it read all of them."""

    cases: int
    whole: bool
    lines: tuple[Line, ...]

    @property
    def counts(self) -> Counter[Flaw]:
        """How many cases have each flaw at least once."""
        return Counter(flaw for flaw, _ in {(x.flaw, x.number) for x in self.lines})

    def of(self, flaw: Flaw) -> list[Line]:
        """Return the lines of one flaw."""
        return [x for x in self.lines if x.flaw is flaw]


def sweep(app: App, *, limit: int | None = None, seen_by: Actor | None = None) -> Sweep:
    """Return what is wrong with the open cases, the newest first; nothing is changed.

    `limit` bounds how many are read, `seen_by` leaves out what somebody may not see.
    """
    lines: list[Line] = []
    count = 0
    with app.database.read() as store:
        world = app.world(store)
        for number in _open(store, world, seen_by):
            if count == limit:
                return Sweep(count, False, tuple(lines))
            count += 1
            case = settled(store.cases.get(number), world)
            lines += (_line(case, found) for found in flaws(case, world))
    return Sweep(count, True, tuple(lines))


def _open(store: Store, world: World, seen_by: Actor | None) -> Iterator[str]:
    only = Filter(states=_open_states(world), seen_by=seen_by)
    after = None
    while page := store.cases.list(only, after=after):
        yield from (line.number for line in page)
        after = page[-1].number


def _open_states(world: World) -> frozenset[str]:
    """Return the states of cases, by every version of their workflow, that are no end."""
    whole = (w for w in world.library.workflows.values() if w.form is None)
    return frozenset(
        s.id for w in whole for s in w.states.values() if s.means is not StateMeans.FINAL
    )


def _line(case: Case, found: Flawed) -> Line:
    mend, named = MENDS[found.flaw], {"number": case.number, "about": found.about}
    return Line(
        found.flaw,
        case.number,
        case.measure.title,
        found.text,
        mend.page.format(**named),
        mend.command.format(**named),
    )
