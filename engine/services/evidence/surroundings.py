"""What lies beside the cases is compared with the log: definitions, offices, papers, mails."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from engine.app import App
from engine.core.ledger import commitment, microseconds
from engine.core.meanings import FileClass
from engine.core.offices import Roster
from engine.errors import Text
from engine.services.evidence.faults import Fault, Layer
from engine.services.evidence.units import Released
from engine.store import documents, papers
from engine.store.chains import CALENDAR, DEFINITIONS, MAIL, OFFICES
from engine.store.store import Store


def house_faults(app: App, store: Store, released: Released) -> Iterator[Fault]:
    """Yield where definitions, offices, Körperschaften or sittings are not as the log tells."""
    wrong = list(_definitions(store))
    if wrong:
        yield Fault(DEFINITIONS, 0, _definition(wrong), Layer.DEFINITION)
        return
    offices, _, calendar = store.position()
    places = store.house.places_at(calendar)
    if (store.municipalities(), store.sessions()) != places:
        yield Fault(CALENDAR, 0, _PLACES, Layer.HOUSE)
    kinds = app.definitions(store).kinds
    stands, told = store.rosters.read(kinds), store.rosters.at(offices, kinds)
    if not _same(stands, told):
        yield Fault(OFFICES, 0, _ROSTER, Layer.HOUSE)


def _definitions(store: Store) -> list[str]:
    """Return the definitions that are not as they were put in force."""
    said: dict[str, tuple[Any, ...]] = {}
    current: dict[tuple[str, str], str] = {}
    for line in store.chains.typed(DEFINITIONS, "activation"):
        p = line.plain
        named = (p["kind"], p["id"], p["version"], p["valid_from"])
        if p["digest"] not in said:
            said[p["digest"]] = (*named, microseconds(line.recorded_at))
        current[p["kind"], p["id"]] = p["digest"]
    wrong, seen = [], set()
    for digest, kind, id_, version, data, at, since, is_current in store.rows.definitions():
        day = None if since is None else since.isoformat()
        stored = (kind, id_, version, day, microseconds(at))
        now = current.get((kind, id_)) == digest
        seen.add(digest)
        bytes_fit = hashlib.sha256(data).hexdigest() == digest
        if not bytes_fit or said.get(digest) != stored or is_current != int(now):
            wrong.append(f"{kind}/{id_}@{version}")
    return [*wrong, *sorted(said.keys() - seen)]


def _same(stands: Roster, told: Roster) -> bool:
    """Return whether two rosters agree; a name that the log has lost says nothing."""
    if (stands.absences, stands.recusals) != (told.absences, told.recusals):
        return False
    if sorted(map(repr, stands.tenures)) != sorted(map(repr, told.tenures)):
        return False
    offices = _known(stands.offices.values(), told.offices, ("name",))
    persons = _known(stands.persons.values(), told.persons, ("name", "email"))
    lengths = (len(told.offices), len(told.persons))
    return offices and persons and (len(stands.offices), len(stands.persons)) == lengths


def _known(rows: Iterable[Any], told: Any, erasable: tuple[str, ...]) -> bool:
    for row in rows:
        said = told.get(getattr(row, "id", None) or getattr(row, "uid", None))
        if said is None:
            return False
        for name in type(row).__dataclass_fields__:
            mine, theirs = getattr(row, name), getattr(said, name)
            if mine != theirs and not (name in erasable and theirs == ""):
                return False
    return True


def paper_faults(app: App, store: Store) -> Iterator[Fault]:
    """Yield the papers whose bytes are missing or not those that the log committed to."""
    folder = app.config.documents
    for uid, committed in papers.committed(store.connection).items():
        if not documents.lies(folder, uid):
            yield Fault("", 0, _paper(uid, "fehlt", "is missing"), Layer.DOCUMENT)
            continue
        data = (folder / uid).read_bytes()
        if commitment(data[: documents.SALT], data[documents.SALT :]) != committed:
            yield Fault("", 0, _paper(uid, "wurde verändert", "was changed"), Layer.DOCUMENT)


def mail_faults(store: Store, released: Released) -> Iterator[Fault]:
    """Yield the mails whose bytes are not those that the log committed to when they were made."""
    said: dict[str, tuple[str, bytes]] = {}
    gone: set[str] = set()
    for name, _, _ in store.rows.strands():
        if not name.startswith(f"{MAIL}/"):
            continue
        for line in store.chains.typed(name, "message"):
            salt = line.private.get("salt")
            if salt is None:
                gone.add(line.plain["message"])
            else:
                said[line.plain["message"]] = (line.plain["commitment"], bytes.fromhex(salt))
    erased = bool(released.of(FileClass.FILE, FileClass.LETTERS, FileClass.PERSONS))
    for uid, data in store.rows.mails():
        committed = said.pop(uid, None)
        if committed is not None and commitment(committed[1], data) != committed[0]:
            yield Fault("", 0, _mail(uid, "wurde verändert", "was changed"), Layer.MAIL)
        if committed is None and uid in gone and data and erased:
            yield Fault("", 0, _mail(uid, "ist nicht gelöscht", "was not erased"), Layer.MAIL)
    for uid in said:
        yield Fault("", 0, _mail(uid, "fehlt", "is missing"), Layer.MAIL)


_PLACES = Text(
    "Körperschaften oder Sitzungen sind andere, als die Einträge sagen.",
    "Körperschaften or sittings are not those that the entries tell of.",
)
_ROSTER = Text(
    "Stellen, Personen oder Vertretungen sind andere, als die Einträge sagen.",
    "Offices, persons or deputies are not those that the entries tell of.",
)


def _definition(wrong: list[str]) -> Text:
    named = ", ".join(wrong[:5])
    return Text(
        f"Definitionen sind nicht die, die in Kraft gesetzt wurden: {named}.",
        f"Definitions are not those that were put in force: {named}.",
    )


def _paper(uid: str, de: str, en: str) -> Text:
    return Text(f"Unterlage {uid}: Die Datei {de}.", f"Document {uid}: the file {en}.")


def _mail(uid: str, de: str, en: str) -> Text:
    return Text(f"Nachricht {uid}: Ihr Wortlaut {de}.", f"Message {uid}: its wording {en}.")
