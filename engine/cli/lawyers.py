"""What lawyers ask of definitions: read them as documents, compare, confirm, draft local rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from engine import shipped
from engine.app import open_app
from engine.cli.console import AsJson, Data, console, emit_json, say, t
from engine.cli.fields import day_from
from engine.cli.sources import library_of, pack_named, workflow_named
from engine.core.phrases import checked
from engine.definitions.commentary import Place, commentary
from engine.definitions.differences import Change, Kind, pack_changes, workflow_changes
from engine.definitions.drafting import drafts
from engine.definitions.pages import Page, as_html, as_markdown
from engine.delivery.titles import letter_titles
from engine.errors import InputError
from engine.services import confirmations

From = Annotated[
    Path | None,
    typer.Option(
        "--data",
        envvar="RECHTZEITIG_DATA",
        help=t(
            "Ordner einer Installation; ohne Angabe die mitgelieferten Definitionen",
            "folder of an installation; without one, the definitions shipped",
        ),
    ),
]
"""Where the definitions come from: an installation, or what is shipped."""

At = Annotated[str | None, typer.Option("--on", help=t("Tag, etwa 2026-03-30", "day"))]
Where = Annotated[
    str | None,
    typer.Option("--municipality", help=t("Kennung der Körperschaft", "id of the municipality")),
]
Named = Annotated[
    str,
    typer.Argument(help=t("Datei, Kennung oder Kennung@Fassung", "file, id, or id@version")),
]

_WRITERS: dict[str, Callable[[Page, str], str]] = {".html": as_html, ".md": as_markdown}
_COLOURS = {Kind.NEW: "green", Kind.GONE: "red", Kind.MOVED: "cyan", Kind.CHANGED: "yellow"}


def doc(
    what: Named,
    output: Annotated[
        Path | None,
        typer.Option("--output", help=t("Datei, .html oder .md", "file, .html or .md")),
    ] = None,
    municipality: Where = None,
    on: At = None,
    data: From = None,
) -> None:
    """Write a workflow as a document for people / Einen Ablauf als lesbares Dokument."""
    library = library_of(data)
    day = library.today if on is None else day_from(on)
    place = library.place(municipality) if municipality else library.only_place()
    at = None if place is None else Place(place, day)
    definitions, workflow = workflow_named(library, what)
    page = commentary(workflow, definitions, at, letter_titles())
    if output is None:
        typer.echo(as_markdown(page, t("de", "en")), nl=False)
        return
    _write(output, page)


def diff_rules(old: Named, new: Named, data: From = None, as_json: AsJson = False) -> None:
    """Say what a new version of a rule pack changes / Zwei Regelpakete vergleichen."""
    library = library_of(data)
    packs = pack_named(library, old), pack_named(library, new)
    _show(pack_changes(*packs, library.definitions), as_json=as_json)


def diff_workflow(old: Named, new: Named, data: From = None, as_json: AsJson = False) -> None:
    """Say what a new version of a workflow changes / Zwei Fassungen eines Ablaufs vergleichen."""
    library = library_of(data)
    before, after = workflow_named(library, old)[1], workflow_named(library, new)[1]
    found = workflow_changes(before, after, library.definitions, letter_titles())
    _show(found, as_json=as_json)


def confirm(
    pack: Annotated[str, typer.Argument(help=t("Kennung des Regelpakets", "id of the rule pack"))],
    person: Annotated[str, typer.Option("--by", help=t("wer bestätigt", "who confirms"))],
    note: Annotated[
        str, typer.Option("--note", help=t("womit verglichen wurde", "what it was compared with"))
    ],
    on: At = None,
    data: Data = Path("data"),
    as_json: AsJson = False,
) -> None:
    """Confirm a rule pack by name / Ein Regelpaket mit Namen bestätigen."""
    day = None if on is None else day_from(on)
    app = open_app(data)
    done = confirmations.confirm(app, pack, person, note, day)
    app.close()
    assert done.confirmed is not None
    if as_json:
        signed = done.confirmed
        emit_json({"pack": done.id, "digest": done.digest, "by": signed.by, "on": signed.on})
        return
    words, count = say(checked(done.confirmed)), len(done.provisions)
    console.print(
        t(
            f"{done.id}: {words}. Vorschriften: {count}, Prüfsumme: {done.digest[:16]}.",
            f"{done.id}: {words}. Provisions: {count}, checksum: {done.digest[:16]}.",
        ),
        markup=False,
    )


def draft(
    municipality: Annotated[
        str,
        typer.Option("--municipality", help=t("Kennung der Körperschaft", "id of the place")),
    ],
    output: Annotated[
        Path, typer.Option("--output", help=t("Ordner für die Entwürfe", "folder for the drafts"))
    ] = Path("entwuerfe"),
    on: At = None,
    data: From = None,
    as_json: AsJson = False,
) -> None:
    """Draft local rules from those in force / Örtliche Regeln entwerfen, Wahlen markiert."""
    library = library_of(data)
    day = library.today if on is None else day_from(on)
    made = drafts(library.definitions, library.place(municipality), day, shipped.rules() / "drafts")
    output.mkdir(parents=True, exist_ok=True)
    written = []
    for one in made:
        page = output / f"{one.name}.html"
        (output / f"{one.name}.md").write_text(one.markdown, encoding="utf-8")
        page.write_text(as_html(one.page, "de"), encoding="utf-8")
        written += [output / f"{one.name}.md", page]
    if as_json:
        emit_json([str(file) for file in written])
        return
    for file in written:
        console.print(t(f"Geschrieben: {file}", f"Written: {file}"), markup=False)


def _write(output: Path, page: Page) -> None:
    writer = _WRITERS.get(output.suffix)
    if writer is None:
        raise InputError(
            f"{output}: Die Endung sagt, was geschrieben wird: .html oder .md.",
            f"{output}: its ending says what is written: .html or .md.",
        )
    output.write_text(writer(page, t("de", "en")), encoding="utf-8")
    console.print(t(f"Geschrieben: {output}", f"Written: {output}"), markup=False)


def _show(changes: tuple[Change, ...], *, as_json: bool) -> None:
    if as_json:
        emit_json([_plain(change) for change in changes])
        return
    if not changes:
        console.print(t("Kein Unterschied.", "No difference."))
    for change in changes:
        console.print(say(change.text), style=_COLOURS[change.kind], markup=False)
        for detail in change.details:
            console.print(f"  {say(detail)}", markup=False)


def _plain(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "id": change.id,
        "de": change.text.de,
        "en": change.text.en,
        "details": [{"de": d.de, "en": d.en} for d in change.details],
    }
