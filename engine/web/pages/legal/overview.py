"""The Lagebild: what needs a look, red first, and the examination of the log on demand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi.responses import Response

from engine.core.wording import day_text, moment_text
from engine.errors import Text
from engine.services.legal.overview import Situation, situation
from engine.services.legal.verification import verify
from engine.services.retention import count_open
from engine.web.access import Action
from engine.web.background import Job, background_of
from engine.web.desk import AtDesk, Desk, Sent
from engine.web.routes import Pages

pages = Pages()

JOB = "verification"

_ORDER = {"danger": 0, "warning": 1, "neutral": 2, "success": 3}


@pages.get("/lagebild", Action.OVERVIEW)
def overview(desk: AtDesk) -> Response:
    """Show the figures that say where to look first."""
    job = background_of(desk.request).find(JOB)
    return _show(desk, job)


@pages.post("/lagebild/pruefung", Action.OVERVIEW)
def examine(desk: AtDesk, sent: Sent) -> Response:
    """Examine the log, and say what was found or that it is still being read."""
    replaying, person, app = sent.get("umfang") == "alles", desk.me.person, desk.app
    job = background_of(desk.request).start(
        JOB, desk.world.now, lambda: verify(app, person, replaying=replaying), again=True
    )
    if job.running:
        words = Text(
            "Das Protokoll wird gelesen. Laden Sie diese Seite nach einer Weile neu.",
            "The log is being read. Reload this page after a while.",
        )
        return desk.back("/lagebild", words)
    if job.error is not None:
        return _show(desk, job, 422)
    return desk.back("/lagebild#protokoll")


def _show(desk: Desk, job: Job | None, status: int = 200) -> Response:
    now = situation(desk.app)
    return desk.render(
        "legal/overview.html",
        status,
        now=now,
        tiles=[*_tiles(now), *_erasures(desk)],
        job=job,
        told=None if job is None else job.error,
        last_by=None if now.last is None else desk.world.roster.name(now.last.by),
        silent=None if now.silent is None else span(now.silent),
    )


def _tiles(now: Situation) -> list[dict[str, Any]]:
    tiles = [*_cases(now), _findings(now), _log(now), _clock(now)]
    return sorted(tiles, key=lambda tile: _ORDER[tile["kind"]])


def _erasures(desk: Desk) -> list[dict[str, Any]]:
    """Return a tile where something is due for erasure: it waits for two people."""
    with desk.app.database.read() as store:
        count = count_open(store)
    if not count:
        return []
    return [
        {
            "label": Text("Löschfristen", "due for erasure"),
            "figure": str(count),
            "kind": "warning",
            "note": Text("zu prüfen oder freizugeben", "to be examined or released"),
            "href": "/loeschfristen",
        }
    ]


def _cases(now: Situation) -> list[dict[str, Any]]:
    share, over = now.informed.share, now.overdue_count
    decided, met = now.informed.decided, now.informed.met
    return [
        {
            "label": Text("Offene Vorhaben", "open measures"),
            "figure": str(now.open_cases),
            "kind": "neutral",
            "href": "/vorhaben",
        },
        {
            "label": Text("Rechtzeitig informiert", "informed in time"),
            "figure": "–" if share is None else f"{share:.0f} %",
            "kind": "neutral",
            "note": Text(
                f"{met} von {decided} Informationen, Vorhaben der letzten 12 Monate",
                f"{met} of {decided} informations, measures of the last 12 months",
            ),
            "href": "/bericht",
        },
        {
            "label": Text("Fristüberschreitungen", "deadlines exceeded"),
            "figure": str(over),
            "kind": "danger" if over else "success",
            "note": Text("abgelaufen und noch offen", "ended and still open"),
            "href": "#ueberschritten" if over else None,
        },
    ]


def _findings(now: Situation) -> dict[str, Any]:
    count = now.findings.get("open", 0)
    total = sum(now.findings.values())
    return {
        "label": Text("Offene Feststellungen", "open findings"),
        "figure": str(count),
        "kind": "danger" if count else "success",
        "note": Text(f"von {total} insgesamt", f"of {total} in all"),
        "href": "/feststellungen?stand=offen",
    }


def _log(now: Situation) -> dict[str, Any]:
    last = now.last
    label = Text("Protokoll", "log")
    if last is None:
        figure = Text("noch nicht geprüft", "not examined yet")
        return {"label": label, "figure": figure, "kind": "warning", "href": "#protokoll"}
    at = moment_text(last.at)
    good = last.faults == 0
    return {
        "label": label,
        "figure": Text("unversehrt", "intact") if good else Text("Abweichung", "differs"),
        "kind": "success" if good else "danger",
        "note": Text(f"letzte Prüfung {at.de}", f"last examined {at.en}"),
        "href": "#protokoll",
    }


def _clock(now: Situation) -> dict[str, Any]:
    label = Text("Fristenlauf", "clock")
    if now.clock is None or now.clock.last_tick is None:
        figure = Text("noch nie gelaufen", "has never run")
        return {"label": label, "figure": figure, "kind": "danger"}
    at = moment_text(now.clock.last_tick)
    silent = span(now.silent or timedelta(0))
    gap = Text(f"Lücke: seit {silent.de} kein Lauf", f"gap: no run for {silent.en}")
    held = now.clock.held_since
    if held is not None:
        gap = Text(f"angehalten seit {day_text(held).de}", f"held since {day_text(held).en}")
    return {
        "label": label,
        "figure": gap if now.gap else Text("keine Lücke", "no gap"),
        "kind": "danger" if now.gap else "success",
        "note": Text(f"zuletzt {at.de}", f"last {at.en}"),
    }


def span(length: timedelta) -> Text:
    """Return a length of time in its largest whole unit.

    >>> span(timedelta(hours=50)).de
    '2 Tagen'
    """
    minutes = int(length.total_seconds() // 60)
    for size, de, des, en in (
        (1440, "Tag", "Tagen", "day"),
        (60, "Stunde", "Stunden", "hour"),
        (1, "Minute", "Minuten", "minute"),
    ):
        count = minutes // size
        if count:
            return Text(
                f"{count} {de if count == 1 else des}", f"{count} {en}{'' if count == 1 else 's'}"
            )
    return Text("weniger als einer Minute", "less than a minute")
