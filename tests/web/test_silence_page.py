"""The page on which an office keeps early reminders of a case quiet, and everybody sees it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.core.offices import Tenure
from engine.services.reading import file_of, house_of
from engine.services.setup import by
from engine.services.silences import end_silence, silence, silences_of
from engine.web import create_app
from tests.installation import MONDAY, House, house, setup_facts
from tests.web.county import County, sign_in, token_in

BUSY = "Der Beirat berät am Donnerstag."
ON = MONDAY + timedelta(days=5)


def quiet_case(county: County) -> str:
    """Return a case in which a period of the commissioner runs that she is reminded of."""
    with county.app.database.read() as store:
        numbers = [number for number, _, _ in store.cases.references()]
    for number in numbers:
        case = file_of(county.app, number).case
        if any(d.open and d.ladder and d.owner == "behinderung" for d in case.deadlines):
            return number
    raise AssertionError("nobody is reminded of anything")


def send(client: TestClient, path: str, page: str, **fields: str) -> str:
    token = token_in(client.get(page).text)
    answer = client.post(path, data={"_csrf": token, **fields}, follow_redirects=True)
    return answer.text


def test_an_office_keeps_reminders_quiet_and_everybody_of_the_case_sees_why(county: County) -> None:
    number = quiet_case(county)
    path = f"/vorhaben/{number}/erinnerungen"
    thiel, legal = county.client("thiel"), county.client("neumann")
    assert path in thiel.get(f"/vorhaben/{number}").text
    until = house_of(county.app).today + timedelta(days=3)
    told = send(thiel, path, path, stelle="behinderung", grund=BUSY, bis=until.isoformat())
    assert "Die frühen Erinnerungen sind stumm." in told
    assert BUSY in told
    assert "Wieder erinnern" in told
    seen = legal.get(path).text
    assert BUSY in seen
    assert "Sven Thiel" in seen
    assert "Wieder erinnern" not in seen
    [made] = silences_of(county.app, number)
    assert made.until == until
    ended = send(thiel, f"{path}/{made.uid}/ende", path)
    assert "Es wird wieder erinnert." in ended
    assert silences_of(county.app, number) == []


def test_what_is_missing_is_said_and_what_was_written_stays(county: County) -> None:
    number = quiet_case(county)
    path = f"/vorhaben/{number}/erinnerungen"
    thiel = county.client("thiel")
    told = send(thiel, path, path, stelle="behinderung", grund=BUSY, bis="")
    assert BUSY in told
    assert "Bitte prüfen Sie Ihre Angaben" in told
    today = house_of(county.app).today.isoformat()
    assert "Nennen Sie den Grund" in send(
        thiel, path, path, stelle="behinderung", grund=" ", bis=today
    )
    told = send(thiel, path, path, stelle="behinderung", grund="Der\0Beirat", bis=today)
    assert "steht ein unsichtbares Steuerzeichen" in told
    assert silences_of(county.app, number) == []


def test_nobody_ends_or_begins_it_for_another_office(county: County) -> None:
    number = quiet_case(county)
    path = f"/vorhaben/{number}/erinnerungen"
    today = house_of(county.app).today.isoformat()
    legal = county.client("neumann")
    told = send(legal, path, path, stelle="behinderung", grund=BUSY, bis=today)
    assert "nur stumm schalten, wer heute für die Stelle handelt" in told
    send(county.client("thiel"), path, path, stelle="behinderung", grund=BUSY, bis=today)
    [made] = silences_of(county.app, number)
    assert "nur stumm schalten" in send(legal, f"{path}/{made.uid}/ende", path)
    assert silences_of(county.app, number) == [made]
    assert county.client("administrator").get(path).status_code == 404


# Somebody who holds two offices


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[House]:
    """A house in which one person holds both offices that are to be heard."""
    made = house(tmp_path / "haus")
    with made.app.database.write() as store:
        held = Tenure("behinderung", made.person("yilmaz"), since=date(2020, 1, 1))
        store.save_tenure(held, by(made.app, "tenure"))
    yield made
    made.app.close()


@pytest.fixture
def both(holder: House) -> str:
    """A case in which periods of both her offices run."""
    concerned = {"betrifft_integration": True, "betrifft_behinderung": True}
    number = holder.register(facts=dict.fromkeys(setup_facts(), False) | concerned).number
    for office, person in (("integration", "yilmaz"), ("behinderung", "thiel")):
        holder.take(number, "informieren", "weber", participation=office)
        holder.take(number, "eingang", person, participation=office, office=office)
    return number


def signed_in(holder: House) -> TestClient:
    web = create_app(holder.app, demo=True, secure=False)
    client = TestClient(web, base_url="http://127.0.0.1", follow_redirects=False)
    client.headers["Sec-Fetch-Site"] = "same-origin"
    sign_in(client, holder.person("yilmaz"))
    return client


def hidden_office(page: str) -> str:
    return page.partition('type="hidden" name="stelle" value="')[2].partition('"')[0]


def test_the_office_that_a_page_shows_is_the_one_whose_reminders_become_quiet(
    holder: House, both: str
) -> None:
    """Also where the other one, quiet when the page was shown, is reminded again meanwhile."""
    path, yilmaz = f"/vorhaben/{both}/erinnerungen", holder.person("yilmaz")
    client = signed_in(holder)
    first = silence(holder.app, both, "integration", ON, BUSY, yilmaz)
    page = client.get(path).text
    name = house_of(holder.app).roster.office("behinderung").name
    assert f"Stelle: {name}" in page
    assert hidden_office(page) == "behinderung"
    end_silence(holder.app, both, first.uid, yilmaz)
    fields = {"stelle": hidden_office(page), "grund": BUSY, "bis": ON.isoformat()}
    client.post(path, data={"_csrf": token_in(page), **fields})
    assert [s.office for s in silences_of(holder.app, both)] == ["behinderung"]


@pytest.mark.parametrize("quiet", [False, True], ids=["both to choose", "one left"])
@pytest.mark.parametrize("office", [{}, {"stelle": ""}, {"stelle": "fb-soziales"}, {"stelle": "x"}])
def test_no_office_or_one_that_is_not_hers_is_refused_at_the_field(
    holder: House, both: str, office: dict[str, str], quiet: bool
) -> None:
    path = f"/vorhaben/{both}/erinnerungen"
    if quiet:
        silence(holder.app, both, "integration", ON, BUSY, holder.person("yilmaz"))
    before, client = silences_of(holder.app, both), signed_in(holder)
    token = token_in(client.get(path).text)
    fields = {"_csrf": token, "grund": BUSY, "bis": ON.isoformat(), **office}
    answer = client.post(path, data=fields)
    assert answer.status_code == 422
    assert 'href="#f-stelle"' in answer.text
    assert 'id="f-stelle"' in answer.text
    assert "Wählen Sie eine Ihrer Stellen" in answer.text
    assert BUSY in answer.text
    assert silences_of(holder.app, both) == before
