"""Checkpoints and cosignatures are checked, and compared with what somebody outside remembers.

Evidence begins where somebody remembers: whoever holds database and key can write another
history, but not one that fits a checkpoint which lies in a mailbox or with a witness.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson

from engine.core.ledger import microseconds
from engine.core.notes import COSIGNATURE, Checkpoint, Key, Note, NoteError, Signature
from engine.errors import Text
from engine.services.evidence.faults import Fault, Layer
from engine.services.evidence.places import DRIFT, Checks, Leaves, Sealed
from engine.store.examined import Rows

_NOTE = re.compile(r"(?:[^\n]+\n){3,}\n(?:\N{EM DASH} [^\n]+\n)+")
_VKEY = re.compile(r"(?m)^\s*(\S+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+)\s*$")
_LONG_AGO = -(1 << 62)
_TIME = re.compile(r"time ([0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class Remembered:
    """What somebody outside remembers: signed checkpoints as notes, and keys, if any."""

    notes: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()

    @classmethod
    def read(cls, text: str) -> Remembered:
        """Return what a file of a witness, or a mail with a checkpoint, holds.

        Notes and keys are found wherever they stand, also in the words of a JSON document.
        """
        texts = [text.replace("\r\n", "\n")]
        with suppress(orjson.JSONDecodeError):
            texts = list(_words(orjson.loads(text)))
        notes = [n for t in texts for n in _NOTE.findall(t if t.endswith("\n") else t + "\n")]
        return cls(tuple(dict.fromkeys(notes)), tuple(_keys(texts)))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)


def _keys(texts: Iterable[str]) -> Iterator[Key]:
    for text in texts:
        for vkey in _VKEY.findall(text):
            try:
                yield Key.read(vkey)
            except NoteError:
                continue


def seal_faults(rows: Rows, leaves: Leaves, checks: Checks, logs: frozenset[str]) -> Seals:
    """Return the checkpoints of the database with what does not hold of them."""
    found = Seals()
    stored = list(rows.checkpoints())
    for size, root, note, signed in stored:
        signed_at = microseconds(signed)
        checkpoint = checks.opened(note)
        if checkpoint is None or checkpoint.origin not in logs:
            found.fault(Layer.SIGNATURE, _signature(size))
            continue
        said = _moment(checkpoint)
        if (checkpoint.size, checkpoint.root) != (size, root) or said not in (None, signed_at):
            found.fault(Layer.CHECKPOINT, _columns(size))
        if not 0 <= size <= leaves.size or leaves.tree(size).root != checkpoint.root:
            found.fault(Layer.TREE, _root(size))
            continue
        if found.sealed and signed_at < found.sealed[-1].signed_at:
            found.fault(Layer.TIME, _earlier(size))
        found.sealed.append(Sealed(size, root, signed_at, Note.read(note).text))
    found.faults += _cosignatures(rows, {row[0]: row[2] for row in stored}, checks)
    last = [row[2] for row in rows.states()]
    if [row[3] for row in stored[-1:]] != [at for at in last if at is not None]:
        found.fault(Layer.CHECKPOINT, _NEWEST)
    found.faults += _out_of_time(found.sealed, leaves)
    return found


class Seals:
    """The checkpoints that hold, by size, and what does not."""

    def __init__(self) -> None:
        self.sealed: list[Sealed] = []
        self.faults: list[Fault] = []

    def fault(self, layer: Layer, what: Text) -> None:
        """Note what does not hold."""
        self.faults.append(Fault("", 0, what, layer))


def _moment(checkpoint: Checkpoint) -> int | None:
    """Return the microsecond at which a checkpoint says to have been signed, if it does."""
    found = [m for line in checkpoint.more if (m := _TIME.fullmatch(line))]
    return int(found[0][1]) if found else None


def _cosignatures(rows: Rows, notes: Mapping[int, str], checks: Checks) -> Iterator[Fault]:
    for size, witness, line, at in rows.cosignatures():
        if not _cosigned(notes.get(size), witness, line, at, checks):
            yield Fault("", 0, _cosignature(size), Layer.COSIGNATURE)


def _cosigned(note: str | None, witness: str, line: str, at: Any, checks: Checks) -> bool:
    """Return whether a witness's line is its signature, at that second, over that checkpoint."""
    if note is None:
        return False
    try:
        signature = Signature.read(line.removesuffix("\n"))
        text = Note.read(note).text
    except (NoteError, ValueError, AttributeError):
        return False
    key = checks.of(signature)
    if key is None or key.algorithm != COSIGNATURE or witness not in (key.name, key.vkey):
        return False
    second = int.from_bytes(signature.data[:8])
    return checks.sound(text, signature) and at.timestamp() // 1 == second


def _out_of_time(sealed: list[Sealed], leaves: Leaves) -> Iterator[Fault]:
    """Yield a fault where entries were recorded at a time that their place denies.

    What stands between two checkpoints was recorded between them, give or take five minutes
    of two clocks: a line that was dated back and then appended like any other shows here. Where
    many lines waited for their places, those that stood before count instead of the checkpoint.
    """
    before = Sealed(0, b"", _LONG_AGO, "")
    newest = _LONG_AGO
    for seal in sealed:
        earliest, latest = min(before.signed_at, newest) - DRIFT, seal.signed_at + DRIFT
        wrong = [
            n for n, at in leaves.recorded(before.size, seal.size) if not earliest <= at <= latest
        ]
        if wrong:
            yield Fault("", 0, _dated(wrong[0], len(wrong), seal.size), Layer.TIME)
        newest = max([newest, *(at for _, at in leaves.recorded(before.size, seal.size))])
        before = seal


def witness_faults(
    remembered: Remembered, rows: Rows, leaves: Leaves, checks: Checks, logs: frozenset[str]
) -> Iterator[Fault]:
    """Yield what does not fit what somebody outside remembers of this log."""
    notes = {row[0]: row[2] for row in rows.checkpoints()}
    lines = {line.removesuffix("\n") for _, _, line, _ in rows.cosignatures()}
    if not remembered.notes:
        yield Fault("", 0, _NOTHING, Layer.WITNESS)
    for written in remembered.notes:
        checkpoint = checks.opened(written)
        if checkpoint is None or checkpoint.origin not in logs:
            yield Fault("", 0, _FOREIGN, Layer.WITNESS)
            continue
        what = _remembered(checkpoint, written, notes, lines, leaves, checks)
        if what is not None:
            yield Fault("", 0, what, Layer.WITNESS)


def _remembered(
    checkpoint: Checkpoint,
    written: str,
    notes: Mapping[int, str],
    lines: set[str],
    leaves: Leaves,
    checks: Checks,
) -> Text | None:
    size, note = checkpoint.size, Note.read(written)
    if size > leaves.size:
        return _shorter(size, leaves.size)
    if leaves.tree(size).root != checkpoint.root:
        return _other(size)
    if size not in notes and size > max(notes, default=0):
        # Signed before a crash, and not in the database yet: the next sealing takes it over.
        return None
    if size not in notes or Note.read(notes[size]).text != note.text:
        return _lost(size)
    for signature in note.signatures:
        key = checks.of(signature)
        cosigned = key is not None and key.algorithm == COSIGNATURE
        if cosigned and signature.line.removesuffix("\n") not in lines:
            return _uncosigned(size)
    return None


_NEWEST = Text(
    "Der Zeitpunkt der letzten Versiegelung passt nicht zum letzten Prüfpunkt.",
    "The time of the last sealing does not fit the last checkpoint.",
)
_NOTHING = Text(
    "Die Datei mit dem gemerkten Prüfpunkt enthält keinen Prüfpunkt.",
    "The file with the remembered checkpoint holds no checkpoint.",
)
_FOREIGN = Text(
    "Der gemerkte Prüfpunkt ist mit keinem bekannten Schlüssel dieses Protokolls unterschrieben.",
    "No known key of this log has signed the remembered checkpoint.",
)


def _signature(size: int) -> Text:
    return Text(
        f"Prüfpunkt {size}: Er ist nicht lesbar oder mit keinem bekannten Schlüssel unterschrieben.",
        f"Checkpoint {size}: it cannot be read, or no known key has signed it.",
    )


def _columns(size: int) -> Text:
    return Text(
        f"Prüfpunkt {size}: Die Spalten daneben sagen anderes als der Prüfpunkt.",
        f"Checkpoint {size}: the columns beside it say otherwise.",
    )


def _root(size: int) -> Text:
    return Text(
        f"Prüfpunkt {size}: Die Einträge bis dahin sind nicht die, die unterschrieben wurden.",
        f"Checkpoint {size}: the entries up to there are not those that were signed.",
    )


def _earlier(size: int) -> Text:
    return Text(
        f"Prüfpunkt {size}: Er nennt eine frühere Zeit als der Prüfpunkt davor.",
        f"Checkpoint {size}: it names an earlier time than the checkpoint before.",
    )


def _cosignature(size: int) -> Text:
    return Text(
        f"Prüfpunkt {size}: Eine Mitzeichnung gehört zu keinem bekannten Zeugen oder passt nicht.",
        f"Checkpoint {size}: a cosignature is of no known witness, or does not fit.",
    )


def _dated(index: int, count: int, size: int) -> Text:
    return Text(
        f"Prüfpunkt {size}: {count} Einträge nennen eine Zeit, die nicht zu ihrem Platz passt, der "
        f"erste auf Platz {index} (zurückdatiert, oder die Uhr ging falsch).",
        f"Checkpoint {size}: {count} entries name a time that does not fit their place, the first "
        f"at place {index} (dated back, or the clock was wrong).",
    )


def _shorter(size: int, now: int) -> Text:
    return Text(
        f"Der gemerkte Prüfpunkt zählt {size} Einträge, das Protokoll hat nur noch {now}.",
        f"The remembered checkpoint counts {size} entries, the log has only {now} left.",
    )


def _other(size: int) -> Text:
    return Text(
        f"Die ersten {size} Einträge sind nicht die des gemerkten Prüfpunkts.",
        f"The first {size} entries are not those of the remembered checkpoint.",
    )


def _lost(size: int) -> Text:
    return Text(
        f"Der gemerkte Prüfpunkt {size} fehlt in der Datenbank.",
        f"The remembered checkpoint {size} is missing from the database.",
    )


def _uncosigned(size: int) -> Text:
    return Text(
        f"Die Mitzeichnung des gemerkten Prüfpunkts {size} fehlt in der Datenbank.",
        f"The cosignature of the remembered checkpoint {size} is missing from the database.",
    )
