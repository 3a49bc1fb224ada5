"""The legal office on the pages: what is due, the two who release it, and the hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from starlette.testclient import TestClient

from engine.core.calendar import local_day
from engine.services import retention
from engine.web.desk import LANGUAGE, LANGUAGES
from tests.installation import TurnedClock
from tests.web.browser import NARROW, axe, sideways, tab
from tests.web.county import County, county_in, serving, token_in
from tests.web.nu import errors_in

LATER = date(2040, 1, 2)


@pytest.fixture
def county(played: Path, tmp_path: Path) -> Iterator[County]:
    made = county_in(played, tmp_path / "county")
    yield made
    made.app.close()


def closed(county: County) -> str:
    """Return the number of a case that has come to its end, on a day when all of it is due."""
    clock = TurnedClock(county.app.clock.now())
    clock.turn(LATER)
    county.app.clock = clock
    retention.look(county.app)
    return next(row.name for row in retention.due_lines(county.app) if not row.of_person)


def send(client: TestClient, path: str, page: str, **fields: str) -> int:
    token = token_in(client.get(page).text)
    return client.post(path, data={"_csrf": token, **fields}).status_code


def subject(county: County, number: str) -> str:
    return next(r.subject for r in retention.due_lines(county.app) if r.name == number)


def test_what_is_due_is_listed_with_its_rule_and_stands_on_the_lagebild(county: County) -> None:
    number = closed(county)
    neumann = county.client("neumann")
    page = neumann.get("/loeschfristen").text
    assert number in page
    assert "Hauswert Aufbewahrung Post (Hauswert" in page
    assert "/loeschfristen" in neumann.get("/lagebild").text


def test_erasing_asks_for_a_look_and_then_happens(county: County) -> None:
    number = closed(county)
    neumann, uid = county.client("neumann"), subject(county, number)
    page = f"/loeschfristen/{uid}"
    assert send(neumann, f"{page}/vorschlag", page) == 422
    assert send(neumann, f"{page}/vorschlag", page, geprueft="ja") == 303
    assert "Ute Neumann" in neumann.get(page).text
    assert send(neumann, f"{page}/freigabe", page, geprueft="ja") == 303
    assert neumann.get(page).status_code == 404
    case = neumann.get(f"/vorhaben/{number}").text
    assert "Aus diesem Vorgang wurde gelöscht" in case
    assert "(gelöscht)" in case
    assert "unterlage/" not in case


def test_a_hold_is_set_and_lifted_with_a_reason(county: County) -> None:
    number = closed(county)
    neumann, page = county.client("neumann"), f"/vorhaben/{number}/aufbewahrung"
    assert send(neumann, f"/vorhaben/{number}/sperre", page, grund=" ") == 422
    assert send(neumann, f"/vorhaben/{number}/sperre", page, grund="Klage anhängig") == 303
    assert "Klage anhängig" in neumann.get(page).text
    assert "gesperrt" in neumann.get("/loeschfristen").text
    lift = f"/vorhaben/{number}/sperre/aufheben"
    assert send(neumann, lift, page, grund="Vergleich") == 303
    assert "Vergleich" in neumann.get(page).text


@pytest.mark.parametrize("person", ["weber", "yilmaz", "administrator"])
def test_nobody_else_sees_what_is_due(county: County, person: str) -> None:
    number = closed(county)
    client = county.client(person)
    for path in ("/loeschfristen", f"/loeschfristen/{subject(county, number)}"):
        assert client.get(path).status_code == 404


def test_the_day_of_the_clock_is_the_day_of_the_list(county: County) -> None:
    before = local_day(county.app.clock.now())
    assert retention.look(county.app) == retention.Looked(0, 0), before
    assert retention.due_lines(county.app) == []


def looked_at(county: County, page: Page, client: TestClient, *paths: str) -> dict[str, str]:
    """Open pages narrow and dark as a person; return their HTML by path and language."""
    found = {}
    for language in LANGUAGES:
        client.cookies.set(LANGUAGE, language)
        page.context.clear_cookies()
        page.context.add_cookies(
            [
                {"name": c.name, "value": c.value or "", "url": county.url}
                for c in client.cookies.jar
            ]
        )
        for path in paths:
            page.goto(county.url + path)
            assert axe(page) == [], path
            assert sideways(page) == 0, path
            found[f"{path} {language}"] = client.get(path).text
    client.cookies.delete(LANGUAGE)
    return found


def test_everybody_can_use_the_pages_of_erasing(county: County, browser: Browser) -> None:
    number = closed(county)
    neumann, uid = county.client("neumann"), subject(county, number)
    one, of_case = f"/loeschfristen/{uid}", f"/vorhaben/{number}/aufbewahrung"
    pages: dict[str, str] = {}
    with serving(county), tab(browser, width=NARROW, dark=True) as opened:
        pages |= looked_at(county, opened.page, neumann, "/loeschfristen", one, of_case)
        send(neumann, f"{one}/vorschlag", one, geprueft="ja")
        pages |= {
            f"proposed {k}": v for k, v in looked_at(county, opened.page, neumann, one).items()
        }
        send(neumann, f"/vorhaben/{number}/sperre", of_case, grund="Klage anhängig")
        pages |= {
            f"held {k}": v for k, v in looked_at(county, opened.page, neumann, one, of_case).items()
        }
        send(neumann, f"/vorhaben/{number}/sperre/aufheben", of_case, grund="Vergleich")
        send(neumann, f"{one}/freigabe", one, geprueft="ja")
        case = f"/vorhaben/{number}"
        gone = looked_at(county, opened.page, neumann, of_case, case, f"{case}/pruefung")
        pages |= {f"erased {k}": v for k, v in gone.items()}
    assert errors_in(pages) == []
