"""Signed notes, checkpoints and cosignatures, byte for byte as C2SP specifies them.

A *signed note* (c2sp.org/signed-note) is a text that ends with a line break, an empty line,
and one line per signature: an em dash, the name of the key, and in base64 the key's
identifier of four bytes and the signature. A *checkpoint* (c2sp.org/tlog-checkpoint) is
such a note of three lines: the origin of the log, its size, and its root in base64; more
lines may follow. A *cosignature* (c2sp.org/tlog-cosignature) is the signature of a witness
over the checkpoint and the second at which it was seen.

A key is handed on as `name+identifier+base64` ("vkey"). The base64 may hold a `+` itself,
so it is split at the first two only.

Standard library only. Signing is somebody else's: `signed` gets a function for it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.core.ed25519 import verified
from engine.core.merkle import HASH

ED25519 = 1
"""The algorithm of a log's signature."""
COSIGNATURE = 4
"""The algorithm of a witness: Ed25519 over the checkpoint and a time."""

LARGEST = 1_000_000
"""The longest note that is read, in bytes."""
_MOST_SIGNATURES = 100
_SECONDS = 2**63
"""No time of a cosignature reaches this (c2sp.org/tlog-cosignature)."""
_DASH = "\N{EM DASH} "
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")

Sign = Callable[[bytes], bytes]
"""Gives the Ed25519 signature of 64 bytes over a message."""


class NoteError(ValueError):
    """A note, checkpoint or key that is not well formed, or does not verify."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with its name: of a log, or of a witness."""

    name: str
    algorithm: int
    public: bytes

    @property
    def identifier(self) -> bytes:
        """The four bytes by which signatures name the key."""
        said = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        return hashlib.sha256(said).digest()[:4]

    @property
    def vkey(self) -> str:
        """The key as it is handed on."""
        encoded = base64.b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.identifier.hex()}+{encoded}"

    @property
    def fingerprint(self) -> str:
        """What people compare with paper: 16 groups of 4 hexadecimal digits."""
        digest = hashlib.sha256(self.vkey.encode()).hexdigest()
        return " ".join(digest[i : i + 4] for i in range(0, len(digest), 4))

    @classmethod
    def read(cls, vkey: str) -> Key:
        """Return the key of a vkey; raises NoteError where it is none of ours."""
        parts = vkey.strip().split("+", 2)
        if len(parts) != 3 or not named(parts[0]):
            raise NoteError("a key is name+identifier+base64")
        data = _unbased(parts[2])
        if len(data) != 33 or data[0] not in (ED25519, COSIGNATURE):
            raise NoteError(f"key {parts[0]}: not an Ed25519 key")
        key = cls(parts[0], data[0], data[1:])
        if key.identifier.hex() != parts[1]:
            raise NoteError(f"key {parts[0]}: the identifier does not fit the key")
        return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One line of a note: who says to have signed, and what."""

    name: str
    identifier: bytes
    data: bytes

    @property
    def line(self) -> str:
        """The line as it stands in the note, with its line break."""
        return f"{_DASH}{self.name} {base64.b64encode(self.identifier + self.data).decode()}\n"

    @classmethod
    def read(cls, line: str) -> Signature:
        """Return the signature of a line without its line break; raises NoteError."""
        parts = line.removeprefix(_DASH).split(" ")
        if not line.startswith(_DASH) or len(parts) != 2 or not named(parts[0]):
            raise NoteError("not a signature line")
        data = _unbased(parts[1])
        if len(data) < 5:
            raise NoteError("the signature is too short")
        return cls(parts[0], data[:4], data[4:])


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends with a line break, and the signatures under it."""

    text: str
    signatures: tuple[Signature, ...]

    @property
    def written(self) -> str:
        """The note as it is stored and sent."""
        return self.text + "\n" + "".join(s.line for s in self.signatures)

    @classmethod
    def read(cls, written: str) -> Note:
        """Return the note of a text; raises NoteError where it is none."""
        if len(written) > LARGEST or not _readable(written):
            raise NoteError(
                "a note is UTF-8 text of a megabyte at most, without control characters"
            )
        text, gap, below = written.rpartition("\n\n")
        if not gap or not below.endswith("\n"):
            raise NoteError("a note ends with an empty line and its signatures")
        lines = below[:-1].split("\n")
        if len(lines) > _MOST_SIGNATURES:
            raise NoteError("too many signatures")
        return cls(text + "\n", tuple(Signature.read(line) for line in lines))

    def signed_by(self, key: Key) -> bool:
        """Return whether the key has signed; raises NoteError where its signature is wrong.

        A signature of an unknown key says nothing; a false one of this key is no accident.
        """
        found = False
        for one in self.signatures:
            if (one.name, one.identifier) != (key.name, key.identifier):
                continue
            if not _fits(self.text, key, one.data):
                raise NoteError(f"the signature of {key.name} does not verify")
            found = True
        return found

    def seen_at(self, key: Key) -> int | None:
        """Return the second since 1970 at which a witness last cosigned, or None if it did not.

        Raises NoteError where a cosignature of this witness is wrong.
        """
        if key.algorithm != COSIGNATURE or not self.signed_by(key):
            return None
        same = (s for s in self.signatures if (s.name, s.identifier) == (key.name, key.identifier))
        return max(int.from_bytes(s.data[:8]) for s in same)

    def beside(self, signature: Signature) -> Note:
        """Return the note with one more signature."""
        return Note(self.text, (*self.signatures, signature))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How long a log is and what its root is; `more` are further lines, mostly none."""

    origin: str
    size: int
    root: bytes
    more: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.more)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def read(cls, text: str) -> Checkpoint:
        """Return the checkpoint of a note's text; raises NoteError where it is none."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines):
            raise NoteError("a checkpoint is origin, size and root, a line each")
        origin, size, root, *more = lines
        if not _NUMBER.fullmatch(size):
            raise NoteError("the size of a checkpoint is a decimal number")
        found = _unbased(root)
        if len(found) != HASH:
            raise NoteError("the root of a checkpoint is 32 bytes")
        return cls(origin, int(size), found, tuple(more))


def opened(written: str, origin: str, keys: Sequence[Key]) -> Checkpoint:
    """Return the checkpoint of a log, signed by one of its keys; raises NoteError otherwise.

    A witness among the keys cannot stand in for the log.
    """
    note = Note.read(written)
    checkpoint = Checkpoint.read(note.text)
    if checkpoint.origin != origin:
        raise NoteError(f"the checkpoint is of {checkpoint.origin}, not of {origin}")
    signers = [key for key in keys if note.signed_by(key)]
    if all(key.algorithm == COSIGNATURE for key in signers):
        raise NoteError("no known key has signed the checkpoint")
    return checkpoint


def signed(text: str, key: Key, sign: Sign) -> Signature:
    """Return the signature of a log's key over a note's text."""
    return Signature(key.name, key.identifier, sign(text.encode()))


def cosigned(text: str, key: Key, second: int, sign: Sign) -> Signature:
    """Return the cosignature of a witness that saw a checkpoint at a second since 1970."""
    return Signature(
        key.name, key.identifier, second.to_bytes(8) + sign(_cosigned_text(text, second))
    )


def named(name: str) -> bool:
    """Return whether this can be the name of a key: no space, no plus, not empty, and in UTF-8."""
    return bool(name) and not any(
        c == "+" or c.isspace() or "\ud800" <= c <= "\udfff" for c in name
    )


def _fits(text: str, key: Key, data: bytes) -> bool:
    if key.algorithm == ED25519:
        return verified(key.public, text.encode(), data)
    second = int.from_bytes(data[:8])
    return second < _SECONDS and verified(key.public, _cosigned_text(text, second), data[8:])


def _cosigned_text(text: str, second: int) -> bytes:
    return f"cosignature/v1\ntime {second}\n{text}".encode()


def _readable(text: str) -> bool:
    """Return whether this is a note's text: UTF-8, line breaks, no other ASCII control character."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return False
    return len(encoded) <= LARGEST and all(byte >= 32 or byte == 10 for byte in encoded)


def _unbased(encoded: str) -> bytes:
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("not base64") from None
    if base64.b64encode(data).decode() != encoded:
        raise NoteError("not canonical base64")
    return data
