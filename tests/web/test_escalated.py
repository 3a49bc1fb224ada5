"""What climbs reaches the head of administration and the chair, on one page to act on it."""

from __future__ import annotations

import re

import pytest

from engine.core.case import Measure
from engine.core.meanings import StepMeans
from engine.services.cases import Deed, demand_participation, take
from engine.services.escalated import escalated, escalated_case
from engine.services.reading import file_of
from tests.web.county import County
from tests.web.test_department import registered
from tests.web.test_register import page


def referred(county: County, words: str, *, secrecy: str = "public") -> str:
    """Let a commissioner who was not asked turn to the council; return the case's number."""
    person = county.uid("yilmaz")
    measure = Measure(
        title="Mietvertrag für das alte Amtshaus",
        kind="beschlussvorlage",
        origin="administration",
        lead="fb-bau",
        municipality="musterheide",
        confidentiality=secrecy,
    )
    case = demand_participation(county.app, measure, Deed("", person, "integration"))
    flow = file_of(county.app, case.number).world.library.workflow(case.workflow)
    step = next(flow.steps_meaning(StepMeans.REFERRAL))
    fields = {f.name: words for f in step.takes if f.type == "text"}
    take(county.app, case.number, Deed(step.id, person, "integration", fields=fields))
    return case.number


def test_every_rung_that_told_the_head_stands_on_her_page(county: County) -> None:
    with county.app.database.read() as store:
        owed = [n for n in store.outbox.notices(limit=1000) if n.office == "landraetin"]
    rungs = {n.number for n in owed if "rung" in n.facts}
    assert rungs, "the demo lets a ladder climb to her"
    html = page(county.client("lange"), "/eskaliert")
    listed = set(re.findall(r'href="/eskaliert/(V-\d{4}-\d{4})"', html))
    assert listed == {n.number for n in owed if n.number}
    assert "Stufe 3" in html


def test_what_is_still_open_comes_first(county: County) -> None:
    marks = [e.still for e in escalated(county.app, ["landraetin"])]
    assert marks == sorted(marks, reverse=True)


def test_news_asks_for_nothing(county: County) -> None:
    for found in escalated(county.app, ["landraetin"]):
        for brought in found.brought:
            assert not (brought.news and brought.still)


def test_the_head_acts_from_one_page(county: County) -> None:
    number = next(
        e.file.case.number for e in escalated(county.app, ["landraetin"]) if e.file.case.findings
    )
    html = page(county.client("lange"), f"/eskaliert/{number}")
    assert "Was an Sie herangetragen wurde" in html
    assert "Als Nächstes" in html
    assert f'href="/vorhaben/{number}/schritt/' in html
    assert f'href="/vorhaben/{number}"' in html


def test_the_chair_hears_of_a_case_by_the_commissioners_act_alone(county: County) -> None:
    berger = county.client("berger")
    assert "Bisher ist nichts an Sie herangetragen worden." in page(berger, "/eskaliert")
    number = referred(county, "Der Kreistag soll meine Bedenken kennen.")
    assert number in page(berger, "/eskaliert")
    html = page(berger, f"/eskaliert/{number}")
    assert "Der Kreistag soll meine Bedenken kennen." in html
    assert "Hier ist kein Schritt von Ihnen vorgesehen" in html
    assert berger.get(f"/vorhaben/{number}").status_code == 404, "the file itself stays closed"
    assert f'href="/vorhaben/{number}"' not in html


def test_of_a_case_that_is_not_public_the_chair_reads_reference_and_date(county: County) -> None:
    number = referred(county, "Nicht für fremde Augen", secrecy="non_public")
    berger = county.client("berger")
    for path in ("/eskaliert", f"/eskaliert/{number}"):
        html = page(berger, path)
        assert number in html
        assert "Mietvertrag" not in html
        assert "fremde Augen" not in html


def test_what_was_not_brought_to_her_is_not_there(county: County) -> None:
    number = registered(county)
    assert county.client("berger").get(f"/eskaliert/{number}").status_code == 404
    assert escalated_case(county.app, ["landraetin"], number) is None


@pytest.mark.parametrize("person", ["weber", "yilmaz", "neumann", "sommer", "administrator"])
def test_nobody_else_has_such_a_page(county: County, person: str) -> None:
    assert county.client(person).get("/eskaliert").status_code == 404
