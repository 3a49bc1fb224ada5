"""`rechtzeitig workflow rehearse`: play rehearsals and tell each as a story."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from engine import shipped
from engine.app import open_app, stored
from engine.cli.console import AsJson, console, emit_json, say, stopped, t
from engine.cli.workflow import PROBLEMS_FOUND, Rules, files_in, plain_problem, show_problems
from engine.core.scripts import Report
from engine.core.story import Scene
from engine.core.wording import day_text
from engine.definitions.library import Definition, compile_all, definition, kind_of, offered
from engine.definitions.rehearsal_files import (
    RehearsalFile,
    examples_of,
    holds_rehearsals,
    problem_of,
    rehearsal_file,
)
from engine.errors import InputError
from engine.strictyaml import DefinitionError, Problem


def rehearse(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help=t(
                "Dateien oder Ordner: Übungen, dazu nach Wunsch eigene Regelpakete, Abläufe, "
                "Leitern und Kalender, nach denen gespielt wird",
                "files or folders: rehearsals, and if you like rule packs, workflows, ladders "
                "and calendars of your own to play them by",
            )
        ),
    ],
    rules: Rules = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help=t(
                "mit den Definitionen dieser Installation statt der mitgelieferten",
                "by the definitions of this installation instead of those shipped",
            ),
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play rehearsals line by line / Übungen Zeile für Zeile spielen."""
    try:
        files = _files(files_in(paths), rules, data)
    except DefinitionError as error:
        show_problems(error.problems, as_json=as_json)
        return stopped(PROBLEMS_FOUND)
    played = [(file, file.play()) for file in files]
    if as_json:
        emit_json([_plain(file, reports) for file, reports in played])
    else:
        for file, reports in played:
            _show(file, reports)
    passed = all(report.passed for _, reports in played for report in reports)
    return None if passed else stopped(PROBLEMS_FOUND)


def _files(paths: list[Path], rules: Path | None, data: Path | None) -> list[RehearsalFile]:
    """Return what there is to play; a workflow that is named is played by its own examples."""
    sources = [(path, path.read_bytes()) for path in paths]
    scripts = {path for path, source in sources if holds_rehearsals(source, path.name)}
    own = [_definition(path, source) for path, source in sources if path not in scripts]
    definitions = compile_all(_rows(own, rules, data))
    library = definitions.library
    found = [
        rehearsal_file(source, path.name, definitions)
        for path, source in sources
        if path in scripts
    ]
    for row in own:
        if row.kind == "workflow":
            workflow = library.workflow(library.current[row.id])
            found.append(examples_of(workflow, row.name, definitions))
    if not found:
        raise InputError(
            "In diesen Dateien steht keine Übung. Eine Übungsdatei hat den Schlüssel rehearsals; "
            "ein Ablauf bringt unter examples eigene mit.",
            "There is no rehearsal in these files. A file of rehearsals has the key rehearsals; "
            "a workflow brings its own under examples.",
        )
    return found


def _definition(path: Path, source: bytes) -> Definition:
    kind = kind_of(source)
    if kind is None:
        raise InputError(
            f"{path}: Das ist weder eine Übung noch eine Definition.",
            f"{path}: this is neither a rehearsal nor a definition.",
        )
    return definition(kind, path.name, source)


def _rows(own: list[Definition], rules: Path | None, data: Path | None) -> list[Definition]:
    """Return the definitions to play by, those of one's own in place of the same id."""
    if data is None:
        rows = list(offered(shipped.workflows(), rules or shipped.rules()))
    else:
        with open_app(data).database.read() as store:
            rows = [row for row in stored(store) if row.current]
    ids = {(row.kind, row.id) for row in own}
    return [*(row for row in rows if (row.kind, row.id) not in ids), *own]


def _problems(file: RehearsalFile, report: Report) -> Iterator[Problem]:
    return (problem_of(failure, file.name) for failure in report.failures)


def _plain(file: RehearsalFile, reports: tuple[Report, ...]) -> dict[str, Any]:
    return {
        "file": file.name,
        "title": file.title,
        "workflow": file.workflow.id,
        "municipality": file.place.place.id,
        "rehearsals": [
            {
                "name": report.example,
                "passed": report.passed,
                "scenes": report.scenes,
                "problems": [plain_problem(p) for p in _problems(file, report)],
            }
            for report in reports
        ],
    }


def _show(file: RehearsalFile, reports: tuple[Report, ...]) -> None:
    passed = sum(report.passed for report in reports)
    place = file.place.place.name
    head = t(
        f"{file.title} ({say(file.workflow.title)}, {place}): {passed} von {len(reports)} bestanden",
        f"{file.title} ({say(file.workflow.title)}, {place}): {passed} of {len(reports)} passed",
    )
    console.print(head, style="bold")
    for report in reports:
        console.print()
        console.print(report.example, style="bold")
        for scene in report.scenes:
            for line in _told(scene):
                console.print(line)
        for problem in _problems(file, report):
            console.print(f"  ✗ {problem.text_in(t('de', 'en'))}", style="red")
    console.print()


def _told(scene: Scene) -> Iterator[str]:
    """Yield the lines of a scene: who did what, where it led, until when, who is told."""
    indent = " " * 6
    for news in scene.news:
        yield f"  {say(news)}"
    yield f"  {say(day_text(scene.on))}  {_deed(scene)}"
    for clock in scene.before:
        if scene.what is not None:
            yield f"{indent}{t('zuvor durch Fristablauf', 'before, by lapse of time')}: {say(clock)}"
    if scene.refusal is not None:
        yield f"{indent}{t('abgelehnt', 'refused')}: {say(scene.refusal)}"
    yield f"{indent}→ {_standing(scene)}"
    for finding in scene.findings:
        yield f"{indent}! {t('Feststellung', 'finding')}: {say(finding)}"
    for letter in scene.letters:
        to = t("an", "to")
        yield f"{indent}✉ {letter.letter} {to} {say(letter.office)}"


def _deed(scene: Scene) -> str:
    if scene.what is None or scene.who is None:
        done = ", ".join(say(step) for step in scene.before)
        return done or t("(die Zeit vergeht)", "(time passes)")
    deputy = t(" i. V.", " (deputy)") if scene.deputy else ""
    return f"{say(scene.who)}{deputy}: {say(scene.what)}"


def _standing(scene: Scene) -> str:
    states = list(dict.fromkeys((say(scene.state), say(scene.case))))
    state = states[0] if len(states) == 1 else f"{states[0]} ({t('Vorgang', 'case')}: {states[1]})"
    days = [
        f"{say(title)} {t('bis', 'until')} {say(day_text(day))}" for title, day in scene.deadlines
    ]
    return "; ".join([state, *days])
