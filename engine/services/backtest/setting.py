"""The administration that a backtest plays in: departments as published, one commissioner.

No council publishes its hierarchy or whom it must hear. So all departments stand below one
invented Dezernat, one commissioner takes part in every paper, and the only rule is the lead
that was asked for. Workflows and ladders are those of the library.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from engine.core.calendar import BERLIN, Calendar
from engine.core.counting import Backward, Counting
from engine.core.meanings import Confidence, OfficeMeans, Source, StepMeans
from engine.core.offices import Office, OfficeKind, Person, Roster, Tenure
from engine.core.periods import Period, Unit
from engine.core.rules import Duty, NamedValue, Provision, RulePack
from engine.core.world import Library, Municipality, World
from engine.errors import NotFound, Text
from engine.oparl import PaperRecord

PLACE = "backtest"
LEAD = "backtest-lead"
COMMISSIONER, COUNCIL_OFFICE, DEZERNAT, HEAD = "commissioner", "council-office", "dezernat", "head"
NOBODY = ""
"""The name under which papers without a named department are led."""

RECEIPT, BEFORE_SITTING = "eingang", "vorlagenschluss"
"""Values by which the shipped workflows plan; the time for weighing has none here, because
nobody states a view in a backtest."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The world of a backtest and the offices that stand for the published departments."""

    world: World
    departments: Mapping[str, str]

    @property
    def calendar(self) -> Calendar:
        """The calendar by which everything here is counted."""
        return self.world.calendar(PLACE)

    def lead(self, record: PaperRecord) -> str:
        """Return the office that stands for the lead department of a paper."""
        return self.departments[record.department or NOBODY]

    def at(self, day: date, hour: int) -> World:
        """Return the world at a full hour of a local day."""
        now = datetime.combine(day, time(hour), BERLIN).astimezone(UTC)
        return self.world.at(now, day)


def setting(
    papers: Iterable[PaperRecord],
    calendar: Calendar,
    lead: Period,
    library: Library,
    kinds: Mapping[str, OfficeKind],
) -> Setting:
    """Return where the papers are played, with `lead` as the period of the commissioner."""
    names = sorted({paper.department or NOBODY for paper in papers})
    departments = {name: f"department-{n}" for n, name in enumerate(names)}
    roster = _roster(departments, kinds)
    world = World(
        # Built anew, not replaced: a library remembers which provisions were in force.
        library=Library(
            workflows=library.workflows,
            current=library.current,
            packs=(_pack(lead, library, kinds),),
            facts=library.facts,
            ladders=library.ladders,
        ),
        roster=roster,
        calendars={calendar.id: calendar},
        municipalities={PLACE: Municipality(PLACE, "Rückblick", "", calendar.id)},
        today=date.min,
        now=datetime.min.replace(tzinfo=UTC),
    )
    return Setting(world, departments)


def _roster(departments: Mapping[str, str], kinds: Mapping[str, OfficeKind]) -> Roster:
    department = _kind(kinds, OfficeMeans.DEPARTMENT)
    offices = [
        Office(HEAD, _kind(kinds, OfficeMeans.HEAD), "Verwaltungsleitung"),
        Office(DEZERNAT, department, "Dezernat (nicht veröffentlicht)", superior=HEAD),
        Office("legal", _kind(kinds, OfficeMeans.LEGAL), "Rechtsamt"),
        Office(COUNCIL_OFFICE, _kind(kinds, OfficeMeans.COUNCIL_OFFICE), "Sitzungsdienst"),
        Office("chair", _kind(kinds, OfficeMeans.CHAIR), "Vorsitz der Vertretung"),
        Office(COMMISSIONER, _kind(kinds, OfficeMeans.COMMISSIONER), "Beauftragte"),
        *(
            Office(office, department, name or "ohne Angabe", superior=DEZERNAT)
            for name, office in departments.items()
        ),
    ]
    roster = Roster(
        kinds=kinds,
        offices={o.id: o for o in offices},
        persons={o.id: Person(o.id, o.name) for o in offices},
        tenures=tuple(Tenure(o.id, o.id) for o in offices),
    )
    roster.check()
    return roster


def _kind(kinds: Mapping[str, OfficeKind], means: OfficeMeans) -> str:
    """Return the first kind of office of that meaning."""
    found = next((kind.id for kind in kinds.values() if kind.means is means), None)
    if found is None:
        raise NotFound(
            f"offices.yaml: Keine Art von Stelle hat die Bedeutung „{means.value}“. Der "
            "Rückblick braucht eine.",
            f"offices.yaml: no kind of office means '{means.value}'. The backtest needs one.",
        )
    return found


def _pack(lead: Period, library: Library, kinds: Mapping[str, OfficeKind]) -> RulePack:
    """Return the only rules of a backtest: the lead, and two values that add nothing to it.

    Papers count as received on the day they were created, and the lead must be over on the
    day before the first sitting. So the plan asks for the lead in full days and no more.
    """
    words = lead.text
    duty = Duty(
        kinds=frozenset({_kind(kinds, OfficeMeans.COMMISSIONER)}),
        form=_form(library),
        concerned=False,
        counting=Counting(lead),
    )
    same_day = Counting(Period(1, Unit.WORKING_DAY), day_start=True)
    day_before = Counting(Period(1, Unit.DAY), backward=Backward.NTH)
    provisions = (
        _provision(LEAD, words, duty=duty),
        _provision(f"backtest-{RECEIPT}", words, value=NamedValue(RECEIPT, same_day)),
        _provision(
            f"backtest-{BEFORE_SITTING}", words, value=NamedValue(BEFORE_SITTING, day_before)
        ),
    )
    return RulePack("backtest", f"Rückblick: {words.de}", "", Source.HOUSE, provisions)


def _provision(
    name: str, words: Text, duty: Duty | None = None, value: NamedValue | None = None
) -> Provision:
    return Provision(
        id=name,
        pack="backtest",
        title=Text(f"Rückblick: {words.de}", f"Backtest: {words.en}"),
        norm=f"Vorgabe des Rückblicks: {words.de}",
        url="",
        source=Source.HOUSE,
        confidence=Confidence.FICTITIOUS,
        since=date.min,
        until=None,
        duty=duty,
        value=value,
    )


def _form(library: Library) -> str:
    """Return the form of participation in which an office states its view."""
    for pin in library.current.values():
        workflow = library.workflow(pin)
        if workflow.form and next(workflow.steps_meaning(StepMeans.STATEMENT), None):
            return workflow.form
    raise NotFound(
        "Keine Ablaufdefinition kennt eine Stellungnahme (means: statement). Der Rückblick "
        "braucht eine.",
        "No workflow knows a statement (means: statement). The backtest needs one.",
    )
