"""A department registers what it plans, and knows what will come of it before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from engine.core.case import Case
from engine.core.meanings import StateMeans, StepMeans
from engine.core.wording import day_text
from engine.core.world import Session
from engine.delivery.links import masked
from engine.services.cases import Deed, take
from engine.services.reading import file_of
from engine.services.sessions import save_new
from engine.services.training_clock import let_days_go_by
from engine.worker import one_round
from tests.installation import local_today
from tests.web.county import County, token_in

NEW = "/vorhaben/neu"
FAR = 80
"""So many days ahead a sitting can be met with ease."""


def page(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.headers.get("location"))
    return unescape(answer.text)


def send(client: TestClient, path: str, fields: Mapping[str, object], **more: object) -> str:
    """Send a form as its page would, follow where it leads, and return that page."""
    token = token_in(client.get("/").text)
    answer = client.post(path, data={"_csrf": token, **fields}, **more)  # type: ignore[arg-type]
    if answer.status_code == 303:
        return page(client, answer.headers["location"])
    return unescape(answer.text)


def questions(client: TestClient) -> list[str]:
    html = page(client, f"{NEW}/betroffenheit")
    return list(dict.fromkeys(re.findall(r'name="(frage\.[a-z_]+)"', html)))


def fill(client: TestClient, *, days: int = FAR, paper: bool = True, **fields: Any) -> str:
    """Send the first page, with a paper if wanted; return the page it leads to."""
    on = local_today() + timedelta(days=days)
    typed = {
        "titel": "Sprachkurse im Bürgerhaus",
        "beschreibung": "Zwei Kurse je Woche, offen für alle.",
        "entscheidet": "gremium:musterheide:Kreistag",
        "tag": on.isoformat(),
        "art": "beschlussvorlage",
        "nummer": "V 140",
        "vertraulichkeit": "public",
        "weiter": "1",
        **fields,
    }
    files = [("unterlagen", ("vorlage.txt", b"Entwurf der Vorlage", "text/plain"))]
    return send(client, NEW, typed, **({"files": files} if paper else {}))


def answer(client: TestClient, *yes: str) -> str:
    """Answer the questions, those named with yes, and return the page with the result."""
    given = {q: "ja" if q.removeprefix("frage.") in yes else "nein" for q in questions(client)}
    return send(client, f"{NEW}/betroffenheit", given)


def register(client: TestClient, do: str = "anmelden") -> str:
    """Confirm what the page with the result shows."""
    key = re.findall(r'name="key" value="([^"]+)"', page(client, f"{NEW}/anmelden"))[0]
    return send(client, f"{NEW}/anmelden", {"tun": do, "key": key})


def newest(county: County) -> Case:
    with county.app.database.read() as store:
        return store.cases.get(store.cases.list(limit=1)[0].number)


def count(county: County) -> int:
    with county.app.database.read() as store:
        return len(store.cases.list(limit=200))


# --- the normal case


def test_the_normal_case_is_one_form_and_one_confirmation(county: County) -> None:
    weber = county.client("weber")
    fill(weber)
    shown = answer(weber, "unterbringung")
    assert "Anmelden und jetzt informieren" in shown
    done = register(weber, "informieren")
    assert "Angemeldet als" in done
    assert "Die Frist beginnt mit dem Eingang; wir sagen Ihnen Bescheid." in done
    case = newest(county)
    [heard] = case.participations
    yilmaz = county.uid("yilmaz")
    file = file_of(county.app, case.number)
    flow = file.world.library.workflow(heard.workflow)
    step = next(flow.steps_meaning(StepMeans.STATEMENT))
    result = next(f for f in step.takes if f.type == "choice" and not f.optional)
    words = next(f for f in step.takes if f.type == "wording")
    take(
        county.app,
        case.number,
        Deed(
            step.id,
            yilmaz,
            participation=heard.key,
            fields={result.name: result.options[0], words.name: "Keine Bedenken."},
        ),
    )
    let_days_go_by(county.app, county.clock, FAR, one_round)
    decided(county, case.number)
    let_days_go_by(county.app, county.clock, 30, one_round)
    file = file_of(county.app, case.number)
    lines = [e for e in file.lines if e.actor == county.uid("weber")]
    assert [e.plain["means"] for e in lines] == ["registration", "information", "information"]
    assert not file.case.findings
    assert not [d for d in file.case.deadlines if d.open], "nothing is owed by anybody"
    reminded = [n.letter for n in file.notices if "rung" in n.facts and n.office == "fb-soziales"]
    assert reminded == [], "and nobody was reminded of anything"


def decided(county: County, number: str) -> None:
    """The council office enters the outcome, as an import does."""
    case = file_of(county.app, number).case
    flow = file_of(county.app, number).world.library.workflow(case.workflow)
    step = next(flow.steps_meaning(StepMeans.DECISION))
    fields = {f.name: f.options[0] for f in step.takes if f.type == "choice"}
    take(county.app, number, Deed(step.id, county.uid("sommer"), fields=fields))
    case = file_of(county.app, number).case
    assert flow.meaning(case.state) is StateMeans.DECIDED


def test_registering_only_informs_nobody_and_keeps_what_is_fixed(county: County) -> None:
    weber = county.client("weber")
    fill(weber, fest="teilweise")
    answer(weber, "unterbringung")
    done = register(weber, "anmelden")
    case = newest(county)
    file = file_of(county.app, case.number)
    assert [e.plain["means"] for e in file.lines] == ["registration"]
    assert "Was schon feststeht: teilweise festgelegt." in str(file.lines[0].private)
    assert "Beteiligung einleiten" in done


def test_twice_the_same_confirmation_opens_one_file(county: County) -> None:
    weber = county.client("weber")
    fill(weber)
    answer(weber)
    before = count(county)
    key = re.findall(r'name="key" value="([^"]+)"', page(weber, f"{NEW}/anmelden"))[0]
    first = send(weber, f"{NEW}/anmelden", {"tun": "anmelden", "key": key})
    again = send(weber, f"{NEW}/anmelden", {"tun": "anmelden", "key": key})
    assert count(county) == before + 1
    assert newest(county).number in first
    assert newest(county).number in again


def test_a_confirmation_of_another_draft_is_looked_at_again(county: County) -> None:
    weber = county.client("weber")
    fill(weber)
    answer(weber)
    before = count(county)
    told = send(weber, f"{NEW}/anmelden", {"tun": "anmelden", "key": "another"})
    assert "hat sich inzwischen geändert" in told
    assert count(county) == before


# --- the draft


def test_a_draft_saves_itself_and_only_its_author_sees_it(county: County) -> None:
    weber = county.client("weber")
    token = token_in(weber.get("/").text)
    told = weber.post(f"{NEW}/entwurf", data={"_csrf": token, "titel": "Noch geheim"})
    assert told.status_code == 200
    assert re.fullmatch(r"Entwurf gespeichert um \d\d:\d\d Uhr\.", told.text)
    assert "Noch geheim" in page(weber, NEW)
    assert "Noch geheim" in page(weber, "/")
    for other in ("richter", "krause", "sommer"):
        assert "Noch geheim" not in page(county.client(other), NEW)


def test_without_a_script_a_button_saves_the_draft(county: County) -> None:
    weber = county.client("weber")
    told = send(weber, NEW, {"titel": "Nur begonnen", "speichern": "1"})
    assert "Entwurf gespeichert um" in told
    assert "Nur begonnen" in told


def test_a_document_of_the_draft_stays_until_it_is_removed(county: County) -> None:
    weber = county.client("weber")
    fill(weber)
    html = page(weber, NEW)
    assert "vorlage.txt" in html
    uid = re.findall(r'name="entfernen" value="([^"]+)"', html)[0]
    assert "vorlage.txt" not in send(weber, NEW, {"entfernen": uid})


def test_an_earlier_measure_is_a_pattern(county: County) -> None:
    weber = county.client("weber")
    number = re.findall(r'value="(V-\d{4}-\d{4})"', page(weber, NEW))[0]
    measure = file_of(county.app, number).case.measure
    html = send(weber, f"{NEW}/wie", {"vorgang": number})
    assert f'value="{measure.title}"' in html
    assert measure.stages[-1].day is not None
    assert f'value="{measure.stages[-1].day.isoformat()}"' not in html


def test_a_measure_that_she_may_not_see_is_no_pattern(county: County) -> None:
    richter = county.client("richter")
    token = token_in(richter.get("/").text)
    answer_ = richter.post(f"{NEW}/wie", data={"_csrf": token, "vorgang": "V-2099-0001"})
    assert answer_.status_code == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"titel": " "}, "Sagen Sie, worum es geht."),
        ({"entscheidet": ""}, "Wählen Sie, wer entscheidet."),
        ({"tag": "morgen"}, "ist kein Tag"),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    county: County, fields: dict[str, Any], words: str
) -> None:
    html = fill(county.client("weber"), **fields)
    assert words in html
    assert f'href="#f-{next(iter(fields))}"' in html


# --- whom it touches


def test_the_result_names_who_takes_part_and_who_does_not_with_reasons(county: County) -> None:
    weber = county.client("weber")
    fill(weber)
    html = answer(weber, "unterbringung")
    takes_part, _, rest = html.partition('id="nicht-zu-beteiligen"')
    assert "Integrationsbeauftragte" in takes_part.partition('id="zu-beteiligen"')[2]
    assert "§ 6 Hauptsatzung Musterheide" in takes_part
    assert "Beauftragter für Menschen mit Behinderungen" in rest
    assert "Niemand von außen benutzt" in rest


def test_every_question_needs_an_answer(county: County) -> None:
    weber = county.client("weber")
    fill(weber)
    [first, *_] = questions(weber)
    html = send(weber, f"{NEW}/betroffenheit", {first: "ja"})
    assert html.count("Noch offen:") >= len(questions(weber)) - 1


def test_to_leave_an_office_out_needs_a_reason_that_it_reads(county: County) -> None:
    weber = county.client("weber")
    fill(weber)
    answer(weber, "unterbringung")
    refused = send(weber, f"{NEW}/anders", {"ohne": "betrifft_integration"})
    assert "Begründen Sie" in refused
    reason = {"ohne": "betrifft_integration", "begruendung": "Nur der Anstrich wird erneuert."}
    html = send(weber, f"{NEW}/anders", reason)
    assert "weicht mit Begründung von der Tabelle ab" in html
    register(weber, "anmelden")
    file = file_of(county.app, newest(county).number)
    assert not file.case.participations
    told = [n for n in file.notices if n.office == "integration"]
    assert told, "the commissioner hears that she was left out"


def test_somebody_is_asked_all_the_same_without_a_reason(county: County) -> None:
    weber = county.client("weber")
    fill(weber)
    answer(weber)
    send(weber, f"{NEW}/anders", {"auch": "betrifft_integration"})
    register(weber, "anmelden")
    assert [p.office for p in newest(county).participations] == ["integration"]


# --- the plan and the letters, before anything is done


def test_the_plan_is_shown_before_the_registration(county: County) -> None:
    weber = county.client("weber")
    fill(weber)
    html = answer(weber, "unterbringung")
    assert "Rechtzeitig möglich" in html
    assert "§ 4 Dienstanweisung Beteiligung Musterheide" in html
    on = day_text(local_today() + timedelta(days=FAR))
    assert on.de in html


def test_a_plan_that_is_too_late_says_what_can_be_done(county: County) -> None:
    weber = county.client("weber")
    fill(weber, days=6)
    html = answer(weber, "unterbringung")
    assert "So nicht mehr rechtzeitig" in html
    assert "Möglichkeiten" in html
    assert "Eilfall" in html


def test_the_preview_is_the_very_mail(county: County) -> None:
    weber = county.client("weber")
    fill(weber)
    html = answer(weber, "unterbringung")
    before = count(county)
    [shown] = re.findall(r'class="rz-letter__body">(.*?)</div>', html, re.DOTALL)
    assert count(county) == before, "showing it has registered nothing"
    register(weber, "informieren")
    let_days_go_by(county.app, county.clock, 0, one_round)
    one_round(county.app)
    number = newest(county).number
    mails = [m.read_text("utf-8") for m in county.app.config.mails.glob("*.txt")]
    [sent] = [m for m in mails if number in m and "yilmaz@" in m]
    plain = " ".join(shown.split())
    assert plain in " ".join(masked(sent).split())


def test_without_the_paper_nobody_can_be_informed_and_that_is_said(county: County) -> None:
    weber = county.client("weber")
    fill(weber, paper=False)
    html = answer(weber, "unterbringung")
    assert "fehlt" in html
    assert "Anmelden und jetzt informieren" not in html
    assert "Vorhaben anmelden" in html


# --- twins


def test_a_second_file_for_the_same_number_is_refused(county: County) -> None:
    weber = county.client("weber")
    fill(weber, nummer="V 131")
    answer(weber)
    before = count(county)
    html = register(weber, "anmelden")
    assert "gibt es schon den Vorgang" in html
    assert count(county) == before


def test_the_same_title_is_a_hint_only(county: County) -> None:
    weber = county.client("weber")
    fill(weber, titel="Betreibervertrag für die Gemeinschaftsunterkunft am Nordhafen", nummer="")
    assert "könnte dasselbe Vorhaben sein" in answer(weber)
    assert "Angemeldet als" in register(weber, "anmelden")


# --- who may


@pytest.mark.parametrize("person", ["yilmaz", "neumann", "berger", "administrator"])
def test_who_plans_nothing_finds_no_registration(county: County, person: str) -> None:
    assert county.client(person).get(NEW).status_code == 404


def test_the_council_office_registers_for_others(county: County) -> None:
    sommer = county.client("sommer")
    html = page(sommer, NEW)
    assert "Federführende Stelle" in html
    assert "Woher kommt es?" in html
    fill(sommer, federfuehrung="fb-bau", herkunft="fraction")
    answer(sommer)
    register(sommer, "anmelden")
    measure = newest(county).measure
    assert (measure.lead, measure.origin) == ("fb-bau", "fraction")


def sittings(county: County) -> list[Session]:
    """Enter two sittings of the committee and the council; return them by day."""
    first = local_today() + timedelta(days=70)
    rows = [
        Session(f"s-{body}", body, first + timedelta(days=n * 14), "musterheide")
        for n, body in enumerate(("Sozialausschuss", "Kreistag"))
    ]
    save_new(county.app, rows)
    return rows


def test_sittings_come_from_the_calendar_and_the_first_body_decides_the_plan(
    county: County,
) -> None:
    committee, council = sittings(county)
    weber = county.client("weber")
    fill(weber, sitzung=council.uid, vorher=committee.uid, tag="")
    html = answer(weber, "unterbringung")
    assert "erste Beratung, maßgeblich" in html
    assert html.index(day_text(council.day).de) < html.index(day_text(committee.day).de)
    register(weber)
    stages = newest(county).measure.stages
    assert [(s.session, s.role) for s in stages] == [
        (committee.uid, "vorberatung"),
        (council.uid, "entscheidung"),
    ]


def test_a_sitting_of_another_body_is_no_sitting_of_the_one_that_decides(county: County) -> None:
    committee, _ = sittings(county)
    html = fill(county.client("weber"), sitzung=committee.uid, tag="")
    assert "Die Sitzung gehört zu Sozialausschuss; entscheiden soll aber Kreistag." in html


def test_equal_plans_are_drawn_once(county: County) -> None:
    weber = county.client("weber")
    fill(weber)
    html = answer(weber, "unterbringung", "publikumsverkehr")
    assert html.count('class="rz-timeline"') == 1
    assert html.count("rz-letter__body") == 2


@pytest.mark.parametrize("person", ["weber", "sommer"])
def test_the_form_has_at_most_twelve_fields(county: County, person: str) -> None:
    sittings(county)
    html = page(county.client(person), NEW).partition("data-autosave")[2].partition("</form>")[0]
    names = set(
        re.findall(r'<(?:input(?! type="hidden")|select|textarea)[^>]* name="([^"_][^"]*)"', html)
    )
    assert 8 <= len(names) <= 12, sorted(names)
