"""From a workflow file to a compiled workflow, with all its problems told at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from engine.core.meanings import StateMeans
from engine.core.workflow import (
    CLOCK,
    ENGINE,
    Branch,
    DeadlineRule,
    Effect,
    Field,
    Judges,
    Pause,
    PlanStage,
    Reschedules,
    State,
    Step,
    Tell,
    Workflow,
    names_used,
)
from engine.definitions.conditions import TRAITS, Path, Reader
from engine.definitions.documents import (
    DeadlineDoc,
    FieldDoc,
    StepDoc,
    TellDoc,
    WorkflowDoc,
)
from engine.errors import Text
from engine.strictyaml import Loaded, Problems, read, unknown

RELATIONS = frozenset({"lead", "office", "superior", "owner", "participants"})
"""Whom a letter may be for besides a kind of office: a relation to the case."""

SIMPLE = frozenset(
    {"text", "day", "number", "bool", "points", "weighing", "finding", "documents", "body"}
)

_STATE = Text("Der Zustand", "The state")
_STEP = Text("Der Schritt", "The step")
_DEADLINE = Text("Die Frist", "The deadline")
_FIELD = Text("Die Angabe", "The field")
_ROLE = Text("Die Rolle", "The role")
_TYPE = Text("Der Typ", "The type")

COUNTED = frozenset({"nicht_gefolgt", "ohne_begruendung"})
"""What the engine counts in a weighing, readable as `given.<name>`."""


def compile_workflow(
    source: bytes, name: str, *, facts: Iterable[str], kinds: Iterable[str]
) -> Workflow:
    """Return the workflow that a file declares.

    `facts` are the declared facts of measures, `kinds` the kinds of office. Raises
    DefinitionError with every problem of the file, each with its line and column.
    """
    loaded = read(WorkflowDoc, source, name)
    return _Compiler(loaded, source, frozenset(facts), frozenset(kinds)).workflow()


class _Compiler:
    def __init__(
        self,
        loaded: Loaded[WorkflowDoc],
        source: bytes,
        facts: frozenset[str],
        kinds: frozenset[str],
    ) -> None:
        self.doc = loaded.value
        self.marks = loaded.marks
        self.problems = Problems(loaded.name)
        self.digest = hashlib.sha256(source).hexdigest()
        self.kinds = kinds
        taken = {f for s in self.doc.steps.values() for f in s.takes}
        self.reader = Reader(
            self.marks,
            self.problems,
            {
                "measure": facts | {"kind", "origin", "confidentiality"},
                "given": frozenset(taken) | COUNTED,
                "deadline": frozenset(self.doc.deadlines),
                "provision": TRAITS,
                "step": frozenset(self.doc.steps),
            },
        )

    def workflow(self) -> Workflow:
        doc = self.doc
        states = {
            k: State(k, s.means, s.title.text, None if s.next is None else s.next.text)
            for k, s in doc.states.items()
        }
        steps = {k: self._step(k, s) for k, s in doc.steps.items()}
        deadlines = {k: self._deadline(k, d) for k, d in doc.deadlines.items()}
        self._check_initial()
        self._check_waiting(steps)
        self.problems.raise_if_any()
        return Workflow(
            id=doc.id,
            version=doc.version,
            digest=self.digest,
            form=doc.form,
            title=doc.title.text,
            states=states,
            steps=steps,
            deadlines=deadlines,
            plan=tuple(
                PlanStage(p.name, p.title.text, p.period, p.value or p.name) for p in doc.plan
            ),
            claims=tuple(c.model_dump(by_alias=True) for c in doc.claims),
            examples=tuple(e.model_dump(by_alias=True) for e in doc.examples),
            initial=doc.initial or "",
            names=names_used(iter(steps.values()), iter(deadlines.values())),
        )

    def _step(self, name: str, doc: StepDoc) -> Step:
        at: Path = ("steps", name)
        if doc.origins != "any":
            self._known(doc.origins, (*at, "from"), _STATE, self.doc.states)
        self._known(doc.by, (*at, "by"), _ROLE, self._roles())
        self._known(doc.starts, (*at, "starts"), _DEADLINE, self.doc.deadlines)
        self._known(doc.ends, (*at, "ends"), _DEADLINE, self.doc.deadlines)
        for deadline, taken in doc.moves.items():
            self._known([deadline], (*at, "moves", deadline), _DEADLINE, self.doc.deadlines)
            self._known([taken], (*at, "moves", deadline), _FIELD, doc.takes)
        return Step(
            id=name,
            means=doc.means,
            kind=doc.kind,
            title=doc.title.text,
            origins=None if doc.origins == "any" else frozenset(doc.origins),
            branches=self._branches(doc, at),
            by=frozenset(doc.by),
            takes=tuple(self._field(k, f, (*at, "takes", k)) for k, f in doc.takes.items()),
            when=self.reader.read(doc.when, (*at, "when")),
            expects=self.reader.read(doc.expects, (*at, "expects")),
            finding=doc.finding,
            starts=tuple(doc.starts),
            ends=tuple(doc.ends),
            moves=tuple(doc.moves.items()),
            effects=tuple(
                Effect(e.where, e.means, self.reader.read(e.when, (*at, "effects", i, "when")))
                for i, e in enumerate(doc.effects)
            ),
            tells=tuple(self._tells(doc.tells, at)),
            new_round=None
            if doc.new_round is None
            else self.reader.read(doc.new_round, (*at, "new_round")),
            new_paper=doc.new_paper,
            judges=self._judges(doc, at),
            reschedules=self._reschedules(doc, at),
        )

    def _branches(self, doc: StepDoc, at: Path) -> tuple[Branch, ...]:
        if isinstance(doc.to, str):
            if doc.to == "same":
                return (Branch(None),)
            self._known([doc.to], (*at, "to"), _STATE, self.doc.states, whole=True)
            return (Branch(doc.to),)
        found = []
        for i, branch in enumerate(doc.to):
            where: Path = (*at, "to", i)
            if branch.to is not None and branch.to != "same":
                self._known([branch.to], (*where, "to"), _STATE, self.doc.states, whole=True)
            state = None if branch.to == "same" else branch.to
            found.append(Branch(state, self.reader.read(branch.when, (*where, "when"))))
        return tuple(found)

    def _judges(self, doc: StepDoc, at: Path) -> Judges | None:
        judges = doc.judges
        if judges is None:
            return None
        fields = [f for f in (judges.finding, judges.choice) if f is not None]
        self._known(fields, (*at, "judges"), _FIELD, doc.takes, whole=True)
        only = {} if judges.state is None else {"": judges.state.value}
        return Judges(
            judges.finding, judges.choice, only or {k: v.value for k, v in judges.states.items()}
        )

    def _reschedules(self, doc: StepDoc, at: Path) -> Reschedules | None:
        moves = doc.reschedules
        if moves is None:
            return None
        self._known([moves.body, moves.day], (*at, "reschedules"), _FIELD, doc.takes, whole=True)
        return Reschedules(moves.body, moves.day)

    def _field(self, name: str, doc: str | FieldDoc, at: Path) -> Field:
        if isinstance(doc, FieldDoc):
            return Field(name, doc.type, tuple(doc.options), doc.optional)
        kind = doc.removesuffix("?")
        self._known([kind], at, _TYPE, SIMPLE, whole=True)
        return Field(name, kind, optional=doc.endswith("?"))

    def _tells(
        self, tells: Mapping[str, str | TellDoc | list[TellDoc]], at: Path
    ) -> Iterator[Tell]:
        for target, raw in tells.items():
            where: Path = (*at, "tells", target)
            self._known([target], where, _ROLE, RELATIONS | self.kinds, whole=True)
            if isinstance(raw, str):
                yield Tell(target, raw)
            elif isinstance(raw, TellDoc):
                yield Tell(target, raw.letter, self.reader.read(raw.when, (*where, "when")))
            else:
                for i, row in enumerate(raw):
                    when = self.reader.read(row.when, (*where, i, "when"))
                    yield Tell(target, row.letter, when)

    def _deadline(self, name: str, doc: DeadlineDoc) -> DeadlineRule:
        at: Path = ("deadlines", name)
        self._known(doc.states, (*at, "in"), _STATE, self.doc.states)
        owners = {"lead", "office", "remedy"} | self.kinds
        self._known([doc.owner], (*at, "owner"), _ROLE, owners, whole=True)
        if doc.lapse is not None:
            self._known([doc.lapse], (*at, "lapse"), _STEP, self.doc.steps, whole=True)
        pauses = []
        for i, pause in enumerate(doc.pauses):
            state = pause if isinstance(pause, str) else pause.state
            self._known([state], (*at, "pauses", i), _STATE, self.doc.states, whole=True)
            raw = {} if isinstance(pause, str) else pause.when
            pauses.append(Pause(state, self.reader.read(raw, (*at, "pauses", i, "when"))))
        return DeadlineRule(
            name=name,
            title=doc.title.text,
            owner=doc.owner,
            period=doc.period,
            value=doc.value or name,
            states=frozenset(doc.states),
            lapse=doc.lapse,
            pauses=tuple(pauses),
            ladder=doc.ladder,
            urgent=None if doc.urgent is None else self.reader.read(doc.urgent, (*at, "urgent")),
            required=doc.required,
            correction=doc.correction,
        )

    def _roles(self) -> frozenset[str]:
        return self.kinds | {"lead", "office", CLOCK, ENGINE}

    def _known(
        self,
        words: Iterable[str],
        at: Path,
        what: Text,
        known: Iterable[str],
        *,
        whole: bool = False,
    ) -> None:
        """Tell each word that names nothing, where it stands, with the nearest known one."""
        known = set(known)
        for i, word in enumerate(words):
            if word not in known:
                place = at if whole else (*at, i)
                self.problems.add(self.marks.value(*place), unknown(what, word, known))

    def _check_initial(self) -> None:
        doc = self.doc
        if doc.form is not None and doc.initial not in doc.states:
            self.problems.add(
                self.marks.at("initial"),
                Text(
                    "Eine Beteiligung braucht unter 'initial' den Zustand, in dem sie beginnt.",
                    "A participation needs, under 'initial', the state it begins in.",
                ),
            )

    def _check_waiting(self, steps: Mapping[str, Step]) -> None:
        """A state in which somebody is awaited needs a deadline that runs in it (I2)."""
        timed = {s for d in self.doc.deadlines.values() for s in d.states}
        for name, state in self.doc.states.items():
            if state.means is StateMeans.WAITING and self.doc.form and name not in timed:
                self.problems.add(
                    self.marks.key("states", name),
                    Text(
                        f"Im Zustand '{name}' wird gewartet, aber keine Frist läuft in ihm: "
                        "Nennen Sie ihn unter 'in' einer Frist.",
                        f"Somebody is awaited in the state '{name}', but no deadline runs in "
                        "it: name it under 'in' of a deadline.",
                    ),
                )
