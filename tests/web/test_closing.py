"""The normal case closes itself: one form, one confirmation, and nobody logs in for it again."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from engine.core.meanings import StateMeans, StepMeans
from engine.core.visibility import Actor
from engine.core.workflow import CLOCK
from engine.services.obligations import running_states
from engine.services.reading import file_of, house_of
from engine.services.training_clock import let_days_go_by
from engine.web.inbox import inbox
from engine.worker import one_round
from tests.web.county import County, token_in
from tests.web.test_commissioner import form_of
from tests.web.test_register import FAR, answer, fill, newest, page, register, send

REST = 45
"""More days than the house value of the training county can span, holidays included."""

COMMISSIONER = "integration"


def days_pass(county: County, days: int) -> None:
    let_days_go_by(county.app, county.clock, days, one_round)


def registered(county: County) -> str:
    """Let the department register and inform: one form, one confirmation."""
    weber = county.client("weber")
    fill(weber)
    answer(weber, "unterbringung")
    register(weber, "informieren")
    return newest(county).number


def answered(county: County, number: str) -> None:
    her = county.client("yilmaz")
    path = f"/vorhaben/{number}/beteiligung/{COMMISSIONER}~anhoerung~1/schritt/stellungnahme"
    said = {"ergebnis": "keine_bedenken", "wortlaut": "Keine Bedenken.", "zuleitung": "anlage"}
    done = her.post(path, data={**form_of(her, path), **said, "abgegeben": "1"})
    assert done.status_code in (200, 303), done.text


def entered(county: County, number: str, day: date) -> None:
    """Let the council office enter the outcome in the table of the sitting."""
    office = county.client("sommer")
    at = {"ort": "musterheide", "gremium": "Kreistag", "tag": day.isoformat()}
    html = office.get(f"/sitzungen/ergebnisse?{urlencode(at)}").text
    rows = html.partition(f'name="ergebnis.{number}"')[2].partition("</select>")[0]
    found = {label: v for v, label in re.findall(r'value="([^"]+)"[^>]*>([^<]+)<', rows)}
    fields: dict[str, Any] = {"all.gremium": "vertretung", "grund": "nach der Sitzung", "key": "k"}
    fields |= {f"ergebnis.{number}": found["beschlossen"], f"papier.{number}": "1"}
    data = {"_csrf": token_in(html), **at, **fields}
    assert office.post("/sitzungen/ergebnisse", data=data).status_code == 303


def decided(county: County) -> str:
    number = registered(county)
    answered(county, number)
    sitting = house_of(county.app).today + timedelta(days=FAR)
    days_pass(county, FAR + 1)
    entered(county, number, sitting)
    return number


def waits_for(county: County, office: str, number: str) -> list[str]:
    """Return what an office is asked to do in a case, without anybody signing in."""
    found = inbox(county.app, Actor("", (office,)))
    return [item.what.de for item in found.mine if item.number == number]


def meaning(county: County, number: str) -> StateMeans:
    file = file_of(county.app, number)
    return file.world.library.workflow(file.case.workflow).meaning(file.case.state)


@pytest.fixture
def number(county: County) -> str:
    """A case that was decided in the normal way."""
    return decided(county)


def test_the_normal_case_needs_one_form_one_confirmation_and_no_later_log_in(
    county: County,
) -> None:
    number = registered(county)
    told = len(file_of(county.app, number).lines)
    answered(county, number)
    sitting = house_of(county.app).today + timedelta(days=FAR)
    days_pass(county, FAR + 1)
    entered(county, number, sitting)
    assert meaning(county, number) is StateMeans.DECIDED
    assert waits_for(county, "fb-soziales", number) == []
    days_pass(county, REST)
    file = file_of(county.app, number)
    assert meaning(county, number) is StateMeans.FINAL
    assert file.lines[-1].actor == CLOCK
    assert file.lines[-1].plain["means"] == StepMeans.CLOSING.value
    later = [e for e in file.lines[told:] if e.actor == county.uid("weber")]
    assert later == [], "what the department did it did with its one confirmation"
    assert not [d for d in file.case.deadlines if d.open], "nothing is owed by anybody"
    reminded = [n for n in file.notices if "rung" in n.facts and n.office == "fb-soziales"]
    assert reminded == []
    assert file.case.findings == ()


def test_whoever_took_part_learns_of_the_decision_and_of_the_end(
    county: County, number: str
) -> None:
    days_pass(county, REST)
    letters = [n.letter for n in file_of(county.app, number).notices if n.office == COMMISSIONER]
    assert letters.count("entscheidung") == 1
    assert letters.count("abgeschlossen") == 1
    lead = [n.letter for n in file_of(county.app, number).notices if n.office == "fb-soziales"]
    assert lead.count("abgeschlossen") == 1


def test_until_then_the_page_says_that_the_clock_will_close_it(county: County, number: str) -> None:
    weber = county.client("weber")
    html = page(weber, f"/vorhaben/{number}")
    assert "Am Zug: von selbst" in html
    assert "Hauswert Abschluss (Hauswert, erfunden)" in html, "never shown as statute"
    [term] = re.findall(r'href="([^"]*/frist/[^"]*/abschluss/\d+)"', html)
    assert "von selbst" in page(weber, term)
    weber.get("/sprache/en")
    assert "Whose turn: by itself" in page(weber, f"/vorhaben/{number}")


def test_the_closed_case_says_who_closed_it_and_how_it_opens_again(
    county: County, number: str
) -> None:
    days_pass(county, REST)
    weber = county.client("weber")
    html = page(weber, f"/vorhaben/{number}")
    assert "von selbst abgeschlossen" in html
    assert "darum hat der Fristenlauf den Vorgang abgeschlossen" in html
    assert "wieder aufnehmen" in html
    assert number in page(weber, "/").partition("Abgeschlossen")[2]
    weber.get("/sprache/en")
    assert "the clock has closed the case" in page(weber, f"/vorhaben/{number}")


def test_the_department_takes_a_closed_case_up_again_and_everybody_hears_of_it(
    county: County, number: str
) -> None:
    days_pass(county, REST)
    weber = county.client("weber")
    path = f"/vorhaben/{number}/schritt/wieder_aufnehmen"
    hidden = re.findall(r'type="hidden" name="(key|seen_\w+)" value="([^"]*)"', page(weber, path))
    send(weber, path, {**dict(hidden), "grund": "Es kam ein Nachtrag."})
    file = file_of(county.app, number)
    assert meaning(county, number) is StateMeans.DECIDED
    told = {n.office for n in file.notices if n.letter == "wieder_geoeffnet"}
    assert told == {COMMISSIONER, "fb-soziales"}
    days_pass(county, REST)
    assert file_of(county.app, number).case.state not in running_states(house_of(county.app))


def test_she_may_still_speak_in_a_closed_case(county: County, number: str) -> None:
    """Nobody has taken anything from her by doing nothing."""
    days_pass(county, REST)
    html = page(county.client("yilmaz"), f"/vorhaben/{number}")
    assert "/schritt/ergaenzen" in html
    assert "/schritt/an_vertretung_wenden" in html
