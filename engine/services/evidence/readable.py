"""The readable copy of a file, in German and English: what people read, and what decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.core.case import Entry
from engine.core.next_steps import owner_name
from engine.core.notes import Checkpoint, Note
from engine.core.phrases import norm
from engine.core.wording import day_text, moment_text
from engine.definitions.pages import Block, Heading, Items, Labelled, Page, Paragraph, Table
from engine.errors import Text
from engine.services.evidence.enclosures import GONE, LIVE_LINK, OTHER_CASES, Held, names
from engine.services.reading import File
from engine.services.record_words import (
    FINDINGS,
    RUNS,
    deadline_title,
    finding_title,
    line_office,
    line_title,
)


@dataclass(frozen=True, slots=True)
class Sealing:
    """When the log was sealed, why something of the file is not, and the checkpoint."""

    at: datetime | None
    why: Text | None
    note: Note | None


def page_of(file: File, mails: Iterable[Held], sealing: Sealing) -> Page:
    """Return the readable page of a file: how it stands, what happened, what was sent."""
    title = f"{file.case.number} – {file.case.measure.title}"
    return Page(_same(title), tuple(_blocks(file, list(mails), sealing)))


def _blocks(file: File, mails: list[Held], sealing: Sealing) -> Iterator[Block]:
    yield Paragraph(_COPY, note=True)
    yield from _standing(file, sealing)
    yield Heading(2, Text("Beteiligungen", "Participations"))
    yield _takings(file)
    yield Heading(2, Text("Fristen", "Deadlines"))
    yield _terms(file)
    yield Heading(2, Text("Feststellungen", "Findings"))
    findings = tuple(_findings(file))
    yield Items(findings) if findings else Paragraph(_NONE)
    yield Heading(2, Text("Unterlagen", "Documents"))
    papers = tuple(_papers(file))
    yield _table(_PAPERS, papers) if papers else Paragraph(_NONE)
    yield Heading(2, Text("Nachrichten", "Mails"))
    sent = tuple(_sent(file, mails))
    yield Labelled(sent) if sent else Paragraph(_NONE)
    yield Heading(2, Text("Verlauf", "History"))
    for number, line in enumerate(file.lines, start=1):
        yield from _line(number, line, file)


def _standing(file: File, sealing: Sealing) -> Iterator[Block]:
    case, world = file.case, file.world
    state = world.library.workflow(case.workflow).states[case.state].title
    lead, now = world.roster.office(case.measure.lead).name, moment_text(world.now)
    yield Paragraph(
        Text(
            f"Stand vom {now.de}: {state.de}. Federführend: {lead}.",
            f"As of {now.en}: {state.en}. Lead: {lead}.",
        )
    )
    days = [(s.body, None if s.day is None else day_text(s.day)) for s in case.measure.stages]
    if days:
        yield Items(tuple(_about(body, day) for body, day in days))
    yield Paragraph(_sealed(sealing), note=sealing.why is not None)


def _about(body: str, day: Text | None) -> Text:
    return Text(
        f"{body}: {'–' if day is None else day.de}", f"{body}: {'–' if day is None else day.en}"
    )


def _sealed(sealing: Sealing) -> Text:
    if sealing.why is not None or sealing.at is None or sealing.note is None:
        why = sealing.why or _same("")
        return Text(
            f"Ohne Siegel für die neuesten Einträge: {why.de}",
            f"The newest entries are not sealed: {why.en}",
        )
    said, at = Checkpoint.read(sealing.note.text), moment_text(sealing.at)
    return Text(
        f"Versiegelt am {at.de} im Protokoll {said.origin} mit {said.size} Einträgen, Wurzel "
        f"{_grouped(said.root)}.",
        f"Sealed on {at.en} in the log {said.origin} of {said.size} entries, root "
        f"{_grouped(said.root)}.",
    )


def _grouped(digest: bytes) -> str:
    """Return a digest in groups that people can compare, and that break on paper."""
    return digest.hex(" ", 8)


def _takings(file: File) -> Block:
    world = file.world
    rows = [
        (
            _same(world.roster.office(p.office).name),
            world.library.workflow(p.workflow).title,
            world.library.workflow(p.workflow).states[p.state].title,
            _joined(norm(world.library.provision(i)) for i in p.provisions),
        )
        for p in file.case.participations
    ]
    return _table(_TAKINGS, tuple(rows)) if rows else Paragraph(_NONE)


def _terms(file: File) -> Block:
    case, world = file.case, file.world
    rows = [
        (
            deadline_title(case, world, d.key),
            owner_name(world, d.owner),
            day_text(d.last_day),
            RUNS[d.status.value],
        )
        for d in case.deadlines
    ]
    return _table(_TERMS, tuple(rows)) if rows else Paragraph(_NONE)


def _findings(file: File) -> Iterator[Text]:
    case, world = file.case, file.world
    for f in case.findings:
        law = _joined(norm(world.library.provision(i)) for i in f.provisions)
        title, state, day = (
            finding_title(case, world, f),
            FINDINGS[f.state.value],
            day_text(f.found_on),
        )
        yield Text(
            f"{title.de}, festgestellt am {day.de}, {state.de}. {law.de}",
            f"{title.en}, found on {day.en}, {state.en}. {law.en}",
        )


def _papers(file: File) -> Iterator[tuple[Text, ...]]:
    rows = file.case.documents
    for place, d in zip(names(rows), rows, strict=True):
        version = Text(f"Fassung {d.paper}", f"version {d.paper}")
        yield (
            _same(f"dokumente/{place}"),
            _same(d.kind.capitalize()),
            version,
            _same(f"{d.size} Bytes"),
        )


def _sent(file: File, mails: list[Held]) -> Iterator[tuple[Text, tuple[Text, ...]]]:
    roster = file.world.roster
    for number, mail in enumerate(mails, start=1):
        d, letters = mail.delivery, sorted({letter for letter, _ in mail.letters})
        about: tuple[Text, ...] = (_letters(letters),)
        if mail.open:
            about = (_same(f"{roster.name(d.person)} ({d.address})"), _same(d.subject))
        place = _same(f"nachrichten/{number:03}-{mail.uid}.eml")
        where = _WHY[mail.why] if mail.why else place
        yield moment_text(d.created_at), (*about, _became(mail), where)


def _letters(names: list[str]) -> Text:
    said = ", ".join(names)
    return Text(f"Schreiben: {said}", f"letter: {said}")


def _became(mail: Held) -> Text:
    d, state = mail.delivery, _STATES.get(mail.delivery.standing, _same(mail.delivery.standing))
    reply = f" ({d.last_code} {d.last_text or ''})".rstrip() if mail.open and d.last_code else ""
    if d.accepted_at is None:
        return Text(state.de + reply, state.en + reply)
    at = moment_text(d.accepted_at)
    return Text(f"{state.de} {at.de}{reply}", f"{state.en} {at.en}{reply}")


def _line(number: int, line: Entry, file: File) -> Iterator[Block]:
    title, who = line_title(file.case, file.world, line), line_office(file.world, line)
    day, at = day_text(line.happened_on), moment_text(line.recorded_at)
    yield Heading(3, Text(f"{number}. {title.de}", f"{number}. {title.en}"))
    yield Paragraph(
        Text(f"{day.de}, {who.de}; eingetragen {at.de}", f"{day.en}, {who.en}; recorded {at.en}")
    )
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


def _table(about: tuple[Text, ...], rows: tuple[tuple[Text, ...], ...]) -> Table:
    caption, *heads = about
    return Table(caption, tuple(heads), rows)


def _joined(texts: Iterable[Text]) -> Text:
    found = list(texts)
    return Text("; ".join(x.de for x in found) or "–", "; ".join(x.en for x in found) or "–")


def _same(words: str) -> Text:
    return Text(words, words)


_COPY = Text(
    "Dies ist eine Abschrift zum Lesen. Maßgeblich sind die Einträge in protokoll.jsonl; ob sie "
    "unverändert sind, prüft pruefen.py (siehe LIESMICH.txt). Das zeigt, dass die Aufzeichnung "
    "unverändert ist, nicht, dass sie wahr ist.",
    "This is a copy for reading. What counts are the entries in protokoll.jsonl; pruefen.py checks "
    "whether they are unchanged (see README.txt). That shows that the record is unchanged, not "
    "that it is true.",
)
_NONE = Text("Keine.", "None.")
_TAKINGS = (
    Text("Wer beteiligt ist", "Who takes part"),
    Text("Stelle", "Office"),
    Text("Form", "Form"),
    Text("Stand", "State"),
    Text("Norm", "Norm"),
)
_TERMS = (
    Text("Alle Fristen des Vorgangs", "All deadlines of the case"),
    Text("Frist", "Deadline"),
    Text("Wer", "Who"),
    Text("Letzter Tag", "Last day"),
    Text("Stand", "State"),
)
_PAPERS = (
    Text("Unterlagen in der eingereichten Form", "Documents as they were submitted"),
    Text("Datei", "File"),
    Text("Art", "Kind"),
    Text("Fassung der Vorlage", "Version of the paper"),
    Text("Größe", "Size"),
)
_STATES = {
    "ready": Text("wartet auf Versand", "waits to be sent"),
    "sending": Text("wird übergeben", "is being handed over"),
    "unsure": Text("Übergabe ungewiss", "handing over in doubt"),
    "accepted": Text("vom Mailserver angenommen", "accepted by the mail server"),
    "presumed": Text("gilt als gesendet, von Hand entschieden", "taken as sent, decided by hand"),
    "dead": Text("nicht zustellbar", "could not be delivered"),
    "cancelled": Text("zurückgezogen", "withdrawn"),
}
_WHY = {
    OTHER_CASES: Text(
        "nicht enthalten: trägt auch Schreiben anderer Vorgänge",
        "not included: also carries letters of other cases",
    ),
    LIVE_LINK: Text(
        "nicht enthalten: enthält einen noch gültigen persönlichen Link",
        "not included: holds a personal link that is still good",
    ),
    GONE: Text(
        "gelöscht oder älter als das Protokoll der Nachrichten",
        "erased, or older than the log of mails",
    ),
}
