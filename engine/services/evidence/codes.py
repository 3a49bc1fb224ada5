"""A short code is resolved against the log: which line it is, and whether that line holds.

A code holds 40 bits of a leaf hash. Two lines may share it by chance, and then both are named.
What it finds is recomputed from the stored bytes: the code, the leaf, and the way from the leaf
to the root of the checkpoint that sealed it. Whether the signature of that checkpoint holds,
and whether somebody outside remembers it, the examination of the whole log says.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from engine.app import App
from engine.core.case import Case, Entry
from engine.core.codes import PREFIX, code_of, prefix_of
from engine.core.merkle import inclusion_by, leaf_hash, verify_inclusion
from engine.core.note_text import bare, digest_of
from engine.errors import InputError, NotFound, Text
from engine.services.evidence import noted
from engine.services.evidence.noted import IssuedNote
from engine.services.legal import daily, files, verification
from engine.services.record_words import line_title
from engine.store.chains import MAIL, StoredEntry
from engine.store.global_log import BrokenTree, StoredCheckpoint
from engine.store.store import Store

_CASE = "case/"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log that a code leads to.

    `fits` says whether the stored bytes hash to it, `proven` whether they lead to the root of
    `sealed`, the first checkpoint that covers it; both are None while it waits for one. `kind`
    says what the line is, in words; `case` is the one it is about, if any, and `note` the
    Prüfvermerk that it issued.
    """

    code: str
    stream: str
    seq: int
    leaf: str
    fits: bool
    kind: Text
    at: datetime | None = None
    index: int | None = None
    sealed: StoredCheckpoint | None = None
    proven: bool | None = None
    case: Case | None = None
    note: IssuedNote | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing speaks against it."""
        return self.fits and self.proven is not False


def lines_of(app: App, words: str) -> list[Line]:
    """Return the lines that a code leads to, none for an unknown one.

    Raises InputError for words that are no code.
    """
    prefix = prefix_of(words)
    if prefix is None:
        raise _no_code(words)
    with app.database.read() as store:
        found = store.chains.of(store.log.coded(prefix))
        return [_line(app, store, stored, prefix) for stored in found]


def _line(app: App, store: Store, stored: StoredEntry, prefix: bytes) -> Line:
    leaf = leaf_hash(stored.header)
    fits = leaf == stored.leaf and leaf[:PREFIX] == prefix
    index = store.log.index_of(stored.id)
    sealed = None if index is None else store.log.covering(index)
    proven = None
    if index is not None and sealed is not None:
        proven = _leads_to(store, leaf, index, sealed)
    code = code_of(prefix)
    if not fits:
        found = (stored.stream, stored.seq, leaf.hex(), False, _CHANGED)
        return Line(code, *found, None, index, sealed, proven)
    entry = stored.entry
    case = _case_of(store, entry)
    kind = _kind(app, store, entry, case)
    note = None
    if entry.type == noted.TYPE and case is not None:
        note = noted.issued_by(app, store, stored)
    found = (stored.stream, stored.seq, leaf.hex(), True, kind)
    return Line(code, *found, entry.recorded_at, index, sealed, proven, case, note)


def _leads_to(store: Store, leaf: bytes, index: int, sealed: StoredCheckpoint) -> bool:
    try:
        path = inclusion_by(store.log.nodes, index, sealed.size)
        return verify_inclusion(leaf, index, sealed.size, path, sealed.root)
    except (BrokenTree, ValueError):
        return False


def _case_of(store: Store, entry: Entry) -> Case | None:
    uid = entry.stream.removeprefix(_CASE)
    if uid == entry.stream:
        uid = str(entry.plain.get("case", ""))
    with suppress(NotFound):
        return store.cases.by_uid(uid) if uid else None
    return None


def _kind(app: App, store: Store, entry: Entry, case: Case | None) -> Text:
    if entry.stream.startswith(_CASE):
        with suppress(LookupError):
            return _OF_CASE if case is None else line_title(case, app.world(store), entry)
        return _OF_CASE
    if entry.stream.startswith(f"{MAIL}/"):
        return _OF_MAIL
    other = Text(f"Eintrag „{entry.type}“", f"entry '{entry.type}'")
    return _KINDS.get(entry.type, other)


def compared(note: IssuedNote, text: str) -> Text | None:
    """Return as which form of a note a text was issued, or None if it is not what was issued.

    A longer text, such as a whole paper, may also hold the note word for word.
    """
    digest = digest_of(text)
    for form, known in note.digests.items():
        if known == digest:
            return _FORMS.get(form, Text(form, form))
    if note.note is not None:
        said, one = note.note.text(), note.note.one_line()
        if any(bare(words) in bare(text) for words in (said.de, said.en, one.de, one.en)):
            return _WITHIN
    return None


_FORMS = {
    "text.de": Text("deutscher Text", "German text"),
    "text.en": Text("englischer Text", "English text"),
    "line.de": Text("deutsche Zeile", "German line"),
    "line.en": Text("englische Zeile", "English line"),
}
_WITHIN = Text("wörtlich enthalten", "contained word for word")
_CHANGED = Text("nicht der Eintrag, der geschrieben wurde", "not the entry that was written")
_OF_CASE = Text("Eintrag einer Akte", "entry of a file")
_OF_MAIL = Text("Nachricht", "mail")
_KINDS = {
    noted.TYPE: Text("Prüfvermerk", "note for the paper"),
    daily.TYPE: Text("Gegenzeichnung des Fristenprotokolls", "countersignature of a day's record"),
    files.TYPE: Text("Ausgabe einer Akte", "file handed out"),
    verification.TYPE: Text("Prüfung des Protokolls", "examination of the log"),
}


def _no_code(words: str) -> InputError:
    said = " ".join(words.split())[:40]
    return InputError(
        f"„{said}“ ist kein Prüfcode. Er hat acht Zeichen in zwei Gruppen, z. B. 7C3K-J3YJ; I, O und "
        "U kommen nicht vor.",
        f"'{said}' is no code. It has eight characters in two groups, such as 7C3K-J3YJ; I, O and U "
        "do not occur.",
    )
