"""What lawyers do with definitions: read them, compare them, answer for them, draft from them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import shipped
from engine.cli import app as commands
from engine.core.concern import ConcernTable
from engine.core.conditions import ALWAYS, All, AnyOf, Condition, Is, Not, Within, names
from engine.core.ledger import broken
from engine.core.meanings import Confidence, Event, Governs, StateMeans
from engine.core.phrases import norm
from engine.core.replay import Differs
from engine.core.rules import Confirmed, Duty, NamedValue, Provision, Remedy, RulePack, Term
from engine.core.staleness import stale, stale_packs, stale_text
from engine.core.workflow import Workflow
from engine.core.world import Municipality
from engine.definitions.clauses import Vocabulary, clause, lines
from engine.definitions.commentary import Place, commentary, speech
from engine.definitions.conditions import TRAITS
from engine.definitions.differences import Change, Kind, pack_changes, workflow_changes
from engine.definitions.documents import (
    ConcernDoc,
    ConcernRowDoc,
    DutyDoc,
    PackDoc,
    ProvisionDoc,
    ProvisionExampleDoc,
    RemedyDoc,
    TermDoc,
)
from engine.definitions.drafting import drafts
from engine.definitions.library import Definitions, compile_all, definition, offered
from engine.definitions.pages import as_html, as_markdown
from engine.definitions.parts import LABELS
from engine.definitions.provisions import EVENTS, content
from engine.definitions.rehearsal import examples_in, wrong_dates
from engine.definitions.said import CASE, CONFIDENCE, GOVERNS, TRAIT_TITLES
from engine.definitions.said import TRAITS as TRAIT_WORDS
from engine.delivery.titles import letter_titles
from engine.errors import EngineError, InputError, NotFound, Refused, Text
from engine.services.confirmations import confirm
from engine.services.definitions import activate_files
from engine.services.doctor import examine
from engine.services.verify import replayed
from tests.installation import House, house
from tests.musterheide import definitions as shipped_definitions
from tests.seenland import DAY, PACK, SEENLAND, pack_of, seenland, workflow_of

GOLDEN = Path(__file__).parent / "golden" / "lawyers"
COUNTY = Place(SEENLAND, DAY)
TOLD = (GOLDEN / "kenntnisnahme.yaml").read_text("utf-8")


def workflows() -> list[Workflow]:
    """Return the shipped workflows."""
    library = shipped_definitions().library
    return [library.workflow(pin) for pin in library.current.values()]


WORKFLOWS = workflows()


def conditions(workflow: Workflow) -> Iterator[Condition]:
    """Yield each condition that a workflow writes."""
    for step in workflow.steps.values():
        yield from (step.when, step.expects, step.new_round or ALWAYS)
        yield from (b.when for b in step.branches)
        yield from (e.when for e in step.effects)
        yield from (t.when for t in step.tells)
    for rule in workflow.deadlines.values():
        yield from (p.when for p in rule.pauses)
        yield from (when for _, when in rule.variants)


def readable(said: Text, condition: Condition) -> None:
    """Assert that words carry no name of the YAML, and that both languages speak."""
    for words in (said.de, said.en):
        assert words
        assert "_" not in words, words
        assert "–" not in words.split(), words
        for name in names(condition):
            assert "." not in name or name not in words, words
    assert said.de != said.en


# Sentences


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.id)
def test_every_condition_of_the_shipped_workflows_is_a_sentence(workflow: Workflow) -> None:
    said = speech(workflow, shipped_definitions())
    written = [c for c in conditions(workflow) if c != ALWAYS]
    for condition in written:
        readable(said.when(condition), condition)
        for line in said.lines(condition):
            readable(line, condition)
            assert line.de[0].isupper()
            assert line.de.endswith(".")
    assert written or not workflow.steps


@pytest.mark.parametrize(
    "provision",
    [p for pack in shipped_definitions().library.packs for p in pack.provisions],
    ids=lambda p: p.id,
)
def test_every_condition_of_the_shipped_packs_is_a_sentence(provision: Provision) -> None:
    said = speech(shipped_definitions().library.case_workflow(), shipped_definitions())
    for line in lines(provision.when, said.words):
        readable(line, provision.when)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.id)
def test_every_field_that_a_shipped_step_takes_has_a_title(workflow: Workflow) -> None:
    taken = {f.name for step in workflow.steps.values() for f in step.takes}
    assert taken <= set(workflow.fields)
    assert workflow.purpose is not None


@pytest.mark.parametrize(
    ("condition", "de", "en"),
    [
        (
            Is("documents", frozenset({"complete"})),
            "die Unterlagen sind vollständig",
            "the documents are complete",
        ),
        (
            Not(Is("case", frozenset({"decided", "final"}))),
            "der Vorgang ist weder entschieden noch beendet",
            "the case is neither decided nor ended",
        ),
        (
            Not(Is("provision.reasons", frozenset({True}))),
            "keine geltende Vorschrift verlangt Gründe für jede Abweichung",
            "no provision in force demands reasons for each departure",
        ),
        (
            Not(Within("given.punkte", least=1)),
            "die Angabe „punkte“ beträgt 0",
            "the entry 'punkte' is 0",
        ),
        (
            Not(All((Is("given.a", frozenset({True})), Is("given.b", frozenset({True}))))),
            "die Angabe „a“ ist nicht gemacht, oder die Angabe „b“ ist nicht gemacht",
            "the entry 'a' is not given, or the entry 'b' is not given",
        ),
        (
            Not(Is("participations.all.settled", frozenset({True}))),
            "nicht jede Beteiligung ist abgeschlossen",
            "not each participation is settled",
        ),
    ],
    ids=["documents", "neither-nor", "no-provision", "none-counted", "not-both", "not-each"],
)
def test_a_condition_reads_as_people_say_it(condition: Condition, de: str, en: str) -> None:
    assert clause(condition, Vocabulary()) == Text(de, en)


def test_german_puts_the_verb_last_after_wenn() -> None:
    lapsed = Is("deadline.frist", frozenset({"lapsed"}))
    assert clause(lapsed, Vocabulary(), last=True).de == "die Frist „frist“ abgelaufen ist"


LINES = st.sampled_from(
    [
        Is("documents", frozenset({"complete"})),
        Is("office", frozenset({"held", "deputised"})),
        Is("provision.referral", frozenset({"direct", "chair"})),
        Is("given.art", frozenset({"eins", "zwei"})),
        Within("given.zahl", most=3),
    ]
)
CONDITIONS = st.recursive(
    LINES,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=1, max_size=3).map(lambda p: All(tuple(p))),
        st.lists(inner, min_size=1, max_size=3).map(lambda p: AnyOf(tuple(p))),
    ),
    max_leaves=6,
)


@given(CONDITIONS)
def test_what_is_denied_twice_is_said(condition: Condition) -> None:
    words = Vocabulary()
    assert clause(Not(Not(condition)), words) == clause(condition, words)
    assert clause(Not(condition), words) != clause(condition, words)


def test_every_meaning_of_the_closed_lists_has_words() -> None:
    assert set(EVENTS) == set(Event)
    assert set(CONFIDENCE) == set(Confidence)
    assert set(GOVERNS) == set(Governs)
    assert set(CASE) == set(StateMeans)
    assert {name: set(rows) for name, rows in TRAIT_WORDS.items()} == {
        name: set(values) for name, values in TRAITS.items()
    }
    assert set(TRAIT_TITLES) == set(TRAITS)


# The document


def document(workflow: str = "anhoerung", place: Place | None = COUNTY) -> dict[str, str]:
    """Return the document about a workflow in Seenland, in each language."""
    known = seenland()
    named = known.library.workflow(known.library.current[workflow])
    page = commentary(named, known, place, letter_titles())
    return {lang: as_markdown(page, lang) for lang in ("de", "en")}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.id)
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_document_names_every_state_step_and_deadline(
    workflow: Workflow, language: str
) -> None:
    said = as_markdown(commentary(workflow, shipped_definitions()), language)
    parts = (*workflow.states.values(), *workflow.steps.values(), *workflow.deadlines.values())
    for part in parts:
        title = part.title.in_(language)
        assert title in said or title[:1].upper() + title[1:] in said
    assert workflow.digest in said
    assert "{" not in said.split("```")[2]


def test_a_place_brings_its_norms_with_rank_and_how_sure_they_are() -> None:
    said = document()["de"]
    row = next(line for line in said.splitlines() if "§ 3 Dienstanweisung Seenland" in line)
    assert "| Dienstanweisung |" in row
    assert "2 Wochen, im Eilfall 3 Arbeitstage" in row
    assert "ungeprüft (aus der Erinnerung)" in row
    assert "§ 17 Abs. 3 BbgKVerf | Gesetz |" in said
    assert "Rechtsgrundlagen" not in document(place=None)["de"]


def test_the_law_of_the_day_is_cited() -> None:
    before = document(place=Place(SEENLAND, date(2024, 6, 8)))["de"]
    after = document(place=Place(SEENLAND, date(2024, 6, 9)))["de"]
    assert "§ 19 Abs. 3 Satz 2" in before
    assert "§ 17 Abs. 3 BbgKVerf" not in before
    assert "§ 17 Abs. 3 BbgKVerf" in after
    assert "§ 19 Abs. 3 Satz 2" not in after


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_document_about_an_information_reads_as_agreed(language: str) -> None:
    known = seenland()
    page = commentary(workflow_of(TOLD, known), known, COUNTY, letter_titles())
    golden = GOLDEN / f"kenntnisnahme.{language}.md"
    said = without_picture(as_markdown(page, language))
    assert said == golden.read_text("utf-8"), "if this is meant, write the file anew"


def without_picture(said: str) -> str:
    """Return a document without its picture, which has tests of its own."""
    return re.sub(r"```mermaid.*?```", "```mermaid```", said, flags=re.DOTALL)


class Outline(HTMLParser):
    """What a page is made of: its headings, what it points to, and how its tables are headed."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.language = ""
        self.scopes: list[str | None] = []
        self.links: list[str] = []
        self.captions = 0
        self.tables = 0
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "html":
            self.language = said["lang"] or ""
        if tag == "th":
            self.scopes.append(said.get("scope"))
        self.captions += tag == "caption"
        self.tables += tag == "table"
        self.links += [v or "" for k, v in attrs if k in ("src", "href", "xlink:href")]
        if tag in ("script", "link", "iframe", "img", "object"):
            self.links.append(tag)
        if tag not in ("meta", "rect", "path", "line", "circle", "polygon"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("rect", "path", "line", "circle", "polygon"):
            return
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [v or "" for k, v in attrs if k in ("src", "href", "xlink:href")]


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_stands_alone_and_is_read_aloud_in_order(language: str) -> None:
    known = seenland()
    page = as_html(commentary(known.library.for_form("anhoerung"), known, COUNTY), language)
    outline = Outline()
    outline.feed(page)
    assert outline.language == language
    assert outline.headings.count(1) == 1
    steps = list(zip(outline.headings, outline.headings[1:], strict=False))
    assert all(after - before <= 1 for before, after in steps)
    assert set(outline.scopes) == {"col", "row"}
    assert outline.captions == outline.tables > 0
    assert [link for link in outline.links if not link.startswith("#")] == []
    assert "@import" not in page
    assert re.findall(r"url\((?!#)", page) == []
    assert "<svg" in page
    assert outline.open == []


def test_what_a_definition_says_cannot_become_markup() -> None:
    known = seenland(PACK.replace("§ 4 Dienstanweisung", "§ 4 <script>x</script>"))
    page = as_html(commentary(known.library.for_form("anhoerung"), known, COUNTY), "de")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


# Differences


def changed(old: str, new: str) -> tuple[Change, ...]:
    """Return what the local pack says differently once `new` stands in the place of `old`."""
    known = seenland()
    return pack_changes(pack_of(PACK, known), pack_of(PACK.replace(old, new), known), known)


@pytest.mark.parametrize(
    ("old", "new", "kind", "says"),
    [
        (
            "period: {count: 2, unit: week}",
            "period: {count: 15, unit: working_day}",
            Kind.CHANGED,
            "Frist: bisher „2 Wochen“, jetzt „15 Arbeitstage“.",
        ),
        (
            "      urgent: {count: 3, unit: working_day}\n",
            "",
            Kind.CHANGED,
            "Frist im Eilfall: entfallen „3 Arbeitstage“.",
        ),
        (
            "confidence: MEMORY",
            "confidence: VERIFIED-TEXT",
            Kind.CHANGED,
            "Prüfstand: bisher „ungeprüft (aus der Erinnerung)“, jetzt „Wortlaut geprüft“.",
        ),
        (
            "{from: 2026-01-01}",
            "{from: 2026-01-01, until: 2027-01-01}",
            Kind.CHANGED,
            "Außer Kraft ab: neu „Fr., 01.01.2027“.",
        ),
        (
            "norm: § 3 Dienst",
            "norm: § 3a Dienst",
            Kind.CHANGED,
            "Norm: bisher „§ 3 Dienstanweisung Seenland“, jetzt „§ 3a Dienstanweisung Seenland“.",
        ),
        (
            "traits: {query: pauses}",
            "traits: {query: none}",
            Kind.CHANGED,
            "Rückfrage: bisher „die Frist während einer Rückfrage ruhen lässt“, jetzt „die Frist "
            "trotz einer Rückfrage laufen lässt“.",
        ),
        (
            "kinds: [beauftragte]",
            "kinds: [beauftragte, beirat]",
            Kind.CHANGED,
            "Wer beteiligt wird: bisher „Beauftragte“, jetzt „Beauftragte, Beirat“.",
        ),
        (
            "    confidence: MEMORY\n",
            "    confidence: MEMORY\n    when: {measure.betrifft_integration: true}\n",
            Kind.CHANGED,
            "Gilt nur: neu „die Frage",
        ),
        (
            "checked_on: 2026-11-01",
            "checked_on: 2026-11-20",
            Kind.CHANGED,
            "Geprüft am: bisher „So., 01.11.2026“, jetzt „Fr., 20.11.2026“.",
        ),
    ],
    ids="period variant confidence until norm trait kinds when checked".split(),
)
def test_a_changed_pack_says_what_changed(old: str, new: str, kind: Kind, says: str) -> None:
    assert old in PACK
    found = changed(old, new)
    assert {change.kind for change in found} == {kind}
    assert any(says in detail.de for change in found for detail in change.details)


def test_a_provision_left_out_is_gone_and_one_more_is_new() -> None:
    known = seenland()
    short = PACK[: PACK.index("  - id: seenland-da-4")]
    long, few = pack_of(PACK, known), pack_of(short, known)
    [gone] = pack_changes(long, few, known)
    assert (gone.kind, gone.id) == (Kind.GONE, "seenland-da-4")
    assert "§ 4 Dienstanweisung Seenland" in gone.text.de
    [new] = pack_changes(few, long, known)
    assert (new.kind, new.id) == (Kind.NEW, "seenland-da-4")
    assert "Länge: 1 Arbeitstag." in {d.de for d in new.details}


def test_a_law_that_was_renumbered_is_known_again_by_its_lineage() -> None:
    known = seenland()
    packs = {pack.id: pack for pack in known.library.packs}
    found = {c.id: c for c in pack_changes(packs["bbgkverf-2007"], packs["bbgkverf-2024"], known)}
    moved = found["bbgkverf-2024-17-3"]
    assert moved.kind is Kind.MOVED
    assert "§ 19 Abs. 3 Satz 2 mit § 18 Abs. 3 BbgKVerf (2007)" in moved.text.de
    assert moved.text.de.endswith("stehen jetzt in § 17 Abs. 3 BbgKVerf.")
    assert any("bei abweichender Auffassung" in d.de for d in moved.details)
    three_weeks = found["bbgkverf-2024-55"]
    said = " ".join(d.de for d in three_weeks.details)
    assert re.search(r"Frist der Abhilfe: (neu|bisher „2 Wochen.*“, jetzt) „3 Wochen", said)
    assert not [c for c in found.values() if c.kind is Kind.GONE]


@pytest.mark.parametrize("pack", shipped_definitions().library.packs, ids=lambda p: p.id)
def test_a_pack_does_not_differ_from_itself(pack: RulePack) -> None:
    assert pack_changes(pack, pack, shipped_definitions()) == ()


@pytest.mark.parametrize("pack", shipped_definitions().library.packs, ids=lambda p: p.id)
def test_every_part_of_a_new_pack_is_told_in_both_languages(pack: RulePack) -> None:
    nothing = RulePack(pack.id, pack.title, pack.digest, pack.source, (), pack.checked_on, pack.url)
    found = pack_changes(nothing, pack, shipped_definitions())
    assert len([c for c in found if c.kind is Kind.NEW]) == len(pack.provisions)
    for change in found:
        assert change.text.de
        for detail in change.details:
            assert detail.de
            assert detail.en


def test_every_part_of_a_provision_has_a_label() -> None:
    known = set(LABELS)
    for part in fields(Provision):
        if part.name not in {"id", "pack", "lineage", "confirmed", "template"} | {
            "duty",
            "value",
            "remedy",
            "table",
        }:
            assert part.name in known
    for head, kind in (
        ("duty", Duty),
        ("value", NamedValue),
        ("remedy", Remedy),
        ("table", ConcernTable),
    ):
        for part in fields(kind):
            if part.name in ("term", "terms", "traits"):
                continue
            assert f"{head}.{part.name}" in known
    for head in ("duty.terms.*", "value.term", "remedy.term"):
        assert {f"{head}.{part.name}" for part in fields(Term)} <= known


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "by: [office, sitzungsdienst]",
            "by: [office]",
            "Wer: bisher „Beteiligte Stelle oder Sitzungsdienst“, jetzt „Beteiligte Stelle“.",
        ),
        (
            "when: {documents: complete, office: [held, deputised]}",
            "when: {office: [held, deputised]}",
            "Voraussetzungen: entfallen „Die Unterlagen sind vollständig“.",
        ),
        (
            "    ladder: dienstpflicht\n",
            "",
            "Erinnerungen: entfallen „Nach der Leiter ‚Pflicht der Verwaltung‘“.",
        ),
        (
            "{de: unterrichtet, en: informed}",
            "{de: in Kenntnis gesetzt, en: put on notice}",
            "Titel: bisher „unterrichtet“, jetzt „in Kenntnis gesetzt“.",
        ),
        (
            "    means: settled\n    title: {de: Stelle nicht besetzt",
            "    means: draft\n    title: {de: Stelle nicht besetzt",
            "Bedeutung: bisher „Erledigt“, jetzt „Vorbereitet“.",
        ),
        (
            "tells: {office: unterrichtung}",
            "tells: {}",
            "Benachrichtigt: entfallen „Beteiligte Stelle: ‚Unterrichtung‘“.",
        ),
    ],
    ids="role guard ladder title meaning letter".split(),
)
def test_a_changed_workflow_says_what_changed(old: str, new: str, says: str) -> None:
    known = seenland()
    assert old in TOLD
    before, after = workflow_of(TOLD, known), workflow_of(TOLD.replace(old, new, 1), known)
    found = workflow_changes(before, after, known, letter_titles())
    assert {c.kind for c in found} == {Kind.CHANGED}
    assert says in {d.de for c in found for d in c.details}


def test_a_step_and_a_deadline_come_and_go() -> None:
    known = seenland()
    without = re.sub(r"  anmerken:\n(?:    .*\n)+\n", "", TOLD)
    without = without[: without.index("\nexamples:")] + "\n"
    plain = TOLD[: TOLD.index("\nexamples:")] + "\n"
    before, after = (
        workflow_of(plain, known),
        workflow_of(without.replace("  wortlaut:", "  #"), known),
    )
    [gone] = [c for c in workflow_changes(before, after, known) if c.kind is Kind.GONE]
    assert gone.text == Text("Entfallen: Schritt „sich dazu äußern“.", "Gone: step 'comment'.")
    [new] = [c for c in workflow_changes(after, before, known) if c.kind is Kind.NEW]
    assert "Wer: Beteiligte Stelle." in {d.de for d in new.details}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.id)
def test_a_workflow_does_not_differ_from_itself(workflow: Workflow) -> None:
    assert workflow_changes(workflow, workflow, shipped_definitions()) == ()


# Staleness


@pytest.mark.parametrize(
    ("checked", "today", "old"),
    [
        (date(2025, 11, 23), date(2026, 11, 23), False),
        (date(2025, 11, 23), date(2026, 11, 24), True),
        (date(2024, 2, 29), date(2025, 2, 28), False),
        (date(2024, 2, 29), date(2025, 3, 1), True),
    ],
    ids=["to-the-day", "a-day-more", "leap-day", "leap-day-more"],
)
def test_a_pack_is_stale_after_twelve_months(checked: date, today: date, old: bool) -> None:
    known = seenland()
    pack = pack_of(PACK.replace("2026-11-01", checked.isoformat()), known)
    assert stale(pack, today) is old
    signed = pack.confirmed_by(Confirmed("Ute Neumann", today))
    assert not stale(signed, today)


def test_the_values_that_want_a_new_look_are_counted() -> None:
    known = seenland()
    pack = pack_of(PACK.replace("checked_on: 2026", "checked_on: 2020"), known)
    said = stale_text(stale_packs([pack, pack_of(PACK, known)], DAY))
    assert said is not None
    assert said.de.startswith("2 Werte sind länger als 12 Monate nicht geprüft:")
    assert stale_text(stale_packs([pack_of(PACK, known)], DAY)) is None


# Sign-off by name

OWN = PACK.replace("municipality: seenland", "municipality: musterheide").replace(
    "name: eingang", "name: erwiderung"
)
"""A pack of its own for the demo county, beside those that it has."""


@pytest.fixture
def county(tmp_path: Path) -> Iterator[House]:
    """The demo county, with a pack of its own that nobody has confirmed yet."""
    made = house(tmp_path / "haus")
    own = tmp_path / "eigene.yaml"
    own.write_text(OWN, "utf-8")
    activate_files(made.app, [own])
    yield made
    made.app.close()


def provision(county: House, id_: str = "seenland-da-3") -> Provision:
    """Return a provision as the installation holds it now."""
    with county.app.database.read() as store:
        return county.app.world(store).library.provision(id_)


def test_who_confirms_a_pack_answers_for_it_by_name(county: House) -> None:
    assert norm(provision(county)).de.endswith("(Dienstanweisung, ungeprüft)")
    done = confirm(county.app, "seenland-dienstanweisung", "neumann", "mit dem Original verglichen")
    assert done.confirmed == Confirmed("Ute Neumann", date(2026, 3, 23))
    said = norm(provision(county))
    assert said.de.endswith("(Dienstanweisung, geprüft von Ute Neumann am Mo., 23.03.2026)")
    assert said.en.endswith("(service instruction, checked by Ute Neumann on Mon 23 Mar 2026)")
    assert not provision(county).unchecked


def test_what_is_invented_stays_invented_whoever_confirms_it(county: House) -> None:
    confirm(county.app, "seenland-dienstanweisung", "neumann", "gelesen")
    assert norm(provision(county, "seenland-da-4")).de.endswith("(Dienstanweisung, erfunden)")
    assert provision(county, "seenland-da-4").unchecked


def test_a_new_version_of_a_pack_is_unconfirmed_again(county: House, tmp_path: Path) -> None:
    confirm(county.app, "seenland-dienstanweisung", "neumann", "gelesen")
    new = tmp_path / "neu.yaml"
    new.write_text(OWN.replace("count: 2, unit: week", "count: 3, unit: week"), "utf-8")
    activate_files(county.app, [new])
    assert provision(county).unchecked
    old = tmp_path / "alt.yaml"
    old.write_text(OWN, "utf-8")
    activate_files(county.app, [old])
    assert not provision(county).unchecked


def test_a_second_process_sees_the_signature(county: House) -> None:
    from engine.app import open_app

    other = open_app(county.folder, county.clock)
    with other.database.read() as store:
        assert other.world(store).library.provision("seenland-da-3").unchecked
    confirm(county.app, "seenland-dienstanweisung", "neumann", "gelesen")
    with other.database.read() as store:
        assert not other.world(store).library.provision("seenland-da-3").unchecked
    other.close()


def test_the_signature_is_an_entry_with_a_private_note_and_the_log_still_holds(
    county: House,
) -> None:
    case = county.register()
    county.take(case.number, "informieren", "weber", participation="integration")
    confirm(county.app, "seenland-dienstanweisung", "neumann", "Band 3, Blatt 7")
    county.take(case.number, "eingang", "yilmaz", participation="integration")
    with county.app.database.read() as store:
        stored = store.chains.lines("definitions")
    assert broken([e.header for e in stored], [e.leaf for e in stored]) is None
    signed = stored[-1]
    assert signed.entry.type == "confirmation"
    assert signed.entry.office == "rechtsamt"
    assert signed.entry.plain["digest"] == pack_digest(county)
    assert signed.entry.private == {"note": "Band 3, Blatt 7"}
    assert b"Blatt" not in signed.header
    assert b"Neumann" not in signed.header
    assert not isinstance(replayed(county.app, case.number), Differs)


def pack_digest(county: House) -> str:
    """Return the digest of the local pack in force."""
    with county.app.database.read() as store:
        packs = county.app.definitions(store).library.packs
    return next(p.digest for p in packs if p.id == "seenland-dienstanweisung")


def test_an_erased_note_leaves_the_signature_and_the_chain(county: House) -> None:
    confirm(county.app, "seenland-dienstanweisung", "neumann", "Band 3, Blatt 7")
    with county.app.database.write() as store:
        last = store.chains.lines("definitions")[-1]
        assert store.chains.erase("definitions", [last.seq]) == 1
    with county.app.database.read() as store:
        stored = store.chains.lines("definitions")
    assert broken([e.header for e in stored], [e.leaf for e in stored]) is None
    assert not provision(county).unchecked


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo county, in which nothing is ever confirmed."""
    made = house(tmp_path_factory.mktemp("haus") / "haus")
    yield made
    made.app.close()


@pytest.mark.parametrize(
    ("person", "pack", "note", "on", "error", "says"),
    [
        ("yilmaz", "bbgkverf-2024", "gelesen", None, Refused, "Rechtsamt"),
        ("lange", "bbgkverf-2024", "gelesen", None, Refused, "Rechtsamt"),
        ("neumann", "bbgkverf-2024", " ", None, InputError, "Bemerkung"),
        ("neumann", "bbgkverf-2024", "gelesen", date(2026, 3, 24), InputError, "in der Zukunft"),
        ("neumann", "nirgends", "gelesen", None, NotFound, "nicht in Kraft"),
        ("niemand", "bbgkverf-2024", "gelesen", None, NotFound, "Niemand heißt hier"),
    ],
    ids="commissioner head note future pack nobody".split(),
)
def test_nobody_but_the_legal_office_confirms(
    untouched: House,
    person: str,
    pack: str,
    note: str,
    on: date | None,
    error: type[EngineError],
    says: str,
) -> None:
    with pytest.raises(error) as told:
        confirm(untouched.app, pack, person, note, on)
    assert says in told.value.text.de
    with untouched.app.database.read() as store:
        assert store.house.confirmations() == []


def test_the_doctor_counts_what_nobody_answers_for(county: House) -> None:
    def unsure() -> int:
        found = next(f for f in examine(county.folder) if f.name == "rules")
        return int(re.findall(r"(\d+) ungeprüft", found.text.de)[0])

    before = unsure()
    confirm(county.app, "seenland-dienstanweisung", "neumann", "gelesen")
    assert unsure() == before - 1


def test_the_doctor_names_what_is_stale(county: House, tmp_path: Path) -> None:
    assert "seenland" not in " ".join(f.text.de for f in examine(county.folder))
    old = tmp_path / "alt.yaml"
    old.write_text(OWN.replace("checked_on: 2026", "checked_on: 2020"), "utf-8")
    activate_files(county.app, [old])
    [found] = [f for f in examine(county.folder) if f.name == "staleness"]
    assert found.state == "note"
    assert "länger als 12 Monate nicht geprüft" in found.text.de
    assert "seenland-dienstanweisung" in found.text.de


# Drafts


def drafted(pack: str = PACK) -> dict[str, str]:
    """Return the drafts for Seenland by name."""
    made = drafts(seenland(pack), SEENLAND, DAY, shipped.rules() / "drafts")
    return {one.name: one.markdown for one in made}


def test_each_draft_says_who_decides() -> None:
    council, procedure, instruction = drafted().values()
    assert "Hierüber entscheidet die Vertretung" in council
    assert "durch Satzung" in council
    assert "Hierüber entscheidet die Vertretung" in procedure
    assert "Hierüber entscheidet die Hauptverwaltungsbeamtin" in instruction


def test_each_number_of_a_draft_has_its_norm() -> None:
    for words in drafted().values():
        for number, said in re.findall(r"\*\*(.+?)\*\*(.{0,200})", words):
            assert said.startswith((" (§", " (Hauswert")), number
        bare = re.sub(r"\*\*.+?\*\*", "", words)
        assert re.findall(r"\b\d+ (?:Tag|Arbeitstag|Werktag|Woche|Monat)", bare) == []


def test_what_no_local_rule_lays_down_is_open() -> None:
    instruction = drafted()["3-dienstanweisung"]
    assert "**2 Wochen** (§ 3 Dienstanweisung Seenland, Dienstanweisung, ungeprüft)" in instruction
    assert (
        "[offen: Würdigung der Stellungnahme; keine örtliche Regel nennt eine Zahl]" in instruction
    )
    assert "[offen: Frist der Anhörung zu einem Nachtrag" in instruction
    assert "[Wahl: " in drafted()["1-hauptsatzung"]


def test_the_model_instruction_reads_as_agreed() -> None:
    golden = GOLDEN / "dienstanweisung.md"
    assert drafted()["3-dienstanweisung"] == golden.read_text("utf-8"), "if meant, write it anew"


def test_a_draft_cites_no_law_that_no_pack_holds() -> None:
    folder = shipped.rules() / "drafts"
    for file in folder.rglob("*.md"):
        assert (
            re.findall(r"§ \d+[a-z]? (?:Abs|[A-Z]\w*(?:G|KVerf)\b)", file.read_text("utf-8")) == []
        )


def test_a_draft_names_only_provisions_that_there_are() -> None:
    known = {p.id for pack in shipped_definitions().library.packs for p in pack.provisions}
    for file in (shipped.rules() / "drafts").rglob("*.md"):
        for call in re.findall(r"layer\.norm\((.*?)\)", file.read_text("utf-8")):
            assert set(re.findall(r'"(.+?)"', call)) <= known


def test_a_land_without_texts_is_told_which_there_are() -> None:
    place = Municipality("anderswo", "Anderswo", "SL", "BB")
    with pytest.raises(NotFound, match="no draft texts for SL yet"):
        drafts(seenland(), place, DAY, shipped.rules() / "drafts")


# The commands


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    """Run a command in German as the shell would; return its exit code and what it said."""
    with pytest.raises(SystemExit) as ended:
        commands.main([str(w) for w in (*words, "--lang", "de")])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out + said.err


def test_the_commands_for_lawyers(
    county: House, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = ("--data", county.folder)
    own = tmp_path / "eigene.yaml"
    code, said = run(capsys, "rules", "diff", "seenland-dienstanweisung", own, *data)
    assert (code, said) == (0, "Kein Unterschied.\n")
    own.write_text(own.read_text("utf-8").replace("count: 2", "count: 4"), "utf-8")
    code, said = run(capsys, "rules", "diff", "seenland-dienstanweisung", own, *data, "--json")
    [change] = json.loads(said)
    assert (code, change["kind"], change["id"]) == (0, "changed", "seenland-da-3")
    signed = (
        "rules",
        "confirm",
        "seenland-dienstanweisung",
        "--by",
        "neumann",
        "--note",
        "gelesen",
    )
    code, said = run(capsys, *signed, *data)
    assert code == 0
    assert "geprüft von Ute Neumann am" in said
    code, said = run(capsys, "rules", "show", "--municipality", "musterheide", *data, "--json")
    mine = next(p for p in json.loads(said) if p["id"] == "seenland-da-3")
    assert mine["confirmed"]["by"] == "Ute Neumann"
    assert mine["unchecked"] is False
    page = tmp_path / "ablauf.html"
    assert run(capsys, "workflow", "doc", "anhoerung", "--output", page, *data)[0] == 0
    assert "geprüft von Ute Neumann" in page.read_text("utf-8")
    folder = tmp_path / "entwuerfe"
    drafted = ("rules", "draft", "--municipality", "musterheide", "--output", folder)
    assert run(capsys, *drafted, *data)[0] == 0
    assert len(list(folder.glob("*.md"))) == len(list(folder.glob("*.html"))) == 3


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("workflow", "doc", "anhoerung", "--output", "a.pdf"), 2, ".html oder .md"),
        (("workflow", "doc", "anhoehrung"), 2, "anhoerung"),
        (("workflow", "doc", "nirgends.yaml"), 2, "Es gibt keine Datei"),
        (("rules", "diff", "bbgkverf-2007", "bbgkverf-1993"), 2, "ist hier nicht bekannt"),
        (("rules", "draft", "--municipality", "nirgends"), 2, "Bekannt sind"),
    ],
    ids="ending workflow file pack place".split(),
)
def test_what_lawyers_mistype_says_what_would_be_right(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, says: str
) -> None:
    found, said = run(capsys, *words)
    assert found == code
    assert says in said


def test_the_document_is_printed_where_no_file_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, said = run(capsys, "workflow", "doc", "unterrichtung")
    assert code == 0
    assert said.startswith("# Ablauf „Unterrichtung“")


def test_what_a_provision_lays_down_is_said_in_a_few_words() -> None:
    known: Definitions = seenland()
    rows: dict[str, Any] = {p.id: p for pack in known.library.packs for p in pack.provisions}
    assert content(rows["seenland-da-3"], known).de == (
        "Anhörung: Beauftragte, 2 Wochen, im Eilfall 3 Arbeitstage"
    )
    assert content(rows["seenland-da-4"], known).de == "Eingang, 1 Arbeitstag"
    assert content(rows["bbgkverf-2024-17-1"], known) == Text("", "")


# What docs/rules.md teaches

DOCS = Path(__file__).parents[1] / "docs" / "rules.md"
TAUGHT = re.findall(r"```yaml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
PACKS = [text for text in TAUGHT if text.startswith("id: ")]


@pytest.mark.parametrize("text", PACKS, ids=lambda t: str(t).split()[1])
def test_the_packs_that_the_manual_teaches_compile_and_count(text: str) -> None:
    row = definition("pack", "lehre.yaml", text.encode())
    known = compile_all([*offered(shipped.workflows(), shipped.rules()), row])
    assert row.id in {pack.id for pack in known.library.packs}
    assert list(wrong_dates(row, known.calendars)) == []
    assert examples_in(row) > 0


MODELS = (
    PackDoc,
    ProvisionDoc,
    DutyDoc,
    RemedyDoc,
    TermDoc,
    ProvisionExampleDoc,
    ConcernDoc,
    ConcernRowDoc,
)


def test_the_manual_tells_every_key_of_a_pack() -> None:
    said = DOCS.read_text("utf-8")
    for model in MODELS:
        for name, field in model.model_fields.items():
            key = field.alias or name
            assert re.search(rf"`[^`\n]*\b{key}\b[^`\n]*`", said), (model.__name__, key)
    for trait, values in TRAITS.items():
        rows = [line for line in said.splitlines() if line.startswith(f"| `{trait}`")]
        assert any(all(f"`{str(v).lower()}`" in row for v in values) for row in rows), trait
