"""Office documents are ZIP archives: whether one is whole, small enough unpacked, and inert."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Mapping

from engine.errors import Text

MOST_ENTRIES = 2000
MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 100
_PIECE = 1 << 16
_HEAD = 30
"""Bytes of a local file header without its name (APPNOTE 4.3.7)."""

_TRICKY = re.compile(r"(?:^|/)\.\.(?:/|$)|^/|\\|^[A-Za-z]:|[\x00-\x1f]")
_ACTS = re.compile(
    r"vbaProject|vbaData|activeX/|macrosheets/|(?:^|/)Basic/|(?:^|/)Scripts/"
    r"|\.(?:exe|dll|com|scr|bat|cmd|ps1|vbs|vbe|js|jse|jar|hta|lnk|msi|html?|svgz?)$",
    re.IGNORECASE,
)
_OUTSIDE = re.compile(
    rb"(?:attachedTemplate|oleObject|frame|subDocument)[^>]*TargetMode\s*=\s*[\"']External"
    rb"|TargetMode\s*=\s*[\"']External[^>]*(?:attachedTemplate|oleObject|frame|subDocument)",
    re.IGNORECASE,
)
_MACROS = re.compile(rb"macroEnabled|ms-office\.vba", re.IGNORECASE)
_ODT_TYPE = b"application/vnd.oasis.opendocument.text"
_PART: Mapping[str, str] = {
    "odt": "content.xml",
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
}

_OTHER = Text(
    "Der Inhalt ist nicht das, was der Name verspricht",
    "the content is not what the name promises",
)
_ACTIVE = Text("Die Datei enthält ausführbare Inhalte", "the file contains active content")
_HUGE = Text(
    "Die Datei ist entpackt unverhältnismäßig groß", "the file is out of proportion unpacked"
)
_LOCKED = Text("Die Datei ist mit einem Kennwort geschützt", "the file is protected by a password")


def office_fault(kind: str, data: bytes) -> Text | None:
    """Return what is wrong with an office document, or None.

    Sizes are counted while unpacking: what the archive says about itself proves nothing.
    """
    if not data.startswith(b"PK\x03\x04"):
        return _OTHER
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                return _HUGE
            return _shape(kind, data, entries) or _content(kind, archive, entries, len(data))
    except (
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
    ):
        return _OTHER


def _shape(kind: str, data: bytes, entries: list[zipfile.ZipInfo]) -> Text | None:
    names = [entry.filename for entry in entries]
    if any(entry.flag_bits & 0x1 for entry in entries):
        return _LOCKED
    if any(_TRICKY.search(name) or _is_link(e) for name, e in zip(names, entries, strict=True)):
        return _OTHER
    if any(_ACTS.search(name) for name in names):
        return _ACTIVE
    if len(set(names)) != len(names) or _PART[kind] not in names or _overlaps(entries):
        return _OTHER
    return None if _ends_cleanly(data) else _OTHER


def _content(
    kind: str, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], size: int
) -> Text | None:
    """Unpack everything once, counting, and look at the parts that say what the rest is."""
    room = min(MOST_UNPACKED, MOST_RATIO * size)
    for entry in entries:
        look = _looks(entry.filename)
        kept = b""
        with archive.open(entry) as packed:
            while piece := packed.read(_PIECE):
                room -= len(piece)
                if room < 0:
                    return _HUGE
                kept += piece if look is not None and len(kept) < 4 * 1024 * 1024 else b""
        if look is not None and look(kept):
            return _ACTIVE
    if kind == "odt" and not _is_odt(archive, entries):
        return _OTHER
    return None


def _looks(name: str) -> Callable[[bytes], object] | None:
    if name.endswith(".rels"):
        return _OUTSIDE.search
    return _MACROS.search if name == "[Content_Types].xml" else None


def _is_odt(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> bool:
    """OpenDocument demands its type as the first entry, stored as it is (ODF 1.2, part 3, 3.3)."""
    first = entries[0]
    stored = first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED
    return stored and archive.read(first).strip() == _ODT_TYPE


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(entry.external_attr >> 16)


def _overlaps(entries: list[zipfile.ZipInfo]) -> bool:
    """Return whether two entries share bytes, the trick of bombs, or something stands before."""
    end = 0
    if min(entry.header_offset for entry in entries):
        return True
    for entry in sorted(entries, key=lambda e: e.header_offset):
        if entry.header_offset < end:
            return True
        end = entry.header_offset + _HEAD + entry.compress_size
    return False


def _ends_cleanly(data: bytes) -> bool:
    """Return whether nothing follows the archive and no comment hides another file."""
    return len(data) >= 22 and data[-22:-18] == b"PK\x05\x06" and data[-2:] == b"\0\0"
