"""Definitions: what is wrong in a file is told in words that help, and what is shipped holds."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine import shipped
from engine.core.coverage import coverage
from engine.core.escalation import Ladder
from engine.core.next_steps import placeholders
from engine.core.workflow import Workflow
from engine.definitions.documents import WorkflowDoc
from engine.definitions.library import Definition, Definitions, compile_all, definition, offered
from engine.definitions.rehearsal import examples_in, rehearse, training, wrong_dates
from engine.errors import InputError
from engine.strictyaml import DefinitionError, schema
from notifications.render import LANGUAGES, TEMPLATES, letters
from tests.musterheide import definitions, library

BAD = Path(__file__).parent / "bad"
WORKFLOWS = sorted((BAD / "workflows").glob("*.yaml"))
RULES = sorted((BAD / "rules").glob("*.yaml"))
SHIPPED = offered(shipped.workflows(), shipped.rules())

KINDS = {"leiter": "ladder", "tatsachen": "facts", "stellen": "offices"}
"""What a file of bad rules is about, by the first word of its name; else it is a pack."""

GOOD = (BAD / "gut.yaml").read_text(encoding="utf-8")
GOOD_PACK = (BAD / "gutes_paket.yaml").read_text(encoding="utf-8")


def with_shipped(kind: str, name: str, source: bytes | str) -> Definitions:
    """Return the shipped definitions with one more file."""
    data = source.encode() if isinstance(source, str) else source
    return compile_all([*SHIPPED, definition(kind, name, data)])


def words_about(kind: str, path: Path) -> str:
    """Return the German problems of a file, a blank line, and the English ones."""
    with pytest.raises(DefinitionError) as refused:
        with_shipped(kind, path.name, path.read_bytes())
    return f"{refused.value.text.de}\n\n{refused.value.text.en}\n"


def check(kind: str, path: Path) -> None:
    said, expected = words_about(kind, path), path.with_suffix(".expected")
    if os.environ.get("RENEW_GOLDEN"):
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_bad_workflow_is_refused_in_words_that_help(path: Path) -> None:
    check("workflow", path)


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_bad_rules_are_refused_in_words_that_help(path: Path) -> None:
    check(KINDS.get(path.stem.partition("-")[0], "pack"), path)


def test_every_expectation_has_its_file() -> None:
    for folder, files in ((BAD / "workflows", WORKFLOWS), (BAD / "rules", RULES)):
        assert {p.stem for p in folder.glob("*.expected")} == {p.stem for p in files}


def test_the_good_files_they_are_spoilt_from_are_accepted() -> None:
    found = with_shipped("workflow", "gut.yaml", GOOD).library
    assert found.for_form("probe").id == "probe"
    pack = with_shipped("pack", "gutes_paket.yaml", GOOD_PACK).library
    assert pack.provision("probe-1").norm == "§ 1 Dienstanweisung Probe"


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    spoilt = GOOD.replace("to: informiert", "to: informirt").replace("by: [lead]", "by: [leed]")
    with pytest.raises(DefinitionError) as refused:
        with_shipped("workflow", "gut.yaml", spoilt)
    assert len(refused.value.problems) == 4


@pytest.mark.parametrize(
    ("kind", "source", "says"),
    [
        ("workflow", GOOD.replace("form: probe", "form: anhoerung"), "zwei Ablaufdefinitionen"),
        ("workflow", GOOD.replace("id: probe", "id: anhoerung", 1), "gehört schon zu"),
        ("pack", GOOD_PACK.replace("id: probe", "id: bbgkverf-2024", 1), "gehört schon zu"),
    ],
    ids=["zwei-fuer-eine-form", "kennung-des-ablaufs", "kennung-des-pakets"],
)
def test_two_files_that_claim_the_same_are_refused(kind: str, source: str, says: str) -> None:
    with pytest.raises(InputError) as refused:
        with_shipped(kind, "gut.yaml", source)
    assert says in refused.value.text.de


def test_an_old_version_may_stay_beside_the_one_in_force() -> None:
    [now] = [row for row in SHIPPED if row.id == "unterrichtung"]
    older = now.source.replace(b'version: "2026-11"', b'version: "2026-10"')
    row = Definition("workflow", "unterrichtung", "2026-10", now.name, older, current=False)
    found = compile_all([*SHIPPED, row]).library
    assert len(found.workflows) == len(library().workflows) + 1
    assert found.for_form("unterrichtung").version == "2026-11"


def _told(workflow: Workflow) -> Iterator[str]:
    for step in workflow.steps.values():
        yield from (tell.letter for tell in step.tells)
    yield from (r.correction for r in workflow.deadlines.values() if r.correction is not None)


def _climbing(ladder: Ladder) -> Iterator[str]:
    yield from (tell.letter for rung in ladder.rungs for tell in rung.tells)


def test_every_letter_that_a_definition_names_is_written_in_both_languages() -> None:
    named = {x for w in library().workflows.values() for x in _told(w)}
    named |= {x for ladder in library().ladders.values() for x in _climbing(ladder)}
    assert named <= letters()
    for language in LANGUAGES:
        there = {path.parent.name for path in (TEMPLATES / language).glob("*/letter.txt")}
        assert named <= there


def test_every_state_of_the_shipped_workflows_says_what_comes_next() -> None:
    for workflow in library().workflows.values():
        for state in workflow.states.values():
            # What has ended may say what can still come; anything else must say what comes next.
            assert state.next is not None or state.means == "final", state.id
            if state.next is not None:
                assert set(placeholders(state.next.de)) == set(placeholders(state.next.en))


def test_every_example_of_the_shipped_workflows_comes_out_as_it_says() -> None:
    found = rehearse(definitions())
    assert [f.text.de for rows in found.reports.values() for r in rows for f in r.failures] == []
    assert found.passed


@pytest.mark.parametrize("workflow", ["vorhaben", "anhoerung", "unterrichtung"])
def test_the_examples_take_every_step(workflow: str) -> None:
    covered = rehearse(definitions()).covered[workflow]
    assert covered.steps_missing == ()
    assert covered.percent_of_steps == 100
    assert covered.taken <= covered.declared


def test_a_workflow_without_examples_covers_nothing() -> None:
    bare = with_shipped("workflow", "gut.yaml", GOOD).library.for_form("probe")
    covered = coverage(bare, [])
    assert (covered.percent, covered.percent_of_steps) == (0, 0)
    assert set(covered.steps_missing) == set(bare.steps)


def test_every_date_that_the_shipped_provisions_give_is_counted_again() -> None:
    packs = [row for row in SHIPPED if row.kind == "pack"]
    assert sum(examples_in(row) for row in packs) >= 4
    for row in packs:
        assert wrong_dates(row, definitions().calendars) == ()


EASTER = GOOD_PACK.replace(
    "      traits: {query: pauses}\n",
    "      traits: {query: pauses}\n"
    "    examples:\n"
    "      - {name: Über Ostern, event: 2026-03-24, last_day: LAST}\n",
)


@pytest.mark.parametrize(
    ("example", "says"),
    [
        ("2026-04-09}", None),
        ("2026-04-08}", "erwartet Mi., 08.04.2026, gerechnet Do., 09.04.2026"),
        ("2026-04-09, variant: urgent}", "Die Dauer 'urgent' ist unbekannt"),
        ("2026-04-09, calendar: XX}", "Der Kalender 'XX' ist unbekannt"),
    ],
    ids=["stimmt", "falscher-tag", "ohne-dauer", "kalender"],
)
def test_a_date_that_a_provision_gives_must_come_out(example: str, says: str | None) -> None:
    source = EASTER.replace("LAST}", example).encode()
    found = wrong_dates(definition("pack", "paket.yaml", source), definitions().calendars)
    if says is None:
        assert found == ()
    else:
        [problem] = found
        assert says in problem.text.de
        assert problem.text_in("en").startswith("paket.yaml, line 20, column 9: Example")


def test_an_example_from_before_a_provision_was_in_force_is_wrong() -> None:
    source = EASTER.replace("2026-03-24", "2024-03-26").replace("LAST}", "2024-04-11}").encode()
    [problem] = wrong_dates(definition("pack", "paket.yaml", source), definitions().calendars)
    assert "gilt die Vorschrift nicht" in problem.text.de


def test_rehearsals_happen_in_the_place_that_does_not_exist() -> None:
    place = training(definitions()).place
    assert (place.id, place.land, place.calendar) == ("musterheide", "BB", "BB")
    without = replace(definitions().library, packs=())
    bare = replace(definitions(), library=without)
    assert training(bare).place.id == "musterheide"


def test_editors_are_told_the_shape_of_a_workflow() -> None:
    told = schema(WorkflowDoc)
    assert set(told["required"]) == {"id", "version", "title", "states", "steps"}
    line = told["$defs"]["ScriptLineDoc"]["properties"]
    assert {"day", "step", "by", "in"} <= set(line)


def test_no_example_lies_in_the_past_of_its_rules() -> None:
    for workflow in library().workflows.values():
        for example in workflow.examples:
            days = [line.on for line in example.lines]
            assert days == sorted(days), example.name
            assert days[0] >= date(2025, 1, 1)


def test_no_german_sentence_is_left_untranslated() -> None:
    for workflow in library().workflows.values():
        for state in workflow.states.values():
            if state.next is not None:
                assert not re.search(r"[äöüß]", state.next.en), state.next.en


# What is read once, and what again


def test_what_nobody_has_changed_is_not_read_again() -> None:
    before, [ladder, *_] = compile_all(SHIPPED).library, [d for d in SHIPPED if d.kind == "ladder"]
    again = compile_all([replace(d, source=bytes(bytearray(d.source))) for d in SHIPPED]).library
    assert all(again.workflows[pin] is read for pin, read in before.workflows.items())
    changed = replace(ladder, source=ladder.source + b"\n")
    anew = compile_all([changed if d is ladder else d for d in SHIPPED]).library
    assert not any(anew.workflows[pin] is read for pin, read in before.workflows.items())


def test_a_pack_that_was_sound_is_refused_once_its_fact_is_gone() -> None:
    compile_all(SHIPPED)
    facts = next(d for d in SHIPPED if d.kind == "facts")
    less = facts.source.replace(b"\n  betrifft_senioren:", b"\n  betrifft_aeltere:")
    for _ in range(2):
        with pytest.raises(DefinitionError, match="betrifft_senioren"):
            compile_all([replace(facts, source=less) if d is facts else d for d in SHIPPED])
