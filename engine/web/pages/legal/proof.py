"""The proof of the workflows in force, and of a definition that is only offered."""

from __future__ import annotations

from fastapi.responses import Response
from starlette.datastructures import UploadFile

from engine.core.proof.result import BASES
from engine.definitions.differences import KINDS
from engine.delivery.titles import letter_titles
from engine.errors import EngineError, Text
from engine.services.legal.offered import (
    MOST,
    Examined,
    examine,
    proof_of_offer,
    read_offer,
    standing,
)
from engine.web.access import Action
from engine.web.background import Job, background_of
from engine.web.desk import AtDesk, Desk, Hidden, Sent
from engine.web.routes import Pages

pages = Pages()

RUNNING = Text(
    "Der Nachweis wird gerechnet; das dauert etwa eine Minute. Laden Sie die Seite neu.",
    "The proof is being worked out; that takes about a minute. Reload the page.",
)


@pages.get("/ablaeufe/nachweis", Action.PROVE)
def proof(desk: AtDesk) -> Response:
    """Show the proof of what is in force, as far as it was worked out."""
    job = background_of(desk.request).find(_key(desk))
    return desk.render("legal/proof.html", job=job, bases=BASES)


@pages.post("/ablaeufe/nachweis", Action.PROVE)
def prove(desk: AtDesk, sent: Sent) -> Response:
    """Begin the proof of what is in force."""
    app = desk.app
    work = background_of(desk.request)
    job = work.start(_key(desk), desk.world.now, lambda: proof_of_offer(app, None))
    return _after(desk, job, "/ablaeufe/nachweis")


def _key(desk: Desk) -> str:
    return f"proof:{standing(desk.app)}"


def _after(desk: Desk, job: Job, path: str) -> Response:
    return desk.back(path, RUNNING if job.running else None)


@pages.get("/ablaeufe/pruefen", Action.PROVE)
def upload(desk: AtDesk) -> Response:
    """Ask for a definition to be examined."""
    return desk.render("legal/upload.html", told=None)


@pages.post("/ablaeufe/pruefen", Action.PROVE)
def check(desk: AtDesk, sent: Sent) -> Response:
    """Examine a definition that was sent; nothing is put in force."""
    file = sent.get("datei")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise EngineError("Wählen Sie eine Datei aus (YAML).", "Please choose a file (YAML).")
        offer = read_offer(file.filename, file.file.read(MOST + 1))
    except EngineError as error:
        return desk.render("legal/upload.html", 422, told=error.text)
    app, key = desk.app, f"offer:{offer.digest}"
    letters = letter_titles()
    job = background_of(desk.request).start(
        key, desk.world.now, lambda: examine(app, offer, letters), again=True
    )
    return _after(desk, job, f"/ablaeufe/geprueft/{offer.digest}")


@pages.get("/ablaeufe/geprueft/{digest}", Action.PROVE)
def examined(desk: AtDesk, digest: str) -> Response:
    """Show what was found about an offered definition."""
    job = _offered(desk, digest)
    found = job.result
    work = background_of(desk.request)
    return desk.render(
        "legal/examined.html",
        job=job,
        digest=digest,
        found=found,
        proof_job=work.find(_offer_key(desk, digest)),
        bases=BASES,
        kinds=KINDS,
        failures=[] if not isinstance(found, Examined) else list(_failures(found)),
    )


@pages.post("/ablaeufe/geprueft/{digest}/nachweis", Action.PROVE)
def prove_offer(desk: AtDesk, sent: Sent, digest: str) -> Response:
    """Begin the proof of an offered definition together with what is in force."""
    found = _offered(desk, digest).result
    if not isinstance(found, Examined) or not found.sound:
        raise Hidden
    app, offer = desk.app, found.definition
    job = background_of(desk.request).start(
        _offer_key(desk, digest), desk.world.now, lambda: proof_of_offer(app, offer)
    )
    return _after(desk, job, f"/ablaeufe/geprueft/{digest}")


def _offer_key(desk: Desk, digest: str) -> str:
    return f"proof:{standing(desk.app)}:{digest}"


def _offered(desk: Desk, digest: str) -> Job:
    job = background_of(desk.request).find(f"offer:{digest}")
    if job is None:
        raise Hidden
    return job


def _failures(found: Examined) -> list[Text]:
    if found.rehearsed is None:
        return []
    reports = found.rehearsed.reports.get(found.definition.id, ())
    return [f.text for report in reports for f in report.failures]
