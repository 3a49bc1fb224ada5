"""Issuing the Prüfvermerk on its page, and looking its code up on the page for codes."""

from __future__ import annotations

import os
import re
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from starlette.testclient import TestClient

from engine.core.codes import code_of
from engine.services.evidence.noted import notes_of
from engine.services.evidence.sealing import seal_due
from engine.services.reading import file_of
from tests.web.browser import NARROW, WIDE, axe, sideways, tab
from tests.web.county import County, serving, token_in

NOTE = "/vorhaben/V-2026-0001/pruefvermerk"
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


def press(client: TestClient) -> str:
    """Press the button that issues the note; return the page after it."""
    token = token_in(client.get(NOTE).text)
    answer = client.post(NOTE, data={"_csrf": token})
    assert (answer.status_code, answer.headers["location"]) == (303, NOTE)
    return unescape(client.get(NOTE).text)


def looked_up(client: TestClient, code: str) -> str:
    answer = client.get("/pruefcode", params={"code": code})
    assert answer.status_code == 200
    return unescape(answer.text)


def test_the_department_issues_the_note_and_copies_it_with_its_code(county: County) -> None:
    weber = county.client("weber")
    assert "Noch nicht ausgestellt" in weber.get(NOTE).text
    html = press(weber)
    [note] = notes_of(county.app, "V-2026-0001").issued
    assert note.note is not None
    assert note.note.html().de in html, "what is copied is what was issued"
    assert note.note.one_line().de in html
    assert html.count(f"Prüfcode {note.code}") >= 4
    assert press(weber).count("Früher ausgestellt") == 0, "pressed twice, issued once"


def test_who_was_heard_sees_the_note_but_does_not_issue_it(county: County) -> None:
    yilmaz = county.client("yilmaz")
    assert "Prüfvermerk ausstellen" not in yilmaz.get(NOTE).text
    token = token_in(yilmaz.get("/pruefcode").text) or token_in(yilmaz.get("/konto").text)
    assert yilmaz.post(NOTE, data={"_csrf": token}).status_code == 404
    assert notes_of(county.app, "V-2026-0001").issued == ()


def test_a_code_is_looked_up_from_the_first_page_of_the_legal_office(county: County) -> None:
    neumann = county.client("neumann")
    assert 'href="/pruefcode"' in neumann.get("/lagebild").text
    press(county.client("weber"))
    [note] = notes_of(county.app, "V-2026-0001").issued
    waiting = looked_up(neumann, note.code.lower().replace("-", " "))
    assert "noch nicht versiegelt" in waiting
    assert "V-2026-0001" in waiting
    seal_due(county.app, at_once=True)
    assert "Der Eintrag ist unversehrt" in looked_up(neumann, note.code)


def test_a_code_tells_nobody_of_a_measure_that_is_none_of_hers(county: County) -> None:
    press(county.client("weber"))
    [note] = notes_of(county.app, "V-2026-0001").issued
    html = looked_up(county.client("richter"), note.code)
    case = file_of(county.app, "V-2026-0001").case
    assert "Prüfvermerk" in html
    assert case.number not in html
    assert case.measure.title not in html
    assert "Worum es in diesem Eintrag geht" in html


def test_the_code_of_a_receipt_leads_to_its_entry(county: County) -> None:
    with county.app.database.read() as store:
        case = store.cases.get("V-2026-0001")
        [line] = [x for x in store.chains.lines(case.stream) if x.entry.type == "wuerdigen"][:1]
    html = looked_up(county.client("yilmaz"), code_of(line.leaf))
    assert "V-2026-0001" in html
    assert f"{case.stream}, Nr. {line.seq}" in html


@pytest.mark.parametrize("words", ["0000-0000", "Hauptsatzung", "7C3K"])
def test_what_leads_nowhere_says_so_beside_the_field(served: County, words: str) -> None:
    html = looked_up(served.client("neumann"), words)
    assert 'id="f-code-error"' in html
    assert "rz-dl" not in html.partition('id="f-code"')[2]


def test_codes_are_no_business_of_whoever_is_not_signed_in(served: County) -> None:
    assert served.client().get("/pruefcode").headers["location"].startswith("/anmelden")
    assert served.client("administrator").get("/pruefcode").status_code == 404


def picture(page: Page, path: str, width: int) -> None:
    """Keep a picture to be looked at where somebody asks for it."""
    if folder := os.environ.get("RECHTZEITIG_PICTURES"):
        name = path.strip("/").replace("/", "-").partition("?")
        shot = f"{name[0]}{'-found' if name[2] else ''}-{width}.png"
        page.screenshot(path=Path(folder) / shot, full_page=True)


def test_both_pages_can_be_read_on_any_screen(county: County, browser: Browser) -> None:
    press(county.client("weber"))
    [note] = notes_of(county.app, "V-2026-0001").issued
    seal_due(county.app, at_once=True)
    with serving(county):
        for width, script in ((NARROW, False), (WIDE, True)):
            with tab(browser, width=width, base_url=county.url, script=script) as opened:
                page = opened.page
                cookies = county.client("neumann").cookies.jar
                page.context.add_cookies(
                    [{"name": c.name, "value": c.value or "", "url": county.url} for c in cookies]
                )
                for path in (NOTE, "/pruefcode", f"/pruefcode?code={note.code}"):
                    page.goto(path)
                    assert sideways(page) == 0, path
                    assert not script or axe(page) == [], path
                    picture(page, path, width)
