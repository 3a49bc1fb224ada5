"""Where a witness gets its offers: from the server of the log, or from files carried over."""

from __future__ import annotations

import email
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import httpx2

from engine.core.notes import LARGEST, Note, NoteError
from engine.core.witness import Offer, found_in
from engine.errors import EngineError, InputError

PREFIX = "/protokoll"
"""Below this the server hands out what witnesses need (c2sp.org/tlog-tiles, tlog-witness)."""

TIMEOUT = 30
_CONFLICT = 409


class Unreachable(EngineError):
    """The log could not be asked."""


def asked(url: str, size: int) -> list[Offer]:
    """Return what the log at an address offers a witness that knows `size` entries.

    Raises Unreachable where it does not answer as a log does.
    """
    base = url.rstrip("/") + PREFIX
    try:
        with httpx2.Client(timeout=TIMEOUT, verify=ssl.create_default_context()) as client:
            answer = client.get(f"{base}/consistency/{size}")
            if answer.status_code == _CONFLICT:
                # It knows less than we do: its own checkpoint is the proof of that.
                note = client.get(f"{base}/checkpoint")
                return [Offer(0, (), Note.read(_text(note)))]
            return [Offer.read(_text(answer))]
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise _unreachable(url, str(error) or type(error).__name__) from error
    except NoteError as error:
        raise _unreachable(url, "kein Prüfpunkt / no checkpoint") from error


def _text(answer: httpx2.Response) -> str:
    answer.raise_for_status()
    if len(answer.content) > LARGEST:
        raise NoteError("too large")
    try:
        return answer.content.decode()
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


def _unreachable(url: str, why: str) -> Unreachable:
    return Unreachable(
        f"Das Protokoll unter {url} war nicht zu befragen ({why}). Prüfen Sie Adresse und Netz; "
        "bleibt es dabei, fragen Sie bei der Systemverwaltung nach.",
        f"The log at {url} could not be asked ({why}). Check address and network; if it stays so, "
        "ask the system administrators.",
    )
