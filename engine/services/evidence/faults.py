"""What an examination can find: by which layer, in which strand, from which line on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.errors import Text


class Layer(StrEnum):
    """What was compared with what when something did not hold."""

    HEADER = "header"
    COLUMNS = "columns"
    BODY = "body"
    ERASURE = "erasure"
    CHAIN = "chain"
    HEAD = "head"
    PLACE = "place"
    TREE = "tree"
    TILE = "tile"
    CHECKPOINT = "checkpoint"
    SIGNATURE = "signature"
    COSIGNATURE = "cosignature"
    WITNESS = "witness"
    TIME = "time"
    STAMP = "stamp"
    DEFINITION = "definition"
    HOUSE = "house"
    DOCUMENT = "document"
    MAIL = "mail"
    REPLAY = "replay"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold: in a strand from a line on, or in the log as a whole.

    `stream` is empty and `seq` 0 where it is about no single line.
    """

    stream: str
    seq: int
    what: Text
    layer: Layer = Layer.CHAIN

    @property
    def of_case(self) -> bool:
        """Whether it is about the strand of a case."""
        return self.stream.startswith("case/")

    @property
    def text(self) -> Text:
        """Where it is, and what does not hold."""
        if not self.stream:
            return self.what
        if not self.seq:
            return Text(f"{self.stream}: {self.what.de}", f"{self.stream}: {self.what.en}")
        return Text(
            f"{self.stream}, Eintrag {self.seq}: {self.what.de}",
            f"{self.stream}, entry {self.seq}: {self.what.en}",
        )


HEADER = Text("Der Eintrag ist nicht lesbar.", "The entry cannot be read.")
CANONICAL = Text(
    "Der Eintrag ist nicht so geschrieben, wie das Programm schreibt.",
    "The entry is not written as the program writes.",
)
OTHER_LOG = Text("Der Eintrag gehört zu einem anderen Protokoll.", "The entry is of another log.")
COLUMNS = Text(
    "Die Spalten neben dem Eintrag sagen anderes als der Eintrag.",
    "The columns beside the entry say otherwise than the entry.",
)
CHAIN = Text(
    "Der Eintrag wurde verändert, entfernt, eingefügt oder umgestellt.",
    "The entry was changed, removed, inserted or moved.",
)
BODY = Text(
    "Der Text des Eintrags passt nicht zu seiner Prüfsumme.",
    "The text of the entry does not fit its checksum.",
)
NO_BODY = Text(
    "Der Text des Eintrags fehlt; gelöscht wird anders.",
    "The text of the entry is missing; this is not how erasing is done.",
)
UNRELEASED = Text(
    "Der Text des Eintrags ist gelöscht, ohne dass eine Freigabe im Protokoll steht.",
    "The text of the entry was erased although the log names no release.",
)
EXTRA_BODY = Text(
    "Zum Eintrag liegt ein Text, den er nicht nennt.",
    "A text lies beside the entry that it does not name.",
)
HEAD = Text(
    "Das Ende des Strangs fehlt oder passt nicht zum Vorgang.",
    "The end of the strand is missing or does not fit the case.",
)
UNKNOWN = Text("Zu diesem Strang gibt es keinen Vorgang.", "No case belongs to this strand.")
MISSING = Text(
    "Einträge fehlen oder wurden eingefügt: Die Zählung geht nicht auf.",
    "Entries are missing or were inserted: the count does not add up.",
)
UNPLACED = Text(
    "Der Eintrag hat keinen Platz im Gesamtprotokoll und wartet auch nicht darauf.",
    "The entry has no place in the global log, nor does it wait for one.",
)
PREFIX = Text(
    "Neben dem Platz des Eintrags steht ein Prüfcode, der nicht seiner ist.",
    "Beside the place of the entry stands a code that is not its own.",
)
TWICE = Text(
    "Der Eintrag hat einen Platz im Gesamtprotokoll und wartet zugleich darauf.",
    "The entry has a place in the global log and waits for one as well.",
)
REPLAY = Text(
    "Nachgespielt ergibt sich an dieser Stelle ein anderer Eintrag.",
    "Told again, another entry arises at this point.",
)
STATE = Text(
    "Der gespeicherte Stand ist nicht der, der sich aus den Einträgen ergibt",
    "The state as stored is not the one that follows from the entries",
)


def in_state(what: str) -> Text:
    """Return that the stored state differs, and in which table.

    >>> in_state("deadline").de
    'Der gespeicherte Stand ist nicht der, der sich aus den Einträgen ergibt (deadline).'
    """
    return Text(f"{STATE.de} ({what}).", f"{STATE.en} ({what}).")
