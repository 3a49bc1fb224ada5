"""What is said to the reader of a file: one page for the court's expert, German and English."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime

from engine.core.wording import moment_text
from engine.errors import Text

NOT_YET = Text(
    "Ein anderer Rechner versiegelt das Protokoll; geben Sie die Akte in einer Minute neu aus.",
    "Another host seals the log; export the file again in a minute.",
)

_LIESMICH = """\
Akte {number}
Ausgegeben am {moment}
{unsealed}
SO PRÜFEN SIE DIE AKTE

  1. Holen Sie pruefen.py möglichst nicht aus dieser Datei, sondern von einer Stelle, der Sie
     vertrauen. Es hat weniger als 200 Zeilen und braucht nur Python ab 3.8, kein Netz.
  2. python pruefen.py akte-{number}.zip --schluessel VKEY
     VKEY ist der Schlüssel des Protokolls, wie ihn das Rechtsamt auf Papier hat (in
     Anführungszeichen). Ohne --schluessel gilt der Schlüssel aus dieser Datei: Dann zeigt die
     Prüfung nur, dass die Akte in sich stimmt. Wer alles austauscht, tauscht auch ihn aus.
  3. Haben Sie einen früheren Prüfpunkt, etwa aus dem Postfach des Rechtsamts? Speichern Sie
     ihn ohne anderen Text als Datei und geben Sie --pruefpunkt DATEI an. Dann zeigt die
     Prüfung auch, dass das Protokoll seitdem nur gewachsen ist.
  Ergebnis 0 heißt unversehrt, 1 verändert, 2 nicht oder nicht vollständig zu prüfen.

WAS IN DER AKTE LIEGT

  akte.html, file.html  Abschrift zum Lesen und Drucken, deutsch und englisch. Kein Beweis.
  protokoll.jsonl       jeder Eintrag des Vorgangs: Kopf (header), Prüfsumme (leaf), Salz, Text
  umfeld.jsonl          Einträge anderer Stränge: Inkrafttreten der Definitionen, Nachrichten,
                        Löschungen
  dokumente/            die Unterlagen in der eingereichten Form
  nachrichten/          die Nachrichten, Byte für Byte wie versandt
  nachrichten.jsonl     was aus jeder Nachricht wurde: jeder Versuch, jede Antwort des Servers
  definitionen/         die Regeln und Abläufe, nach denen gerechnet wurde
  beweise/              zu jedem Eintrag sein Platz im Gesamtprotokoll (c2sp.org/tlog-proof)
  pruefpunkt.txt        die Unterschrift über das Gesamtprotokoll, mit denen der Zeugen
  zeitstempel.tsr       wo eine Stelle gestempelt hat: ihre Antwort (RFC 3161) zum Prüfpunkt in
                        zeitstempel.txt; sie prüft, mit den Zertifikaten der Stelle in CA:
                        openssl ts -verify -data zeitstempel.txt -in zeitstempel.tsr -CAfile CA
  schluessel.txt        öffentliche Schlüssel des Protokolls und der Zeugen
  konsistenz.txt        der Weg von früheren Prüfpunkten zu diesem
  inhalt.json           Inhaltsverzeichnis mit der SHA-256-Prüfsumme jeder anderen Datei
  pruefen.py            das Prüfprogramm

WIE ES ZUSAMMENHÄNGT

  Der Kopf jedes Eintrags nennt die Prüfsumme des Eintrags davor und, mit einem zufälligen Salz,
  die seines Textes und seiner Unterlagen. Alle Köpfe sind Blätter eines Baums (RFC 6962). Der
  Prüfpunkt nennt dessen Größe, Wurzel und Zeit und ist unterschrieben (Ed25519). Wird ein Byte
  geändert, passt der Weg zur Wurzel nicht mehr. Ein gelöschter Text hinterlässt seine
  Prüfsumme; dass gelöscht wurde, ist selbst ein Eintrag.

WAS DIE PRÜFUNG NICHT ZEIGT

  - dass wahr ist, was eingetragen wurde; sie zeigt, dass es seitdem unverändert ist,
  - ob nach dem letzten Eintrag dieser Akte noch etwas eingetragen wurde,
  - ob es weitere Nachrichten gab; die Prüfung gilt denen, die in umfeld.jsonl stehen,
  - etwas über Einträge vor dem nächsten Prüfpunkt; gegen den Inhaber des Schlüssels hilft erst
    ein Prüfpunkt, den sich jemand anderes gemerkt hat,
  - einen rückdatierten, aber ordentlich angehängten Eintrag; er fällt nur daran auf, dass seine
    Zeit nicht zwischen den Prüfpunkten davor und danach liegt (rechtzeitig audit verify),
  - wer hinter einer Kennung steht; die Namen in akte.html stammen aus dem Verzeichnis.

Entwürfe und private Notizen gehören nicht zur Akte. Nachrichten, die auch andere Vorgänge
betreffen, sind nicht enthalten. Uhrzeiten in den Köpfen sind Mikrosekunden seit 1970 (UTC).
"""

_README = """\
File {number}
Exported on {moment}
{unsealed}
HOW TO CHECK IT

  Take pruefen.py (less than 200 lines, Python 3.8 or later, no network) from somebody you trust.
      python pruefen.py akte-{number}.zip --schluessel VKEY --en
  VKEY is the log's key as the legal office has it on paper. Without it the key inside the file
  counts, which only shows that the file fits itself. With --pruefpunkt FILE (an earlier
  checkpoint, nothing else in the file) the check also shows that the log only grew since.
  Exit code 0: unchanged. 1: changed. 2: cannot be checked, or not in full.

WHAT IS IN IT

  akte.html, file.html  copies for reading, German and English; they prove nothing
  protokoll.jsonl       every entry of the case: header, leaf hash, salt, body
  umfeld.jsonl          entries of other strands: definitions in force, mails, erasures
  dokumente/            documents as submitted
  nachrichten/          mails, byte for byte as sent; nachrichten.jsonl: what became of each
  definitionen/         the rules and workflows that were counted with
  beweise/              the place of each entry in the log (c2sp.org/tlog-proof)
  pruefpunkt.txt        the signed checkpoint with cosignatures; schluessel.txt: public keys
  zeitstempel.tsr       if there is a time stamp: the answer (RFC 3161) about the checkpoint in
                        zeitstempel.txt; check it, with the authority's certificates in CA, by:
                        openssl ts -verify -data zeitstempel.txt -in zeitstempel.tsr -CAfile CA
  konsistenz.txt        the way from earlier checkpoints to this one
  inhalt.json           table of contents with the SHA-256 of every other file
  pruefen.py            the verifier

WHAT THE CHECK DOES NOT SHOW

  That what was entered is true; what was entered after the last entry here; whether there were
  other mails; anything about entries before the next checkpoint; a back-dated entry that was
  properly appended; who stands behind an identifier. Drafts and private notes are no part of
  the file, and mails that also concern other cases are left out.
"""


def texts(number: str, now: datetime, unsealed: Text | None) -> Iterator[tuple[str, str]]:
    """Yield name and words of the guides; `unsealed` says why something is not sealed."""
    at, why = moment_text(now), unsealed or Text("", "")
    de = f"\nOHNE SIEGEL: {why.de}\nNicht alle Einträge haben einen Beweis.\n" if why.de else ""
    en = f"\nNOT SEALED: {why.en}\nNot all entries have a proof.\n" if why.en else ""
    yield "LIESMICH.txt", _LIESMICH.format(number=number, moment=at.de, unsealed=de)
    yield "README.txt", _README.format(number=number, moment=at.en, unsealed=en)


def plain(data: bytes) -> str:
    """Return bytes in base64, as they stand in the files."""
    return base64.b64encode(data).decode()
