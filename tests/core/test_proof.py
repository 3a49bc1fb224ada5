"""The prover: the shipped definitions keep every claim, and each seeded fault is told as a story."""

from __future__ import annotations

from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.case import Case, DeadlineStatus
from engine.core.draft import Draft
from engine.core.proof import Basis, Proof
from engine.core.proof.prover import Prover
from engine.core.proof.settings import Setting, Vector
from engine.core.proof.values import ENDED, NONE
from engine.core.workflow import UNBORN
from tests.core.proving import Faulty, definitions, faulty, proof
from tests.core.walks import MOVES, START, walk, world_on
from tests.musterheide import definitions as shipped

FAULTS = faulty()


@lru_cache(maxsize=1)
def sound() -> Proof:
    """Return the proof of the small library, without any fault."""
    return proof()


def test_every_standing_claim_is_judged_or_says_where_it_is() -> None:
    bases = {v.claim: v.basis for v in sound().verdicts}
    assert {f"I{n}" for n in range(1, 15)} <= set(bases)
    assert bases["I6"] is Basis.PROVISIONS
    assert {bases["I9"], bases["I11"]} == {Basis.PACKS}
    assert bases["I12"] is Basis.RUN_TIME


def test_without_the_forms_that_object_only_what_they_bring_about_is_never_reached() -> None:
    """The small library keeps every claim, but for a state of the case that no form leads to."""
    [broken] = sound().broken
    assert broken.claim == "I3"
    assert broken.story is not None
    assert broken.story.lines == ()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_a_seeded_fault_breaks_its_claim_alone_and_tells_how(fault: Faulty) -> None:
    known = {v.claim: v for v in sound().broken}
    new = [v for v in proof(*fault.replacements).broken if known.get(v.claim) != v]
    assert [v.claim for v in new] == [fault.claim]
    story = new[0].story
    assert story is not None
    assert [line.de for line in story.lines] == list(fault.story)
    assert story.why.de == fault.why
    assert all(line.en for line in story.lines)


def test_a_fault_is_seeded_for_every_claim_of_the_machines() -> None:
    wanted = {"I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I10", "I13", "I14"}
    assert {f.claim for f in FAULTS} == wanted


def test_two_of_a_form_that_cannot_be_told_apart_are_explored_once() -> None:
    one = Vector("anhoerung", (("reasons", True),))
    assert Setting((one, one)).alike
    assert not Setting((one, Vector("anhoerung"))).alike
    assert not Setting((one, one), frozenset({(1, 2)})).alike


@lru_cache(maxsize=1)
def prover() -> Prover:
    """Return the prover of the shipped definitions with every form that walks meet."""
    found = Prover(shipped().library, shipped().kinds)
    for vector in dict.fromkeys(v for s in found.settings for v in s.forms):
        if vector.form in ("anhoerung", "unterrichtung"):
            found._fold(vector)
    return found


@lru_cache(maxsize=1)
def known_steps() -> frozenset[tuple[str, str, str, str]]:
    """Return the steps that the prover knows of each participation: workflow, step, from, to."""
    rows = set()
    for folded in prover().folded.values():
        pin = folded.subject.workflow.pin
        for kept in (folded.all_moves, folded.all_reactions):
            for key, moves in kept.items():
                origin = folded.single[key[0]].state
                rows |= {(pin, m.step.id, origin, m.to.state) for m in moves if m.step}
    return frozenset(rows)


@lru_cache(maxsize=1)
def known_places() -> frozenset[tuple[str, str, tuple[str, ...]]]:
    """Return the places the prover knows: workflow, state, how each deadline stands that it tracks."""
    return frozenset(
        (folded.subject.workflow.pin, local.state, local.deadlines)
        for folded in prover().folded.values()
        for local in folded.single.of
        if local is not None
    )


@given(MOVES)
@settings(max_examples=60, deadline=None)
def test_every_step_of_a_case_is_one_that_the_prover_knows(
    moves: list[tuple[int, int, int]],
) -> None:
    """What runs is contained in what is proven: no walk leaves the places that were explored."""
    walked = walk(moves)
    case_pin = walked.case.workflow
    for entry in walked.entries:
        plain = entry.plain
        if plain.get("definition") not in (None, case_pin):
            known = plain["definition"], plain["step"], plain["from"], plain["to"]
            assert known in known_steps()
    assert _places_of(walked.case) <= known_places()


def _places_of(case: Case) -> set[tuple[str, str, tuple[str, ...]]]:
    folded = {f.subject.workflow.pin: f for f in prover().folded.values()}
    found = set()
    for p in Draft(case, world_on(START)).current():
        subject = folded[p.workflow].subject
        stands = [_stands(case, p.key, rule.name) for rule in subject.rules]
        found.add((p.workflow, p.state, subject.read_as(stands, p.state)))
    return found


def _stands(case: Case, participation: str, name: str) -> str:
    deadline = case.deadline(participation, name)
    if deadline is None:
        return NONE
    if deadline.status is DeadlineStatus.LAPSED and not deadline.open:
        return ENDED
    return deadline.status.value


@given(st.sampled_from(["anhoerung", "unterrichtung"]))
@settings(max_examples=2, deadline=None)
def test_no_place_lies_outside_the_states_of_its_workflow(form: str) -> None:
    states = set(shipped().library.for_form(form).states)
    for vector, folded in prover().folded.items():
        if vector.form == form:
            assert {x.state for x in folded.single.of if x} <= states - {UNBORN}


def test_the_small_library_is_a_real_one() -> None:
    assert {w.form for w in definitions().library.workflows.values()} == {
        None,
        "anhoerung",
        "unterrichtung",
    }
