"""Rule packs by layer, each with its provisions, versions and differences, and the sign-off."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi.responses import Response

from engine.core.phrases import RANKS, checked
from engine.definitions.commentary.norms import force
from engine.definitions.commentary.norms import standing as sure
from engine.definitions.differences import KINDS
from engine.errors import EngineError, NotFound, Text
from engine.services import confirmations
from engine.services.legal.rules import Line, PackFile, differences, pack_file, tree
from engine.web.access import Action, may
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.forms import day_given
from engine.web.routes import Pages

pages = Pages()

DAY, NOTE = Text("Geprüft am", "Checked on"), Text("Womit verglichen", "Compared with")
HEAD = (
    Text("Wert", "value"),
    Text("Norm", "norm"),
    Text("gilt", "in force"),
    Text("Prüfstand", "confidence"),
)


@pages.get("/regeln", Action.RULES)
def layers(desk: AtDesk) -> Response:
    """Show the packs in force, the highest rank first."""
    found = tree(desk.app)
    return desk.render(
        "legal/rules.html",
        tree=found,
        layers=[
            (RANKS[layer.source], [(p, [_cells(x) for x in p.lines]) for p in layer.packs])
            for layer in found.layers
        ],
        head=HEAD,
    )


def _cells(line: Line) -> list[Any]:
    p = line.provision
    title, says = p.title, line.says
    what = Text(f"{title.de}. {says.de}".strip(), f"{title.en}. {says.en}".strip())
    confidence: Any = sure(p)
    if p.unchecked:
        confidence = {"tag": Text("ungeprüft", "unchecked"), "kind": "warning"}
    return [what, p.norm, force(p), confidence]


@pages.get("/regeln/{pack}", Action.RULES)
def show(desk: AtDesk, pack: str) -> Response:
    """Show one pack."""
    return _show(desk, _found(desk, pack))


@pages.post("/regeln/{pack}/bestaetigung", Action.CONFIRM_RULES)
def confirm(desk: AtDesk, sent: Sent, pack: str) -> Response:
    """Enter that the pack was compared with its source, exactly as it stands."""
    found = _found(desk, pack)
    try:
        if str(sent.get("pruefsumme", "")) != found.shown.pack.digest:
            raise _other_version()
        raw = str(sent.get("tag", "")).strip()
        day = day_given(raw, DAY) if raw else None
        note = str(sent.get("bemerkung", ""))
        confirmations.confirm(desk.app, pack, desk.me.person, note, day)
    except EngineError as error:
        return _show(desk, found, error.text, dict(sent))
    return desk.back(f"/regeln/{pack}", Text("Bestätigt.", "Confirmed."))


def _other_version() -> EngineError:
    return EngineError(
        "Inzwischen gilt eine andere Fassung. Lesen Sie diese, bevor Sie sie bestätigen.",
        "Another version is in force by now. Read it before you confirm it.",
    )


@pages.get("/regeln/{pack}/unterschied", Action.RULES)
def compare(desk: AtDesk, pack: str, alt: str = "", neu: str = "") -> Response:
    """Show what one version of a pack says differently from another."""
    found = _found(desk, pack)
    try:
        changes = differences(desk.app, pack, alt, neu)
    except NotFound:
        raise Hidden from None
    return desk.render(
        "legal/differences.html",
        title=found.shown.pack.title,
        up=("/regeln", Text("Regelpakete", "Rule packs")),
        back=f"/regeln/{pack}",
        old=alt,
        new=neu,
        changes=changes,
        kinds=KINDS,
    )


def _found(desk: Desk, pack: str) -> PackFile:
    try:
        return pack_file(desk.app, pack)
    except NotFound:
        raise Hidden from None


def _show(
    desk: Desk, found: PackFile, told: Text | None = None, sent: dict[str, Any] | None = None
) -> Response:
    pack = found.shown.pack
    today: date = desk.world.today
    return desk.render(
        "legal/pack.html",
        200 if told is None else 422,
        file=found,
        pack=pack,
        rank=RANKS[pack.source],
        rows=[_cells(line) for line in found.shown.lines],
        head=HEAD,
        signed=None if pack.confirmed is None else checked(pack.confirmed),
        may_confirm=may(desk.actor, Action.CONFIRM_RULES),
        today=today,
        told=told,
        sent=sent or {},
    )
