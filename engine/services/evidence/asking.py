"""Where a witness gets its offers: from the server of the log, or from files carried over."""

from __future__ import annotations

import email
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import httpx2

from engine.clock import monotonic
from engine.core.notes import LARGEST, Note, NoteError
from engine.core.witness import Offer, found_in
from engine.errors import InputError, Text
from engine.store.errors import Unavailable

PREFIX = "/protokoll"
"""Below this the server hands out what witnesses need (c2sp.org/tlog-tiles, tlog-witness)."""

TIMEOUT = 30
"""Seconds without a word after which the log counts as silent."""
PATIENCE = 120
"""Seconds that a whole answer may take."""

_CONFLICT, _MISSING = 409, 404


class Unreachable(Unavailable):
    """The log could not be asked."""


def asked(url: str, size: int) -> list[Offer]:
    """Return what the log at an address offers a witness that knows `size` entries.

    Raises Unreachable where it does not answer as a log does.
    """
    base = url.rstrip("/") + PREFIX
    try:
        with httpx2.Client(timeout=TIMEOUT, verify=ssl.create_default_context()) as client:
            status, said = _answer(client, f"{base}/consistency/{size}")
            if status == _CONFLICT:
                # It knows less than we do: its own checkpoint is the proof of that.
                return [Offer(0, (), Note.read(_text(*_answer(client, f"{base}/checkpoint"))))]
            return [Offer.read(_text(status, said))]
    except httpx2.TimeoutException:
        raise _unreachable(url, _SILENT) from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        why = str(error) or type(error).__name__
        raise _unreachable(url, Text(why, why)) from error
    except NoteError:
        raise _unreachable(url, _GARBLED) from None
    except _NotThere as error:
        raise _unreachable(url, error.why) from None


class _NotThere(Exception):
    """An answer other than what was asked for."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


def _answer(client: httpx2.Client, address: str) -> tuple[int, bytes]:
    """Return status and body; whoever answers gets neither our memory nor all our time."""
    said, end = bytearray(), monotonic() + PATIENCE
    with client.stream("GET", address) as answer:
        for part in answer.iter_bytes():
            said += part
            if len(said) > LARGEST:
                raise NoteError("too large")
            if monotonic() > end:
                raise _NotThere(_SILENT)
    return answer.status_code, bytes(said)


def _text(status: int, said: bytes) -> str:
    if status == _MISSING:
        raise _NotThere(_NOTHING)
    if status != 200:
        raise _NotThere(Text(f"Antwort {status}", f"answer {status}"))
    try:
        return said.decode()
    except UnicodeDecodeError:
        raise NoteError("no UTF-8") from None


def carried(paths: list[Path], origin: str) -> list[Offer]:
    """Return the offers in files, and in all files of folders: texts, or mails as saved.

    Raises InputError where a file cannot be read or none of them holds a checkpoint.
    """
    found = [offer for file in _files(paths) for offer in found_in(_words(file), [origin])]
    if not found:
        raise InputError(
            f"Darin steht kein Prüfpunkt von {origin}. Speichern Sie die Mail als Datei, oder "
            "kopieren Sie ihren Text in eine.",
            f"There is no checkpoint of {origin} in it. Save the mail as a file, or copy its text "
            "into one.",
        )
    return found


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.iterdir() if p.is_file())
        else:
            yield path


def _words(file: Path) -> str:
    """Return the text of a file; of a mail its body."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}", f"{file}: {error.strerror}") from error
    if len(data) > 10 * LARGEST:
        return ""
    if file.suffix.lower() == ".eml":
        mail = email.message_from_bytes(data, _class=EmailMessage, policy=default)
        body = mail.get_body(("plain",))
        return "" if body is None else str(body.get_content())
    return data.decode("utf-8", errors="replace")


_SILENT = Text("es antwortet nicht", "it does not answer")
_GARBLED = Text("die Antwort ist kein Prüfpunkt", "the answer is no checkpoint")
_NOTHING = Text(
    "dort ist kein Protokoll, oder es hat noch keinen Prüfpunkt",
    "there is no log, or it has no checkpoint yet",
)


def _unreachable(url: str, why: Text) -> Unreachable:
    return Unreachable(
        f"Das Protokoll unter {url} war nicht zu befragen ({why.de}). Prüfen Sie Adresse und Netz; "
        "bleibt es dabei, fragen Sie bei der Systemverwaltung nach.",
        f"The log at {url} could not be asked ({why.en}). Check address and network; if it stays "
        "so, ask the system administrators.",
    )
