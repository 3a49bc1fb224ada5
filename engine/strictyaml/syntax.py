"""The complaints of the YAML parser in words that tell an author what to do.

PyYAML has two parsers, in C and in Python, which word the same complaint differently; the
needles below are found in the words of one or the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Text
from engine.strictyaml.problems import START, Mark


@dataclass(frozen=True)
class _Complaint:
    """Words of the parser, ours for them, and whether the fault lies at the opening sign."""

    needles: tuple[str, ...]
    text: Text
    context: str = ""
    at_opening: bool = False


def complaint(error: Exception) -> tuple[Mark, Text]:
    """Return the place of a syntax error, and what would be right there."""
    words = str(getattr(error, "problem", None) or error)
    context = str(getattr(error, "context", None) or "")
    for known in _COMPLAINTS:
        if known.context in context and any(needle in words for needle in known.needles):
            return _mark(error, at_opening=known.at_opening), known.text
    return _mark(error, at_opening=False), Text(
        f"Hier ist das YAML nicht lesbar (YAML: {words}).",
        f"The YAML cannot be read here (YAML: {words}).",
    )


def _mark(error: Exception, *, at_opening: bool) -> Mark:
    order = ("context_mark", "problem_mark") if at_opening else ("problem_mark", "context_mark")
    mark = next((found for name in order if (found := getattr(error, name, None))), None)
    return Mark(mark.line + 1, mark.column + 1) if mark else START


DIRECTIVE = Text(
    "Anweisungen, die mit % beginnen, gibt es hier nicht. Löschen Sie die Zeile.",
    "There are no directives beginning with % here. Delete the line.",
)
_COMPLAINTS = (
    _Complaint(
        ("mapping values are not allowed",),
        Text(
            "Der Doppelpunkt steht hier falsch: Die Einrückung passt nicht, oder Text mit "
            "Doppelpunkt gehört in Anführungszeichen.",
            "The colon is out of place here: the indentation does not fit, or text with "
            "a colon must stand in quotes.",
        ),
    ),
    _Complaint(
        (
            "unexpected end of stream",
            "unexpected document separator",
            "unexpected document indicator",
        ),
        Text(
            "Das Anführungszeichen, das hier beginnt, wird nicht geschlossen.",
            "The quote that begins here is never closed.",
        ),
        at_opening=True,
    ),
    _Complaint(
        ("expected ',' or ']'",),
        Text(
            "In der Liste, die hier mit [ beginnt, fehlt ein Komma oder die schließende Klammer ].",
            "The list that begins here with [ lacks a comma or its closing bracket ].",
        ),
        at_opening=True,
    ),
    _Complaint(
        ("expected ',' or '}'",),
        Text(
            "In der Zuordnung, die hier mit { beginnt, fehlt ein Komma oder die schließende "
            "Klammer }.",
            "The mapping that begins here with { lacks a comma or its closing brace }.",
        ),
        at_opening=True,
    ),
    _Complaint(
        ("expected node content", "expected the node content"),
        Text(
            "Hier fehlt ein Wert, oder ein Komma oder eine Klammer steht zu viel.",
            "A value is missing here, or there is a comma or bracket too many.",
        ),
    ),
    _Complaint(
        ("could not find expected ':'",),
        Text(
            "Die Zeile, die hier beginnt, hat keinen Doppelpunkt nach dem Schlüssel.",
            "The line that begins here has no colon after its key.",
        ),
        at_opening=True,
    ),
    _Complaint(
        ("expected '-' indicator", "expected <block end>"),
        Text(
            "Hier endet die Liste nicht sauber: "
            "Jeder Eintrag beginnt mit '- ' in derselben Spalte.",
            "The list does not end cleanly here: each entry begins with '- ' in the same column.",
        ),
        context="block collection",
    ),
    _Complaint(
        ("did not find expected key", "expected <block end>"),
        Text(
            "Hier wird ein Schlüssel in der Spalte seiner Geschwister erwartet: Die Einrückung "
            "passt nicht, oder hinter einem Wert steht noch etwas.",
            "A key in the column of its siblings is expected here: the indentation does not fit, "
            "or something follows a value.",
        ),
    ),
    _Complaint(
        ("cannot start any token",),
        Text(
            "Mit diesem Zeichen darf ein Wert nicht beginnen. Setzen Sie ihn in Anführungszeichen.",
            "A value must not begin with this character. Put it in quotes.",
        ),
    ),
    _Complaint(
        ("sequence entries are not allowed", "mapping keys are not allowed"),
        Text(
            "'- ' und '? ' dürfen hier nicht stehen. Beginnen Sie die Liste in einer neuen Zeile, "
            "oder setzen Sie den Text in Anführungszeichen.",
            "'- ' and '? ' must not stand here. Begin the list on a new line, "
            "or put the text in quotes.",
        ),
    ),
    _Complaint(
        ("escape",),
        Text(
            "Diese Folge mit \\ gibt es nicht. Schreiben Sie \\\\ oder nehmen Sie "
            "einfache Anführungszeichen.",
            "There is no such sequence with \\. Write \\\\ or use single quotes.",
        ),
    ),
    _Complaint(
        ("",),
        Text(
            "Anker (&) und Verweise (*) gibt es hier nicht. Schreiben Sie den Wert aus, "
            "oder setzen Sie den Text in Anführungszeichen.",
            "There are no anchors (&) and aliases (*) here. Write the value out, "
            "or put the text in quotes.",
        ),
        context="while scanning an a",
    ),
    _Complaint(
        ("tag", "URI"),
        Text(
            "Typangaben mit ! gibt es hier nicht. Löschen Sie die Angabe, "
            "oder setzen Sie den Text in Anführungszeichen.",
            "There are no tags with ! here. Delete the tag, or put the text in quotes.",
        ),
    ),
    _Complaint(
        ("",),
        Text(
            "Nach | oder > folgt sogleich der Zeilenumbruch. "
            "Setzen Sie Text, der mit | oder > beginnt, in Anführungszeichen.",
            "After | or > the line must end. Put text that begins with | or > in quotes.",
        ),
        context="block scalar",
    ),
    _Complaint(
        ("",),
        DIRECTIVE,
        context="directive",
        at_opening=True,
    ),
    _Complaint(("directive", "incompatible YAML"), DIRECTIVE),
    _Complaint(
        ("<document start>",),
        Text(
            "Hier muss die Datei zu Ende sein. Löschen Sie, was übrig ist.",
            "The file must end here. Delete what is left over.",
        ),
    ),
)
