"""A department works on its cases: it informs, weighs, notes, and puts right what was skipped."""

from __future__ import annotations

import re
from html import unescape

from engine.core.hearing_note import hearing_note
from engine.core.meanings import StepMeans
from engine.services.cases import Deed, take
from engine.services.reading import file_of
from engine.services.registering import informed_in
from engine.services.trying import tried
from engine.store.store import Store
from tests.web.county import County
from tests.web.test_register import answer, fill, newest, page, register, send


def registered(county: County, *yes: str) -> str:
    weber = county.client("weber")
    fill(weber)
    answer(weber, *(yes or ("unterbringung",)))
    register(weber)
    return newest(county).number


def answered(county: County, number: str, points: int) -> str:
    """Let the commissioner state her view in so many points; return the participation's key."""
    file = file_of(county.app, number)
    heard = next(p for p in file.case.participations if p.office == "integration")
    step = next(file.world.library.workflow(heard.workflow).steps_meaning(StepMeans.STATEMENT))
    fields: dict[str, object] = {}
    for wanted in step.takes:
        if wanted.type == "choice" and not wanted.optional:
            fields[wanted.name] = wanted.options[2]
        if wanted.type == "wording":
            fields[wanted.name] = "So nicht."
        if wanted.type == "points":
            fields[wanted.name] = [
                {"number": n, "text": f"Sache {n}"} for n in range(1, points + 1)
            ]
    yilmaz = county.uid("yilmaz")
    take(county.app, number, Deed(step.id, yilmaz, participation=heard.key, fields=fields))
    return heard.key


def case_path(number: str) -> str:
    return f"/vorhaben/{number}"


# --- informing


def test_everybody_is_informed_on_one_page(county: County) -> None:
    number = registered(county, "unterbringung", "publikumsverkehr")
    weber = county.client("weber")
    assert "Beteiligung einleiten" in page(weber, case_path(number))
    html = page(weber, f"{case_path(number)}/informieren")
    assert html.count("rz-letter__body") == 2
    assert "vorhanden" in html
    key = re.findall(r'name="key" value="([^"]+)"', html)[0]
    told = send(weber, f"{case_path(number)}/informieren", {"key": key})
    assert "Gesendet" in told
    informed = [e for e in file_of(county.app, number).lines if e.plain["means"] == "information"]
    assert {e.plain["participation"] for e in informed} >= {
        "integration/anhoerung/1",
        "behinderung/anhoerung/1",
    }
    twice = send(weber, f"{case_path(number)}/informieren", {"key": key})
    assert "Beteiligung einleiten" not in twice


def test_a_step_that_informs_is_shown_in_its_wording_before_it_is_taken(county: County) -> None:
    number = registered(county)
    weber = county.client("weber")
    [heard] = newest(county).participations
    form = next(
        unescape(p)
        for p in re.findall(r'href="([^"]*/schritt/[^"]*)"', page(weber, case_path(number)))
        if "integration" in p and "informieren" in p
    )
    html = page(weber, form)
    hidden = dict(re.findall(r'type="hidden" name="(key|seen_\w+)" value="([^"]*)"', html))
    before = len(file_of(county.app, number).lines)
    shown = send(weber, form, {**hidden, "gestaltbar": "teilweise"})
    assert "Jetzt informieren" in shown
    assert "Unterlagen vollständig" in shown
    assert "rz-letter__body" in shown
    assert len(file_of(county.app, number).lines) == before, "nothing has happened yet"
    told = send(weber, f"{form}/vorschau", {})
    assert "Gesendet" in told
    after = file_of(county.app, number).case.participation(heard.key)
    assert after is not None
    assert after.given["gestaltbar"] == "teilweise"
    assert weber.get(f"{form}/vorschau").status_code == 404


def test_what_was_tried_leaves_no_trace(county: County) -> None:
    number = registered(county)
    before = file_of(county.app, number)
    deed = Deed("", county.uid("weber"), "fb-soziales", key="tried")

    def informed(store: Store) -> int:
        case = store.cases.get(number)
        return len(informed_in(county.app, store, case, deed, {}).case.deadlines)

    assert tried(county.app, informed) > 0
    after = file_of(county.app, number)
    assert (after.case, after.lines, after.notices) == (before.case, before.lines, before.notices)


def test_missing_documents_stand_on_the_page_of_the_case(county: County) -> None:
    weber = county.client("weber")
    fill(weber, paper=False)
    answer(weber, "unterbringung")
    register(weber)
    html = page(weber, case_path(newest(county).number))
    assert "Unterlagen vollständig:" in html
    assert "fehlt" in html


# --- weighing


def weighing(county: County, points: int) -> tuple[str, str]:
    number = registered(county)
    weber = county.client("weber")
    key = re.findall(r'name="key" value="([^"]+)"', page(weber, f"{case_path(number)}/informieren"))
    send(weber, f"{case_path(number)}/informieren", {"key": key[0]})
    heard = answered(county, number, points)
    flow = file_of(county.app, number).world.library.workflow(
        next(p for p in newest(county).participations if p.key == heard).workflow
    )
    step = next(flow.steps_meaning(StepMeans.WEIGHING)).id
    return number, f"{case_path(number)}/beteiligung/{heard.replace('/', '~')}/schritt/{step}"


def sent_with(county: County, path: str, fields: dict[str, object]) -> str:
    weber = county.client("weber")
    html = page(weber, path)
    hidden = dict(re.findall(r'type="hidden" name="(key|seen_\w+)" value="([^"]*)"', html))
    return send(weber, path, {**hidden, **fields})


def test_each_point_is_weighed_by_itself_and_a_no_needs_its_reason(county: County) -> None:
    number, path = weighing(county, 3)
    html = page(county.client("weber"), path)
    assert "Punkt 3 von 3" in html
    assert "Sache 2" in html
    given: dict[str, object] = {
        "wuerdigung.1": "followed",
        "wuerdigung.2": "followed",
        "wuerdigung.3": "not_followed",
    }
    refused = sent_with(county, path, given)
    assert "Punkt 3: Begründen Sie" in refused
    assert 'value="not_followed" checked' in refused.replace("  ", " ")
    sent_with(county, path, {**given, "wuerdigung.3.grund": "Das Geld fehlt."})
    note = page(county.client("weber"), f"{case_path(number)}/pruefvermerk")
    assert "in 2 von 3 Punkten gefolgt" in note


# --- the note for the paper


def test_the_note_names_days_norms_and_results_of_all(county: County) -> None:
    weber = county.client("weber")
    number = next(
        n
        for n in re.findall(r"V-\d{4}-\d{4}", page(weber, "/vorhaben"))
        if len(file_of(county.app, n).case.participations) == 2
    )
    html = page(weber, f"{case_path(number)}/pruefvermerk")
    assert "Integrationsbeauftragte: informiert am" in html
    assert "Beauftragter für Menschen mit Behinderungen: informiert am" in html
    assert "§ 6 Hauptsatzung Musterheide" in html
    assert "Stellungnahme vom" in html
    assert "in 1 von 2 Punkten gefolgt" in html
    assert not re.search(r"Prüfcode \w{4}-\w{4}", html), "no code that nobody could check"


def test_a_note_with_a_code_ends_with_it(county: County) -> None:
    file = file_of(county.app, registered(county))
    note = hearing_note(file.case, file.world, file.lines, code="7F3K-92QD")
    assert note.text().de.splitlines()[-1] == "Prüfcode 7F3K-92QD"


def test_a_note_says_who_has_not_been_heard_yet(county: County) -> None:
    number = registered(county)
    html = page(county.client("weber"), f"{case_path(number)}/pruefvermerk")
    assert "noch nicht informiert" in html
    assert "derzeit:" in html


def test_the_note_names_the_version_of_the_paper(county: County) -> None:
    number = registered(county)
    assert "Fassung 1 der Vorlage" in page(
        county.client("weber"), f"{case_path(number)}/pruefvermerk"
    )


def test_a_note_is_none_of_somebody_elses_business(county: County) -> None:
    number = registered(county)
    assert county.client("richter").get(f"{case_path(number)}/pruefvermerk").status_code == 404


# --- when it went wrong


def skipped(county: County) -> str:
    """The case of the demo that was decided without a participation."""
    weber = county.client("weber")
    numbers: list[str] = re.findall(r"V-\d{4}-\d{4}", page(weber, "/vorhaben"))
    return next(n for n in numbers if file_of(county.app, n).case.findings)


def test_a_skipped_participation_stands_above_all_with_what_helps(county: County) -> None:
    number = skipped(county)
    html = page(county.client("weber"), case_path(number))
    assert "Beteiligung unterblieben" in html
    assert "eine Information ist nicht dokumentiert." in html
    assert html.index("eine Information ist nicht dokumentiert") < html.index('id="als-naechstes"')
    finding = html.partition('class="rz-finding')[2].partition("</article>")[0]
    assert "Unterbliebene Beteiligung wird nachgeholt" in finding
    assert f'href="{case_path(number)}/' in finding, "the remedy can be done from here"
    assert "versäumt haben" not in html


def test_the_ladder_is_shown_before_it_climbs(county: County) -> None:
    number = registered(county)
    html = page(county.client("weber"), case_path(number))
    assert "Was geschieht, wenn nichts geschieht" in html
    assert "falls bis dahin nichts geschieht" in html
    assert "Stufe 2: an Dezernat II" in html
    assert "Stufe 3: an Landrätin, Rechtsamt" in html


# --- the first page


def test_a_department_finds_its_measures_in_three_groups(county: County) -> None:
    html = page(county.client("weber"), "/")
    places = [html.index(f'id="{i}"') for i in ("am-zug", "andere", "abgeschlossen")]
    assert places == sorted(places)
    assert "Meine Vorhaben" in html
    assert 'href="/vorhaben/neu"' in html
    assert 'href="/vorhaben/neu"' not in page(county.client("neumann"), "/")
