"""The Durchsicht: the page, the command and the cases say the same, to the legal office alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.cli.app import main
from engine.core.offices import Absence
from engine.core.sweep import TITLES, Flaw
from engine.services.itself import by
from engine.services.legal.sweep import sweep
from tests.installation import MONDAY, House, house
from tests.web.county import County, county_in, played

__all__ = ["played"]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[House]:
    found = house(tmp_path / "haus")
    yield found
    found.app.close()


@pytest.fixture(scope="module")
def late(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """The county, in which one plan can no longer be kept."""
    made = county_in(played, tmp_path_factory.mktemp("swept") / "county")
    assert {x.flaw for x in sweep(made.app).lines} >= {Flaw.EARLY}
    yield made
    made.app.close()


def test_a_case_in_order_is_read_and_not_named(small: House) -> None:
    small.register()
    found = sweep(small.app)
    assert (found.cases, found.whole, found.lines) == (1, True, ())


def test_every_open_case_is_read_and_each_flaw_leads_to_its_case(small: House) -> None:
    numbers = [small.register().number for _ in range(3)]
    small.clock.turn(date(2026, 6, 12))
    found = sweep(small.app)
    assert found.cases == 3
    assert {x.number for x in found.of(Flaw.PASSED)} == set(numbers)
    assert all(x.number in x.page for x in found.of(Flaw.PASSED))
    assert found.counts[Flaw.PASSED] == 3


def test_what_a_visit_does_not_read_it_says(small: House) -> None:
    for _ in range(3):
        small.register()
    found = sweep(small.app, limit=2)
    assert (found.cases, found.whole) == (2, False)
    assert sweep(small.app, limit=3).whole


def test_where_all_of_an_office_are_away_on_the_last_day_it_is_named(small: House) -> None:
    small.register()
    with small.app.database.write() as store:
        held = small.app.world(store).roster.tenures
        everybody = [t.person for t in held if t.office == "fb-soziales"]
        for person in everybody:
            away = Absence(person, MONDAY, MONDAY + timedelta(days=90))
            store.save_absence(away, by(small.app, "absence"))
    [named] = sweep(small.app).of(Flaw.AWAY)
    assert "Fachbereich Soziales" in named.text.de


def test_the_command_says_what_the_pages_say(
    late: County, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["audit", "sweep", "--data", str(late.folder), "--json"])
    assert not ended.value.code
    said = json.loads(capsys.readouterr().out)
    lines = sweep(late.app).lines
    assert [(x["flaw"], x["case"]) for x in said["lines"]] == [(x.flaw, x.number) for x in lines]
    page = late.client("neumann").get("/durchsicht").text
    for line in lines:
        assert line.number in page
        assert line.text.de in page
        assert f'href="{line.page}"' in page or line.page.startswith("/verwaltung")


def test_the_state_of_affairs_leads_to_it(late: County) -> None:
    assert 'href="/durchsicht"' in late.client("neumann").get("/lagebild").text


@pytest.mark.parametrize("person", ["weber", "yilmaz", "administrator"])
def test_nobody_else_sees_it(late: County, person: str) -> None:
    assert late.client(person).get("/durchsicht").status_code == 404


def test_it_reads_in_english(late: County) -> None:
    client = late.client("neumann")
    client.get("/sprache/en")
    page = client.get("/durchsicht").text
    assert TITLES[Flaw.EARLY].en in page
