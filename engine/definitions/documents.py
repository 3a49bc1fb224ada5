"""The shape of the YAML files, as editors and the strict loader know it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field as Constraint

from engine.core.case import FindingState
from engine.core.counting import Backward, Roll
from engine.core.meanings import (
    Confidence,
    Event,
    Governs,
    Kind,
    OfficeMeans,
    Source,
    StateMeans,
    StepMeans,
)
from engine.core.periods import Unit
from engine.errors import Text
from engine.strictyaml import Strict

Name = Annotated[str, Constraint(pattern=r"^[a-z][a-z0-9_-]*$")]
Said = Annotated[str, Constraint(min_length=1)]
Address = Annotated[str, Constraint(pattern=r"^https?://[^\s\"'<>]+$")]
"""Where a text can be read; pages lead there, so nothing that a browser would run."""

Conditions = dict[str, Any]
"""name -> accepted values; checked by `engine.definitions.conditions`."""


class Words(Strict):
    """The same words in German and English."""

    de: str
    en: str

    @property
    def text(self) -> Text:
        """The words as the core knows them."""
        return Text(self.de, self.en)


class InForce(Strict):
    """From a day on, until before another."""

    since: date = Constraint(alias="from")
    until: date | None = None


class PeriodDoc(Strict):
    """A length and how it is counted."""

    count: Annotated[int, Constraint(ge=1, le=9999)]
    unit: Unit
    at_least: PeriodDoc | None = None
    at_most: PeriodDoc | None = None
    day_start: bool = False
    roll: Roll | None = None
    backward: Backward | None = None


class TermDoc(PeriodDoc):
    """A period of a norm: the event it runs from, whether it is a *soll*, what it needs."""

    start: Event | None = None
    binding: Literal["strict", "soll"] = "strict"
    needs: Words | None = None


class StateDoc(Strict):
    """A state of a workflow."""

    means: StateMeans
    title: Words
    next: Words | None = None


class FieldDoc(Strict):
    """A field of a step in its long form."""

    type: Literal[
        "text", "wording", "day", "number", "bool", "choice", "points", "weighing", "finding"
    ]
    options: dict[Name, Words] = {}
    optional: bool = False


class BranchDoc(Strict):
    """One of several ways that a step may lead."""

    to: Name | None = None
    when: Conditions = {}


class TellDoc(Strict):
    """A letter with a condition."""

    letter: Name
    when: Conditions = {}


class EffectDoc(Strict):
    """What follows elsewhere in the case."""

    where: Literal["case", "participations"] = Constraint(alias="in")
    means: StepMeans
    when: Conditions = {}


class JudgesDoc(Strict):
    """What a step makes of a finding: one state, or one by the choice taken."""

    finding: Name
    choice: Name | None = None
    state: FindingState | None = None
    states: dict[Name, FindingState] = {}


class ReschedulesDoc(Strict):
    """The fields that name a body, the new day of its sitting, and the day given up."""

    body: Name
    day: Name
    was: Name | None = None


class StepDoc(Strict):
    """A step of a workflow."""

    means: StepMeans
    kind: Kind
    title: Words
    origins: list[Name] | Literal["any"] = Constraint(alias="from")
    to: Name | Literal["same"] | list[BranchDoc]
    by: list[Name]
    takes: dict[Name, str | FieldDoc] = {}
    when: Conditions = {}
    expects: Conditions = {}
    finding: Name | None = None
    starts: list[Name] = []
    ends: list[Name] = []
    moves: dict[Name, Name] = {}
    agrees: dict[Name, Name] = {}
    effects: list[EffectDoc] = []
    tells: dict[Name, Name | TellDoc | list[TellDoc]] = {}
    new_round: Conditions | None = None
    new_paper: bool = False
    judges: JudgesDoc | None = None
    reschedules: ReschedulesDoc | None = None
    leads: Name | None = None
    recounts: bool = False


class PauseDoc(Strict):
    """A state in which a deadline rests, if the condition holds."""

    state: Name
    when: Conditions = {}


class DeadlineDoc(Strict):
    """A deadline of a workflow; its number comes from a rule pack."""

    title: Words
    owner: Name
    period: Literal[
        "provision", "stage", "plan", "remedy", "value", "same_day", "within", "own_sitting"
    ]
    value: Name | None = None
    states: list[Name] = Constraint(alias="in")
    lapse: Name | None = None
    plan: Name | None = None
    overrun: Name | None = None
    pauses: list[Name | PauseDoc] = []
    ladder: Name | None = None
    variants: dict[Literal["urgent", "supplement"], Conditions] = {}
    required: bool = True
    correction: Name | None = None
    since: Literal["last_act"] | None = None


class PlanDoc(Strict):
    """One leg of the backward plan; `span` is what is done in the time it needs."""

    name: Name
    title: Words
    period: Literal["provision", "value", "own_sitting"]
    value: Name | None = None
    span: Words | None = None


class ClaimDoc(Strict):
    """Something that must never come about, for the prover."""

    id: str
    never: Conditions
    unless_before: Conditions = {}


Told = Name | list[Name]


class ExpectedDoc(Strict):
    """What must hold once a rehearsal has come to its end."""

    state: Name | None = None
    case: Name | None = None
    participations: dict[str, Name] = {}
    deadlines: dict[Name, date | None] = {}
    findings: list[FindingState] | None = None


class ScriptLineDoc(Strict):
    """One line of a rehearsal: on a day somebody takes a step, or the clock runs on.

    `in` is `case`, or a participation as office/form/round; a participation's own
    example needs it only for steps of the case. `refused` may quote the refusal.
    """

    day: date
    step: Name | None = None
    by: Name = ""
    where: str = Constraint(default="", alias="in")
    given: dict[str, Any] = {}
    documents: list[Name] = []
    happened_on: date | None = None
    refused: bool | str = False
    vacant: list[Name] | None = None
    absent: list[Name] | None = None
    state: Name | None = None
    case: Name | None = None
    participations: dict[str, Name] = {}
    deadlines: dict[Name, date | None] = {}
    tells: dict[Name, Told] | None = None
    findings: list[Name] | None = None


class SupposedDoc(Strict):
    """The law as a rehearsal supposes it, made up and for this rehearsal alone.

    `traits` hold for every provision that calls for somebody, null takes one away; `before`
    says of a kind of office which kinds are asked only after it; `periods` are keyed by a named
    value, a form, or the id of a provision.
    """

    traits: dict[Name, str | bool | None] = {}
    before: dict[Name, list[Name]] = {}
    periods: dict[Annotated[str, Constraint(pattern=r"^[a-z][a-z0-9_.-]*$")], PeriodDoc] = {}


class ExampleDoc(Strict):
    """A rehearsal that runs as a test.

    `offices` pairs a kind of office that takes part with the fact that touches its field;
    left out, one commissioner takes part. `own_sittings` are those of bodies that take part
    themselves. `suppose` changes the law for it.
    """

    name: str
    offices: dict[Name, Name] = {}
    facts: dict[Name, str | int | bool | None] = {}
    sittings: dict[str, date] = {}
    own_sittings: dict[str, list[date]] = {}
    kind: Name = "beschlussvorlage"
    origin: Name = "administration"
    suppose: SupposedDoc = SupposedDoc()
    script: Annotated[list[ScriptLineDoc], Constraint(min_length=1)]
    expect: ExpectedDoc = ExpectedDoc()


class WorkflowDoc(Strict):
    """A workflow file; `fields` are the titles of what its steps take, for people."""

    id: Name
    version: str
    title: Words
    form: Name | None = None
    initial: Name | None = None
    purpose: Words | None = None
    fields: dict[Name, Words] = {}
    findings: dict[Name, Words] = {}
    states: dict[Name, StateDoc]
    steps: dict[Name, StepDoc]
    deadlines: dict[Name, DeadlineDoc] = {}
    plan: list[PlanDoc] = []
    reserve: Name | None = None
    claims: list[ClaimDoc] = []
    examples: list[ExampleDoc] = []


class DutyDoc(Strict):
    """Who takes part, in which form and for how long."""

    kinds: list[Name]
    form: Name
    concerned: bool = True
    period: TermDoc | None = None
    urgent: TermDoc | None = None
    supplement: TermDoc | None = None
    agreed: Words | None = None
    extended: Words | None = None
    stages: dict[Name, TermDoc] = {}
    documents: list[Name] = []
    before: list[Name] = []
    traits: dict[Name, str | bool] = {}


class ValueDoc(Strict):
    """A local number by name."""

    name: Name
    period: TermDoc


class RemedyDoc(Strict):
    """What is to be done after a departure; `begins` is a step that starts its period."""

    means: StepMeans
    owner: Name
    cures: list[Name]
    kinds: list[Name] = []
    period: TermDoc | None = None
    begins: StepMeans | None = None


class ConcernRowDoc(Strict):
    """One row of a table; where the answer is no, `because` says why."""

    when: Conditions
    answer: bool
    because: Words | None = None


class ConcernDoc(Strict):
    """A table of the Betroffenheitsprüfung: which answers make a fact true."""

    answers: Name
    rows: Annotated[list[ConcernRowDoc], Constraint(min_length=1)]


class ProvisionExampleDoc(Strict):
    """A date that the provision gives, run as a test."""

    name: str
    event: date
    calendar: str = "BB"
    last_day: date
    variant: Name = "period"


class ProvisionDoc(Strict):
    """One rule of a pack."""

    id: Name
    title: Said
    norm: Said
    url: Address | None = None
    confidence: Confidence
    in_force: InForce | None = None
    governs: Governs = Governs.STEP
    phrase: str | None = None
    note: str | None = None
    when: Conditions = {}
    duty: DutyDoc | None = None
    value: ValueDoc | None = None
    remedy: RemedyDoc | None = None
    table: ConcernDoc | None = None
    lineage: list[Name] = []
    overrides: list[Name] = []
    open_to: list[Source] = []
    cites: list[Said] = []
    examples: list[ProvisionExampleDoc] = []


class PackDoc(Strict):
    """A rule pack: one source in one version; a template applies nowhere by itself."""

    id: Name
    title: str
    source: Source
    url: Address | None = None
    land: str | None = None
    municipality: Name | None = None
    template: bool = False
    checked_on: date
    in_force: InForce
    provisions: list[ProvisionDoc]


class FactDoc(Strict):
    """A fact that measures are asked for."""

    type: Literal["bool", "choice", "number", "day"]
    question: Words
    options: list[str] = []
    for_tables: bool = False


class FactsDoc(Strict):
    """The file of facts, kinds of measure and kinds of office."""

    version: str
    facts: dict[Name, FactDoc]


class OfficeKindDoc(Strict):
    """A kind of office."""

    means: OfficeMeans
    title: Words


class OfficeKindsDoc(Strict):
    """The file of office kinds."""

    version: str
    kinds: dict[Name, OfficeKindDoc]


class RungDoc(Strict):
    """One rung of a ladder; neither before nor after: on the last day."""

    title: Words
    before: PeriodDoc | None = None
    after: PeriodDoc | None = None
    tells: dict[Name, Name]


class LadderDoc(Strict):
    """An escalation ladder; its numbers are the house's own and cite where it says so."""

    id: Name
    version: str
    title: Words
    norm: str
    hour: Annotated[int, Constraint(ge=0, le=23)] = 8
    chair_by: Name | None = None
    rungs: list[RungDoc]


class DropDoc(Strict):
    """What a migration leaves behind: open deadlines that fall away, answers to forget."""

    deadlines: list[Name] = []
    fields: list[Said] = []


class MigrationDoc(Strict):
    """A plan by which running cases move from one version of a workflow to another.

    `from` and `to` are versions as the workflow files name them, or pins. States and
    deadlines that are not named keep their name.
    """

    migrates: Name
    origin: Said = Constraint(alias="from")
    to: Said
    states: dict[Name, Name] = {}
    deadlines: dict[Name, Name] = {}
    drop: DropDoc = DropDoc()
