"""What comes in: forty hostile files of which none is kept as clean, and honest ones that are."""

from __future__ import annotations

import io
import os
import socket
import stat
import struct
import sys
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import Scanner, Uploads
from engine.errors import InputError, NotFound, Refused
from engine.services import uploads
from engine.services.reading import file_of
from engine.services.uploads import Quarantined
from engine.services.uploads.kinds import plain_name
from engine.store import documents
from engine.worker import one_round
from tests.installation import House
from tests.installation import house as installation

# The test file of the antivirus makers, in two parts so that no scanner stumbles over this one.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
MEGA = 1024 * 1024


def pdf(inside: bytes = b"", before: bytes = b"", after: bytes = b"") -> bytes:
    return (
        before + b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog " + inside + b">>\nendobj\n%%EOF\n" + after
    )


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 1, height: int = 1, extra: bytes = b"", after: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + extra + body + chunk(b"IEND", b"") + after


def jpg(comment: bytes = b"", after: bytes = b"") -> bytes:
    said = b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment if comment else b""
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x12\x34"
    jfif = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    return b"\xff\xd8" + jfif + said + scan + b"\xff\xd9" + after


Entry = tuple[str | zipfile.ZipInfo, bytes]


def packed(*entries: Entry, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, body in entries:
            archive.writestr(name, body)
        archive.comment = comment
    return data.getvalue()


TYPES = b"<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"
WORD: tuple[Entry, ...] = (
    ("[Content_Types].xml", TYPES),
    ("word/document.xml", b"<w:document>Guten Tag</w:document>"),
)


def docx(*more: Entry, comment: bytes = b"") -> bytes:
    return packed(*WORD, *more, comment=comment)


def xlsx(*more: Entry) -> bytes:
    return packed(("[Content_Types].xml", TYPES), ("xl/workbook.xml", b"<workbook/>"), *more)


def odt(*more: Entry, type_: bytes = b"application/vnd.oasis.opendocument.text") -> bytes:
    mimetype = zipfile.ZipInfo("mimetype")
    mimetype.compress_type = zipfile.ZIP_STORED
    return packed((mimetype, type_), ("content.xml", b"<office:document-content/>"), *more)


def link(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = (stat.S_IFLNK | 0o777) << 16
    return made


def lying(data: bytes, size: int = 10) -> bytes:
    """Return an archive whose entries claim to be small."""
    at = data.index(b"PK\x01\x02", data.index(b"word/bomb"))
    central = data.rindex(b"PK\x01\x02")
    assert at
    return data[: central + 24] + struct.pack("<I", size) + data[central + 28 :]


def encrypted(data: bytes) -> bytes:
    """Return an archive whose entries claim to be encrypted."""
    out = bytearray(data)
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = out.find(sign)
        while at >= 0:
            out[at + place] |= 1
            at = out.find(sign, at + 4)
    return bytes(out)


def overlapping() -> bytes:
    """Return an archive two of whose entries are the same bytes."""
    data = bytearray(docx(("word/a.xml", b"a" * 5000), ("word/b.xml", b"a" * 5000)))
    rows, at = [], data.find(b"PK\x01\x02")
    while at >= 0:
        rows.append(at)
        at = data.find(b"PK\x01\x02", at + 4)
    data[rows[3] + 42 : rows[3] + 46] = data[rows[2] + 42 : rows[2] + 46]
    return bytes(data)


PDF, DOCX = "application/pdf", uploads.KINDS["docx"].media
OUTSIDE = (
    b'<Relationships><Relationship Id="r" Type="http://x/attachedTemplate" '
    b'Target="http://boese.example/x.dotm" TargetMode="External"/></Relationships>'
)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"

Sent = tuple[str, str, Callable[[], bytes]]
HOSTILE: dict[str, Sent] = {
    "a program": ("rechnung.exe", "application/octet-stream", lambda: b"MZ\x90\0"),
    "a program as pdf": ("rechnung.pdf", PDF, lambda: b"MZ\x90\0" + b"\0" * 100),
    "a program as text": ("rechnung.txt", "text/plain", lambda: b"MZ\x90\0\x03\0\0\0"),
    "a shell script as text": ("lies.txt", "text/plain", lambda: b"#!/bin/sh\nrm -rf /\n"),
    "two endings": ("vorlage.pdf.exe", PDF, pdf),
    "a path up": ("../../../etc/cron.d/x", PDF, pdf),
    "a Windows path": ("..\\..\\start.bat", PDF, pdf),
    "no ending": ("vorlage", PDF, pdf),
    "an ending turned round": ("vorlage\u202efdp.exe", PDF, pdf),
    "a NUL in the name": ("vorlage.exe\0.pdf", PDF, lambda: b"MZ\0"),
    "SVG": ("bild.svg", "image/svg+xml", lambda: SVG),
    "SVG as png": ("bild.png", "image/png", lambda: SVG),
    "SVG as text": ("bild.txt", "text/plain", lambda: SVG),
    "HTML": ("seite.html", "text/html", lambda: HTML),
    "HTML as png": ("bild.png", "image/png", lambda: HTML),
    "HTML as jpg": ("bild.jpg", "image/jpeg", lambda: HTML),
    "HTML as text": ("seite.txt", "text/plain", lambda: HTML),
    "HTML declared as what it is": ("vorlage.pdf", "text/html", pdf),
    "png with HTML behind": ("bild.png", "image/png", lambda: png(after=HTML)),
    "png with HTML inside": ("bild.png", "image/png", lambda: png(extra=chunk(b"tEXt", HTML))),
    "png of a thousand screens": ("bild.png", "image/png", lambda: png(60_000, 60_000)),
    "png cut short": ("bild.png", "image/png", lambda: png()[:-8]),
    "jpg with HTML inside": ("bild.jpg", "image/jpeg", lambda: jpg(HTML)),
    "jpg with an archive behind": ("bild.jpg", "image/jpeg", lambda: jpg(after=docx())),
    "gif as jpg": ("bild.jpg", "image/jpeg", lambda: b"GIF89a/*<script>*/"),
    "pdf with something before": ("v.pdf", PDF, lambda: pdf(before=b"GIF89a\n")),
    "pdf with an archive behind": ("v.pdf", PDF, lambda: pdf(after=docx())),
    "pdf that is HTML too": ("v.pdf", PDF, lambda: b"%PDF-1.4\n" + HTML + b"\n%%EOF"),
    "pdf with a script": ("v.pdf", PDF, lambda: pdf(b"/OpenAction << /S /JavaScript /JS (x) >> ")),
    "pdf with a script in disguise": ("v.pdf", PDF, lambda: pdf(b"/S /J#61vaScript ")),
    "pdf that starts a program": ("v.pdf", PDF, lambda: pdf(b"/S /Launch /F (cmd.exe) ")),
    "docx with a macro": ("v.docx", DOCX, lambda: docx(("word/vbaProject.bin", b"x"))),
    "docx with a template elsewhere": (
        "v.docx",
        DOCX,
        lambda: docx(("word/_rels/settings.xml.rels", OUTSIDE)),
    ),
    "docx with a program": ("v.docx", DOCX, lambda: docx(("word/embeddings/a.exe", b"MZ"))),
    "docx with a path up": ("v.docx", DOCX, lambda: docx(("../../x.xml", b"x"))),
    "docx with a link": ("v.docx", DOCX, lambda: docx((link("word/x.xml"), b"/etc/passwd"))),
    "docx of many entries": (
        "v.docx",
        DOCX,
        lambda: docx(*((f"word/{n}.xml", b"") for n in range(2000))),
    ),
    "zip bomb": ("v.docx", DOCX, lambda: docx(("word/bomb", b"\0" * 40 * MEGA))),
    "zip bomb that lies": (
        "v.docx",
        DOCX,
        lambda: lying(docx(("word/bomb", b"\0" * 40 * MEGA))),
    ),
    "zip bomb of one body": ("v.docx", DOCX, overlapping),
    "docx behind a password": ("v.docx", DOCX, lambda: encrypted(docx())),
    "docx with an archive behind": ("v.docx", DOCX, lambda: docx() + docx()),
    "docx with a script as its comment": ("v.docx", DOCX, lambda: docx(comment=HTML)),
    "any archive as docx": ("v.docx", DOCX, lambda: packed(("a.txt", b"x"))),
    "xlsx as docx": ("v.docx", DOCX, xlsx),
    "xlsx with macros by type": (
        "v.xlsx",
        uploads.KINDS["xlsx"].media,
        lambda: packed(
            ("[Content_Types].xml", b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
            ("xl/workbook.xml", b"<workbook/>"),
        ),
    ),
    "odt with a macro": (
        "v.odt",
        uploads.KINDS["odt"].media,
        lambda: odt(("Basic/Standard/Module1.xml", b"Sub Main")),
    ),
    "odt that is a presentation": (
        "v.odt",
        uploads.KINDS["odt"].media,
        lambda: odt(type_=b"application/vnd.oasis.opendocument.presentation"),
    ),
    "nothing at all": ("v.pdf", PDF, lambda: b""),
    "text with control characters": ("v.txt", "text/plain", lambda: b"a\0b\x1b[2J"),
    "too large": ("v.txt", "text/plain", lambda: b"a" * (25 * MEGA + 1)),
}

HONEST: dict[str, Sent] = {
    "pdf": ("Vorlage Nr. 5.pdf", PDF, pdf),
    "pdf from a browser that does not know": ("v.PDF", "application/octet-stream", pdf),
    "png": ("Plan.png", "image/png", png),
    "jpg": ("Foto.JPG", "image/jpg", jpg),
    "jpeg": ("Foto.jpeg", "image/jpeg", lambda: jpg(b"von der Kamera")),
    "docx": ("Entwurf.docx", DOCX, docx),
    "docx as any archive": ("Entwurf.docx", "application/zip", docx),
    "xlsx": ("Tabelle.xlsx", uploads.KINDS["xlsx"].media, xlsx),
    "odt": ("Entwurf.odt", uploads.KINDS["odt"].media, odt),
    "text": ("Notiz.txt", "text/plain; charset=utf-8", "Grüße – 5 < 6".encode),
    "old text": ("Notiz.txt", "text/plain", lambda: "Grüße".encode("cp1252")),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = installation(tmp_path_factory.mktemp("uploads") / "amt")
    yield made
    made.app.close()


@pytest.fixture(autouse=True)
def _without_scanner(house: House) -> None:
    use(house, None)


def use(house: House, scanner: Scanner | None) -> None:
    """Let an installation's settings name this scanner."""
    changed = {"uploads": Uploads(scanner=scanner)}
    house.app.config.settings = house.app.config.settings.model_copy(update=changed)


def kept(house: House) -> set[str]:
    folder = house.app.config.documents
    return {f.name for f in folder.iterdir()} if folder.exists() else set()


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_and_leaves_nothing(house: House, what: str) -> None:
    name, declared, made = HOSTILE[what]
    before = kept(house)
    with pytest.raises(InputError) as refused:
        uploads.taken(house.app, "vorlage", name, declared, made())
    assert kept(house) == before
    assert "nicht angenommen" in refused.value.text.de
    assert all(c.isprintable() for c in refused.value.text.de)


def test_there_are_forty_of_them() -> None:
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize("what", HONEST)
def test_an_honest_file_is_kept_as_it_came(house: House, what: str) -> None:
    name, declared, made = HONEST[what]
    data = made()
    document = uploads.taken(house.app, "vorlage", name, declared, data)
    assert document.name == name and document.size == len(data)
    folder = house.app.config.documents
    assert documents.intact(folder, document.uid, document.commitment)
    assert documents.open_document(folder, document.uid).read() == data
    assert uploads.unscanned(house.app, document.uid)


@given(st.text(max_size=300))
def test_a_name_is_never_a_path_and_reads_as_it_is_written(name: str) -> None:
    plain = plain_name(name)
    assert plain and not set(plain) & set("/\\\0\r\n\u202e")
    assert plain not in (".", "..") and len(plain) <= 161
    assert plain.isprintable()


@dataclass
class Clamd:
    """A clamd for tests: it speaks INSTREAM and finds the makers' test file."""

    port: int
    heard: list[bytes] = field(default_factory=list)
    answer: bytes | None = None


@contextmanager
def clamd(answer: bytes | None = None) -> Iterator[Clamd]:
    """Run a clamd on loopback; it gives its own answer, or the one it is told."""
    listener = socket.create_server(("127.0.0.1", 0))
    made = Clamd(listener.getsockname()[1], answer=answer)

    def serve() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                _converse(line, made)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _converse(line: socket.socket, made: Clamd) -> None:
    with line.makefile("rb") as told:
        assert told.read(10) == b"zINSTREAM\0"
        data = b""
        while size := struct.unpack(">I", told.read(4))[0]:
            data += told.read(size)
    made.heard.append(data)
    found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0"
    line.sendall(made.answer if made.answer is not None else found)


def test_clamd_lets_the_clean_in_and_keeps_the_infected_out(house: House) -> None:
    with clamd() as scanner:
        use(house, Scanner(host="127.0.0.1", port=scanner.port))
        assert uploads.warning(house.app) is None
        data = b"harmlos " * 20_000
        document = uploads.taken(house.app, "vorlage", "a.txt", "text/plain", data)
        assert scanner.heard == [data]
        assert not uploads.unscanned(house.app, document.uid)
        before = kept(house)
        with pytest.raises(InputError, match="has found something"):
            uploads.taken(house.app, "vorlage", "b.txt", "text/plain", EICAR)
        assert kept(house) == before and uploads.waiting(house.app) == []


UNCLEAR = [
    pytest.param(b"INSTREAM size limit exceeded. ERROR\0", id="too large for it"),
    pytest.param(b"", id="hangs up"),
    pytest.param(b"stream: OK but not really\0", id="no clear word"),
    pytest.param(b"\xff\xfe\0", id="noise"),
]


@pytest.mark.parametrize("answer", UNCLEAR)
def test_what_a_scanner_does_not_clear_waits_in_quarantine(house: House, answer: bytes) -> None:
    with clamd(answer) as scanner:
        use(house, Scanner(host="127.0.0.1", port=scanner.port))
        with pytest.raises(Quarantined) as held:
            uploads.taken(house.app, "vorlage", "a.txt", "text/plain", b"harmlos", account="x")
        with pytest.raises(Quarantined):
            uploads.accept(house.app, held.value.uid, "vorlage")
        scanner.answer = b"stream: OK\0"
        assert uploads.rescan(house.app) == (1, 0)
    document = uploads.accept(house.app, held.value.uid, "vorlage")
    assert document.name == "a.txt"
    assert documents.intact(house.app.config.documents, document.uid, document.commitment)


def test_while_the_scanner_is_down_files_wait_and_what_it_finds_later_is_erased(
    house: House,
) -> None:
    use(house, Scanner(socket="there/is/none", timeout=1))
    for name, data in (("gut.txt", b"gut"), ("boese.txt", EICAR)):
        with pytest.raises(Quarantined):
            uploads.taken(house.app, "vorlage", name, "text/plain", data)
    assert uploads.rescan(house.app) == (0, 0)
    assert [u.name for u in uploads.waiting(house.app)] == ["gut.txt", "boese.txt"]
    [_, bad] = uploads.waiting(house.app)
    with clamd() as scanner:
        use(house, Scanner(host="127.0.0.1", port=scanner.port))
        assert uploads.rescan(house.app) == (1, 1)
    assert uploads.waiting(house.app) == []
    assert bad.uid not in kept(house)
    with pytest.raises(NotFound):
        uploads.accept(house.app, bad.uid, "vorlage")


def test_what_nobody_could_look_at_for_a_week_is_erased(house: House) -> None:
    use(house, Scanner(socket="there/is/none", timeout=1))
    with pytest.raises(Quarantined) as held:
        uploads.taken(house.app, "vorlage", "a.txt", "text/plain", b"harmlos")
    house.clock.instant += timedelta(days=6)
    assert uploads.rescan(house.app) == (0, 0)
    house.clock.instant += timedelta(days=2)
    assert uploads.rescan(house.app) == (0, 1)
    assert held.value.uid not in kept(house)


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [(0, None), (1, InputError), (2, Quarantined), (127, Quarantined)],
)
def test_a_command_answers_by_how_it_ends(
    house: House, tmp_path: Path, ending: int, outcome: type[Exception] | None
) -> None:
    script = f"import sys; open(sys.argv[-1], 'rb').read() == b'harmlos' or sys.exit(9); sys.exit({ending})"
    use(house, Scanner(command=[sys.executable, "-c", script]))
    if outcome is None:
        uploads.taken(house.app, "vorlage", "a.txt", "text/plain", b"harmlos")
        return
    with pytest.raises(outcome):
        uploads.taken(house.app, "vorlage", "a.txt", "text/plain", b"harmlos")


def test_without_a_scanner_that_is_said(house: House) -> None:
    told = uploads.warning(house.app)
    assert told is not None and "uploads.scanner" in told.de


# What nobody takes does not stay for ever; what a case has taken does


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[House]:
    """An installation of the test's own, for its clock runs far ahead."""
    made = installation(tmp_path / "amt")
    yield made
    made.app.close()


def aged(house: House, uid: str, days: int) -> None:
    """Let the file of a document look as if it had been written so many days ago."""
    path = house.app.config.documents / uid
    then = path.stat().st_mtime - days * 86_400
    os.utime(path, (then, then))


def sent_in(house: House, name: str = "plan.txt", account: str = "weber") -> str:
    data = f"Inhalt von {name}".encode()
    return uploads.taken(house.app, "vorlage", name, "text/plain", data, account=account).uid


def test_a_file_that_nobody_files_is_forgotten_first_and_erased_a_month_later(fresh: House) -> None:
    uid = sent_in(fresh)
    fresh.clock.on((uploads.UNTAKEN_FOR - timedelta(days=1)).days)
    aged(fresh, uid, 89)
    assert uploads.clear(fresh.app) == []
    assert [u.uid for u in uploads.own(fresh.app, "weber")] == [uid]
    fresh.clock.on(2)
    assert uploads.clear(fresh.app) == []
    assert uploads.own(fresh.app, "weber") == []
    assert uid in kept(fresh), "whoever files it at this moment must not lose it"
    aged(fresh, uid, uploads.STRAY_FOR.days + 1)
    assert uploads.clear(fresh.app) == [uid]
    assert uid not in kept(fresh)


def test_what_a_case_has_taken_is_never_swept_however_old_it_is(fresh: House) -> None:
    uid = sent_in(fresh)
    case = fresh.register()
    document = uploads.accept(fresh.app, uid, "vorlage", account="weber")
    fresh.take(case.number, "unterlagen_ablegen", "weber", documents=(document,))
    in_case = {d.uid for d in file_of(fresh.app, case.number).case.documents}
    assert uid in in_case and len(in_case) == 2
    for one in in_case:
        aged(fresh, one, 4000)
    fresh.clock.on(3650)
    uploads.clear(fresh.app)
    uploads.clear(fresh.app)
    assert in_case <= set(kept(fresh))
    assert uploads.own(fresh.app, "weber") == []


def test_a_file_can_be_filed_while_it_is_being_forgotten(fresh: House) -> None:
    """The deed has looked, the sweep forgets, and then the deed is kept: nothing is lost."""
    case = fresh.register()
    uid = sent_in(fresh)
    aged(fresh, uid, 400)
    document = uploads.accept(fresh.app, uid, "vorlage", account="weber")
    fresh.clock.on(100)
    uploads.clear(fresh.app)
    fresh.take(case.number, "unterlagen_ablegen", "weber", documents=(document,))
    aged(fresh, uid, 400)
    uploads.clear(fresh.app)
    assert uid in kept(fresh)
    assert documents.intact(fresh.app.config.documents, uid, document.commitment)


def test_what_lies_there_by_mistake_goes_after_a_month(fresh: House) -> None:
    case = fresh.register()
    [paper] = case.documents
    lost = documents.put(fresh.app.config.documents, b"Strom weg vor dem Eintrag")
    aged(fresh, lost.uid, uploads.STRAY_FOR.days - 1)
    assert uploads.clear(fresh.app) == []
    aged(fresh, lost.uid, 2)
    aged(fresh, paper.uid, 400)
    assert uploads.clear(fresh.app) == [lost.uid]
    assert paper.uid in kept(fresh)


def test_the_worker_clears_once_a_day(fresh: House) -> None:
    uid = sent_in(fresh)
    aged(fresh, uid, 91)
    fresh.clock.on(91)
    one_round(fresh.app)
    assert uploads.own(fresh.app, "weber") == []
    late = sent_in(fresh, "spaet.txt")
    fresh.clock.instant += timedelta(hours=1)
    one_round(fresh.app)
    assert [u.uid for u in uploads.own(fresh.app, "weber")] == [late]


def test_only_who_sent_a_file_can_file_or_discard_it_and_only_once(fresh: House) -> None:
    uid = sent_in(fresh)
    with pytest.raises(NotFound):
        uploads.accept(fresh.app, uid, "vorlage", account="yilmaz")
    with pytest.raises(NotFound):
        uploads.discard(fresh.app, uid, "yilmaz")
    case = fresh.register()
    document = uploads.accept(fresh.app, uid, "vorlage", account="weber")
    fresh.take(case.number, "unterlagen_ablegen", "weber", documents=(document,))
    with pytest.raises(Refused, match="belongs to a case"):
        uploads.accept(fresh.app, uid, "vorlage", account="weber")
    with pytest.raises(NotFound):
        uploads.discard(fresh.app, uid, "weber")
    other = sent_in(fresh, "anderes.txt")
    assert uploads.discard(fresh.app, other, "weber").name == "anderes.txt"
    assert uploads.own(fresh.app, "weber") == []


def test_whoever_sent_a_file_learns_why_it_was_erased_in_quarantine(fresh: House) -> None:
    use(fresh, Scanner(socket="there/is/none", timeout=1))
    for name, data in (("boese.txt", EICAR), ("alt.txt", b"harmlos")):
        with pytest.raises(Quarantined):
            uploads.taken(fresh.app, "vorlage", name, "text/plain", data, account="weber")
    with clamd() as scanner:
        use(fresh, Scanner(host="127.0.0.1", port=scanner.port))
        assert uploads.rescan(fresh.app, "yilmaz") == (0, 0), "each asks for her own files"
        scanner.answer = None
        [bad, _] = uploads.waiting(fresh.app)
        assert uploads.rescan(fresh.app, "weber") == (1, 1)
    [told] = uploads.refused(fresh.app, "weber")
    assert (told.name, told.why, told.uid) == ("boese.txt", "found", bad.uid)
    assert uploads.refused(fresh.app, "yilmaz") == []
    fresh.clock.on(31)
    uploads.clear(fresh.app)
    assert uploads.refused(fresh.app, "weber") == []
