"""The administrator sees that the server's clock is doubted, and says that it is right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.clock import SteadyClock
from engine.services.timekeeping import TRUSTED, mind_clock
from engine.store.chains import SYSTEM
from tests.test_clock import FakeMachine
from tests.web.county import County, token_in

PAGE = "/verwaltung/fristenlauf"


def leapt(county: County) -> FakeMachine:
    """Let the county's clock be that of a machine that leaps an hour ahead."""
    machine = FakeMachine(wall=datetime.now(UTC) + timedelta(days=400))
    county.app.clock = SteadyClock(machine)
    mind_clock(county.app)
    machine.set(timedelta(hours=1))
    mind_clock(county.app)
    return machine


def test_an_administrator_vouches_for_the_clock(county: County) -> None:
    machine = leapt(county)
    asked = county.client("administrator")
    page = asked.get(PAGE)
    assert "im Zweifel" in page.text
    assert "60 Minuten vorgestellt" in page.text
    assert asked.post(PAGE, data={"_csrf": token_in(page.text)}).status_code == 303
    after = asked.get(PAGE).text
    assert "im Zweifel" not in after.replace("Bis jemand", "").partition("Wann die Uhr")[0]
    assert county.app.clock.now() == machine.wall
    with county.app.database.read() as store:
        [said] = store.chains.typed(SYSTEM, TRUSTED)
    assert said.plain["word"] == "person"
    assert said.actor not in ("", "setup")


def test_there_is_no_button_while_the_clock_is_believed(county: County) -> None:
    asked = county.client("administrator")
    page = asked.get(PAGE)
    assert f'action="{PAGE}"' not in page.text
    token = token_in(page.text)
    assert asked.post(PAGE, data={"_csrf": token}).status_code == 409


def test_nobody_else_vouches_for_the_clock(county: County) -> None:
    leapt(county)
    asked = county.client("weber")
    token = token_in(asked.get("/vorhaben").text)
    assert asked.post(PAGE, data={"_csrf": token}).status_code == 404
