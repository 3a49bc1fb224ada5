"""The legal office at work: what it sees, what it enters, and what others never reach."""

from __future__ import annotations

import hashlib
import re
import time
import zipfile
from datetime import date
from io import BytesIO

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from engine import shipped
from engine.web.look import TEMPLATES
from tests.web.browser import NARROW, WIDE, axe, sideways, tab
from tests.web.county import County, token_in
from tests.web.keyboard import Keyboard

PAGES = [
    "/lagebild",
    "/feststellungen",
    "/feststellungen/V-2026-0003/1",
    "/feststellungen/V-2026-0002/1/feststellung_bewerten",
    "/fristenprotokoll?tag=2026-11-13",
    "/zustellnachweise",
    "/zustellnachweise/3",
    "/bericht",
    "/bericht/stichprobe?n=2&startwert=2026",
    "/was-waere-wenn",
    "/regeln",
    "/ablaeufe",
    "/ablaeufe/unterrichtung",
    "/ablaeufe/nachweis",
    "/ablaeufe/pruefen",
    "/vorhaben/V-2026-0003/pruefung",
]
LEGAL_ONLY = [p for p in PAGES if not p.startswith(("/regeln", "/ablaeufe"))]


def post(client: TestClient, page: str, path: str, **fields: str) -> str:
    """Send a form from a page; return where it leads."""
    token = token_in(client.get(page).text)
    answer = client.post(path, data={"_csrf": token, **fields})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


@pytest.mark.parametrize("person", ["weber", "yilmaz", "administrator"])
def test_the_pages_of_the_legal_office_do_not_exist_for_others(served: County, person: str) -> None:
    client = served.client(person)
    assert {path: client.get(path).status_code for path in LEGAL_ONLY} == dict.fromkeys(
        LEGAL_ONLY, 404
    )


def test_everybody_reads_the_rules_and_only_the_legal_office_confirms_them(
    county: County,
) -> None:
    weber, neumann = county.client("weber"), county.client("neumann")
    [pack, *_] = re.findall(r'href="/regeln/([^"]+)"', neumann.get("/regeln").text)
    page = f"/regeln/{pack}"
    assert "Regelpakete bestätigt das Rechtsamt." in weber.get(page).text
    token = token_in(weber.get(page).text)
    sent = {"_csrf": token, "bemerkung": "gelesen"}
    assert weber.post(f"{page}/bestaetigung", data=sent).status_code == 404
    digest = re.search(r'name="pruefsumme" value="([0-9a-f]+)"', neumann.get(page).text)
    assert digest is not None
    fields = {"pruefsumme": digest.group(1), "bemerkung": "mit dem Amtsblatt verglichen"}
    assert post(neumann, page, f"{page}/bestaetigung", **fields) == page
    assert "geprüft von Ute Neumann" in neumann.get(page).text


def test_a_confirmation_of_another_version_than_the_one_in_force_is_refused(
    county: County,
) -> None:
    client = county.client("neumann")
    [pack, *_] = re.findall(r'href="/regeln/([^"]+)"', client.get("/regeln").text)
    token = token_in(client.get(f"/regeln/{pack}").text)
    sent = {"_csrf": token, "bemerkung": "gelesen", "pruefsumme": "0" * 64}
    answer = client.post(f"/regeln/{pack}/bestaetigung", data=sent)
    assert answer.status_code == 422
    assert "eine andere Fassung" in answer.text
    assert "gelesen" in answer.text


def test_a_finding_is_assessed_by_the_step_of_the_definition_and_stays(county: County) -> None:
    client, path = county.client("neumann"), "/feststellungen/V-2026-0002/1"
    form = f"{path}/feststellung_bewerten"
    key = re.search(r'name="key" value="([^"]+)"', client.get(form).text)
    assert key is not None
    fields = {"key": key.group(1), "bewertung": "abweichung", "gruende": "Die Ladung kam spät."}
    assert post(client, form, form, **fields) == path
    page = client.get(path).text
    assert "Die Ladung kam spät." in page
    assert "bestätigt" in page
    assert "löschen" not in page.replace("gelöscht", "")
    assert "V-2026-0002" in client.get("/feststellungen?stand=bewertet").text
    assert "V-2026-0002" not in client.get("/feststellungen?stand=offen").text


def test_an_assessment_without_reasons_keeps_what_was_chosen(county: County) -> None:
    client = county.client("neumann")
    form = "/feststellungen/V-2026-0002/1/feststellung_bewerten"
    token = token_in(client.get(form).text)
    answer = client.post(form, data={"_csrf": token, "key": "k1", "bewertung": "abweichung"})
    assert answer.status_code == 422
    assert re.search(r'value="abweichung"[^>]* checked', answer.text)


def test_the_log_is_examined_by_a_button_and_the_result_stays_on_the_lagebild(
    county: County,
) -> None:
    client = county.client("neumann")
    assert "noch nicht geprüft" in client.get("/lagebild").text
    post(client, "/lagebild", "/lagebild/pruefung", umfang="alles")
    for _ in range(60):
        page = client.get("/lagebild").text
        if "unversehrt" in page:
            break
        time.sleep(0.5)
    assert "unversehrt" in page


def test_a_day_is_countersigned_once_it_is_over(county: County) -> None:
    client = county.client("neumann")
    page = "/fristenprotokoll?tag=2026-11-13"
    assert "Noch nicht gegengezeichnet." in client.get(page).text
    assert post(client, page, "/fristenprotokoll/2026-11-13/gegenzeichnung") == page
    assert "stimmt überein" in client.get(page).text


def test_a_file_is_handed_out_and_the_log_says_to_whom_and_which(county: County) -> None:
    client = county.client("neumann")
    token = token_in(client.get("/vorhaben/V-2026-0003/pruefung").text)
    answer = client.post("/vorhaben/V-2026-0003/auszug", data={"_csrf": token})
    pack = zipfile.ZipFile(BytesIO(answer.content))
    assert "akte-V-2026-0003.zip" in answer.headers["content-disposition"]
    assert {"akte.html", "pruefen.py", "pruefpunkt.txt"} <= set(pack.namelist())
    with county.app.database.read() as store:
        [line] = store.chains.typed("system", "extract")
    assert line.actor == county.uid("neumann")
    assert line.plain["contents"] == hashlib.sha256(pack.read("inhalt.json")).hexdigest()


def test_what_if_tells_the_cases_of_a_year_again(county: County) -> None:
    client = county.client("neumann")
    fields = {
        "von": "2026-01-01",
        "bis": "2026-12-31",
        "frist": "anhoerung",
        "dauer": "15",
        "einheit": "Arbeitstage",
    }
    path = post(client, "/was-waere-wenn", "/was-waere-wenn", **fields)
    for _ in range(60):
        page = client.get(path).text
        if "nachgespielt," in page:
            break
        time.sleep(0.5)
    assert "3 Vorgänge nachgespielt" in page
    wrong = {**fields, "dauer": "viele", "_csrf": token_in(client.get("/was-waere-wenn").text)}
    assert client.post("/was-waere-wenn", data=wrong).status_code == 422


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("states:", "states:", "Die Datei ist in sich stimmig"),
        ("to: bereitgestellt", "to: bereitgestelt", "Meinten Sie"),
    ],
    ids=["unchanged", "a state that does not exist"],
)
def test_an_offered_definition_is_checked_and_not_put_in_force(
    county: County, old: str, new: str, says: str
) -> None:
    client = county.client("neumann")
    source = (shipped.workflows() / "anhoerung.yaml").read_text("utf-8").replace(old, new)
    token = token_in(client.get("/ablaeufe/pruefen").text)
    file = {"datei": ("anhoerung.yaml", source.encode(), "application/yaml")}
    answer = client.post("/ablaeufe/pruefen", data={"_csrf": token}, files=file)
    assert answer.status_code == 303, answer.text
    for _ in range(80):
        page = client.get(answer.headers["location"]).text
        if says in page:
            break
        time.sleep(0.5)
    assert says in page
    with county.app.database.read() as store:
        [held] = [d for d in store.definitions() if d.kind == "workflow" and d.id == "anhoerung"]
    assert held.current


def test_no_page_of_the_legal_office_cites_a_norm_of_its_own() -> None:
    for file in (TEMPLATES / "legal").glob("*.html"):
        assert not re.search(r"§|Abs\.|Art\. ?\d|\b(BGB|KVerf|VwVfG|MKV)\b", file.read_text())


@pytest.mark.parametrize(("width", "dark"), [(WIDE, False), (NARROW, True)])
def test_the_pages_are_open_to_everybody(
    served: County, browser: Browser, width: int, dark: bool
) -> None:
    with tab(browser, base_url=served.url, width=width, dark=dark) as window:
        Keyboard(window.page).enter("Ute Neumann")
        for path in PAGES:
            window.page.goto(path)
            assert axe(window.page) == [], path
            assert sideways(window.page) == 0, path
            assert window.page.locator("html").get_attribute("lang") == "de"
        assert window.problems == []


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_the_keyboard_alone_leads_from_the_lagebild_to_a_countersignature(
    served: County, browser: Browser, script: bool
) -> None:
    day = date(2026, 11, 16 if script else 12)
    with tab(browser, base_url=served.url, script=script) as window:
        hands = Keyboard(window.page)
        hands.enter("Ute Neumann")
        hands.press("Lagebild")
        hands.press("Fristenprotokoll")
        hands.write_day("Tag", day)
        hands.press("Anzeigen")
        hands.press("Gegenzeichnen", key="Space")
        hands.sees("Geprüft: Ute Neumann")
        assert window.problems == []
