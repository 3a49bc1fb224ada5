"""Proof of notification: what left the house, what the server answered, who confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy

from engine.app import App
from engine.core.case import Entry
from engine.core.codes import code_of
from engine.core.ledger import commitment, microseconds
from engine.core.meanings import StepMeans
from engine.core.workflow import CLOCK
from engine.core.world import Library, World
from engine.delivery.links import masked
from engine.errors import Text
from engine.services.legal.titles import office_name
from engine.store.audit import Audit
from engine.store.columns import instant
from engine.store.deliveries import Attempt, Deliveries, Delivery, Proof
from engine.store.outbox import SETTLING
from engine.store.store import Store

PAGE = 50

_Receipts = dict[tuple[str, str], list[int]]

_HOW = {
    ("journal", "accepted"): Text(
        "liegt im Journal: übergeben", "lies in the journal: handed over"
    ),
    ("journal", "ready"): Text(
        "liegt nicht im Journal: erneut gesendet", "not in the journal: sent again"
    ),
    ("resend", "ready"): Text(
        "erneut gesendet, womöglich ein zweites Mal", "sent again, perhaps a second time"
    ),
    ("person", "ready"): Text("entschieden: erneut senden", "decided: send again"),
    ("person", "accepted"): Text("entschieden: gilt als gesendet", "decided: taken as sent"),
}
_GIVEN_UP = Text("aufgegeben", "given up")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a mail was about: letter and case, and when its receipt was recorded, if it was."""

    letter: str
    office: str
    number: str
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail with the person it went to, and what it carried."""

    mail: Delivery
    person: str
    carries: tuple[Receipt, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """How a doubt about the handing over was settled, and by whom if a person decided it."""

    at: datetime
    how: Text
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class SentProof:
    """Everything about one mail; `digest` is None and `text` empty once it was emptied.

    In `text` personal links are masked; `digest` is that of the exact bytes, links included.

    `code` finds the line of the log that commits to its bytes, None where there is none;
    `fits` says whether these are those bytes, None where nothing is left to compare.
    """

    sent: Sent
    attempts: tuple[Attempt, ...]
    digest: str | None
    text: str
    code: str | None
    fits: bool | None
    settled: tuple[Settled, ...] = ()


def deliveries(
    app: App, case: str | None = None, after: int | None = None
) -> tuple[list[Sent], int | None]:
    """Return a page of statutory mails, the newest first, and where the next page begins."""
    with app.database.read() as store:
        world = app.world(store)
        rows = Deliveries(store.connection).page(case=case, after=after, limit=PAGE + 1)
        receipts = _receipts(Audit(store.connection), rows[:PAGE], world.library)
    shown = [
        Sent(m, world.roster.name(m.person), tuple(_carried(m, receipts, world)))
        for m in rows[:PAGE]
    ]
    return shown, rows[PAGE - 1].id if len(rows) > PAGE else None


def proof_of(app: App, message: int) -> SentProof:
    """Return everything about one mail; NotFound where there is none that carries a notice."""
    with app.database.read() as store:
        world = app.world(store)
        found: Proof = Deliveries(store.connection).proof(message)
        mail = found.delivery
        receipts = _receipts(Audit(store.connection), [mail], world.library)
        line = store.chains.line(f"message:{mail.uid}")
        settled = tuple(_settled(store, world, mail))
    sent = Sent(mail, world.roster.name(mail.person), tuple(_carried(mail, receipts, world)))
    code = None if line is None else code_of(line.leaf)
    fits = None if line is None else _fits(line.entry, found.data)
    return SentProof(
        sent, found.attempts, found.digest, masked(text_of(found.data)), code, fits, settled
    )


def _settled(store: Store, world: World, mail: Delivery) -> Iterator[Settled]:
    for number in range(1, mail.attempts + 1):
        line = store.chains.line(f"message:{mail.uid}:{number}:{SETTLING}")
        if line is None:
            continue
        e = line.entry
        person = "" if e.actor == CLOCK else world.roster.name(e.actor)
        how = _HOW.get((e.plain["how"], e.plain["ending"]), _GIVEN_UP)
        yield Settled(e.recorded_at, how, person, str(e.private.get("reason", "")))


def _fits(entry: Entry, data: bytes) -> bool | None:
    """Return whether these are the bytes that the log committed to; None once erased."""
    salt = entry.private.get("salt")
    if salt is None or not data:
        return None
    return bool(commitment(bytes.fromhex(salt), data) == entry.plain["commitment"])


def text_of(data: bytes) -> str:
    """Return the readable text of a mail, empty for one that was emptied."""
    if not data:
        return ""
    body = message_from_bytes(data, policy=policy.default).get_body(("plain",))
    return "" if body is None else str(body.get_content())


def _receipts(audit: Audit, mails: Iterable[Delivery], library: Library) -> _Receipts:
    """Return by case and participation when receipts were recorded; one query for all."""
    found: _Receipts = {}
    uids = {c.uid for m in mails for c in m.carries if c.uid}
    for line in audit.headers(f"case/{uid}" for uid in uids):
        workflow = library.workflows.get(line["plain"].get("definition", ""))
        step = None if workflow is None else workflow.steps.get(line["type"])
        if step is not None and step.means is StepMeans.RECEIPT and line["actor"] != CLOCK:
            uid = line["stream"].removeprefix("case/")
            key = (uid, line["plain"].get("participation", ""))
            found.setdefault(key, []).append(line["recorded_at"])
    return found


def _carried(mail: Delivery, receipts: _Receipts, world: World) -> Iterator[Receipt]:
    sent = microseconds(mail.created_at)
    for c in mail.carries:
        # Only the office itself confirms what went to it.
        mine = c.participation.partition("/")[0] == c.office
        later = [at for at in receipts.get((c.uid, c.participation), []) if at >= sent]
        confirmed = instant(min(later)) if later and mine else None
        yield Receipt(c.letter, office_name(world, c.office), c.number, confirmed)
