"""The proof of a library: everything that workflows and packs together make possible.

First each form by itself in any surroundings, place by place; then the case with every two
forms, folded to what they can see of each other. Both contain more than can be. So what
looks broken is looked for among the real cases, breadth first, one participation before
two; the first way found is a shortest, and where there is none the claim holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product as every

from engine.core.conditions import Value
from engine.core.offices import OfficeKind
from engine.core.proof import faults
from engine.core.proof.faults import Fault, Law
from engine.core.proof.folding import Folded, Loose, contexts_of
from engine.core.proof.looking import Judged, Looking
from engine.core.proof.packs import pack_faults
from engine.core.proof.places import Places
from engine.core.proof.product import Product
from engine.core.proof.reaching import dead, endless, led_to, stranded
from engine.core.proof.reading import Reading
from engine.core.proof.result import TITLES, Basis, Proof, Story, Verdict
from engine.core.proof.result import Explored as Pair
from engine.core.proof.settings import Setting, Vector, settings, traits_read
from engine.core.proof.stories import story
from engine.core.proof.subject import Subject
from engine.core.proof.values import CASE, Choice, Context, Follow, Local, Move
from engine.core.proof.wiring import wiring
from engine.core.proof.written import written
from engine.core.workflow import ENGINE, Workflow
from engine.core.world import Library
from engine.errors import Text

REAL_CASES = 200_000
"""How many real cases with two participations are searched for a story at most."""


@dataclass(slots=True)
class _Suspect:
    """A fault that was met, with the setting to look for it in."""

    fault: Fault
    setting: Setting
    vector: Vector


class Prover:
    """A library while it is proven."""

    def __init__(
        self,
        library: Library,
        kinds: Mapping[str, OfficeKind],
        only: frozenset[str] | None = None,
        known: frozenset[Setting] = frozenset(),
    ) -> None:
        self.library = library
        self.kinds = kinds
        self.workflows = [library.workflow(pin) for pin in library.current.values()]
        self.wires = wiring(self.workflows)
        self.law = Law(library.ladders, kinds, written(self.workflows))
        self.full = only is None and not known
        # Under which law a state is reached does not change with the law: some law is enough.
        self.same_forms = only is None and bool(known)
        self.settings = tuple(s for s in settings(library) if self._new(s, only, known))
        self.later = {s.forms[b - 1] for s in self.settings for _, b in s.order}
        case = library.case_workflow()
        self.case = Subject(case, None, self.wires, self.law.written)
        loose = frozenset({"measure", "actor", "findings", "deadline"})
        self.loose = Loose(Subject(case, None, self.wires, self.law.written, loose))
        self.folded: dict[Vector, Folded] = {}
        self.stories: dict[str, Story] = {}
        self.suspects: dict[tuple[str, Setting, Vector], _Suspect] = {}
        self.pairs: list[Pair] = []
        self.looked = 0
        self.case_states: set[str] = set()
        self._searched: dict[tuple[Setting, bool], frozenset[str]] = {}

    @staticmethod
    def _new(setting: Setting, only: frozenset[str] | None, known: frozenset[Setting]) -> bool:
        """Return whether a setting is to be proven: all of them if nothing is known before."""
        if only is not None and any(v.form in only for v in setting.forms):
            return True
        return setting not in known if known else only is None

    def prove(self) -> Proof:
        """Return the verdict on every claim."""
        vectors = list(dict.fromkeys(v for s in self.settings for v in s.forms))
        if not vectors:
            return Proof(tuple(self._verdict(i) for i in TITLES), (), 0, 0)
        for vector in vectors:
            self._fold(vector)
        self._silent_offices()
        for vector in vectors:
            self._in_any_surroundings(vector)
            self._by_the_engine(vector)
        self._in_pairs()
        self._whole_case(vectors)
        if not self.same_forms:
            self._reachable(vectors)
        self._find_stories()
        for claim, found in pack_faults(self.library):
            self.stories.setdefault(claim, Story((), found))
        ids = [*TITLES, *dict.fromkeys(w.id for w in self.law.written if w.id not in TITLES)]
        return Proof(
            verdicts=tuple(self._verdict(i) for i in ids),
            pairs=tuple(self.pairs),
            places=sum(len(f.single.of) - 1 for f in self.folded.values()),
            looked=self.looked,
        )

    def _verdict(self, claim: str) -> Verdict:
        titled = (Basis.MACHINES, Text(f"Zusicherung {claim}", f"claim {claim}"))
        basis, title = TITLES.get(claim, titled)
        return Verdict(claim, title, basis, self.stories.get(claim))

    def subject(self, vector: Vector) -> Subject:
        """Return the machine of a form under the traits of a vector."""
        workflow = self.library.for_form(vector.form)
        return Subject(workflow, vector, self.wires, self.law.written)

    def _fold(self, vector: Vector) -> Folded:
        subject = self.subject(vector)
        forms = sorted({w.form for w in self.workflows if w.form is not None})
        contexts = contexts_of(subject, forms, ordered=vector in self.later)
        self.folded[vector] = Folded(subject, contexts, self._follows())
        return self.folded[vector]

    def _follows(self) -> list[Follow]:
        """Return everything that a step elsewhere can set going in a participation."""
        found: dict[Follow, None] = {}
        for workflow in self.workflows:
            for step in workflow.steps.values():
                for effect in step.effects:
                    if effect.target == "case":
                        continue
                    heeded = sorted(self.wires.heeded.get((effect.target, effect.means), ()))
                    fields = {f.name: f for f in step.takes}
                    spaces = [_values(fields[n]) for n in heeded if n in fields]
                    names = [n for n in heeded if n in fields]
                    for row in every(*spaces):
                        given = tuple(zip(names, row, strict=True))
                        for dated in (False, True):
                            found[Follow(effect.target, effect.means, given, dated)] = None
        return list(found)

    def _silent_offices(self) -> None:
        """Note the places from which a participation is never settled while its office is silent."""
        found: dict[str | None, frozenset[Local]] = {}
        for vector, folded in self.folded.items():
            found[vector.form] = found.get(vector.form, frozenset()) | dead(folded)
        self.law = replace(self.law, dead=found)

    def _in_any_surroundings(self, vector: Vector) -> None:
        folded = self.folded[vector]
        for (one, context), moves in folded.all_moves.items():
            local = folded.single[one]
            for fault in faults.in_place(folded.subject, local, context, moves, self.law):
                for setting in self._settings_with(vector, fault, context):
                    self._suspect(fault, setting, vector)

    def _by_the_engine(self, vector: Vector) -> None:
        """Suspect what the engine would declare for an office, here or in the case."""
        case = self.case.workflow
        moves = [m for rows in self.folded[vector].all_reactions.values() for m in rows]
        taken = {m.step.id: (m.step, m) for m in moves if m.step is not None}
        unborn = self.case.unborn()
        own = [(s, Move(s, unborn, Choice())) for s in case.steps.values() if ENGINE in s.by]
        for step, move in [*taken.values(), *own]:
            for fault in faults.usurped(move, step):
                for setting in self.settings:
                    if vector in setting.forms:
                        self._suspect(fault, setting, vector)

    def _settings_with(self, vector: Vector, fault: Fault, context: Context) -> list[Setting]:
        """Return the settings to look in: one, or all of them where the other one plays a part."""
        rows = [s for s in self.settings if vector in s.forms]
        if context.ahead:
            return [s for s in rows if s.order]
        return rows if context.others else rows[:1]

    def _suspect(self, fault: Fault, setting: Setting, vector: Vector) -> None:
        key = fault.claim, setting, vector
        self.suspects.setdefault(key, _Suspect(fault, setting, vector))

    def _in_pairs(self) -> None:
        done: dict[object, list[tuple[Fault, int]]] = {}
        judged: dict[object, Judged] = {}
        numbers: dict[object, int] = {}
        for setting in self.settings:
            parts = tuple(self.folded[v] for v in setting.forms)
            alike = tuple(numbers.setdefault(p.signature, len(numbers)) for p in parts)
            key = (alike, setting.order)
            if key in done:
                # What is alike to others may differ by itself: a story is looked for in both.
                for fault, whose in done[key]:
                    self._suspect(fault, setting, setting.forms[whose - 1])
                continue
            one, two = parts
            two = one if alike[0] == alike[1] else two
            product = Product(self.loose, (one, two), setting)
            looking = Looking(product, self.law, judged=judged)
            found = product.explore(looking)
            self.case_states |= {x.state for x in product.places[CASE].of if x is not None}
            names = tuple(_named(v) for v in setting.forms)
            forms = (setting.forms[0].form, setting.forms[1].form)
            pair = Pair(forms, (names[0], names[1]), len(found.spots), found.transitions)
            self.pairs.append(pair)
            met = looking.met.items()
            done[key] = [(fault, looking.whose.get(claim, 1)) for claim, (_, _, fault) in met]
            for fault, whose in done[key]:
                self._suspect(fault, setting, setting.forms[whose - 1])

    def _whole_case(self, vectors: list[Vector]) -> None:
        """Look at every real case with one participation of the simplest form.

        To the case two participations are one: all are settled, or some is open.
        """
        vector = min(vectors, key=lambda v: len(self.folded[v].single.of))
        setting = Setting((vector, vector))
        product = self._real(setting, single=True)
        looking = Looking(product, self.law)
        found = product.explore(looking)
        self.looked += len(found.spots)
        for _, _, fault in looking.met.values():
            self._suspect(fault, setting, vector)
        ending = endless(product, found)
        if ending is not None:
            self._suspect(ending, setting, vector)

    def _reachable(self, vectors: Iterable[Vector]) -> None:
        """Look for every state, under other law where none of ours leads there."""
        asked = {v.form for v in vectors} | ({None} if self.full else set())
        wanted = {w.form: set(w.states) if w.form in asked else set() for w in self.workflows}
        wanted[None] = set()
        for vector in vectors:
            wanted[vector.form] -= self._states(vector)
        for vector in self._other_law():
            left = wanted[vector.form]
            if left and left & led_to(self.library.for_form(vector.form), vector.traits):
                wanted[vector.form] -= self._states(vector)
        for workflow in self.workflows:
            left = wanted[workflow.form] if workflow.form else self._unseen(workflow)
            if workflow.form not in asked:
                continue
            for state in sorted(left):
                title = workflow.states[state].title
                words = Text(
                    f"{workflow.title.de}: der Stand „{title.de}“ ist nie erreichbar",
                    f"{workflow.title.en}: the state '{title.en}' can never be reached",
                )
                self.stories.setdefault("I3", Story((), words))

    def _unseen(self, workflow: Workflow) -> set[str]:
        """Return the states of the case that no real case with one participation has."""
        return set(workflow.states) - self.case_states

    def _states(self, vector: Vector) -> set[str]:
        """Return the states that a form reaches under these traits."""
        folded = self.folded[vector] if vector in self.folded else self._fold(vector)
        return {x.state for x in folded.single.of if x is not None}

    def _other_law(self) -> Iterator[Vector]:
        """Yield each form under law that no pack holds, but the workflow provides for."""
        for workflow in self.workflows:
            if workflow.form is None:
                continue
            reading = Reading(workflow, ())
            names = sorted(traits_read(workflow))
            spaces = [
                reading.distinct(f"provision.{n}", (None, *reading.named(f"provision.{n}")))
                for n in names
            ]
            for row in every(*spaces):
                rows = tuple((n, v) for n, v in zip(names, row, strict=True) if v is not None)
                yield Vector(workflow.form, rows)

    def _real(self, setting: Setting, *, single: bool) -> Product:
        one = Places(self.subject(setting.forms[0]))
        same = setting.alike or single
        two = one if same else Places(self.subject(setting.forms[1]))
        product = Product(Places(self.case), (one, two), setting)
        if single:
            product.callable = 1
        return product

    def _find_stories(self) -> None:
        """Tell the shortest way to what looked broken; what no real case shows is not broken."""
        rows = sorted(self.suspects.values(), key=self._size)
        for single in (True, False):
            for suspect in rows:
                setting = suspect.setting
                if single:
                    setting = Setting((suspect.vector, suspect.vector))
                alike = [
                    r
                    for r in rows
                    if (r.vector if single else r.setting)
                    == (suspect.vector if single else setting)
                ]
                wanted = frozenset(r.fault.claim for r in alike) - set(self.stories)
                searched = (setting, single)
                if wanted - self._searched.get(searched, frozenset()):
                    self._searched[searched] = wanted | self._searched.get(searched, frozenset())
                    self._search(
                        setting, wanted, {r.fault.claim: r.fault for r in alike}, single=single
                    )

    def _size(self, suspect: _Suspect) -> int:
        one, two = (len(self.folded[v].single.of) for v in suspect.setting.forms)
        return one * two

    def _search(
        self, setting: Setting, wanted: frozenset[str], told: dict[str, Fault], *, single: bool
    ) -> None:
        product = self._real(setting, single=single)
        looking = Looking(product, self.law, wanted)
        found = product.explore(looking, REAL_CASES)
        self.looked += len(found.spots)
        for claim, (at, last, fault) in looking.met.items():
            self.stories[claim] = story(product, found, at, last, fault.why, self.kinds)
        if "I3" in wanted and "I3" not in looking.met and found.whole:
            ending = endless(product, found)
            if ending is not None:
                at = next(iter(stranded(product, found)))
                self.stories["I3"] = story(product, found, at, None, ending.why, self.kinds)
        if not found.whole and not looking.done and not single:
            for claim in wanted - set(looking.met):
                self.stories.setdefault(claim, Story((), told[claim].why))


def _values(field: object) -> tuple[Value, ...]:
    options: tuple[str, ...] = getattr(field, "options", ())
    optional = (None,) if getattr(field, "optional", False) else ()
    return (*(options or (True,)), *optional)


def _named(vector: Vector) -> str:
    return ", ".join(
        f"{k}: {str(v).lower() if isinstance(v, bool) else v}" for k, v in vector.traits
    )


def prove(
    library: Library,
    kinds: Mapping[str, OfficeKind],
    only: frozenset[str] | None = None,
    known: frozenset[Setting] = frozenset(),
) -> Proof:
    """Return the verdict on every claim about the workflows and packs in force in a library.

    Where little has changed, it is enough to prove the forms `only`, each paired with every
    other, and the settings that are not yet `known`.
    """
    return Prover(library, kinds, only, known).prove()


def at_stake(library: Library, kinds: Mapping[str, OfficeKind]) -> object:
    """Return what a proof depends on besides workflows and settings."""
    return (
        frozenset((i, x.digest) for i, x in library.ladders.items()),
        frozenset((i, k.means) for i, k in kinds.items()),
    )
