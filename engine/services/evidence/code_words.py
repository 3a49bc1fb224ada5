"""What a code leads to, in words: whether it holds, where it is sealed, whether it is outdated."""

from __future__ import annotations

from engine.core.wording import moment_text
from engine.errors import Text
from engine.services.evidence.codes import Line
from engine.services.evidence.noted import IssuedNote


def sealed_words(line: Line) -> Text:
    """Return in which checkpoint a line is sealed, or that it is not yet."""
    if line.sealed is None:
        return _NOT_SEALED
    at, size = moment_text(line.sealed.signed_at), line.sealed.size
    if line.proven is False:
        return Text(
            f"Der Eintrag ist nicht der, den der Prüfpunkt über {size} Einträge vom {at.de} versiegelt.",
            f"The entry is not the one that the checkpoint of {size} entries of {at.en} seals.",
        )
    return Text(
        f"im Prüfpunkt über {size} Einträge vom {at.de}, Platz {line.index}",
        f"in the checkpoint of {size} entries of {at.en}, place {line.index}",
    )


def standing_words(note: IssuedNote) -> Text:
    """Return that a note holds, or that it is outdated, since when and why."""
    if note.outdated is None:
        return Text(
            "Der Vermerk gilt: Die Akte sagt heute dasselbe.",
            "The note holds: the file says the same today.",
        )
    why, since = note.outdated.why, note.outdated.since
    if since is None:
        return Text(f"Überholt. {why.de}", f"Outdated. {why.en}")
    at = moment_text(since)
    return Text(f"Überholt seit {at.de}. {why.de}", f"Outdated since {at.en}. {why.en}")


FITS = Text("stimmt mit den gespeicherten Bytes überein", "fits the stored bytes")
ALTERED = Text(
    "Die gespeicherten Bytes ergeben einen anderen Code: Der Eintrag wurde verändert.",
    "The stored bytes lead to another code: the entry was changed.",
)
_NOT_SEALED = Text(
    "noch nicht; erst der nächste Prüfpunkt macht ihn zum Nachweis",
    "not yet; only the next checkpoint makes it evidence",
)
OTHER_TEXT = Text(
    "nicht der Text, der zu diesem Code ausgestellt wurde",
    "not the text that was issued under this code",
)
UNKNOWN = Text(
    "Diesen Prüfcode gibt es in diesem Protokoll nicht. Ist er richtig abgeschrieben, so stammt er "
    "aus einer anderen Verwaltung, oder der Vermerk wurde nie ausgestellt.",
    "This log has no such code. If it was copied correctly, it is from another administration, or "
    "the note was never issued.",
)
