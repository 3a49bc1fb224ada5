"""What pages and commands show: the list of what is due, and what remains of a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from engine.app import App
from engine.core.meanings import FileClass
from engine.core.phrases import norm
from engine.core.retention import KEPT, Term
from engine.core.rules import Provision
from engine.core.world import World
from engine.errors import NotFound, Text
from engine.services.retention.due import due_of_case
from engine.store.audit import Audit
from engine.store.retention import Erasure, Hold
from engine.store.store import Store


@dataclass(frozen=True, slots=True)
class DueLine:
    """One line of the list: of whom, what, kept until when by which rule, how far it is.

    `name` is the number of a case or what is left of a person's name; `held` says that a
    legal hold stands, so that nothing happens.
    """

    subject: str
    name: str
    title: str
    what: FileClass
    words: Text
    kept_until: date
    norm: Text
    unchecked: bool
    state: str
    proposed_by: str
    held: bool

    @property
    def of_person(self) -> bool:
        """Whether it is about a person's data."""
        return self.what is FileClass.PERSONS


@dataclass(frozen=True, slots=True)
class Gone:
    """What was erased of a file: what, when, and who released it."""

    words: Text
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What is still kept of a closed file, until which day, and by which rule."""

    words: Text
    until: date
    norm: Text
    unchecked: bool


@dataclass(frozen=True, slots=True)
class ErasedOf:
    """What was erased of a file; `papers_gone` says that no document can be opened."""

    gone: tuple[Gone, ...]
    papers_gone: bool


@dataclass(frozen=True, slots=True)
class Remains:
    """What was erased of a file, what is still kept until when, and the holds on it."""

    gone: tuple[Gone, ...]
    kept: tuple[Kept, ...]
    holds: tuple[tuple[Hold, str], ...]

    @property
    def held(self) -> bool:
        """Whether a legal hold stands."""
        return any(h.stands for h, _ in self.holds)


def due_lines(app: App) -> list[DueLine]:
    """Return what is due for erasure or proposed, the longest due first."""
    with app.database.read() as store:
        world = app.world(store)
        rows = store.retention.open()
        held = {h.case for h in store.retention.holds() if h.stands}
        about = Audit(store.connection).subjects(e.subject for e in rows)
    found = []
    for e in rows:
        case = about.get(e.subject)
        law = _law(world, e.provision)
        found.append(
            DueLine(
                subject=e.subject,
                name=world.roster.name(e.subject) if case is None else case.number,
                title="" if case is None else case.title,
                what=e.what,
                words=KEPT[e.what],
                kept_until=e.kept_until,
                norm=_norm(law, e.provision),
                unchecked=law is None or law.unchecked,
                state=e.state,
                proposed_by=world.roster.name(e.proposed_by) if e.proposed_by else "",
                held=e.subject in held,
            )
        )
    return found


def erased_of(app: App, uid: str) -> ErasedOf:
    """Return what was erased of a case, for everybody who sees it."""
    with app.database.read() as store:
        rows = [e for e in store.retention.erasures(uid) if e.state == "erased"]
        world = app.world(store) if rows else None
    if world is None:
        return ErasedOf((), False)
    papers = any(e.what in (FileClass.DOCUMENTS, FileClass.FILE) for e in rows)
    return ErasedOf(tuple(_gone(world, e) for e in rows), papers)


def remains(app: App, uid: str) -> Remains:
    """Return what was erased of a case and what is still kept, and until when."""
    with app.database.read() as store:
        world = app.world(store)
        rows = [e for e in store.retention.erasures(uid) if e.state == "erased"]
        holds = store.retention.holds(uid)
        terms = due_of_case(store, world, uid)
    gone = {e.what for e in rows}
    return Remains(
        tuple(_gone(world, e) for e in rows),
        tuple(_kept(t) for what, t in terms.items() if not _covered(what, gone)),
        tuple((h, world.roster.name(h.set_by)) for h in holds),
    )


def count_open(store: Store) -> int:
    """Return how many subjects wait for the legal office to propose or release them."""
    held = {h.case for h in store.retention.holds() if h.stands}
    return len({e.subject for e in store.retention.open()} - held)


def _covered(what: FileClass, gone: set[FileClass]) -> bool:
    return what in gone or FileClass.FILE in gone


def _gone(world: World, e: Erasure) -> Gone:
    assert e.erased_at is not None
    return Gone(KEPT[e.what], e.erased_at, world.roster.name(e.released_by or ""))


def _kept(t: Term) -> Kept:
    return Kept(KEPT[t.what], t.until, norm(t.provision), t.provision.unchecked)


def _law(world: World, provision: str) -> Provision | None:
    try:
        return world.library.provision(provision)
    except NotFound:
        return None


def _norm(law: Provision | None, provision: str) -> Text:
    return Text(provision, provision) if law is None else norm(law)
