"""Pictures of a workflow: as SVG drawn here, as Mermaid and as DOT for other programs.

The SVG needs no other program. What a step is shows by its sign and its line, what a state
means by words under its name: nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.meanings import StateMeans
from engine.core.workflow import UNBORN, Step, Workflow
from engine.definitions.moves import (
    ANYWHERE,
    FROM,
    MEANINGS,
    Sort,
    moves,
    pairs,
    shared_sort,
    sort_of,
    stays,
)
from engine.definitions.svg import svg

__all__ = ["dot", "mermaid", "svg"]

_SIGNS = {Sort.PERMISSION: "▷", Sort.FACT: "●", Sort.CLOCK: "◷", Sort.FOLLOWS: "↳"}
_DASHES = {Sort.PERMISSION: "", Sort.FACT: "7 4", Sort.CLOCK: "2 4", Sort.FOLLOWS: "12 4 2 4"}


def mermaid(workflow: Workflow, language: str = "de") -> str:
    """Return the workflow as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "  direction LR"]
    for state in workflow.states.values():
        lines.append(f'  state "{_plain(state.title.in_(language))}" as {_id(state.id)}')
    if workflow.initial:
        lines.append(f"  [*] --> {_id(workflow.initial)}")
    for (origin, target), steps in pairs(workflow).items():
        said = "<br/>".join(_signed(step, language) for step in steps)
        lines.append(f"  {_id(origin)} --> {_id(target)}: {said}")
    for state in workflow.states.values():
        if state.means is StateMeans.FINAL:
            lines.append(f"  {_id(state.id)} --> [*]")
    for n, (title, text) in enumerate(_beside(workflow, language)):
        lines.append(f'  state "{_plain(title)}: {_plain(text)}" as hinweis_{n}')
    for means, (_, colour) in MEANINGS.items():
        lines.append(f"  classDef {means} fill:{colour},stroke:#333,color:#111")
    for state in workflow.states.values():
        lines.append(f"  class {_id(state.id)} {state.means}")
    return "\n".join(lines) + "\n"


def dot(workflow: Workflow, language: str = "de") -> str:
    """Return the workflow as a graph for Graphviz."""
    lines = [
        "digraph workflow {",
        "  rankdir=LR;",
        f"  label={_quoted(workflow.title.in_(language))}; labelloc=t;",
        '  node [shape=box, style="rounded,filled", fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize=10];',
        '  "-" [shape=point, label=""];',
    ]
    for state in workflow.states.values():
        said, colour = MEANINGS[state.means]
        label = f"{state.title.in_(language)}\n({said.in_(language)})"
        lines.append(f'  "{state.id}" [label={_quoted(label)}, fillcolor="{colour}"];')
    if workflow.initial:
        lines.append(f'  "-" -> "{workflow.initial}";')
    for (origin, target), steps in pairs(workflow).items():
        label = "\n".join(_signed(step, language) for step in steps)
        style = {Sort.PERMISSION: "solid", Sort.FACT: "dashed"}.get(shared_sort(steps), "dotted")
        lines.append(f'  "{origin}" -> "{target}" [label={_quoted(label)}, style={style}];')
    for n, (title, text) in enumerate(_beside(workflow, language)):
        lines.append(f'  "note {n}" [shape=note, style="", label={_quoted(f"{title}: {text}")}];')
    return "\n".join([*lines, "}"]) + "\n"


def _beside(workflow: Workflow, language: str) -> Iterator[tuple[str, str]]:
    """Yield what no arrow shows: steps that change no state, and steps from any state."""
    for step, where in stays(workflow):
        yield _signed(step, language), _named(workflow, where, language)
    for move in moves(workflow):
        if move.origins is None:
            ends = ", ".join(workflow.states[t].title.in_(language) for t in move.targets)
            for step in move.steps:
                yield _signed(step, language), f"{ANYWHERE.in_(language)} → {ends}"


def _named(workflow: Workflow, where: tuple[str, ...] | None, language: str) -> str:
    if where is None:
        return ANYWHERE.in_(language)
    titles = (workflow.states[state].title.in_(language) for state in where)
    return f"{FROM.in_(language)} " + ", ".join(titles)


def _signed(step: Step, language: str) -> str:
    return f"{_SIGNS[sort_of(step)]} {_plain(step.title.in_(language))}"


def _id(state: str) -> str:
    return "[*]" if state == UNBORN else state.replace("-", "_")


def _plain(words: str) -> str:
    """Return words without the signs that Mermaid reads itself."""
    return words.replace('"', "").replace(";", ",").replace(":", " –")


def _quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
