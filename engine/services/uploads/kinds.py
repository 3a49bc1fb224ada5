"""Which files are taken: the name, what the sender declares and the content must all agree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import filetype

from engine.errors import InputError, Text
from engine.services.uploads.containers import office_fault
from engine.services.uploads.pictures import jpeg_fault, png_fault

LONGEST_NAME = 150
_ANY = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_TURNS_READING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MARKUP = re.compile(rb"<(?:script|html|svg|iframe|\?php|!doctype|!entity)\b", re.IGNORECASE)
_ACTIVE_PDF = re.compile(rb"/(?:JavaScript|Launch|RichMedia)\b")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its media type, what senders also call it, and what is wrong with one."""

    media: str
    fault: Callable[[bytes], Text | None]
    also: frozenset[str] = frozenset()
    guessed: frozenset[str] = frozenset()
    """What a look at the first bytes may take it for."""


def examined(name: str, declared: str, data: bytes, largest: int) -> tuple[str, Kind]:
    """Return the name under which a file may be kept, and its kind.

    `largest` is in bytes. Raises InputError with the name, the reason and what would help.
    """
    plain = plain_name(name)
    ending = plain.rpartition(".")[2].lower() if "." in plain else ""
    kind = KINDS.get(ending)
    if kind is None:
        known = ", ".join(sorted(KINDS))
        raise _refused(
            plain,
            Text(
                f"Diese Art von Datei wird nicht angenommen (sondern: {known})",
                f"this kind of file is not taken (but: {known})",
            ),
        )
    fault = _fault(kind, declared, data, largest)
    if fault is not None:
        raise _refused(plain, fault)
    return plain, kind


def plain_name(name: str) -> str:
    """Return the name of a file without its path and without what could deceive a reader.

    >>> plain_name("..\\\\..\\\\etc/passwd\\u202efdp.exe")
    'passwdfdp.exe'
    """
    last = re.split(r"[/\\]", name)[-1]
    bare = _TURNS_READING.sub("", unicodedata.normalize("NFC", last))
    shown = "".join(c if c.isprintable() else " " for c in bare).strip(" .")
    stem, dot, ending = shown.rpartition(".")
    return f"{stem[:LONGEST_NAME]}{dot}{ending[:10]}" if dot else shown[:LONGEST_NAME] or "datei"


def _fault(kind: Kind, declared: str, data: bytes, largest: int) -> Text | None:
    if not data:
        return Text("Die Datei ist leer", "the file is empty")
    if len(data) > largest:
        most = largest // (1024 * 1024)
        return Text(f"Die Datei ist größer als {most} MB", f"the file is larger than {most} MB")
    said = declared.partition(";")[0].strip().lower()
    guess = filetype.guess_mime(data[:8192])
    agrees = said in {kind.media} | kind.also | _ANY
    if not agrees or (guess is not None and guess not in {kind.media} | kind.guessed):
        return OTHER
    return kind.fault(data)


OTHER = Text(
    "Der Inhalt ist nicht das, was der Name verspricht",
    "the content is not what the name promises",
)
_ACTIVE = Text("Die Datei enthält ausführbare Inhalte", "the file contains active content")


def _pdf(data: bytes) -> Text | None:
    """Return what is wrong with a PDF: no clean beginning or end, or something that acts."""
    end = data.rstrip(b"\0\r\n\t ")
    if not data.startswith(b"%PDF-1.") and not data.startswith(b"%PDF-2."):
        return OTHER
    if not end.endswith(b"%%EOF") or b"PK\x05\x06" in data[-66_000:]:
        return OTHER
    named = _ESCAPED.sub(lambda m: bytes([int(m[1], 16)]), data)
    if _ACTIVE_PDF.search(named) or _MARKUP.search(data[:1024]):
        return _ACTIVE
    return None


def _text(data: bytes) -> Text | None:
    """Return what is wrong with a text: no known encoding, or not meant for reading."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            return OTHER
    if _CONTROL.search(text):
        return OTHER
    if _MARKUP.search(data) or data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(
        (b"<?xml", b"#!", b"MZ")
    ):
        return _ACTIVE
    return None


def _picture(fault: Callable[[bytes], bool]) -> Callable[[bytes], Text | None]:
    def found(data: bytes) -> Text | None:
        if fault(data):
            return OTHER
        return _ACTIVE if _MARKUP.search(data) else None

    return found


def _office(part: str) -> Callable[[bytes], Text | None]:
    return lambda data: office_fault(part, data)


_OPEN = "application/vnd.openxmlformats-officedocument."
_ZIP = frozenset({"application/zip"})
_ODT = "application/vnd.oasis.opendocument.text"
_DOCX, _XLSX = _OPEN + "wordprocessingml.document", _OPEN + "spreadsheetml.sheet"
_JPEG = Kind("image/jpeg", _picture(jpeg_fault), frozenset({"image/jpg", "image/pjpeg"}))
KINDS: Mapping[str, Kind] = {
    "pdf": Kind("application/pdf", _pdf, frozenset({"application/x-pdf"})),
    "png": Kind("image/png", _picture(png_fault), frozenset({"image/x-png"})),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "odt": Kind(_ODT, _office("odt"), _ZIP, _ZIP),
    "docx": Kind(_DOCX, _office("docx"), _ZIP, _ZIP),
    "xlsx": Kind(_XLSX, _office("xlsx"), _ZIP, _ZIP),
    "txt": Kind("text/plain", _text),
}
"""The kinds of file that are taken, by the ending of the name."""


def _refused(name: str, why: Text) -> InputError:
    return InputError(
        f"„{name}“ wurde nicht angenommen: {why.de}. Gut geht eine PDF-Datei.",
        f"'{name}' was not taken: {why.en}. A PDF file will do.",
    )
