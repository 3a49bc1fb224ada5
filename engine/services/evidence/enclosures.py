"""What is put into the file of a case beside its entries, and what must stay out of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from engine.core.case import Case, Document
from engine.delivery.bounces import KINDS
from engine.services.evidence.noted import key_of
from engine.store.chains import DEFINITIONS, StoredEntry
from engine.store.deliveries import Attempt, Deliveries, Delivery
from engine.store.links import Links
from engine.store.outbox import SETTLING
from engine.store.retention import ERASED, RETENTION
from engine.store.store import Store

_MOST = 100_000

OTHER_CASES = "also carries letters of other cases"
LIVE_LINK = "holds a personal link that is still good"
GONE = "erased, or older than the log of mails"


@dataclass(frozen=True, slots=True)
class Held:
    """A mail that carries letters of the case, and as much of it as may leave the house.

    `line` is the entry that commits to its bytes, `endings` are those of its tries and of what
    came back. `open` says whether nothing in it is about another case; `data` are its bytes, None with a reason `why`.
    """

    delivery: Delivery
    attempts: tuple[Attempt, ...]
    line: StoredEntry | None
    endings: tuple[StoredEntry, ...]
    open: bool
    public: bool
    data: bytes | None
    salt: bytes
    why: str
    letters: tuple[tuple[str, str], ...]

    @property
    def uid(self) -> str:
        """The uid by which the log names it."""
        return self.delivery.uid

    @property
    def told(self) -> dict[str, Any]:
        """What became of it, for programs; of a mail with other letters, what concerns this case."""
        mail = self.delivery
        said: dict[str, Any] = {
            "message": mail.uid,
            "created_at": mail.created_at,
            "letters": [{"letter": a, "office": b} for a, b in self.letters],
            "state": mail.standing,
            "accepted_at": mail.accepted_at,
        }
        if not self.open:
            return {**said, "why": self.why}
        tries = [{n: getattr(a, n) for n in Attempt.__dataclass_fields__} for a in self.attempts]
        whole = {
            "message_id": mail.message_id,
            "person": mail.person,
            "address": mail.address,
            "subject": mail.subject,
            "attempts": tries,
        }
        return {**said, **whole, "why": self.why}


def mails_of(store: Store, case: Case, now: datetime) -> list[Held]:
    """Return the mails that carry letters of a case, the oldest first."""
    deliveries = Deliveries(store.connection)
    rows = deliveries.page(case=case.number, limit=_MOST)
    return [_held(store, deliveries, case, row, now) for row in reversed(rows)]


def _held(store: Store, reads: Deliveries, case: Case, mail: Delivery, now: datetime) -> Held:
    proof = reads.proof(mail.id)
    others = {c.uid for c in mail.carries} - {case.uid}
    line = store.chains.line(f"message:{mail.uid}")
    salt = bytes.fromhex((line.entry.private.get("salt") if line else None) or "")
    why = "" if proof.data and salt else GONE
    if Links(store.connection).live_in(mail.id, now):
        why = LIVE_LINK
    if others:
        why = OTHER_CASES
    tried = [f"message:{mail.uid}:{a.number}" for a in proof.attempts]
    back = [f"{key}:{kind}" for key in tried for kind in (*KINDS, SETTLING)]
    ends = (store.chains.line(key) for key in (*tried, *back))
    return Held(
        mail,
        proof.attempts,
        line,
        tuple(e for e in ends if e is not None),
        open=not others,
        public=not any(_protected(store, uid) for uid in others),
        data=None if why else proof.data,
        salt=salt,
        why=why,
        letters=tuple((c.letter, c.office) for c in mail.carries if c.uid == case.uid),
    )


def _protected(store: Store, uid: str) -> bool:
    """Return whether nothing at all of a case may show; a letter of no case is such a thing."""
    return not uid or store.cases.by_uid(uid).confidential


def related(
    store: Store, case: Case, lines: Iterable[StoredEntry], mails: Iterable[Held]
) -> list[StoredEntry]:
    """Return the entries of other strands that belong to the file, in the log's order.

    They are: by which entry each definition came into force that the case was counted with,
    what was erased of it, its Prüfvermerke, and its mails. The line of a mail that carries letters of a case that
    is no public matter stays out whole.
    """
    found = list(_activations(store, pins(lines)))
    for line in store.chains.lines(RETENTION):
        entry = line.entry
        if entry.type == ERASED and entry.plain["subject"] == case.uid:
            found.append(line)
    found += _notes(store, case)
    for mail in mails:
        if mail.public and mail.line is not None:
            found += [mail.line, *(mail.endings if mail.open else ())]
    return sorted(found, key=lambda line: line.id)


def _notes(store: Store, case: Case) -> Iterator[StoredEntry]:
    """Yield the entry of each Prüfvermerk that was issued, in their order."""
    for number in count(1):
        line = store.chains.line(key_of(case.uid, number))
        if line is None:
            return
        yield line


def _activations(store: Store, wanted: set[str]) -> Iterator[StoredEntry]:
    """Yield the entry by which each definition first came into force."""
    seen: set[str] = set()
    for line in store.chains.lines(DEFINITIONS):
        digest = str(line.entry.plain.get("digest", ""))
        if line.entry.type != "activation" or digest in seen or digest[:16] not in wanted:
            continue
        seen.add(digest)
        yield line


def pins(lines: Iterable[StoredEntry]) -> set[str]:
    """Return the first 16 characters of each digest by which entries name a definition."""
    found: set[str] = set()
    for line in lines:
        plain = line.entry.plain
        named = [plain.get(name) for name in ("calendar", "ladder", "definition")]
        for pin in (*named, *plain.get("law", ())):
            if pin:
                found.add(str(pin).rpartition("@")[2][:16])
    return found


def definitions_of(store: Store, lines: Iterable[StoredEntry]) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each definition that entries were counted with."""
    wanted = pins(lines)
    for row in store.definitions():
        if row.digest[:16] in wanted:
            yield f"{row.kind}-{_plain(row.id)}-{row.digest[:16]}.yaml", row.data


def names(rows: tuple[Document, ...]) -> Iterator[str]:
    """Yield a file name for each document: numbered, so that no two are the same.

    A name from outside never leads out of the folder of documents.
    """
    for place, document in enumerate(rows, start=1):
        yield f"{place:03}-{_plain(document.name or document.kind) or 'dokument'}"


def _plain(name: str) -> str:
    return re.sub(r"[^\w.\- ]", "_", name).strip(". ")[:100].strip(". ")
