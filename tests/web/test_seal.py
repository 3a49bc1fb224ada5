"""The page of the seal: those who have to look into it see how it stands, and what to do."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from engine.core.notes import COSIGNATURE, Key
from engine.services.evidence import keys, offering, witness
from engine.services.evidence.sealing import seal_due
from engine.services.evidence.state import State
from tests.web.browser import NARROW, WIDE, axe, sideways, tab
from tests.web.county import County


def page(county: County, person: str = "neumann") -> str:
    """Return what the page says, in one line of words."""
    answer = county.client(person).get("/siegel")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def newest(county: County) -> tuple[int, Key]:
    with county.app.database.read() as store:
        key = keys.read_key(State(county.app.config).key).public(store.log.origin())
        return store.log.standing().signed, key


@pytest.mark.parametrize("person", ["weber", "yilmaz", "sommer"])
def test_nobody_else_has_this_page(county: County, person: str) -> None:
    assert county.client(person).get("/siegel").status_code == 404
    assert "/siegel" not in county.client(person).get("/vorhaben").text


@pytest.mark.parametrize(
    ("person", "start"), [("neumann", "/lagebild"), ("administrator", "/verwaltung")]
)
def test_legal_office_and_administrator_get_there_from_their_first_page(
    county: County, person: str, start: str
) -> None:
    client = county.client(person)
    assert 'href="/siegel"' in client.get(start).text
    assert 'href="/protokoll/checkpoint"' in client.get("/siegel").text


def test_the_page_shows_the_key_as_the_command_line_does(county: County) -> None:
    seal_due(county.app, at_once=True)
    size, key = newest(county)
    said = page(county)
    assert re.fullmatch(r"(?:[0-9a-f]{4} ){15}[0-9a-f]{4}", key.fingerprint)
    assert key.fingerprint in said and f"unterschrieben bis {size}" in said
    keys.rotate(county.app, county.uid("weber"))
    seal_due(county.app, at_once=True)
    after = page(county)
    new = newest(county)[1]
    assert new.fingerprint in after and f"{key.fingerprint[:9]} …" in after
    assert "ersetzt" in after


def test_the_page_shows_who_witnesses_and_how_old_that_is(county: County) -> None:
    seal_due(county.app, at_once=True)
    assert "Noch bezeugt niemand" in page(county)
    size, key = newest(county)
    made = witness.made("zeuge.example", key.vkey, None)
    assert made.key.algorithm == COSIGNATURE
    offering.take_on(county.app, made.key.vkey)
    assert "noch nichts bezeugt fehlt" in page(county)
    with county.app.database.read() as store:
        shown = [offering.offer(store, 0)]
    looked = witness.look(made, shown, county.clock.now(), live=True)
    assert looked.cosigned is not None
    offering.take_back(county.app, looked.cosigned.written)
    assert re.search(rf"zeuge\.example {size} Einträge, .* aktuell", page(county))


def test_the_page_says_why_the_log_does_not_sign_and_what_to_do(county: County) -> None:
    seal_due(county.app, at_once=True)
    State(county.app.config).last_file.unlink()
    for person in ("neumann", "administrator"):
        said = page(county, person)
        assert "Das Protokoll unterschreibt nicht mehr" in said
        assert "last_checkpoint fehlt" in said
        assert "rechtzeitig log fork-acknowledge" in said


def test_the_page_says_that_the_key_is_missing(county: County) -> None:
    State(county.app.config).key.unlink()
    assert "Der Schlüssel des Protokolls fehlt" in page(county)


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("language", ["de", "en"])
def test_everybody_can_use_it(served: County, browser: Browser, width: int, language: str) -> None:
    client = served.client("neumann")
    with tab(browser, width=width, script=False, base_url=served.url) as seen:
        for name, value in client.cookies.items():
            seen.page.context.add_cookies([{"name": name, "value": value, "url": served.url}])
        seen.page.goto(f"/sprache/{language}?zurueck=/siegel")
        assert seen.page.title().startswith("Siegel" if language == "de" else "Seal")
        assert sideways(seen.page) == 0
    with tab(browser, width=width, base_url=served.url) as seen:
        for name, value in client.cookies.items():
            seen.page.context.add_cookies([{"name": name, "value": value, "url": served.url}])
        seen.page.goto("/siegel")
        assert axe(seen.page) == []
        assert seen.problems == []
