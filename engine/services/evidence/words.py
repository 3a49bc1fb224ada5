"""Why the log does not sign, in words for those who have to look into it."""

from __future__ import annotations

from engine.errors import Text

UNUSABLE = "unusable"
"""The kind of a refusal that nobody has to acknowledge: a key or folder that cannot be used."""

_DE = (
    "Es wird weiter gearbeitet und eingetragen, aber nichts mehr unterschrieben. Klären Sie, was "
    "geschah (docs/operations, „When the log does not sign“). Ist es geklärt und hingenommen, "
    "erklären das zwei Personen: rechtzeitig log fork-acknowledge."
)
_EN = (
    "Work and entries go on, but nothing is signed any more. Find out what happened "
    "(docs/operations, 'When the log does not sign'). Once it is understood and accepted, two people say so: rechtzeitig "
    "log fork-acknowledge."
)


def _text(de: str, en: str) -> Text:
    return Text(f"{de} {_DE}", f"{en} {_EN}")


RESTORED = _text(
    "Diese Installation wurde aus einer Sicherung zurückgespielt. Was danach eingetragen wurde, "
    "fehlt hier und ist womöglich anderswo bezeugt.",
    "This installation was restored from a backup. What was entered after it is missing here and "
    "perhaps witnessed elsewhere.",
)
FORGOTTEN = _text(
    "Die Datei last_checkpoint fehlt, obwohl das Protokoll schon unterschrieben hat. Ohne sie ist "
    "nicht zu sehen, ob die Datenbank zurückgesetzt wurde.",
    "The file last_checkpoint is missing although the log has signed before. Without it nobody can "
    "see whether the database was set back.",
)
UNREADABLE = _text(
    "Die Datei last_checkpoint ist kein Prüfpunkt, den ein bekannter Schlüssel unterschrieben hat.",
    "The file last_checkpoint is no checkpoint that a known key has signed.",
)
TREE = Text(
    "Das Protokoll in der Datenbank ergibt nicht die Wurzel, die unterschrieben werden sollte: "
    "Einträge oder ihre Prüfsummen sind beschädigt oder verändert. Prüfen Sie das Protokoll "
    "(rechtzeitig audit verify) und spielen Sie eine Sicherung zurück, die hält.",
    "The log in the database does not lead to the root that was to be signed: entries or their "
    "checksums are damaged or changed. Examine the log (rechtzeitig audit verify) and restore a "
    "backup that holds.",
)


def key(vkey: str) -> Text:
    """Return that the key is not the one that the log signs with."""
    return _text(
        f"Der Schlüssel ist nicht der, mit dem das Protokoll zuletzt unterschrieben hat: {vkey}. "
        "Wurde er vertauscht, spielen Sie den richtigen zurück.",
        f"The key is not the one with which the log signed last: {vkey}. If it was swapped, put "
        "the right one back.",
    )


def origin(written: str, now: str) -> Text:
    """Return that what was signed last is of another log, or of another branch of it."""
    return _text(
        f"Zuletzt unterschrieben wurde das Protokoll {written}, die Datenbank führt {now}.",
        f"What was signed last is the log {written}, the database keeps {now}.",
    )


def shorter(size: int, signed: int) -> Text:
    """Return that the database has lost entries that were signed."""
    return _text(
        f"Das Protokoll hat {size} Einträge; unterschrieben waren schon {signed}. Vermutlich wurde "
        "eine ältere Sicherung zurückgespielt.",
        f"The log has {size} entries; {signed} had been signed. Most likely an older backup was "
        "restored.",
    )


def other(signed: int) -> Text:
    """Return that the entries of the database are not those that were signed."""
    return _text(
        f"Die ersten {signed} Einträge sind nicht die, die unterschrieben wurden. Vermutlich gibt "
        "es zwei Fassungen der Datenbank, oder eine ältere Sicherung wurde weitergeführt.",
        f"The first {signed} entries are not those that were signed. Most likely there are two "
        "versions of the database, or an older backup was continued.",
    )


def behind(signed: int, newest: int) -> Text:
    """Return that the file beside the database remembers less than the database."""
    return _text(
        f"Die Datenbank enthält einen Prüfpunkt über {newest} Einträge, gemerkt sind nur {signed}: "
        "Der Ordner des Protokolls ist veraltet, oder ein zweiter Rechner unterschreibt (dort "
        "evidence: signs: false).",
        f"The database holds a checkpoint over {newest} entries, only {signed} are remembered: the "
        "log's folder is outdated, or a second host signs (there evidence: signs: false).",
    )
