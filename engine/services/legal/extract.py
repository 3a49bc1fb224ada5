"""An extract of a case: a ZIP that people and programs can read, with its documents.

It is a copy for reading. The sealed export that a stranger can verify without this
installation is another thing, and the extract says so.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterator
from typing import IO, Any

import orjson

from engine.app import App
from engine.core.case import Document, Entry
from engine.core.phrases import norm
from engine.core.wording import day_text, moment_text
from engine.definitions.pages import Block, Heading, Items, Page, Paragraph, Table, as_html
from engine.errors import NotFound, Text
from engine.services.reading import File, file_of
from engine.services.record_words import (
    FINDINGS,
    RUNS,
    deadline_title,
    finding_title,
    line_office,
    line_title,
)
from engine.store import documents
from engine.store.chains import StoredEntry
from engine.store.deliveries import Deliveries, Delivery

README = """\
Auszug der Akte {number}
Stand: {moment}

akte.html          lesbare Fassung, zum Drucken
protokoll.jsonl    jeder Eintrag des Protokolls, wie er gespeichert ist, eine Zeile je Eintrag
nachrichten.jsonl  die Nachrichten zu diesem Vorgang mit der Antwort des Mailservers
dokumente/         die Unterlagen in der eingereichten Form

Dieser Auszug ist eine Abschrift zum Lesen. Er enthält kein Prüfprogramm und kein Siegel: Wer
ihn bekommt, kann damit nicht allein prüfen, ob etwas fehlt. Entwürfe und private Notizen der
beteiligten Stellen gehören nicht zur Akte und sind nicht enthalten.
"""


def extract(app: App, number: str, into: IO[bytes]) -> str:
    """Write the extract of a case into a file; return the name it should be given."""
    file = file_of(app, number)
    with app.database.read() as store:
        stored = store.chains.lines(file.case.stream)
        mails = Deliveries(store.connection).page(case=number, limit=10_000)
    moment = moment_text(file.world.now).de
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("LIESMICH.txt", README.format(number=number, moment=moment))
        pack.writestr("akte.html", as_html(page_of(file), "de"))
        pack.writestr("protokoll.jsonl", b"".join(_plain_entry(line) for line in stored))
        pack.writestr("nachrichten.jsonl", b"".join(_plain_mail(m) for m in mails))
        for name, document in zip(names(file.case.documents), file.case.documents, strict=True):
            _add(app, pack, name, document)
    return f"auszug-{number}.zip"


def _add(app: App, pack: zipfile.ZipFile, name: str, document: Document) -> None:
    try:
        source = documents.open_document(app.config.documents, document.uid)
    except NotFound:
        # An erased document leaves its line in the log, and that is said here too.
        pack.writestr(f"dokumente/{name}.fehlt.txt", "Das Dokument ist nicht mehr vorhanden.\n")
        return
    with source, pack.open(f"dokumente/{name}", "w") as target:
        shutil.copyfileobj(source, target)


def names(rows: tuple[Document, ...]) -> Iterator[str]:
    """Yield a file name for each document: numbered, so that no two are the same.

    A name from outside never leads out of the folder of documents.
    """
    for place, document in enumerate(rows, start=1):
        plain = re.sub(r"[^\w.\- ]", "_", document.name or document.kind).strip(". ")
        yield f"{place:03}-{plain[:100] or 'dokument'}"


def _plain_entry(stored: StoredEntry) -> bytes:
    said: dict[str, Any] = {
        "header": stored.header.decode(),
        "leaf": stored.leaf.hex(),
        "salt": None if not stored.salt else stored.salt.hex(),
        "body": None if not stored.body else stored.body.decode(),
    }
    return orjson.dumps(said) + b"\n"


def _plain_mail(mail: Delivery) -> bytes:
    said = {name: getattr(mail, name) for name in mail.__dataclass_fields__ if name != "carries"}
    letters = [{"letter": c.letter, "office": c.office} for c in mail.carries]
    return orjson.dumps({**said, "letters": letters}) + b"\n"


def page_of(file: File) -> Page:
    """Return the readable page of a file: facts, participations, deadlines, findings, history."""
    title = f"{file.case.number} – {file.case.measure.title}"
    return Page(Text(title, title), tuple(_blocks(file)))


def _blocks(file: File) -> Iterator[Block]:
    case, world = file.case, file.world
    state = world.library.workflow(case.workflow).states[case.state].title
    lead = world.roster.office(case.measure.lead).name
    stages = [
        f"{s.body}: {'–' if s.day is None else day_text(s.day).de}" for s in case.measure.stages
    ]
    yield Paragraph(_same(f"Stand: {state.de}. Federführend: {lead}."))
    if stages:
        yield Items(tuple(_same(x) for x in stages))
    yield Heading(2, Text("Beteiligungen", "participations"))
    yield _takings(file)
    yield Heading(2, Text("Fristen", "deadlines"))
    yield _terms(file)
    yield Heading(2, Text("Feststellungen", "findings"))
    yield Items(tuple(_findings(file))) if case.findings else Paragraph(_same("Keine."))
    yield Heading(2, Text("Verlauf", "history"))
    for number, line in enumerate(file.lines, start=1):
        yield from _line(number, line, file)


def _same(words: str) -> Text:
    return Text(words, words)


def _takings(file: File) -> Table:
    world = file.world
    rows = [
        (
            _same(world.roster.office(p.office).name),
            world.library.workflow(p.workflow).title,
            world.library.workflow(p.workflow).states[p.state].title,
            _same("; ".join(norm(world.library.provision(i)).de for i in p.provisions) or "–"),
        )
        for p in file.case.participations
    ]
    heads = ("Stelle", "Form", "Stand", "Norm")
    return Table(_same("Beteiligungen"), tuple(map(_same, heads)), tuple(rows))


def _terms(file: File) -> Table:
    case, world = file.case, file.world
    rows = [
        (
            deadline_title(case, world, d.key),
            _same(world.roster.office(d.owner).name),
            day_text(d.last_day),
            RUNS[d.status.value],
        )
        for d in case.deadlines
    ]
    heads = ("Frist", "Wer", "Letzter Tag", "Stand")
    return Table(_same("Fristen"), tuple(map(_same, heads)), tuple(rows))


def _findings(file: File) -> Iterator[Text]:
    case, world = file.case, file.world
    for f in case.findings:
        law = "; ".join(norm(world.library.provision(i)).de for i in f.provisions)
        title = finding_title(case, world, f).de
        state = FINDINGS[f.state.value].de
        yield _same(f"{title}, festgestellt am {day_text(f.found_on).de}, {state}. {law}")


def _line(number: int, line: Entry, file: File) -> Iterator[Block]:
    title = line_title(file.case, file.world, line).de
    who = line_office(file.world, line).de
    day, recorded = day_text(line.happened_on).de, moment_text(line.recorded_at).de
    yield Heading(3, _same(f"{number}. {title}"))
    yield Paragraph(_same(f"{day}, {who}; eingetragen {recorded}"))
    for name, value in line.private.items():
        for words in _texts(value):
            yield Paragraph(_same(f"{name}: {words}"))


def _texts(value: Any) -> Iterator[str]:
    """Yield what a private field says, point by point."""
    if isinstance(value, list):
        for point in value:
            yield from _texts(point)
    elif isinstance(value, dict):
        yield "; ".join(f"{k}: {v}" for k, v in value.items() if v not in (None, ""))
    elif value not in (None, ""):
        yield str(value)
