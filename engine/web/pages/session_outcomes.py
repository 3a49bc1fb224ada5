"""The outcomes of a whole sitting in one table, and motions and late items in one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from engine import clock
from engine.core.meanings import StepMeans
from engine.core.offers import offers
from engine.core.standing import OVER
from engine.errors import EngineError, Text
from engine.services import outcomes
from engine.services.motions import Brought, Motion, add_item, bring_in
from engine.services.outcome_files import (
    SUFFIXES,
    Proposed,
    Published,
    proposed,
    read_outcomes,
)
from engine.services.outcomes import Came, Chosen, OutcomeRow
from engine.services.reading import file_of
from engine.services.sittings import Sitting, case_named
from engine.web import files
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Sent
from engine.web.pages.sessions import show_sitting
from engine.web.pages.steps import step_path
from engine.web.routes import Pages
from engine.web.shelf import drop, file_at, put_file, put_words, words_at
from engine.web.sittings import ROOT, Word, named, path_of, sitting_from, title_of

pages = Pages()

ENTERED_LATER = Text(
    "Ergebnisse nach der Sitzung eingetragen", "outcomes entered after the sitting"
)


@pages.get("/sitzungen/ergebnisse", Action.SESSIONS)
def table(
    desk: AtDesk, ort: Word = "", gremium: Word = "", tag: Word = "", vorschlag: Word = ""
) -> Response:
    """Show the papers of a sitting with a choice of outcome for each, some of them proposed."""
    at = sitting_from(desk, ort, gremium, tag)
    published = [Published(*row) for row in words_at(desk, vorschlag)] if vorschlag else []
    return _table(desk, at, published=published)


@pages.post("/sitzungen/ergebnisse", Action.SESSIONS)
def record(desk: AtDesk, sent: Sent) -> Response:
    """Enter the outcomes chosen, each a deed of its own."""
    at = _sitting(desk, sent)
    key = _word(sent, "key") or clock.new_uid()
    try:
        done = outcomes.record(
            desk.app,
            desk.acting,
            at,
            _chosen(sent),
            {name[4:]: _word(sent, name) for name in sent if name.startswith("all.")},
            key=key,
            reason=_word(sent, "grund") or None,
        )
    except EngineError as error:
        return _table(desk, at, sent, error.text)
    if not done:
        nothing = Text(
            "Wählen Sie bei mindestens einem Vorhaben ein Ergebnis.",
            "Choose an outcome for at least one measure.",
        )
        return _table(desk, at, sent, nothing)
    said = {"rows": [_said(desk, came) for came in done], "back": path_of(at)}
    return RedirectResponse(f"{ROOT}/getan/{put_words(desk, said)}", 303)


@pages.post("/sitzungen/ergebnisse/vorschlag", Action.SESSIONS)
def propose(desk: AtDesk, sent: Sent) -> Response:
    """Read what another program has published, and propose it in the table; nothing is entered."""
    at = _sitting(desk, sent)
    token = ""
    try:
        token = put_file(desk, sent, "datei", SUFFIXES)
        published = read_outcomes(file_at(desk, token), at)
    except EngineError as error:
        return _table(desk, at, told=error.text)
    finally:
        drop(desk, token)
    kept = put_words(desk, [[p.reference, p.result, p.wording] for p in published])
    where = urlencode({**named(at), "vorschlag": kept})
    return RedirectResponse(f"{ROOT}/ergebnisse?{where}", 303)


@pages.post("/sitzungen/antrag", Action.SESSIONS)
def motion(desk: AtDesk, sent: Sent) -> Response:
    """Register a motion in one line and pass it on the same day."""
    at = _sitting(desk, sent)
    if files.AGAIN in sent:
        return show_sitting(desk, at, None, _words(sent), files.offered(desk, sent))
    try:
        done = bring_in(
            desk.app,
            desk.acting,
            at,
            _motion(sent),
            documents=files.came(desk, sent, "unterlagen"),
            key=_word(sent, "key") or clock.new_uid(),
        )
    except EngineError as error:
        return show_sitting(desk, at, error.text, _words(sent), files.offered(desk, sent))
    return desk.back(path_of(at), _brought(done))


@pages.post("/sitzungen/tischvorlage", Action.SESSIONS)
def late_item(desk: AtDesk, sent: Sent) -> Response:
    """Record that a registered measure came onto the agenda at short notice."""
    at = _sitting(desk, sent)
    try:
        case = case_named(desk.app, desk.acting, _word(sent, "vorgang"))
        key = _word(sent, "key") or clock.new_uid()
        add_item(desk.app, desk.acting, at, case, _word(sent, "grund"), key)
    except EngineError as error:
        return show_sitting(desk, at, error.text, _words(sent))
    return desk.back(
        path_of(at),
        Text(
            f"{case.number} ist als Tischvorlage eingetragen; die beteiligten Stellen erfahren es.",
            f"{case.number} is entered as an item added late; the offices that take part are told.",
        ),
    )


def _table(
    desk: Desk,
    at: Sitting,
    sent: FormData | None = None,
    told: Text | None = None,
    published: Sequence[Published] = (),
) -> Response:
    found = outcomes.outcome_table(desk.app, desk.acting, at)
    offer = proposed(found, published)
    today = desk.world.today
    return desk.render(
        "sessions/outcomes.html",
        200 if told is None else 422,
        table=found,
        title=title_of(at, desk.world),
        back=path_of(at),
        hidden={**named(at), "key": clock.new_uid() if sent is None else _word(sent, "key")},
        sent=_proposed(offer) if sent is None else _words(sent),
        offer=offer,
        read=bool(published),
        told=told,
        early=at.day > today,
        late=at.day < today,
        reason=desk.say(ENTERED_LATER) if sent is None else _word(sent, "grund"),
        choosable=any(_choosable(row) for row in found.rows),
    )


def _proposed(offer: Proposed) -> dict[str, str]:
    """Return what is proposed as a form would have sent it."""
    values = {f"ergebnis.{number}": value for number, value in offer.values.items()}
    return values | {f"wortlaut.{number}": said for number, said in offer.wordings.items()}


def _choosable(row: OutcomeRow) -> bool:
    return bool(row.groups)


def _chosen(sent: FormData) -> list[Chosen]:
    found = []
    for name in sent:
        if name.startswith("ergebnis."):
            number = name.removeprefix("ergebnis.")
            paper = _word(sent, f"papier.{number}")
            found.append(
                Chosen(
                    number,
                    _word(sent, name),
                    _word(sent, f"wortlaut.{number}"),
                    int(paper) if paper.isdecimal() else None,
                )
            )
    return found


def _said(desk: Desk, came: Came) -> dict[str, Any]:
    """Return what came of a row as plain values, with the way to another sitting if it needs one."""
    file = file_of(desk.app, came.number)
    workflow = file.world.library.workflow(file.case.workflow)
    moves = [
        step_path(came.number, o)
        for o in offers(file.case, file.world, desk.acting.offices)
        if o.open and not o.participation and o.step.means is StepMeans.SESSION_CHANGE
    ]
    if workflow.meaning(file.case.state) in OVER:
        moves = []
    return {
        "number": came.number,
        "title": came.title,
        "state": _both(workflow.states[file.case.state].title),
        "said": None if came.said is None else _both(came.said),
        "trouble": None if came.trouble is None else _both(came.trouble),
        "findings": came.findings,
        "again": next(iter(moves), None),
    }


def _both(text: Text) -> list[str]:
    return [text.de, text.en]


def _motion(sent: FormData) -> Motion:
    return Motion(
        title=_word(sent, "titel"),
        origin=_word(sent, "herkunft"),
        reference=_word(sent, "vorlage") or None,
        lead=_word(sent, "federfuehrend") or None,
        touches=frozenset(str(fact) for fact in sent.getlist("beruehrt")),
        nothing_else=_word(sent, "sonst_nichts") == "ja",
        confidentiality="non_public" if _word(sent, "nichtoeffentlich") == "ja" else "public",
        added=_word(sent, "kurzfristig") == "ja",
        reason=_word(sent, "grund"),
    )


def _brought(done: Brought) -> Text:
    """Return what came of a motion in words."""
    de = [f"{done.case.number} ist angemeldet."]
    en = [f"{done.case.number} is registered."]
    if done.passed:
        names = ", ".join(done.passed)
        de.append(f"Heute weitergegeben an: {names}.")
        en.append(f"Passed on today to: {names}.")
    for name, why in done.failed.items():
        de.append(f"{name}: {why.de}".lstrip(": "))
        en.append(f"{name}: {why.en}".lstrip(": "))
    if not done.passed and not done.failed:
        de.append("Weitergegeben ist es noch niemandem.")
        en.append("It is not passed on to anybody yet.")
    if done.like is not None:
        de.append(f"{done.like} könnte dasselbe Vorhaben sein; bitte prüfen.")
        en.append(f"{done.like} might be the same measure; please check.")
    return Text(" ".join(de), " ".join(en))


def _sitting(desk: Desk, sent: FormData) -> Sitting:
    return sitting_from(desk, _word(sent, "ort"), _word(sent, "gremium"), _word(sent, "tag"))


def _words(sent: FormData) -> dict[str, Any]:
    """Return what a form has sent, to fill it in again."""
    held: dict[str, Any] = {k: str(v) for k, v in sent.items() if isinstance(v, str)}
    return {**held, "beruehrt": [str(x) for x in sent.getlist("beruehrt")]}


def _word(sent: FormData, name: str) -> str:
    return str(sent.get(name, "")).strip()
