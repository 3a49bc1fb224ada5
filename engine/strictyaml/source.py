"""The bytes of a file: UTF-8, of a sane size, without tabs and invisible characters."""

from __future__ import annotations

import re

from engine.errors import Text
from engine.strictyaml.problems import Mark, Problems

MOST_BYTES = 1024 * 1024

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
INVISIBLE = re.compile(
    # Control characters; line breaks that editors do not count (U+0085, U+2028, U+2029);
    # marks that turn the direction of writing, so that a reader sees another text than the
    # machine; byte order marks, halves of characters and what YAML itself forbids.
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_UNWANTED = re.compile(f"\t|{INVISIBLE.pattern}")


def checked(source: bytes | str, problems: Problems) -> str:
    """Return the text of a file without its byte order mark, or raise its problems."""
    _refuse_size(source, problems)
    text = (_decoded(source, problems) if isinstance(source, bytes) else source).removeprefix(
        "\ufeff"
    )
    if _UNWANTED.search(text):
        _refuse_characters(text, problems)
    return text


def invisible(character: str) -> Text:
    """Return the words that refuse an invisible character."""
    code = f"U+{ord(character):04X}"
    return Text(
        f"Hier steht das unsichtbare Zeichen {code}. Löschen Sie es.",
        f"There is the invisible character {code} here. Delete it.",
    )


def _refuse_size(source: bytes | str, problems: Problems) -> None:
    size = len(source)
    if isinstance(source, str) and size <= MOST_BYTES:
        size = len(source.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        text = Text(
            "Die Datei ist größer als 1 MiB. Teilen Sie sie auf.",
            "The file is larger than 1 MiB. Split it up.",
        )
        problems.add(Mark(1, 1), text)
        problems.raise_if_any()


def _refuse_characters(text: str, problems: Problems) -> None:
    for number, line in enumerate(_LINE_BREAK.split(text), start=1):
        hit = _UNWANTED.search(line)
        if hit:
            mark = Mark(number, hit.start() + 1)
            problems.add(mark, _tab() if hit[0] == "\t" else invisible(hit[0]))
    problems.raise_if_any()


def _decoded(source: bytes, problems: Problems) -> str:
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = f"0x{source[error.start]:02X}"
        lines = _LINE_BREAK.split(source[: error.start].decode("utf-8").removeprefix("\ufeff"))
        text = Text(
            f"Das Byte {byte} ist kein UTF-8. Speichern Sie die Datei als UTF-8.",
            f"The byte {byte} is not UTF-8. Save the file as UTF-8.",
        )
        problems.add(Mark(len(lines), len(lines[-1]) + 1), text)
        problems.raise_if_any()
        raise


def _tab() -> Text:
    return Text(
        "Hier steht ein Tabulator. Rücken Sie mit Leerzeichen ein.",
        "There is a tab here. Indent with spaces.",
    )
