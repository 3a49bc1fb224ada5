"""An agenda against the files: what is registered, what is not, and whom it may touch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from fastapi.responses import RedirectResponse, Response

from engine.core.radar import Because, Sighting
from engine.core.world import World
from engine.errors import EngineError, Text
from engine.services import sittings
from engine.services.radar import Sweep, about, offices_of, sweep, tell
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Sent
from engine.web.pages.session_import import faults
from engine.web.routes import Pages
from engine.web.shelf import drop, file_at, put_file
from engine.web.sittings import ROOT, path_of, title_of, visible

pages = Pages()

SUFFIXES = (".csv", ".json")
REGISTERED, OPEN, PROBABLE, UNKNOWN, OTHER = "registered", "open", "probable", "unknown", "other"


@dataclass(frozen=True, slots=True)
class Item:
    """An agenda item as the page shows it; `path` leads to its case, if the visitor may see it."""

    kind: str
    top: str
    title: Text
    case: str | None
    path: str | None
    says: Text | None
    offices: tuple[str, ...]
    hints: tuple[str, ...]


@pages.get("/sitzungen/tagesordnung", Action.SESSIONS)
def form(desk: AtDesk) -> Response:
    """Ask for an agenda."""
    return _form(desk)


@pages.post("/sitzungen/tagesordnung", Action.SESSIONS)
def send(desk: AtDesk, sent: Sent) -> Response:
    """Take an agenda in for its comparison, or say everything that is wrong with it."""
    token = ""
    try:
        token = put_file(desk, sent, "datei", SUFFIXES)
        _sweep(desk, token)
    except EngineError as error:
        drop(desk, token)
        return _form(desk, error)
    return RedirectResponse(f"{ROOT}/tagesordnung/{token}", 303)


@pages.get("/sitzungen/tagesordnung/{token}", Action.SESSIONS)
def show(desk: AtDesk, token: str) -> Response:
    """Show each item of an agenda with the case that it belongs to, or that none does."""
    try:
        swept = _sweep(desk, token)
    except EngineError as error:
        return _form(desk, error)
    world = desk.world
    mine = visible(desk, (s.match.case for s in swept.seen if s.match is not None))
    shown = [
        (title_of(at, world), path_of(at), [_item(world, s, mine) for s in rows])
        for at, rows in _by_sitting(desk, swept)
    ]
    kinds = Counter(item.kind for _, _, items in shown for item in items)
    addressees = dict.fromkeys(o.name for s in swept.unmatched for o in offices_of(world, s))
    return desk.render(
        "sessions/agenda.html",
        sittings=shown,
        counts=kinds,
        action=f"{ROOT}/tagesordnung/{token}",
        addressees=list(addressees),
        count=len(swept.seen),
    )


@pages.post("/sitzungen/tagesordnung/{token}", Action.SESSIONS)
def inform(desk: AtDesk, sent: Sent, token: str) -> Response:
    """Write to each office whose field an unregistered item seems to touch; once an item."""
    path = f"{ROOT}/tagesordnung/{token}"
    try:
        told = tell(desk.app, _sweep(desk, token), desk.me.person)
    except EngineError as error:
        return _form(desk, error)
    roster = desk.world.roster
    rows = [(roster.office(o).name, n, told.before[o]) for o, n in told.new.items()]
    de = [f"{name}: {new} neu mitgeteilt, {before} schon früher." for name, new, before in rows]
    en = [f"{name}: told of {new} new, of {before} before." for name, new, before in rows]
    nobody = Text("Es gibt nichts mitzuteilen.", "There is nothing to tell.")
    return desk.back(path, Text(" ".join(de), " ".join(en)) if rows else nobody)


def _sweep(desk: Desk, token: str) -> Sweep:
    return sweep(desk.app, str(file_at(desk, token)))


def _by_sitting(desk: Desk, swept: Sweep) -> Iterator[tuple[sittings.Sitting, list[Sighting]]]:
    """Yield the items by their sittings; whose body it is the calendar says, where it does."""
    world = desk.world
    for (day, body), rows in groupby(swept.seen, key=lambda s: (s.item.day, s.item.body)):
        held = (s for s in world.sessions.values() if (s.body, s.day) == (body, day))
        place = next((s.municipality for s in held), next(iter(world.municipalities)))
        yield sittings.sitting_at(world, place, body, day), list(rows)


def _item(world: World, sighting: Sighting, mine: set[str]) -> Item:
    item, match = sighting.item, sighting.match
    seen = match is not None and match.case in mine
    hints = dict.fromkeys(word for words in sighting.touches.values() for word in words)
    return Item(
        kind=_kind(sighting),
        top=item.number,
        title=about(item),
        case=match.case if match is not None and seen else None,
        path=f"/vorhaben/{match.case}" if match is not None and seen else None,
        says=_says(world, sighting) if seen else None,
        offices=tuple(o.name for o in offices_of(world, sighting)),
        hints=tuple(hints),
    )


def _kind(sighting: Sighting) -> str:
    match, stands = sighting.match, sighting.standing
    if match is None:
        return UNKNOWN if sighting.touches else OTHER
    if stands is None:
        return PROBABLE
    return REGISTERED if stands.settled else OPEN


def _says(world: World, sighting: Sighting) -> Text | None:
    """Return how the case of an item stands, or why it is only proposed."""
    match, stands = sighting.match, sighting.standing
    if match is None:
        return None
    if stands is None:
        why = (
            Text("Ergänzung zu dessen Nummer", "supplement to its number")
            if match.because is Because.SUPPLEMENT
            else Text("ähnlicher Titel", "like title")
        )
        alike = match.likeness
        return Text(
            f"{why.de}, Titel zu {alike} % gleich; bitte prüfen",
            f"{why.en}, titles {alike} % alike; please check",
        )
    state = world.library.case_workflow().states.get(stands.state)
    title = Text(stands.state, stands.state) if state is None else state.title
    if not stands.late:
        return title
    return Text(f"{title.de}; zu spät für diese Sitzung", f"{title.en}; too late for this sitting")


def _form(desk: Desk, error: EngineError | None = None) -> Response:
    return desk.render(
        "sessions/agenda_upload.html",
        200 if error is None else 422,
        faults=[] if error is None else list(faults(error)),
        accept=",".join(SUFFIXES),
    )
