"""Pictures of workflows: complete, readable without colour, and the same as those in the manual."""

from __future__ import annotations

import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.core.meanings import Kind
from engine.core.workflow import Workflow
from engine.definitions.drawing import dot, mermaid, svg
from engine.definitions.layout import Box, arrange
from engine.definitions.moves import MEANINGS, Sort, columns, moves, pairs, sort_of, stays
from tests.musterheide import library

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
WORKFLOWS = [
    "vorhaben",
    "anhoerung",
    "unterrichtung",
    "votum",
    "einvernehmen",
    "benehmen",
    "beirat",
]
SVG = "{http://www.w3.org/2000/svg}"


def shipped(id_: str) -> Workflow:
    return library().workflow(library().current[id_])


every_workflow = pytest.mark.parametrize(
    "workflow", [shipped(id_) for id_ in WORKFLOWS], ids=WORKFLOWS
)


def words_in(picture: str) -> str:
    """Return all words of a picture, however its lines are broken."""
    texts = [text.text or "" for text in ElementTree.fromstring(picture).iter(f"{SVG}text")]
    return " ".join(texts)


@every_workflow
def test_the_pictures_of_the_manual_are_those_that_are_drawn(workflow: Workflow) -> None:
    file = PICTURES / f"{workflow.id}.svg"
    drawn = svg(workflow)
    if os.environ.get("RENEW_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(drawn, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == drawn


@every_workflow
@pytest.mark.parametrize("language", ["de", "en"])
def test_a_picture_shows_every_state_and_every_step_by_its_title(
    workflow: Workflow, language: str
) -> None:
    said = words_in(svg(workflow, language))
    for state in workflow.states.values():
        assert state.title.in_(language) in said
    for step in workflow.steps.values():
        assert step.title.in_(language) in said


@every_workflow
def test_a_picture_tells_nothing_by_colour_alone(workflow: Workflow) -> None:
    said = words_in(svg(workflow))
    for state in workflow.states.values():
        assert MEANINGS[state.means][0].de in said
    curves = re.findall(
        r'stroke="(#\w+)" stroke-width="1.4"( stroke-dasharray="[^"]+")?[^>]*"', svg(workflow)
    )
    lines = {(colour, dash) for colour, dash in curves if colour != "#222222"}
    signs = re.findall(
        r"<g transform[^>]*>(<\w+ [rd]=\"[^\"]+\") fill[^>]*stroke=\"(#\w+)\"", svg(workflow)
    )
    assert len({dash for _, dash in lines}) == len({colour for colour, _ in lines})
    assert len({sign for sign, _ in signs}) == len({colour for _, colour in signs}) == 4


@every_workflow
def test_a_picture_says_in_words_what_it_shows(workflow: Workflow) -> None:
    root = ElementTree.fromstring(svg(workflow))
    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title") == f"{workflow.title.de} ({workflow.version})"
    described = root.findtext(f"{SVG}desc") or ""
    assert all(state.title.de in described for state in workflow.states.values())


@every_workflow
def test_a_picture_loads_nothing_and_runs_nothing(workflow: Workflow) -> None:
    drawn = svg(workflow)
    assert not re.search(r"<script|<image|<foreignObject|href=|url\((?!#)", drawn)


@every_workflow
def test_no_two_boxes_of_a_picture_lie_over_each_other(workflow: Workflow) -> None:
    root = ElementTree.fromstring(svg(workflow))
    [drawing] = [g for g in root.iter(f"{SVG}g") if g.find(f"{SVG}rect") is not None][:1]
    boxes = [
        tuple(float(rect.attrib[k]) for k in ("x", "y", "width", "height"))
        for rect in drawing.findall(f"{SVG}rect")
    ]
    assert len(boxes) == len(workflow.states) + len(moves(workflow))
    for i, (x1, y1, w1, h1) in enumerate(boxes):
        for x2, y2, w2, h2 in boxes[:i]:
            beside = x1 + w1 <= x2 or x2 + w2 <= x1
            assert beside or y1 + h1 <= y2 or y2 + h2 <= y1


@every_workflow
def test_a_picture_names_each_step_once_and_lists_those_that_change_nothing(
    workflow: Workflow,
) -> None:
    drawn = [step.id for move in moves(workflow) for step in move.steps]
    listed = [step.id for step, _ in stays(workflow)]
    assert sorted(drawn + listed) == sorted(workflow.steps)


def test_permissions_facts_and_the_clock_are_told_apart() -> None:
    hearing = shipped("anhoerung")
    sorts = {name: sort_of(step) for name, step in hearing.steps.items()}
    assert sorts["informieren"] is Sort.PERMISSION
    assert sorts["stellungnahme"] is Sort.FACT
    assert sorts["ablauf"] is Sort.CLOCK
    assert sorts["beenden"] is Sort.FOLLOWS
    assert sorts["zuleiten"] is Sort.PERMISSION
    assert hearing.steps["zuleiten"].kind is Kind.PERMISSION


def test_states_stand_in_columns_by_their_distance_from_the_first() -> None:
    place = columns(shipped("anhoerung"))
    assert place["offen"] == 0
    assert place["bereitgestellt"] == place["vorab_informiert"] == 1
    assert place["informiert"] == place["eingang_vermutet"] == 2
    assert place["beendet"] == place["vakant"] + 1
    assert place["entfallen"] == max(place.values())


def test_steps_between_the_same_two_states_share_an_arrow() -> None:
    hearing = shipped("anhoerung")
    shared = pairs(hearing)["informiert", "gewuerdigt"]
    assert [step.id for step in shared] == ["stellungnahme", "urkunde_erfassen"]
    drawn = mermaid(hearing)
    assert drawn.count("\n  informiert --> gewuerdigt") == 1
    assert "● Stellungnahme abgeben<br/>● Stellungnahme aus Urkunde" in drawn


@every_workflow
def test_mermaid_names_every_state_and_every_change(workflow: Workflow) -> None:
    lines = mermaid(workflow).splitlines()
    assert lines[0] == "stateDiagram-v2"
    for state in workflow.states:
        assert any(line.endswith(f" as {state}") for line in lines)
    arrows = [line for line in lines if "-->" in line and ": " in line]
    assert len(arrows) == len(pairs(workflow))
    assert all(line.count(": ") == 1 for line in arrows)


@every_workflow
def test_dot_is_a_graph_whose_quotes_are_closed(workflow: Workflow) -> None:
    drawn = dot(workflow)
    assert drawn.startswith("digraph workflow {\n")
    assert drawn.endswith("}\n")
    for line in drawn.splitlines():
        assert line.replace('\\"', "").count('"') % 2 == 0, line
    assert drawn.count(" -> ") == len(pairs(workflow)) + bool(workflow.initial)


def test_a_title_cannot_break_out_of_a_picture() -> None:
    hearing = shipped("unterrichtung")
    state = hearing.states["offen"]
    sharp = '<b>"x" & y\\</b>'
    titled = type(state)(state.id, state.means, type(state.title)(sharp, sharp), state.next)
    changed = Workflow(
        **{f: getattr(hearing, f) for f in hearing.__slots__}
        | {"states": {**hearing.states, "offen": titled}}
    )
    assert '<b>"x" & y\\</b>' in words_in(svg(changed))
    assert r"\"x\" & y\\" in dot(changed)
    assert '"x"' not in mermaid(changed)


def test_lines_that_pass_a_column_go_around_its_boxes() -> None:
    boxes = [Box("a", 0, 50, 20), Box("b", 1, 50, 20), Box("c", 2, 50, 20)]
    placed = arrange(boxes, [("a", "b"), ("b", "c"), ("a", "c")], gap=40, apart=10)
    entry, leave = placed.lines["a", "c"][1:-1]
    assert entry[1] == leave[1]
    assert abs(entry[1] - placed.middles["b"][1]) >= 10
    assert (placed.width, entry[0], leave[0]) == (230, 90, 140)
