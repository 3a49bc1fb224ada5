"""`rechtzeitig workflow`: check, rehearse and draw workflows before anybody activates them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from engine import shipped
from engine.cli.console import AsJson, console, emit_json, say, stopped, t
from engine.core.coverage import Coverage
from engine.core.workflow import Workflow
from engine.definitions import drawing
from engine.definitions.documents import (
    FactsDoc,
    LadderDoc,
    MigrationDoc,
    OfficeKindsDoc,
    PackDoc,
    WorkflowDoc,
)
from engine.definitions.library import Definition, Definitions, compile_all, definition, offered
from engine.definitions.rehearsal import Rehearsed, rehearse
from engine.definitions.rehearsal_files import RehearsalsDoc
from engine.errors import InputError
from engine.strictyaml import DefinitionError, Problem, Strict
from engine.strictyaml import schema as schema_of

PROBLEMS_FOUND = 1


class Picture(StrEnum):
    """How a workflow can be drawn."""

    MERMAID = "mermaid"
    DOT = "dot"
    SVG = "svg"


class Shape(StrEnum):
    """The files whose shape an editor can be told."""

    WORKFLOW = "workflow"
    PACK = "pack"
    FACTS = "facts"
    OFFICES = "offices"
    LADDER = "ladder"
    REHEARSALS = "rehearsals"
    MIGRATION = "migration"


DOCUMENTS: dict[Shape, type[Strict]] = {
    Shape.WORKFLOW: WorkflowDoc,
    Shape.PACK: PackDoc,
    Shape.FACTS: FactsDoc,
    Shape.OFFICES: OfficeKindsDoc,
    Shape.LADDER: LadderDoc,
    Shape.REHEARSALS: RehearsalsDoc,
    Shape.MIGRATION: MigrationDoc,
}

Rules = Annotated[
    Path | None,
    typer.Option("--rules", help=t("Ordner der Regeln", "folder of the rules")),
]


def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help=t(
                "Dateien oder Ordner; ohne Angabe die mitgelieferten Abläufe",
                "files or folders; without any, the workflows shipped",
            )
        ),
    ] = None,
    rules: Rules = None,
    as_json: AsJson = False,
) -> None:
    """Check workflows and play their examples / Abläufe prüfen und ihre Beispiele spielen."""
    try:
        definitions = compile_all(rows_with(paths or [], rules))
    except DefinitionError as error:
        show_problems(error.problems, as_json=as_json)
        return stopped(PROBLEMS_FOUND)
    found = rehearse(definitions)
    if as_json:
        emit_json({"problems": [], "workflows": _plain(found)})
    else:
        _show(definitions, found)
    return None if found.passed else stopped(PROBLEMS_FOUND)


def draw(
    what: Annotated[
        str, typer.Argument(help=t("Kennung eines Ablaufs oder Datei", "id of a workflow, or file"))
    ],
    format: Annotated[
        Picture, typer.Option("--format", help=t("Art des Bildes", "kind of picture"))
    ] = Picture.SVG,
    output: Annotated[
        Path | None, typer.Option("--output", help=t("Datei für das Bild", "file for the picture"))
    ] = None,
    rules: Rules = None,
) -> None:
    """Draw a workflow / Einen Ablauf als Bild ausgeben."""
    workflow = _named(what, rules)
    language = t("de", "en")
    picture = {
        Picture.MERMAID: drawing.mermaid,
        Picture.DOT: drawing.dot,
        Picture.SVG: drawing.svg,
    }[format](workflow, language)
    if output is None:
        typer.echo(picture, nl=False)
        return
    output.write_text(picture, encoding="utf-8")
    console.print(t(f"Geschrieben: {output}", f"Written: {output}"), markup=False)


def schema(
    kind: Annotated[Shape, typer.Argument(help=t("Art der Datei", "kind of file"))],
) -> None:
    """Print the JSON Schema by which editors check a file / JSON-Schema für Editoren."""
    emit_json(schema_of(DOCUMENTS[kind]))


def rows_with(paths: list[Path], rules: Path | None) -> list[Definition]:
    """Return the shipped definitions, those of `paths` in place of workflows of the same id."""
    rows = offered(shipped.workflows(), rules or shipped.rules())
    own = [definition("workflow", file.name, file.read_bytes()) for file in files_in(paths)]
    ids = {row.id for row in own}
    return [*(r for r in rows if r.kind != "workflow" or r.id not in ids), *own]


def files_in(paths: list[Path]) -> list[Path]:
    """Return the YAML files that paths name, those of folders sorted by name."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InputError(f"Es gibt keine Datei {path}.", f"There is no file {path}.")
        found += sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    return found


def show_problems(problems: tuple[Problem, ...], *, as_json: bool) -> None:
    """Print what is wrong, one line each."""
    if as_json:
        emit_json({"problems": [plain_problem(p) for p in problems]})
        return
    for problem in problems:
        console.print(problem.text_in(t("de", "en")), style="red", markup=False)


def plain_problem(problem: Problem) -> dict[str, Any]:
    """Return a problem in values for JSON."""
    return {
        "file": problem.name,
        "line": problem.line,
        "column": problem.column,
        "de": problem.text.de,
        "en": problem.text.en,
    }


def _named(what: str, rules: Path | None) -> Workflow:
    path = Path(what)
    given = path.suffix == ".yaml"
    rows = rows_with([path] if given else [], rules)
    id_ = rows[-1].id if given else what
    library = compile_all(rows).library
    if id_ not in library.current:
        known = ", ".join(sorted(library.current))
        raise InputError(
            f"Den Ablauf „{what}“ gibt es nicht. Bekannt sind: {known}. Eine Datei endet auf .yaml.",
            f"There is no workflow '{what}'. Known are: {known}. A file ends with .yaml.",
        )
    return library.workflow(library.current[id_])


def _plain(found: Rehearsed) -> list[dict[str, Any]]:
    return [
        {
            "id": id_,
            "examples": len(reports),
            "passed": sum(report.passed for report in reports),
            "failures": [
                {"example": f.example, "line": f.line, "de": f.text.de, "en": f.text.en}
                for report in reports
                for f in report.failures
            ],
            "steps_percent": found.covered[id_].percent_of_steps,
            "transitions_percent": found.covered[id_].percent,
            "steps_missing": found.covered[id_].steps_missing,
            "transitions_missing": found.covered[id_].missing,
        }
        for id_, reports in found.reports.items()
    ]


def _show(definitions: Definitions, found: Rehearsed) -> None:
    table = Table(title=t("Geprüfte Abläufe", "Workflows checked"), title_justify="left")
    for head in (
        t("Ablauf", "workflow"),
        t("Fassung", "version"),
        t("Beispiele", "examples"),
        t("Schritte", "steps"),
        t("Übergänge", "transitions"),
    ):
        table.add_column(head)
    library = definitions.library
    for id_, reports in found.reports.items():
        workflow, covered = library.workflow(library.current[id_]), found.covered[id_]
        passed = f"{sum(r.passed for r in reports)}/{len(reports)}"
        shares = f"{covered.percent_of_steps} %", f"{covered.percent} %"
        table.add_row(say(workflow.title), workflow.version, passed, *shares)
    console.print(table)
    for id_, reports in found.reports.items():
        for failure in (f for report in reports for f in report.failures):
            console.print(f"{id_}.yaml: {say(failure.text)}", style="red", markup=False)
        _show_missing(id_, found.covered[id_])


def _show_missing(id_: str, covered: Coverage) -> None:
    if covered.steps_missing:
        names = ", ".join(covered.steps_missing)
        words = t(f"Kein Beispiel tut: {names}.", f"No example takes: {names}.")
        console.print(f"{id_}.yaml: {words}", style="yellow", markup=False)
    others = [row for row in covered.missing if row[0] not in covered.steps_missing]
    for step, origin, target in others:
        words = t(
            f"Kein Beispiel tut „{step}“ von „{origin}“ nach „{target}“.",
            f"No example takes '{step}' from '{origin}' to '{target}'.",
        )
        console.print(f"{id_}.yaml: {words}", style="yellow", markup=False)
