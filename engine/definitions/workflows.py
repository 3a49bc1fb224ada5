"""From a workflow file to a compiled workflow, with all its problems told at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from engine.core.escalation import Ladder
from engine.core.meanings import Kind, StateMeans, StepMeans
from engine.core.next_steps import LEAD, OFFICE, placeholders, stray_brace
from engine.core.proof.written import SCOPES
from engine.core.rules import Fact
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
from engine.definitions.conditions import (
    MEASURE,
    OF_DEADLINES,
    TRAITS,
    Domain,
    Path,
    Reader,
    domain_of,
    domains_of,
)
from engine.definitions.documents import (
    DeadlineDoc,
    FieldDoc,
    StepDoc,
    TellDoc,
    WorkflowDoc,
)
from engine.definitions.examples import ExampleReader, Known
from engine.errors import Text
from engine.strictyaml import Loaded, Problems, read, unknown

RELATIONS = frozenset(
    {"lead", "office", "deputy", "superior", "owner", "participants", "demanding", "excepted"}
)
"""Whom a letter may be for besides a kind of office: a relation to the case."""

OWN = frozenset({"owner", "office", "deputy"})
"""Whom a ladder may remind of the own period of an office that is heard."""

SIMPLE = frozenset(
    {
        "text",
        "wording",
        "deviation",
        "day",
        "number",
        "bool",
        "points",
        "weighing",
        "finding",
        "documents",
        "body",
        "office",
        "facts",
    }
)

_STATE = Text("Der Zustand", "The state")
_STEP = Text("Der Schritt", "The step")
_DEADLINE = Text("Die Frist", "The deadline")
_FIELD = Text("Die Angabe", "The field")
_FINDING = Text("Die Feststellung", "The finding")
_ROLE = Text("Die Rolle", "The role")
_TYPE = Text("Der Typ", "The type")
_LADDER = Text("Die Leiter", "The ladder")
_PLACEHOLDER = Text("Der Platzhalter", "The placeholder")
_CLAIM = Text("Der Teil der Zusicherung", "The part of the claim")
_MEANING = Text("Die Bedeutung", "The meaning")
_STRAY_BRACE = Text(
    "Eine geschweifte Klammer ist allein: Platzhalter stehen in { und }.",
    "A brace stands alone: placeholders stand between { and }.",
)

_NO_FINDING = Text(
    "Wer 'expects' sagt, nennt unter 'finding', was festgestellt wird, wenn es nicht zutrifft.",
    "Whoever says 'expects' names under 'finding' what is found where it does not hold.",
)
_NO_WAY = Text(
    "Der letzte Weg unter 'to' darf keine Bedingung haben, sonst führt der Schritt manchmal "
    "nirgendwohin.",
    "The last way under 'to' must have no condition, else the step sometimes leads nowhere.",
)
_NO_OPTIONS = Text(
    "Eine Auswahl braucht unter 'options', woraus gewählt wird.",
    "A choice needs, under 'options', what to choose from.",
)

_IDLE_CLOCK = Text(
    "Eine Frist, die niemand schuldet ('owner: clock'), braucht unter 'lapse' den Schritt, den "
    "der Fristenlauf tut, und keine Leiter: Es gibt niemanden, der zu erinnern wäre.",
    "A deadline that nobody owes ('owner: clock') needs, under 'lapse', the step that the clock "
    "takes, and no ladder: there is nobody to remind.",
)
_NO_CASE = Text(
    "Von der letzten Handlung an zählt nur eine Frist des Vorgangs selbst, deren Länge ein "
    "benannter Wert ist ('period: value').",
    "Only a deadline of the case itself counts from the last act, and its length is a named "
    "value ('period: value').",
)

COUNTED = frozenset({"nicht_gefolgt", "ohne_begruendung"})
"""What the engine counts in a weighing, readable as `given.<name>`."""


def compile_workflow(
    source: bytes,
    name: str,
    *,
    facts: Mapping[str, Fact],
    kinds: Iterable[str],
    ladders: Mapping[str, Ladder],
) -> Workflow:
    """Return the workflow that a file declares.

    `facts` are the declared facts of measures, `kinds` the kinds of office, `ladders` those
    its deadlines may name. Raises DefinitionError with every problem of the file, each with
    its line and column.
    """
    loaded = read(WorkflowDoc, source, name)
    return _Compiler(loaded, source, facts, frozenset(kinds), ladders).workflow()


class _Compiler:
    def __init__(
        self,
        loaded: Loaded[WorkflowDoc],
        source: bytes,
        facts: Mapping[str, Fact],
        kinds: frozenset[str],
        ladders: Mapping[str, Ladder],
    ) -> None:
        self.doc = loaded.value
        self.ladders = ladders
        self.marks = loaded.marks
        self.problems = Problems(loaded.name)
        self.digest = hashlib.sha256(source).hexdigest()
        self.kinds = kinds
        taken = {f for s in self.doc.steps.values() for f in s.takes}
        self.reader = Reader(
            self.marks,
            self.problems,
            {
                "measure": MEASURE | frozenset(facts),
                "given": frozenset(taken) | COUNTED,
                "deadline": frozenset(self.doc.deadlines),
                "provision": frozenset(TRAITS),
                "step": frozenset(self.doc.steps),
            },
            {**domains_of(facts), **self._domains()},
        )
        known = Known(
            self.doc.form,
            frozenset(self.doc.states),
            frozenset(self.doc.steps),
            frozenset(self.doc.deadlines),
            kinds,
            frozenset(facts),
        )
        self.examples = ExampleReader(loaded.marks, self.problems, known)

    def workflow(self) -> Workflow:
        doc = self.doc
        states = {
            k: State(k, s.means, s.title.text, None if s.next is None else s.next.text)
            for k, s in doc.states.items()
        }
        steps = {k: self._step(k, s) for k, s in doc.steps.items()}
        deadlines = {k: self._deadline(k, d) for k, d in doc.deadlines.items()}
        examples = self.examples.read(doc.examples, "examples")
        self._check_initial()
        self._check_waiting()
        self._check_next()
        self._check_fields()
        self._check_claims()
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
            findings={k: w.text for k, w in doc.findings.items()},
            plan=tuple(
                PlanStage(
                    p.name,
                    p.title.text,
                    p.period,
                    p.value or p.name,
                    None if p.span is None else p.span.text,
                )
                for p in doc.plan
            ),
            reserve=doc.reserve,
            claims=tuple(c.model_dump(by_alias=True) for c in doc.claims),
            examples=examples,
            initial=doc.initial or "",
            names=names_used(iter(steps.values()), iter(deadlines.values())),
            purpose=None if doc.purpose is None else doc.purpose.text,
            fields={k: w.text for k, w in doc.fields.items()},
        )

    def _domains(self) -> dict[str, Domain]:
        """Return the values that the names of this very file can have."""
        found: dict[str, Domain] = {"state": frozenset(self.doc.states)}
        found |= dict.fromkeys((f"deadline.{d}" for d in self.doc.deadlines), OF_DEADLINES)
        for step in self.doc.steps.values():
            for name, field in step.takes.items():
                kind = field.removesuffix("?") if isinstance(field, str) else field.type
                options = () if isinstance(field, str) else field.options
                domain = domain_of(kind, options)
                if domain is not None:
                    found[f"given.{name}"] = found.get(f"given.{name}", frozenset()) | domain
        return found

    def _step(self, name: str, doc: StepDoc) -> Step:
        at: Path = ("steps", name)
        if doc.origins != "any":
            self._known(doc.origins, (*at, "from"), _STATE, self.doc.states)
        self._known(doc.by, (*at, "by"), _ROLE, self._roles())
        self._known(doc.starts, (*at, "starts"), _DEADLINE, self.doc.deadlines)
        self._known(doc.ends, (*at, "ends"), _DEADLINE, self.doc.deadlines)
        for key, days in (("moves", doc.moves), ("agrees", doc.agrees)):
            for deadline, taken in days.items():
                self._known([deadline], (*at, key, deadline), _DEADLINE, self.doc.deadlines)
                self._known([taken], (*at, key, deadline), _FIELD, doc.takes)
        self._check_agreed(doc, at)
        self._check_fact(name, doc, at)
        if doc.finding is not None:
            at_finding: Path = (*at, "finding")
            self._known([doc.finding], at_finding, _FINDING, self.doc.findings, whole=True)
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
            moves=(*doc.moves.items(), *doc.agrees.items()),
            agrees=frozenset(doc.agrees),
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
            leads=self._leads(doc, at),
            recounts=doc.recounts,
        )

    def _check_fact(self, name: str, doc: StepDoc, at: Path) -> None:
        """What has happened is never refused; what it should have waited for is found."""
        people = set(doc.by) - {CLOCK, ENGINE}
        if doc.kind is Kind.FACT and people and doc.when:
            self.problems.add(self.marks.key(*at, "when"), _refuses_a_fact(name))
        if doc.expects and doc.finding is None:
            self.problems.add(self.marks.key(*at, "expects"), _NO_FINDING)
        if isinstance(doc.to, list) and (not doc.to or doc.to[-1].when):
            self.problems.add(self.marks.key(*at, "to"), _NO_WAY)

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
        fields = [f for f in (moves.body, moves.day, moves.was) if f is not None]
        self._known(fields, (*at, "reschedules"), _FIELD, doc.takes, whole=True)
        return Reschedules(moves.body, moves.day, moves.was)

    def _leads(self, doc: StepDoc, at: Path) -> str | None:
        if doc.leads is not None:
            self._known([doc.leads], (*at, "leads"), _FIELD, doc.takes, whole=True)
        return doc.leads

    def _field(self, name: str, doc: str | FieldDoc, at: Path) -> Field:
        if isinstance(doc, FieldDoc):
            labels = {k: w.text for k, w in doc.options.items()}
            if doc.type == "choice" and not labels:
                self.problems.add(self.marks.key(*at), _NO_OPTIONS)
            return Field(name, doc.type, tuple(labels), doc.optional, labels)
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

    def _check_agreed(self, doc: StepDoc, at: Path) -> None:
        """Only the office whose period it is can agree to an earlier day."""
        if doc.agrees and set(doc.by) != {OFFICE}:
            words = Text(
                "Einen anderen Tag vereinbaren ('agrees') kann nur die Stelle, deren Frist es "
                "ist: 'by: [office]'.",
                "Only the office whose period it is can agree to another day ('agrees'): "
                "'by: [office]'.",
            )
            self.problems.add(self.marks.key(*at, "agrees"), words)

    def _deadline(self, name: str, doc: DeadlineDoc) -> DeadlineRule:
        at: Path = ("deadlines", name)
        self._known(doc.states, (*at, "in"), _STATE, self.doc.states)
        owners = {"lead", "office", "remedy", CLOCK} | self.kinds
        self._known([doc.owner], (*at, "owner"), _ROLE, owners, whole=True)
        if doc.owner == CLOCK and (doc.lapse is None or doc.ladder is not None):
            self.problems.add(self.marks.value(*at, "owner"), _IDLE_CLOCK)
        if doc.since is not None and (self.doc.form is not None or doc.period != "value"):
            self.problems.add(self.marks.value(*at, "since"), _NO_CASE)
        if doc.lapse is not None:
            self._known([doc.lapse], (*at, "lapse"), _STEP, self.doc.steps, whole=True)
        self._check_ladder(name, doc)
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
            plan=doc.plan,
            overrun=doc.overrun,
            pauses=tuple(pauses),
            ladder=doc.ladder,
            variants=tuple(
                (name, self.reader.read(when, (*at, "variants", name)))
                for name, when in doc.variants.items()
            ),
            required=doc.required,
            correction=doc.correction,
            since_last_act=doc.since is not None,
        )

    def _check_fields(self) -> None:
        """Refuse the title of a field that no step takes."""
        known = sorted({f for s in self.doc.steps.values() for f in s.takes} | COUNTED)
        for name in self.doc.fields:
            if name not in known:
                self.problems.add(self.marks.key("fields", name), unknown(_FIELD, name, known))

    def _check_claims(self) -> None:
        """Refuse a claim that speaks of anything but states and meanings, or of unknown ones."""
        meant: dict[str, list[str]] = {"case": list(StateMeans), "state": list(self.doc.states)}
        steps = {scope: list(StepMeans) for scope in SCOPES}
        for i, claim in enumerate(self.doc.claims):
            self._spoken(claim.never, ("claims", i, "never"), meant)
            self._spoken(claim.unless_before, ("claims", i, "unless_before"), steps)

    def _spoken(
        self, said: Mapping[str, object], at: Path, known: Mapping[str, Iterable[str]]
    ) -> None:
        for name, raw in said.items():
            if name not in known:
                words = unknown(_CLAIM, name, sorted(known))
                self.problems.add(self.marks.key(*at, name), words)
                continue
            rows = raw if isinstance(raw, list) else [raw]
            whole = not isinstance(raw, list)
            self._known(map(str, rows), (*at, name), _MEANING, known[name], whole=whole)

    def _roles(self) -> frozenset[str]:
        return self.kinds | {"lead", "office", "demanding", CLOCK, ENGINE}

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
        known = sorted(set(known))
        for i, word in enumerate(words):
            if word not in known:
                place = at if whole else (*at, i)
                self.problems.add(self.marks.value(*place), unknown(what, word, known))

    def _check_ladder(self, name: str, doc: DeadlineDoc) -> None:
        """The own period of an office that is heard reminds that office alone."""
        if doc.ladder is None:
            return
        at: Path = ("deadlines", name, "ladder")
        self._known([doc.ladder], at, _LADDER, self.ladders, whole=True)
        ladder = self.ladders.get(doc.ladder)
        if doc.owner == OFFICE and ladder is not None and _climbs(ladder):
            self.problems.add(self.marks.value(*at), _climbing(name, doc.ladder))

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

    def _check_waiting(self) -> None:
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

    def _check_next(self) -> None:
        """Each state that is not final says in both languages what happens next (D5)."""
        for name, state in self.doc.states.items():
            if state.means is StateMeans.FINAL:
                continue
            if state.next is None:
                self.problems.add(self.marks.key("states", name), _no_next(name))
                continue
            for language, sentence in (("de", state.next.de), ("en", state.next.en)):
                self._check_sentence(name, sentence, ("states", name, "next", language))

    def _check_sentence(self, state: str, sentence: str, at: Path) -> None:
        mark = self.marks.value(*at)
        known = {LEAD, *self.doc.deadlines} | ({OFFICE} if self.doc.form else set())
        for word in dict.fromkeys(placeholders(sentence)):
            if word not in known:
                self.problems.add(mark, unknown(_PLACEHOLDER, word, sorted(known)))
            elif word in self.doc.deadlines and state not in self.doc.deadlines[word].states:
                self.problems.add(mark, _never_runs(word, state))
        if stray_brace(sentence):
            self.problems.add(mark, _STRAY_BRACE)


def _refuses_a_fact(step: str) -> Text:
    return Text(
        f"Der Schritt '{step}' ist eine Tatsache und wird nie abgelehnt: Schreiben Sie, worauf er "
        "hätte warten sollen, unter 'expects' und 'finding' statt unter 'when'.",
        f"The step '{step}' is a fact and is never refused: write what it should have waited for "
        "under 'expects' and 'finding' instead of 'when'.",
    )


def _climbs(ladder: Ladder) -> bool:
    return any(tell.target not in OWN for rung in ladder.rungs for tell in rung.tells)


def _climbing(deadline: str, ladder: str) -> Text:
    return Text(
        f"Die Leiter '{ladder}' steigt weiter, aber an die eigene Frist '{deadline}' darf nur die "
        "beteiligte Stelle selbst erinnert werden: Nennen Sie eine Leiter, die nur 'owner' und "
        "'deputy' erinnert.",
        f"The ladder '{ladder}' climbs further, but of its own deadline '{deadline}' only the "
        "office that takes part may be reminded: name a ladder that reminds only 'owner' and "
        "'deputy'.",
    )


def _no_next(state: str) -> Text:
    return Text(
        f"Der Zustand '{state}' sagt nicht, was als Nächstes geschieht: Schreiben Sie unter "
        "'next' einen Satz in beiden Sprachen.",
        f"The state '{state}' does not say what happens next: write a sentence in both "
        "languages under 'next'.",
    )


def _never_runs(deadline: str, state: str) -> Text:
    return Text(
        f"Die Frist '{deadline}' läuft nie im Zustand '{state}': Nennen Sie ihn unter 'in' der "
        "Frist, oder streichen Sie sie aus dem Satz.",
        f"The deadline '{deadline}' never runs in the state '{state}': name it under 'in' of the "
        "deadline, or strike the deadline from the sentence.",
    )
