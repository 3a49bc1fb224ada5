"""What a witness does: it remembers one checkpoint and accepts only what goes on from it.

A witness keeps no copy of the log. It holds the newest checkpoint that it has seen, and of
every further one it demands the proof that the log before is the beginning of the log now.
So whoever changes what was witnessed cannot show the witness a later checkpoint any more.

An *offer* is what it is shown: the size from which the proof goes, the hashes of the proof,
and the checkpoint, in the text form of c2sp.org/tlog-witness:

    old 70
    <a hash in base64, a line each>

    <the checkpoint, as it was signed>

Standard library only.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.core.merkle import HASH, verify_consistency
from engine.core.notes import Checkpoint, Note, NoteError

MOST_HASHES = 63
"""The longest proof that is read (c2sp.org/tlog-witness)."""

_DASH = "\N{EM DASH} "
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


class Course(StrEnum):
    """What an offer is to a witness: its first, nothing new, or a log that has grown."""

    FIRST = "first"
    SAME = "same"
    GROWN = "grown"


class Conflict(StrEnum):
    """How a log contradicts what was witnessed."""

    SHORTER = "shorter"
    SPLIT = "split"
    REWRITTEN = "rewritten"


class Contradicted(ValueError):
    """The log does not go on from what the witness remembers; `conflict` says how."""

    def __init__(self, conflict: Conflict) -> None:
        super().__init__(conflict.value)
        self.conflict = conflict


class Unproven(ValueError):
    """The offer's proof begins elsewhere than at what the witness remembers: no verdict."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A checkpoint as it was signed, and the proof that it goes on from the log of `old` leaves."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint of the note; raises NoteError where it is none."""
        return Checkpoint.read(self.note.text)

    @property
    def written(self) -> str:
        """The offer as it is handed on."""
        hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in self.proof)
        return f"old {self.old}\n{hashes}\n{self.note.written}"

    @classmethod
    def read(cls, written: str) -> Offer:
        """Return the offer of a text; raises NoteError where it is none."""
        above, gap, note = written.partition("\n\n")
        old, *hashes = above.split("\n")
        found = _OLD.fullmatch(old)
        if not gap or found is None or len(hashes) > MOST_HASHES:
            raise NoteError("an offer is an old size, hashes, an empty line, and a checkpoint")
        return cls(int(found[1]), tuple(map(_hash, hashes)), Note.read(note))


def judged(remembered: Checkpoint | None, offer: Offer) -> Course:
    """Return what an offer is to a witness.

    Raises Contradicted where the log does not go on from what is remembered, Unproven where
    the offer does not say, NoteError where it holds no checkpoint. Who signed it is for the
    caller to know, and that it is of the same log.
    """
    offered = offer.checkpoint
    if remembered is None:
        return Course.FIRST
    if offered.size < remembered.size:
        raise Contradicted(Conflict.SHORTER)
    if offered.size == remembered.size:
        if offered.root != remembered.root:
            raise Contradicted(Conflict.SPLIT)
        return Course.SAME
    if offer.old != remembered.size:
        raise Unproven(f"the proof begins at {offer.old}, not at {remembered.size}")
    ends = (remembered.size, remembered.root, offered.size, offered.root)
    if not verify_consistency(*ends, offer.proof):
        raise Contradicted(Conflict.REWRITTEN)
    return Course.GROWN


def found_in(text: str, origins: Sequence[str]) -> Iterator[Offer]:
    """Yield the offers about logs of these origins in a mail or file.

    Marks of quotation and a signature line that was broken in two are put right; whatever else
    has been done to the text its signature shows.
    """
    lines = _unbroken(text)
    for n, line in enumerate(lines):
        if line in origins:
            offer = _at(lines, n)
            if offer is not None:
                yield offer


def _at(lines: list[str], origin: int) -> Offer | None:
    end = next((n for n in range(origin, len(lines)) if not lines[n]), len(lines))
    last = end + 1
    while last < len(lines) and lines[last].startswith(_DASH):
        last += 1
    note = "".join(f"{line}\n" for line in lines[origin:last])
    above = origin
    while above and (not lines[above - 1] or _BASE64.fullmatch(lines[above - 1])):
        above -= 1
    before = [line for line in lines[max(above - 1, 0) : origin] if line]
    for start in (before, ["old 0"]):
        try:
            return Offer.read("\n".join(start) + "\n\n" + note)
        except NoteError:
            continue
    return None


def _unbroken(text: str) -> list[str]:
    """Return the lines without marks of quotation, a signature in one line with its name."""
    bare = [re.sub(r"^[> \t]+", "", line).rstrip() for line in text.splitlines()]
    found: list[str] = []
    for line in bare:
        if found and found[-1].startswith(_DASH) and found[-1].count(" ") == 1 and line:
            found[-1] = f"{found[-1]} {line}"
        else:
            found.append(line)
    return found


def _hash(line: str) -> bytes:
    try:
        found = base64.b64decode(line, validate=True)
    except ValueError:
        found = b""
    if len(found) != HASH or base64.b64encode(found).decode() != line:
        raise NoteError("a hash of a proof is 32 bytes in base64")
    return found
