"""The Prüfvermerke of a case as the log holds them, and whether they still hold.

Nothing takes a note back. It is outdated where the file of the case would say something else
today, and says since when.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from engine.app import App
from engine.core.case import Case, Entry
from engine.core.codes import code_of
from engine.core.hearing_note import hearing_note, paper_of, said_of
from engine.core.note_forms import DocumentSum, HearingNote
from engine.core.replay import Differs, retold
from engine.core.retention import ERASED
from engine.core.world import World
from engine.errors import Text
from engine.services.record_words import line_title
from engine.services.verify import Past
from engine.store import documents
from engine.store.chains import StoredEntry
from engine.store.store import Store

TYPE = "hearing_note"


@dataclass(frozen=True, slots=True)
class Outdated:
    """That a note is überholt: why, and since when; None where no act of the case is the cause."""

    why: Text
    since: datetime | None


@dataclass(frozen=True, slots=True)
class IssuedNote:
    """A note as it was issued. `note` is None once its words were erased.

    `digests` maps a form and language such as `text.de` to the SHA-256 of its words; `paper` is
    the version of the paper, `version` counts the entries that the case had.
    """

    case: str
    number: str
    paper: int
    version: int
    sums: tuple[str, ...]
    digests: Mapping[str, str]
    code: str
    actor: str
    office: str
    at: datetime
    note: HearingNote | None
    outdated: Outdated | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    """The note that the file of a case would get now, and those issued, the newest first."""

    now: HearingNote
    issued: tuple[IssuedNote, ...]

    @property
    def current(self) -> IssuedNote | None:
        """The issued note that still says what the file says, or None; its words are there."""
        holds = (n for n in self.issued if n.outdated is None and n.note is not None)
        return next(holds, None)


def notes_of(app: App, number: str) -> Notes:
    """Return the note of a case as its file stands, and every note issued on it."""
    with app.database.read() as store:
        return Noted(app, store, store.cases.get(number)).notes()


def issued_by(app: App, store: Store, line: StoredEntry) -> IssuedNote:
    """Return the note that a line of the log has issued."""
    found = read(line)
    return Noted(app, store, store.cases.by_uid(found[0].case)).judged(found)


class Noted:
    """A case with its lines and world, as one transaction sees them."""

    def __init__(self, app: App, store: Store, case: Case) -> None:
        self.app, self.store, self.case = app, store, case
        self.world = app.world(store)
        self.lines = [e.entry for e in store.chains.lines(case.stream)]

    def notes(self) -> Notes:
        """Return what would be issued now, and what was."""
        paper = sums_of(self.app.config.documents, self.case, self.lines) or ()
        now = hearing_note(self.case, self.world, self.lines, paper=paper)
        issued: list[IssuedNote] = []
        while (line := self.store.chains.line(key_of(self.case.uid, len(issued) + 1))) is not None:
            issued.append(self.judged(read(line)))
        return Notes(now, tuple(reversed(issued)))

    def judged(self, read: tuple[IssuedNote, str]) -> IssuedNote:
        """Return a note with whether the file would say something else today."""
        found, content = read
        if self.case.measure.title == ERASED:
            # Without its texts the file cannot be told again; the paper's version still can.
            same = found.paper == self.case.paper
        else:
            same = content == content_of(self.case, self.world, self.lines)
        return found if same else replace(found, outdated=self._outdated(found))

    def _outdated(self, found: IssuedNote) -> Outdated:
        moved, paper = self._moved(found), self.case.paper
        said = []
        if moved is not None:
            what = line_title(self.case, self.world, moved)
            said.append(Text(f"Eingetragen wurde: {what.de}.", f"Entered was: {what.en}."))
        if found.paper != paper:
            said.append(Text(f"Es gibt Fassung {paper} der Vorlage.", f"There is version {paper} of the paper."))  # fmt: skip
        why = said or [_ELSEWHERE]
        words = Text(" ".join(w.de for w in why), " ".join(w.en for w in why))
        return Outdated(words, None if moved is None else moved.recorded_at)

    def _moved(self, found: IssuedNote) -> Entry | None:
        """Return the first entry since by which the note would have come out otherwise, or None.

        The case is told again from its lines, each in the world that it was made in.
        """
        before: Case | None = None
        past = Past(self.app, self.store)
        for told in retold(self.case.uid, self.case.number, self.lines, past.world):
            if isinstance(told, Differs):
                return None
            case = told.case
            if before is not None and case.version > found.version:
                entry = self.lines[case.version - 1]
                world = past.world(entry)
                if self._said(case, world) != self._said(before, world):
                    return entry
            before = case
        return None

    def _said(self, case: Case, world: World) -> str:
        return content_of(case, world, self.lines[: case.version])


def sums_of(folder: Path, case: Case, lines: Iterable[Entry]) -> tuple[DocumentSum, ...] | None:
    """Return the checksums of the documents of the paper.

    None where one of them is gone, or is not what the log committed to any more.
    """
    found = []
    for d in paper_of(case, lines):
        if not documents.lies(folder, d.uid) or not documents.intact(folder, d.uid, d.commitment):
            return None
        with documents.open_document(folder, d.uid) as file:
            found.append(DocumentSum(d.kind, hashlib.sha256(file.read()).hexdigest()))
    return tuple(found)


def content_of(case: Case, world: World, lines: Sequence[Entry]) -> str:
    """Return a digest of what the note would say, the day on which it is written left out."""
    rows = [pair(row) for row in said_of(case, world, lines)]
    committed = [d.commitment for d in paper_of(case, lines)]
    return hashlib.sha256(orjson.dumps([case.paper, committed, rows])).hexdigest()


def read(line: StoredEntry) -> tuple[IssuedNote, str]:
    """Return the note of a line, and the digest of what the file said then."""
    entry, code = line.entry, code_of(line.leaf)
    plain = entry.plain
    note = None if not entry.private else _note(entry.private, code)
    found = IssuedNote(
        case=plain["case"],
        number=plain["number"],
        paper=plain["paper"],
        version=plain["version"],
        sums=tuple(plain["documents"]),
        digests=plain["texts"],
        code=code,
        actor=entry.actor,
        office=entry.office,
        at=entry.recorded_at,
        note=note,
    )
    return found, plain["content"]


def _note(private: Mapping[str, Any], code: str) -> HearingNote:
    rows = tuple(Text(*row) for row in private["rows"])
    return HearingNote(Text(*private["head"]), rows, Text(*private["line"]), code)


def pair(text: Text) -> list[str]:
    """Return a bilingual text as it is stored: German, English."""
    return [text.de, text.en]


def key_of(uid: str, count: int) -> str:
    """Return the key of the n-th note of a case; it keeps two from being issued at once."""
    return f"{TYPE}:{uid}:{count}"


_ELSEWHERE = Text(
    "Stellen oder Vorschriften heißen oder gelten seither anders.",
    "Offices or provisions have another name or another validity since.",
)
