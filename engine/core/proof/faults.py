"""The standing claims I1 to I14, each as what would break it, by meanings alone.

Three kinds of places are looked at: where one subject stands with all that can be done
there; where the whole case stands; and each release, carrying out and decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.core.conditions import names
from engine.core.escalation import Ladder
from engine.core.meanings import Kind, OfficeMeans, StateMeans, StepMeans
from engine.core.offices import OfficeKind
from engine.core.proof.claims import (
    HERS,
    OFFICE,
    RELEASES,
    declared,
    hears,
    own,
)
from engine.core.proof.folding import pending
from engine.core.proof.keeping import sure
from engine.core.proof.subject import Subject
from engine.core.proof.values import (
    LAPSED,
    RUNNING,
    Context,
    Heard,
    Local,
    Move,
)
from engine.core.proof.written import Written
from engine.core.situation import SETTLED
from engine.core.workflow import CLOCK, ENGINE, DeadlineRule, Step
from engine.errors import Text

OWN_TARGETS = frozenset({"owner", "office", "deputy"})
"""Whom the own period of an office may remind."""

OVER = frozenset({StateMeans.DECIDED, StateMeans.FINAL})


@dataclass(frozen=True, slots=True)
class Fault:
    """A claim that is broken, by which move if any, and how."""

    claim: str
    why: Text
    move: Move | None = None


@dataclass(frozen=True, slots=True)
class Law:
    """What faults are judged by besides the machines: ladders, kinds of office, written claims.

    `dead` are places of a form from which it cannot be settled while its office is silent.
    """

    ladders: Mapping[str, Ladder]
    kinds: Mapping[str, OfficeKind]
    written: tuple[Written, ...] = ()
    dead: Mapping[str | None, frozenset[Local]] = field(default_factory=dict)


def in_place(
    subject: Subject,
    local: Local,
    context: Context,
    moves: Iterable[Move],
    law: Law,
    waits_for_others: bool = False,
) -> Iterator[Fault]:
    """Yield what is wrong where a subject stands, with all that can be done there."""
    rows = list(moves)
    meaning = (
        subject.workflow.states[local.state].means
        if local.state in subject.workflow.states
        else None
    )
    if meaning is None:
        yield from _births(rows)
        return
    yield from _waiting(subject, local, meaning, rows, waits_for_others)
    yield from _endings(subject, local, law)
    yield from _stuck(rows)
    if meaning is not StateMeans.FINAL:
        yield from _deserted(subject, local, context, rows, meaning)
    for move in rows:
        if move.step is not None:
            yield from usurped(move, move.step)
            yield from _silent(subject, move, move.step, local)
            yield from _disordered(subject, context, move, move.step)
            yield from _undone(move, move.step, law)
            yield from _waived_for_all(subject, move, move.step)
    if subject.form is not None:
        yield from _irrevocable(subject, local, context, rows)
        yield from _written_state(subject, local, law)
        if local in law.dead.get(subject.form, ()):
            yield Fault(
                "I3",
                Text(
                    "schweigt die beteiligte Stelle, kommt die Beteiligung nie mehr zum Abschluss",
                    "if the office stays silent, the participation can never be settled",
                ),
            )


def _births(moves: list[Move]) -> Iterator[Fault]:
    for move in moves:
        if move.step is not None and "measure.kind" in set(names(move.step.when)):
            yield Fault(
                "I11",
                Text(
                    "nicht jede Art von Vorhaben kann ein Vorgang sein, auch nicht ein Unterlassen",
                    "not every kind of measure can be a case, not even refraining from one",
                ),
                move,
            )


def runs(subject: Subject, local: Local) -> bool:
    """Return whether some deadline runs, or has lapsed and still climbs."""
    for rule in subject.workflow.deadlines.values():
        if local.state not in rule.states or rule.period == "remedy":
            continue
        if any(rule is r for r in subject.rules):
            if subject.deadlines.stands(local, rule.name) in (RUNNING, LAPSED):
                return True
        elif sure(rule):
            return True
    return False


def _waiting(
    subject: Subject,
    local: Local,
    meaning: StateMeans,
    moves: list[Move],
    waits_for_others: bool,
) -> Iterator[Fault]:
    if meaning is not StateMeans.WAITING or runs(subject, local):
        return
    if subject.form is None and (waits_for_others or any(_leads_on(m, local) for m in moves)):
        return
    yield Fault(
        "I2",
        Text(
            "hier wird gewartet, und keine Frist läuft", "somebody is awaited, and no deadline runs"
        ),
    )


def _leads_on(move: Move, local: Local) -> bool:
    return move.to.state != local.state and not move.stuck


def _endings(subject: Subject, local: Local, law: Law) -> Iterator[Fault]:
    for rule in subject.workflow.deadlines.values():
        if local.state in rule.states:
            why = _bad_ending(rule, law)
            if why is not None:
                yield Fault("I2", why)


def _bad_ending(rule: DeadlineRule, law: Law) -> Text | None:
    de, en = rule.title.de, rule.title.en
    ladder = law.ladders.get(rule.ladder or "")
    rungs = () if ladder is None else ladder.rungs
    # Where her own right ends with the period, reminding her before is all there is to do.
    reached = any(r.tells and (rule.owner == OFFICE or not r.before) for r in rungs)
    if rule.lapse is None and not reached:
        return Text(
            f"die Frist „{de}“ endet, ohne dass ein Mensch davon erfährt",
            f"the deadline '{en}' ends, and nobody hears of it",
        )
    told = {t.target for r in rungs for t in r.tells}
    if rule.owner == OFFICE and not told <= OWN_TARGETS:
        return Text(
            f"die eigene Frist „{de}“ der beteiligten Stelle steigt zu anderen auf",
            f"the office's own deadline '{en}' climbs to others",
        )
    return None


def _stuck(moves: list[Move]) -> Iterator[Fault]:
    for move in moves:
        if move.stuck:
            yield Fault(
                "I2",
                Text(
                    "die Frist endet, aber was dann folgen soll, ist hier nicht möglich",
                    "the deadline ends, but what should follow is not possible here",
                ),
                move,
            )


def _deserted(
    subject: Subject, local: Local, context: Context, moves: list[Move], meaning: StateMeans
) -> Iterator[Fault]:
    """I4: somebody can act when offices are empty: another than she, more than one for the case."""
    if subject.form is None:
        acting = {r for m in moves if _leads_on(m, local) for r in _roles(m)}
        if len(acting) < 2 and CLOCK not in acting:
            yield Fault("I4", _NOBODY)
        return
    if meaning in SETTLED or context.case in OVER or not all(context.ahead):
        return
    if not any(_without_her(subject, local, context)):
        yield Fault("I4", _NOBODY)


_NOBODY = Text(
    "ist die Stelle nicht besetzt, kann hier niemand etwas tun",
    "while the office is empty, nobody can do anything here",
)


def _without_her(subject: Subject, local: Local, context: Context) -> Iterator[bool]:
    if any(m.deadline is not None and not m.stuck for m in subject.lapses(local, context)):
        yield True
    for step in subject.open_to(local):
        others = step.by - {OFFICE, CLOCK, ENGINE}
        if others:
            for move in subject.taken(local, context, step, min(others)):
                if move.choice.world.get("office", "vacant") == "vacant" and _leads_on(move, local):
                    yield True
    if subject.workflow.meaning(local.state) is StateMeans.WAITING and runs(subject, local):
        # What lapses with a step was looked at above; this deadline climbs to a human.
        rules = (r for r in subject.workflow.deadlines.values() if local.state in r.states)
        yield any(r.owner != OFFICE and r.ladder is not None for r in rules)


def _roles(move: Move) -> frozenset[str]:
    if move.step is None or move.deadline is not None:
        return frozenset({CLOCK})
    return move.step.by - {CLOCK, ENGINE}


def usurped(move: Move, step: Step) -> Iterator[Fault]:
    """Yield that somebody else takes a step that is hers alone."""
    if step.means in HERS and not own(step):
        yield Fault(
            "I5",
            Text(
                "das kann nur die beteiligte Stelle selbst erklären",
                "only the office that takes part can declare this",
            ),
            move,
        )


def _silent(subject: Subject, move: Move, step: Step, local: Local) -> Iterator[Fault]:
    if move.deadline is None or subject.vector is None or move.stuck:
        return
    to = move.to.state
    consents = step.means is StepMeans.CONSENT or (
        step.means is StepMeans.LAPSE and to != local.state and to in declared(subject.workflow)
    )
    if consents and subject.vector.trait("silence") != "approval":
        yield Fault(
            "I6",
            Text(
                "Schweigen zählt als Erklärung, ohne dass eine Vorschrift es sagt",
                "silence counts as a declaration, and no provision says so",
            ),
            move,
        )


def _disordered(subject: Subject, context: Context, move: Move, step: Step) -> Iterator[Fault]:
    if step.means is not StepMeans.INFORMATION or all(context.ahead):
        return
    if subject.vector is not None and subject.vector.trait("parallel") == "reasoned":
        return
    if not move.finds:
        yield Fault(
            "I10",
            Text(
                "die vorrangige Beteiligung ist noch offen",
                "the participation that comes first is still open",
            ),
            move,
        )


def _undone(move: Move, step: Step, law: Law) -> Iterator[Fault]:
    if move.judged in (None, "same"):
        return
    legal = {k for k, kind in law.kinds.items() if kind.means is OfficeMeans.LEGAL}
    if move.judged == "open":
        words = Text("eine Bewertung wird zurückgenommen", "an assessment is taken back")
    elif move.judged in ("confirmed", "unfounded") and not step.by <= legal:
        words = Text(
            "die Feststellung bewertet jemand anderes als das Rechtsamt",
            "somebody else than the legal office assesses the finding",
        )
    else:
        return
    yield Fault("I13", words, move)


def _waived_for_all(subject: Subject, move: Move, step: Step) -> Iterator[Fault]:
    spreads = any(e.target == "participations" for e in step.effects)
    if step.means is StepMeans.WAIVER and (subject.form is None or spreads):
        yield Fault(
            "I7",
            Text("der Verzicht gilt für andere mit", "the waiver holds for others too"),
            move,
        )


def _irrevocable(
    subject: Subject, local: Local, context: Context, moves: list[Move]
) -> Iterator[Fault]:
    if not local.memory.waived or context.case in OVER:
        return
    back = (m for m in moves if m.step is not None and m.step.means is StepMeans.WAIVER_WITHDRAWN)
    if not any(OFFICE in _roles(m) and not subject.settled(m.to) for m in back):
        yield Fault(
            "I7",
            Text(
                "der Verzicht lässt sich vor der Entscheidung nicht zurücknehmen",
                "the waiver cannot be withdrawn before the decision",
            ),
        )


def _written_state(subject: Subject, local: Local, law: Law) -> Iterator[Fault]:
    for claim in law.written:
        named = claim.workflow is subject.workflow and local.state in claim.states
        if named and claim.lacks(subject.workflow, local.memory.kept):
            yield Fault(claim.id, _WRITTEN)


_WRITTEN = Text("das schließt die Definition selbst aus", "the definition itself rules this out")


def in_case(meaning: StateMeans, subject: Subject, local: Local, law: Law) -> Iterator[Fault]:
    """Yield what is wrong with a whole case as it stands beside a participation."""
    heard = local.memory.heard is Heard.DONE
    if meaning is StateMeans.CLEARED and not (heard and subject.settled(local)):
        yield Fault("I1", _unheard("die Vorlage ist frei", "the paper is released", subject))
    for claim in law.written:
        named = meaning.value in claim.cases and claim.workflow.form is None
        if named and claim.lacks(subject.workflow, local.memory.kept):
            yield Fault(claim.id, _WRITTEN)


def _unheard(de: str, en: str, subject: Subject) -> Text:
    form = subject.workflow.title
    return Text(f"{de}, ohne abgeschlossene Beteiligung: {form.de}", f"{en} without: {form.en}")


def in_taking(
    move: Move,
    state: str,
    meaning: StateMeans,
    subject: Subject,
    before: Local,
    after: Iterable[Local],
) -> Iterator[Fault]:
    """Yield what is wrong with a participation about a release, carrying out or decision.

    It is taken in a `state` of the case, and `meaning` is where it leads; a decision that is
    only put off leads nowhere.
    """
    step = move.step
    assert step is not None
    heard = before.memory.heard is Heard.DONE
    if step.kind is Kind.PERMISSION and step.means in RELEASES:
        if not heard:
            yield Fault("I1", _lacking(subject, before), move)
        if before.memory.bare:
            yield Fault("I8", _BARE, move)
        if step.means is StepMeans.RELEASE and any(pending(subject, local) for local in after):
            yield Fault("I14", _KEPT_BACK, move)
    decided = meaning is StateMeans.DECIDED and move.to.state != state
    silent = not heard and (not move.finds or subject.settled(before))
    if step.kind is Kind.FACT and decided and silent:
        yield Fault("I1", _lacking(subject, before, found=False), move)


def _lacking(subject: Subject, local: Local, *, found: bool = True) -> Text:
    form = subject.workflow.title
    what = Text("ohne Information", "without information")
    if local.memory.heard >= Heard.INFORMED:
        answer = Text(
            "ohne Stellungnahme, Ablauf oder Verzicht", "without statement, lapse or waiver"
        )
        what = answer if hears(subject.workflow) else Text("ohne Zugang", "without receipt")
    if not found:
        what = Text(f"{what.de} und ohne Feststellung", f"{what.en} and without a finding")
    return Text(f"{what.de} ({form.de})", f"{what.en} ({form.en})")


_BARE = Text(
    "von der Stellungnahme wurde ohne die verlangte Begründung abgewichen",
    "the statement was departed from without the reasons that are demanded",
)
_KEPT_BACK = Text(
    "die abgegebene Stellungnahme liegt dem Gremium nicht vor",
    "the statement that was filed does not lie before the body",
)
