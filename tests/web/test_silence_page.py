"""The page on which an office keeps early reminders of a case quiet, and everybody sees it."""

from __future__ import annotations

from datetime import timedelta

from starlette.testclient import TestClient

from engine.services.reading import file_of, house_of
from engine.services.silences import silences_of
from tests.web.county import County, token_in

BUSY = "Der Beirat berät am Donnerstag."


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
    told = send(thiel, path, path, grund=BUSY, bis=until.isoformat())
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
    told = send(thiel, path, path, grund=BUSY, bis="")
    assert BUSY in told
    assert "Bitte prüfen Sie Ihre Angaben" in told
    today = house_of(county.app).today.isoformat()
    assert "Nennen Sie den Grund" in send(thiel, path, path, grund=" ", bis=today)
    assert silences_of(county.app, number) == []


def test_nobody_ends_or_begins_it_for_another_office(county: County) -> None:
    number = quiet_case(county)
    path = f"/vorhaben/{number}/erinnerungen"
    today = house_of(county.app).today.isoformat()
    legal = county.client("neumann")
    told = send(legal, path, path, stelle="behinderung", grund=BUSY, bis=today)
    assert "nur stumm schalten, wer heute für die Stelle handelt" in told
    send(county.client("thiel"), path, path, grund=BUSY, bis=today)
    [made] = silences_of(county.app, number)
    assert "nur stumm schalten" in send(legal, f"{path}/{made.uid}/ende", path)
    assert silences_of(county.app, number) == [made]
    assert county.client("administrator").get(path).status_code == 404
