"""Was wäre, wenn: the cases of a time told again with another period. Nothing is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from fastapi.responses import Response
from starlette.datastructures import FormData

from engine.core.periods import Period
from engine.definitions.library import Definitions
from engine.definitions.provisions import form_title, value_title
from engine.errors import EngineError, InputError, Text
from engine.services import what_if as service
from engine.services import what_if_words as words
from engine.services.legal.report import check_span
from engine.services.what_if import Answer, Question
from engine.web.access import Action
from engine.web.background import Job, background_of
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.forms import day_given
from engine.web.pages.legal.report import FROM, UNTIL
from engine.web.routes import Pages

pages = Pages()

UNITS = (
    ("Arbeitstage", Text("Arbeitstage", "working days")),
    ("Tage", Text("Tage", "days")),
    ("Wochen", Text("Wochen", "weeks")),
    ("Monate", Text("Monate", "months")),
)
RUNNING = Text(
    "Die Vorgänge werden nachgespielt. Laden Sie die Seite nach einer Weile neu.",
    "The cases are being told again. Reload the page after a while.",
)


@dataclass(frozen=True, slots=True)
class Supposed:
    """A question together with what came of it."""

    question: Question
    title: Text
    answer: Answer


@pages.get("/was-waere-wenn", Action.OVERVIEW)
def ask(desk: AtDesk) -> Response:
    """Show the form of the question."""
    return _form(desk, FormData())


@pages.post("/was-waere-wenn", Action.OVERVIEW)
def tell(desk: AtDesk, sent: Sent) -> Response:
    """Tell the cases of a time again, or say that this still goes on."""
    try:
        question, title = _question(desk, sent)
    except EngineError as error:
        return _form(desk, sent, error.text)
    app, key = desk.app, _key(question, desk.world.today)
    job = background_of(desk.request).start(
        f"what-if:{key}",
        desk.world.now,
        lambda: Supposed(question, title, service.what_if(app, question)),
        again=True,
    )
    return desk.back(f"/was-waere-wenn/{key}", RUNNING if job.running else None)


@pages.get("/was-waere-wenn/{key}", Action.OVERVIEW)
def show(desk: AtDesk, key: str) -> Response:
    """Show what would have been different."""
    job: Job | None = background_of(desk.request).find(f"what-if:{key}")
    if job is None:
        raise Hidden
    found: Supposed | None = job.result
    rows: list[tuple[str, str, list[Text]]] = []
    if found is not None:
        world = found.answer.world
        rows = [
            (d.number, d.title, list(words.lines(d.what, world))) for d in found.answer.different
        ]
    return desk.render(
        "legal/what_if_answer.html",
        job=job,
        found=found,
        rows=rows,
        summary=None if found is None else words.summary(found.answer),
        sittings=None if found is None else words.sittings(found.question, found.answer),
        unclear=None if found is None else words.unclear(found.answer),
        newly=() if found is None else found.answer.newly,
    )


def _key(question: Question, today: date) -> str:
    said = f"{question.since} {question.until} {sorted(question.periods.items())!r} {today}"
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def _form(desk: Desk, sent: FormData, told: Text | None = None) -> Response:
    today = desk.world.today
    return desk.render(
        "legal/what_if.html",
        200 if told is None else 422,
        sent=sent,
        told=told,
        since=date(today.year, 1, 1).isoformat(),
        until=today.isoformat(),
        options=list(_options(_definitions(desk))),
        units=UNITS,
    )


def _definitions(desk: Desk) -> Definitions:
    with desk.app.database.read() as store:
        return desk.app.definitions(store)


def _options(definitions: Definitions) -> Iterator[tuple[str, Text]]:
    """Yield what can be given another length: the period of each form, and each local value.

    A value without a title is one by which no procedure in force counts: another length of it
    would change nothing.
    """
    library = definitions.library
    for form in sorted({w.form for w in library.workflows.values()} - {None}, key=str):
        title = form_title(str(form), definitions)
        yield (
            str(form),
            Text(f"Frist zur Stellungnahme: {title.de}", f"period for the statement: {title.en}"),
        )
    names = {p.value.name for pack in library.packs for p in pack.provisions if p.value}
    for name in sorted(names):
        title = value_title(name, definitions)
        if title.de == name.replace("_", " "):
            continue
        yield name, Text(f"Wert: {title.de}", f"value: {title.en}")


def _question(desk: Desk, sent: FormData) -> tuple[Question, Text]:
    since = day_given(str(sent.get("von", "")), FROM)
    until = day_given(str(sent.get("bis", "")), UNTIL)
    check_span(since, until)
    options = dict(_options(_definitions(desk)))
    name = str(sent.get("frist", ""))
    if name not in options:
        raise InputError("Wählen Sie, welche Frist anders wäre.", "Choose the period to change.")
    count, unit = str(sent.get("dauer", "")).strip(), str(sent.get("einheit", ""))
    if not count.isdecimal() or not 0 < int(count) < 1000 or unit not in dict(UNITS):
        raise InputError(
            "Geben Sie die neue Dauer als ganze Zahl an, etwa 15.",
            "Give the new length as a whole number, such as 15.",
        )
    period = Period.parse(f"{count} {unit}")
    label = options[name]
    title = Text(f"{label.de} = {period.text.de}", f"{label.en} = {period.text.en}")
    return Question(since=since, until=until, periods={name: period}), title
