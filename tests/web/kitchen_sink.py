"""The page with every part on it, served under the strict policy of the product."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from jinja2 import ChoiceLoader, FileSystemLoader
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from engine.errors import Text
from engine.web import charts
from engine.web.look import Static, environment

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
STATUTE = Text("Musterrecht Nr. 17 Abs. 3", "model law no. 17 (3)")
TODAY = date(2026, 4, 1)


def same(words: str) -> Text:
    return Text(words, words)


def shown() -> dict[str, Any]:
    """Return what the page shows, made of the values that pages have."""
    return {
        "visitor": {"name": "Karin Berg"},
        "municipality": "Landkreis Musterheide",
        "training": True,
        "here": "/vorhaben/V-2026-0001",
        "message": "Die Rückfrage ist gesendet.",
        "navigation": [
            ("/vorhaben", "Vorhaben", True),
            ("/sitzungen", "Sitzungen", False),
            ("/feststellungen", "Feststellungen", False),
            ("/hilfe", "Hilfe", False),
        ],
        "steps": [
            {
                "what": Text("Stellung nehmen zum Neubau", "Comment on the new building"),
                "until": date(2026, 4, 9),
                "days_left": 4,
                "who": same("Integrationsbeauftragte"),
                "norm": STATUTE,
                "href": "#stellungnahme",
                "action": Text("Stellungnahme abgeben", "Give a statement"),
            },
            {"what": Text("Auf die Sitzung warten", "Wait for the sitting")},
        ],
        "points": [
            {"day": date(2026, 6, 11), "title": same("Kreistag"), "mark": "meeting"},
            {"day": date(2026, 5, 27), "title": same("Kreisausschuss"), "mark": "meeting"},
            {
                "day": date(2026, 5, 12),
                "title": Text("Sozialausschuss, erste Beratung", "Social committee"),
                "mark": "first",
                "href": "#a",
            },
            {
                "day": date(2026, 4, 24),
                "title": Text("Würdigung und Mitzeichnung", "Weighing"),
                "span": Text("5 Arbeitstage", "5 working days"),
                "source": Text("Hauswert", "house value"),
            },
            {"day": date(2026, 4, 8), "title": Text("bereitstellen", "provide"), "mark": "begin"},
            {"day": TODAY, "title": Text("Heute", "Today"), "mark": "today"},
            {"day": date(2026, 3, 30), "title": Text("Ladung", "Summons"), "mark": "late"},
            {"day": date(2026, 3, 24), "title": Text("Anmeldung", "Registration"), "mark": "done"},
        ],
        "rungs": [
            {
                "to": Text("an Sie", "to you"),
                "on": date(2026, 4, 10),
                "done": datetime(2026, 4, 10, 6, 0, tzinfo=UTC),
            },
            {
                "to": Text("an die Dezernatsleitung", "to the head of the division"),
                "on": date(2026, 4, 14),
                "what": Text("Erinnerung mit dem Stand", "Reminder with the state"),
            },
            {"to": Text("an das Rechtsamt", "to the legal office"), "on": date(2026, 4, 17)},
        ],
        "cases": [
            [
                {"text": date(2026, 4, 9), "tag": "noch 4 Arbeitstage", "kind": "clock"},
                {"text": "Neubau Begegnungszentrum", "href": "#a"},
                "Bauen und Planen",
                3,
            ],
            [
                {"tag": "Frist abgelaufen", "kind": "danger"},
                {"text": "Satzung über die Straßenreinigungsgebühren", "href": "#b"},
                "Ordnung",
                12,
            ],
        ],
        "findings": [
            {
                "number": 1,
                "title": Text("Beteiligung unterblieben", "Participation did not happen"),
                "state": "open",
                "found_on": date(2026, 2, 12),
                "text": Text("Der Beschluss liegt vor.", "The decision is there."),
                "norm": STATUTE,
                "rank": Text("Gesetz", "statute"),
                "remedies": [
                    {
                        "what": Text("Nachholen", "Make up for it"),
                        "until": date(2026, 4, 20),
                        "days_left": 9,
                        "href": "#n",
                    }
                ],
            },
            {
                "title": Text("Zu spät informiert", "Informed late"),
                "state": "unfounded",
                "assessment": Text("Ein Eilfall lag vor.", "It was urgent."),
            },
        ],
        "days": [_counted(n) for n in range(17)],
        "norms": [
            STATUTE,
            {
                "norm": Text("Hauptsatzung Nr. 6", "local statute no. 6"),
                "title": Text("Beteiligung", "Participation"),
                "rank": Text("Satzung", "local statute"),
                "in_force": Text("seit 01.01.2025", "since 1 Jan 2025"),
                "url": "https://recht.musterland.example/6",
                "unchecked": True,
            },
        ],
        "papers": [
            {"title": "Entwurf der Vorlage", "href": "#d", "size": "312 kB", "new": True},
            {"title": Text("Kostenübersicht", "Costs"), "missing": True},
        ],
        "entries": [
            {
                "at": datetime(2026, 3, 24, 10, 20, tzinfo=UTC),
                "what": Text("Eingang bestätigt", "Receipt confirmed"),
                "who": "Karin Berg",
                "on_behalf": "Amina Sahin",
                "note": Text("Die Unterlagen sind lesbar.", "The papers can be read."),
                "code": "7F3K-92QD",
            },
            {"at": date(2026, 3, 23), "what": Text("Angemeldet", "Registered"), "href": "#x"},
        ],
    }


def _counted(place: int) -> dict[str, Any]:
    day = date(2026, 3, 24) + timedelta(days=place)
    free = day.weekday() > 4 or day in (date(2026, 4, 3), date(2026, 4, 6))
    mark = {0: "trigger", 16: "end"}.get(place)
    why = Text("Wochenende", "weekend") if day.weekday() > 4 else Text("Feiertag", "holiday")
    return {
        "day": day,
        "counted": not free and place > 0,
        "number": place,
        "why": why,
        "mark": mark,
    }


def pictures(language: str) -> dict[str, charts.Picture]:
    rows = [
        charts.Bar(same("Bauen und Planen"), (12, 4, 2)),
        charts.Bar(same("Soziales, Teilhabe und Integration"), (7, 0, 1)),
        charts.Bar(same("Ordnung"), (0, 0, 0)),
    ]
    parts = [Text("gefolgt", "followed"), Text("teilweise", "partly"), Text("nicht", "not")]
    title = Text("Was aus Stellungnahmen wurde", "What became of statements")
    in_time = Text("rechtzeitig informiert", "informed in time")
    marks = [
        charts.Mark(date(2026, 3, 24), Text("Eingang", "receipt")),
        charts.Mark(date(2026, 4, 9), Text("Fristende", "end")),
    ]
    share = [charts.Bar(same("Bauen"), (91.5,)), charts.Bar(same("Ordnung"), (60,))]
    return {
        "shares": charts.bars("anteile", title, parts, rows, language=language),
        "plain": charts.bars("quote", in_time, [in_time], share, unit="%", language=language),
        "line": charts.days(
            "verlauf-bild",
            Text("Verlauf der Frist", "Course of the period"),
            marks,
            today=TODAY,
            language=language,
        ),
    }


def page(template: str = "kitchen_sink.html", language: str = "de", **more: Any) -> str:
    """Return a page of the product, or the one with every part, as HTML."""
    known = environment()
    assert known.loader is not None
    here = FileSystemLoader(Path(__file__).parent)
    pages = known.overlay(loader=ChoiceLoader([known.loader, here]))
    shared = {
        "language": language,
        "csrf": lambda: Markup('<input type="hidden" name="_csrf" value="t">'),
    }
    return pages.get_template(template).render({**shared, **shown(), **pictures(language), **more})


@contextmanager
def served() -> Iterator[str]:
    """Serve the pages on the loopback; yield the address."""
    saved: list[str] = []

    def show(request: Request) -> Response:
        asked = dict(request.query_params)
        html = page(
            asked.pop("page", "kitchen_sink.html"), asked.pop("language", "de"), **_more(asked)
        )
        return HTMLResponse(html, headers={"Content-Security-Policy": POLICY})

    async def draft(request: Request) -> Response:
        form = await request.form()
        saved.append(str(form["titel"]))
        return PlainTextResponse(f"Entwurf gespeichert: {form['titel']}, {form['_csrf']}")

    routes = [
        Route("/", show, methods=["GET"]),
        Route("/entwurf", draft, methods=["POST"]),
        Mount("/static", Static()),
    ]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        pass
    [socket] = server.servers[0].sockets
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def _more(asked: dict[str, str]) -> dict[str, Any]:
    """Return what pages of errors and of help read besides."""
    known: dict[str, Any] = {"topic": asked.get("topic", "").replace("index", "")}
    return {**known, "status": int(asked["status"]), "told": None} if "status" in asked else known
