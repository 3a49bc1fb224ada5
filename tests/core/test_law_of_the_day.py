"""Which provision a step follows: by its day, its rank, and what it may take the place of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from textwrap import dedent, indent

import pytest

from engine.core.case import Case, Measure, Stage
from engine.core.conditions import Value
from engine.core.draft import Draft
from engine.core.meanings import Source, StepMeans
from engine.core.procedure import advance, register
from engine.core.rules import Provision, RulePack, Term
from engine.core.world import World
from engine.definitions.packs import compile_pack
from tests.musterheide import (
    COUNTY,
    INTEGRATION,
    PAPER,
    act,
    definitions,
    library,
    measure,
    registered,
    world,
)

JUNE_7, JUNE_10, JUNE_20 = date(2024, 6, 7), date(2024, 6, 10), date(2024, 6, 20)


def pack(source: str, provisions: str, **head: str) -> RulePack:
    """Return a pack of the county in force since 2020, its provisions from YAML."""
    lines = {"id": "probe", "title": "Probe", "source": source, "land": "BB"}
    lines |= {"checked_on": "2026-01-01", "in_force": "{from: 2020-01-01}", **head}
    text = "".join(f"{k}: {v}\n" for k, v in lines.items())
    body = indent(dedent(provisions), "  ")
    bytes_ = f"{text}provisions:\n{body}".encode()
    known = definitions()
    return compile_pack(bytes_, "probe.yaml", facts=known.library.facts, kinds=known.kinds)


def with_packs(day: date, *packs: RulePack) -> World:
    """Return the county's world in which these packs apply beside the shipped ones."""
    now = world(day)
    return replace(now, library=replace(library(), packs=(*library().packs, *packs)))


HEARING = """
- id: alt
  title: Anhörung nach alter Ordnung
  norm: § 1 alt
  confidence: FICTITIOUS
  in_force: {from: 2020-01-01, until: 2024-06-09}
  governs: GOVERNS
  duty: {kinds: [beauftragte], form: anhoerung, traits: {referral: chair}}
- id: neu
  title: Anhörung nach neuer Ordnung
  norm: § 2 neu
  confidence: FICTITIOUS
  in_force: {from: 2024-06-09}
  governs: GOVERNS
  duty: {kinds: [beauftragte], form: anhoerung, traits: {referral: none}}
- id: eingang
  title: Eingang am nächsten Arbeitstag
  norm: § 3
  confidence: FICTITIOUS
  value: {name: eingang, period: {count: 1, unit: working_day}}
"""


@pytest.mark.parametrize(
    ("governs", "on_7_june", "on_10_june"),
    [
        ("step", "§ 1 alt", "§ 2 neu"),
        ("start_event", "§ 1 alt", "§ 1 alt"),
        ("decision", "§ 2 neu", "§ 2 neu"),
    ],
)
def test_a_case_of_7_june_decided_on_20_june_follows_the_law_that_each_norm_chooses(
    governs: str, on_7_june: str, on_10_june: str
) -> None:
    now = with_packs(JUNE_7, pack("local_statute", HEARING.replace("GOVERNS", governs)))
    case = straddling(now)

    def followed(day: date) -> list[str]:
        rows = Draft(case, now).calling("integration", "anhoerung", day)
        return [p.norm for p in rows if p.pack == "probe"]

    assert followed(JUNE_7) == [on_7_june]
    assert followed(JUNE_10) == [on_10_june]


def straddling(now: World) -> Case:
    """Return the case of a measure registered and informed on 7 June, for a council of 20 June."""
    planned: Measure = measure(stages=(Stage("Kreistag", JUNE_20, "entscheidung"),))
    case = register(
        "c" * 32, "V-2024-0001", planned, act("anmelden", JUNE_7, documents=(PAPER,)), now
    ).case
    return advance(case, act("informieren", JUNE_7, participation=INTEGRATION), now).case


def test_a_measure_of_7_june_2024_decided_on_20_june_straddles_two_municipal_codes() -> None:
    now = with_packs(JUNE_7, pack("local_statute", HEARING.replace("GOVERNS", "step")))
    draft = Draft(straddling(now), now)

    def statutes(day: date) -> list[str]:
        rows = draft.calling("integration", "anhoerung", day)
        return [p.norm for p in rows if p.source is Source.STATUTE]

    def referral(day: date) -> Value:
        rows = draft.calling("integration", "anhoerung", day)
        rows = tuple(p for p in rows if p.source is Source.STATUTE)
        return rows[0].duty.traits["referral"] if rows[0].duty else None

    assert statutes(JUNE_7) == ["§ 19 Abs. 3 Satz 2 mit § 18 Abs. 3 BbgKVerf (2007)"]
    assert statutes(JUNE_20) == ["§ 17 Abs. 3 BbgKVerf"]
    assert (referral(JUNE_7), referral(JUNE_20)) == ("diverging", "direct")


PERIOD = """
- id: {id}
  title: Anhörung
  norm: {norm}
  confidence: FICTITIOUS
  {more}
  duty: {{kinds: [beauftragte], form: anhoerung, period: {{count: {count}, unit: week}}}}
"""


def overriding(source: str, open_to: str) -> list[str]:
    """Return the norms that apply where a lower rank overrides one that is `open_to` sources."""
    above = PERIOD.format(id="oben", norm="§ oben", count=2, more=f"open_to: {open_to}")
    below = PERIOD.format(id="unten", norm="§ unten", count=1, more="overrides: [oben]")
    packs = [pack("local_statute", above, id="a"), pack(source, below, id="b")]
    now = with_packs(date(2026, 3, 2), *packs)
    rows: tuple[Provision, ...] = now.library.in_force(now.today, COUNTY)
    return [p.norm for p in rows if p.pack in ("a", "b")]


def test_a_lower_rank_takes_the_place_of_a_higher_only_where_that_one_permits_it() -> None:
    assert overriding("service_instruction", "[service_instruction]") == ["§ unten"]
    assert overriding("service_instruction", "[rules_of_procedure]") == ["§ oben", "§ unten"]
    assert overriding("local_statute", "[]") == ["§ unten"]


def test_a_template_applies_nowhere_by_itself() -> None:
    model = pack(
        "local_statute", PERIOD.format(id="m", norm="§ m", count=1, more=""), template="true"
    )
    now = with_packs(date(2026, 3, 2), model)
    assert all(p.pack != "probe" for p in now.library.in_force(now.today, COUNTY))


def test_a_pack_says_what_starts_a_period_whether_it_is_a_soll_and_what_it_needs() -> None:
    [provision] = pack(
        "local_statute",
        """
        - id: votum
          title: Votum
          norm: § v
          confidence: FICTITIOUS
          duty:
            kinds: [beauftragte]
            form: anhoerung
            period: {count: 10, unit: working_day, start: receipt}
            urgent: {count: 3, unit: working_day, needs: {de: Eilgrund, en: reason}}
            agreed: {de: im Einvernehmen, en: by agreement}
            stages:
              neuentscheidung: {count: 1, unit: month, start: objection, binding: soll}
            traits: {silence: approval, objection: suspensive}
        """,
    ).provisions
    duty = provision.duty
    assert duty is not None
    assert duty.terms["neuentscheidung"].soll
    assert not duty.terms["period"].soll
    assert duty.terms["urgent"].needs is not None
    assert duty.agreed is not None
    assert set(duty.stages) == {"neuentscheidung"}
    assert duty.terms["period"] != Term()


MINUTES = """
- id: beanstandung
  title: Beanstandung binnen zwei Wochen nach der unterzeichneten Niederschrift
  norm: § b
  confidence: FICTITIOUS
  when: {given.gremium: [vertretung]}
  remedy:
    means: objection
    owner: hvb
    cures: [beteiligung_unterblieben]
    begins: minutes
    period: {count: 2, unit: week, start: minutes}
"""


def test_a_remedy_that_begins_with_the_minutes_has_no_last_day_before_they_are_signed() -> None:
    day = date(2026, 6, 11)
    now = with_packs(day, pack("statute", MINUTES))
    case = registered(date(2026, 5, 4)).case
    decided = act(
        "entscheiden", day, "sitzungsdienst", gremium="vertretung", ergebnis="beschlossen"
    )
    case = advance(case, decided, now).case
    assert "beanstandung" in case.findings[0].remedies
    assert all(d.provision != "beanstandung" for d in case.deadlines)
    assert now.library.provision("beanstandung").remedy.begins is StepMeans.MINUTES  # type: ignore[union-attr]
