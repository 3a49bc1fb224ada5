"""Definitions on their way into force: checked, rehearsed, proven, weighed, activated; then moved.

The proof takes its time, so it is worked out behind the page, and the page is loaded again.
Which cases stay and which could move is told by how many, never by their numbers.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import orjson
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from engine.definitions.differences import KINDS
from engine.delivery.titles import letter_titles
from engine.errors import EngineError, Text
from engine.services import migrations
from engine.services.admin import offering
from engine.services.admin.offering import Weighed
from engine.services.legal.offered import standing
from engine.services.migrations import Moves
from engine.services.versions import Standing, versions
from engine.web.access import Action
from engine.web.admin import ROOT, discreet, numbered, rows_of, word
from engine.web.background import background_of
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.routes import Pages
from engine.web.shelf import drop, file_at, put_file, put_words, words_at

pages = Pages()

HERE = f"{ROOT}/ablaeufe"
SUFFIXES = (".yaml", ".yml")
RUNNING = Text(
    "Übungen und Nachweis laufen; das dauert bis zu einer Minute. Laden Sie die Seite neu.",
    "Rehearsals and proof are under way; that takes up to a minute. Reload the page.",
)
ELSEWHERE = Text(
    "Seit dieser Prüfung ist etwas anderes in Kraft getreten. Prüfen Sie noch einmal.",
    "Something else has come into force since this check. Check again.",
)


@pages.get(HERE, Action.DEFINITIONS)
def list_(desk: AtDesk) -> Response:
    """Show the versions in force, and ask for a definition or a migration plan."""
    return _list(desk)


@pages.post(HERE, Action.DEFINITIONS)
def send(desk: AtDesk, sent: Sent) -> Response:
    """Take a definition in, with a plan if one is sent, and begin its examination."""
    tokens: list[str] = []
    try:
        tokens.append(put_file(desk, sent, "datei", SUFFIXES))
        if _chosen(sent, "plan"):
            tokens.append(put_file(desk, sent, "plan", SUFFIXES))
        paths = [file_at(desk, token) for token in tokens]
        offering.read_offer(paths[0].name, paths[0].read_bytes())
    except EngineError as error:
        for token in tokens:
            drop(desk, token)
        return _list(desk, error)
    offer = put_words(desk, tokens)
    return _begin(desk, offer, paths)


def _chosen(sent: FormData, name: str) -> bool:
    file = sent.get(name)
    return isinstance(file, UploadFile) and bool(file.filename)


def _begin(desk: Desk, offer: str, paths: list[Path]) -> Response:
    app, letters = desk.app, letter_titles()
    job = background_of(desk.request).start(
        _key(desk, paths), desk.world.now, lambda: offering.weigh(app, paths, letters)
    )
    path = f"{HERE}/vorschlag/{offer}"
    return desk.back(path, RUNNING) if job.running else RedirectResponse(path, 303)


def _key(desk: Desk, paths: list[Path]) -> str:
    """Return what names exactly these files against exactly what is in force."""
    return f"weigh:{standing(desk.app)}:{offering.digest_of(paths)}"


def _paths(desk: Desk, offer: str) -> list[Path]:
    tokens = words_at(desk, offer)
    if not isinstance(tokens, list):
        raise Hidden
    return [file_at(desk, str(token)) for token in tokens]


@pages.get(f"{HERE}/vorschlag/{{offer}}", Action.DEFINITIONS)
def weighed(desk: AtDesk, offer: str) -> Response:
    """Show what was found about a definition, and what its activation would mean."""
    return _weighed(desk, offer)


@pages.post(f"{HERE}/vorschlag/{{offer}}", Action.DEFINITIONS)
def again(desk: AtDesk, sent: Sent, offer: str) -> Response:
    """Begin the examination once more, because something else came into force."""
    return _begin(desk, offer, _paths(desk, offer))


@pages.post(f"{HERE}/vorschlag/{{offer}}/aktivieren", Action.DEFINITIONS)
def activate(desk: AtDesk, sent: Sent, offer: str) -> Response:
    """Put a definition in force that has passed its rehearsals and its proof."""
    paths = _paths(desk, offer)
    job = background_of(desk.request).find(_key(desk, paths))
    found = None if job is None else job.result
    if not isinstance(found, Weighed):
        return _weighed(desk, offer, ELSEWHERE)
    if found.refused is not None:
        return _weighed(desk, offer, found.refused)
    try:
        count = offering.put_in_force(desk.app, paths, desk.me)
    except EngineError as error:
        return _weighed(desk, offer, error.text)
    name, version = found.examined.definition.id, found.examined.definition.version
    drop(desk, offer)
    words = Text(
        f"In Kraft: {name}, Fassung {version}. Neue Definitionen: {count}.",
        f"In force: {name}, version {version}. New definitions: {count}.",
    )
    return desk.back(HERE, words)


def _weighed(desk: Desk, offer: str, told: Text | None = None) -> Response:
    paths = _paths(desk, offer)
    job = background_of(desk.request).find(_key(desk, paths))
    found = None if job is None else job.result
    result = found if isinstance(found, Weighed) else None
    effects = None if result is None or result.activation is None else result.activation.effects
    return desk.render(
        "admin/offer.html",
        200 if told is None else 409,
        told=None if told is None else discreet(told),
        job=job,
        found=result,
        refused=None if result is None or result.refused is None else discreet(result.refused),
        names=[p.name for p in paths],
        flows=[
            (w, _by_state(w.movable), _by_state(w.staying), list(numbered(_why(w.staying))))
            for w in (() if effects is None else effects.workflows)
        ],
        packs=() if effects is None else effects.packs,
        kinds=KINDS,
        failures=[] if result is None else _failures(result),
        here_=f"{HERE}/vorschlag/{offer}",
    )


def _by_state(rows: tuple[Standing, ...]) -> list[tuple[str, str, int]]:
    found = Counter((s.version, s.state) for s in rows)
    return [(version, state, count) for (version, state), count in sorted(found.items())]


def _why(rows: tuple[Standing, ...]) -> list[Text]:
    return [discreet(text) for row in rows for text in row.why]


def _failures(found: Weighed) -> list[Text]:
    rehearsed = found.examined.rehearsed
    if rehearsed is None:
        return []
    reports = rehearsed.reports.get(found.examined.definition.id, ())
    return [f.text for report in reports for f in report.failures]


@pages.post(f"{HERE}/umzug", Action.DEFINITIONS)
def send_plan(desk: AtDesk, sent: Sent) -> Response:
    """Take a migration plan in for its dry run."""
    token = ""
    try:
        token = put_file(desk, sent, "umzugsplan", SUFFIXES)
        migrations.try_out(desk.app, file_at(desk, token))
    except EngineError as error:
        drop(desk, token)
        return _list(desk, error, "umzugsplan")
    return RedirectResponse(f"{HERE}/umzug/{token}", 303)


@pages.get(f"{HERE}/umzug/{{token}}", Action.DEFINITIONS)
def dry_run(desk: AtDesk, token: str) -> Response:
    """Show what a plan would do to what runs; nothing is moved."""
    return _moves(desk, token)


@pages.post(f"{HERE}/umzug/{{token}}", Action.DEFINITIONS)
def move(desk: AtDesk, sent: Sent, token: str) -> Response:
    """Move every running case that fits, each in a transaction of its own."""
    path = file_at(desk, token)
    if word(sent, "gesehen") != _seen(migrations.try_out(desk.app, path)):
        return _moves(desk, token, _OTHERS)
    try:
        done = migrations.apply(desk.app, path, "", account=desk.me.account)
    except EngineError as error:
        return _moves(desk, token, error.text)
    moved, stayed = len(done.moves) - len(done.problems), len(done.problems)
    words = Text(
        f"Umgestellt: {moved}. Geblieben, wie sie sind: {stayed}. Jeder Umzug steht im Protokoll.",
        f"Moved: {moved}. Stayed as they are: {stayed}. Every move is on record.",
    )
    return desk.back(HERE, words)


_OTHERS = Text(
    "Inzwischen laufen andere Verfahren als beim Probelauf. Sehen Sie ihn noch einmal an.",
    "Other procedures run by now than in the dry run. Look at it once more.",
)


def _moves(desk: Desk, token: str, told: Text | None = None) -> Response:
    path = file_at(desk, token)
    try:
        found = migrations.try_out(desk.app, path)
    except EngineError as error:
        return _list(desk, error, "umzugsplan")
    fits = Counter((m.state, m.new_state) for m in found.moves if m.problem is None)
    library = desk.world.library
    return desk.render(
        "admin/move.html",
        200 if told is None else 422,
        told=None if told is None else discreet(told),
        origin=library.workflow(found.plan.origin),
        target=library.workflow(found.plan.target),
        fits=[(old, new, count) for (old, new), count in sorted(fits.items())],
        problems=list(numbered([discreet(m.problem) for m in found.problems if m.problem])),
        count=len(found.moves) - len(found.problems),
        action=f"{HERE}/umzug/{token}",
        seen=_seen(found),
    )


def _seen(found: Moves) -> str:
    """Return what a dry run is recognised by when it is confirmed."""
    rows = [[m.number, m.participation, m.state, m.new_state] for m in found.moves]
    return offering.digest(orjson.dumps(rows))


def _list(desk: Desk, error: EngineError | None = None, at: str = "datei") -> Response:
    return desk.render(
        "admin/definitions.html",
        200 if error is None else 422,
        rows=versions(desk.app),
        faults=[] if error is None else rows_of(error),
        at=at,
        accept=",".join(SUFFIXES),
    )
