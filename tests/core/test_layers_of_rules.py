"""What layers of rules say about each other: repealed norms, renumbered ones, overrides."""

from __future__ import annotations

from datetime import date

import pytest

from engine.core.layers import Citation, Doubt, LayerFinding, citation, findings
from engine.core.rules import RulePack
from tests.core.test_law_of_the_day import PERIOD, pack
from tests.musterheide import library


def codes() -> tuple[RulePack, ...]:
    """Return the municipal codes of Brandenburg, as shipped."""
    return tuple(p for p in library().packs if p.id.startswith("bbgkverf"))


def local(cites: str, kinds: str = "beauftragte", *, since: str, until: str = "") -> RulePack:
    """Return a Hauptsatzung that rests on a citation."""
    force = f"{{from: {since}{', until: ' + until if until else ''}}}"
    return pack(
        "local_statute",
        f"""
        - id: hs-5
          title: Beauftragte
          norm: § 5 Hauptsatzung
          confidence: FICTITIOUS
          cites: ["{cites}"]
          duty: {{kinds: [{kinds}], form: anhoerung}}
        """,
        in_force=force,
    )


def about(rules: RulePack) -> list[LayerFinding]:
    return [f for f in findings([*codes(), rules]) if f.provision.id == "hs-5"]


@pytest.mark.parametrize(
    ("norm", "read"),
    [
        ("§ 17 Abs. 3 BbgKVerf", Citation("BbgKVerf", "17", "3")),
        ("§ 18a Abs. 3 mit § 18 Abs. 3 BbgKVerf (2007)", Citation("BbgKVerf", "18a", "3", "2007")),
        ("§ 55 BbgKVerf (2007)", Citation("BbgKVerf", "55", None, "2007")),
        ("Art. 18 BayGlG", Citation("BayGlG", "18", None)),
        ("Hauswert Antwort", None),
    ],
)
def test_a_norm_is_read_as_law_section_and_paragraph(norm: str, read: Citation | None) -> None:
    assert citation(norm) == read


def test_a_hauptsatzung_rests_on_repealed_law_from_9_june_to_11_october_2024() -> None:
    """Forst (Lausitz) changed its Hauptsatzung with effect from 12 October 2024 (LAW.md, L1)."""
    rests = "§ 18 Abs. 3 BbgKVerf (2007)", "gleichstellungsbeauftragte"
    [found] = about(local(*rests, since="2009-01-01", until="2024-10-12"))
    assert found.doubt is Doubt.REPEALED
    assert "dort gilt § 18 Abs. 3 BbgKVerf" in found.text.de
    assert (found.since, found.until) == (date(2024, 6, 9), date(2024, 10, 12))
    assert "vom So., 09.06.2024 bis Fr., 11.10.2024" in found.text.de


def test_a_section_that_is_gone_is_named_with_its_successor() -> None:
    [found] = about(local("§ 18a Abs. 3 BbgKVerf", "kinder_jugend_beauftragte", since="2019-01-01"))
    assert found.doubt is Doubt.REPEALED
    assert found.since == date(2024, 6, 9)
    assert "§ 19 BbgKVerf" in found.text.de


@pytest.mark.parametrize("kinds", ["beauftragte", "beirat"])
def test_section_19_means_children_and_youth_after_8_june_2024(kinds: str) -> None:
    [found] = about(local("§ 19 BbgKVerf", kinds, since="2020-01-01"))
    assert found.doubt is Doubt.RENUMBERED
    assert found.since == date(2024, 6, 9)
    assert "§ 17 Abs. 3 BbgKVerf" in found.text.de


def test_what_stood_under_a_number_before_the_packs_begin_is_not_judged() -> None:
    """The packs know § 17 Abs. 3 only since 2024; a rule of 2020 may rest on another text."""
    assert about(local("§ 17 Abs. 3 BbgKVerf", since="2020-01-01")) == []


def test_what_cites_the_law_in_force_is_left_in_peace() -> None:
    assert about(local("§ 17 Abs. 3 BbgKVerf", since="2024-06-09")) == []
    assert about(local("§ 19 BbgKVerf", since="2010-01-01", until="2024-06-09")) == []


def test_an_override_that_no_higher_norm_permits_is_a_finding() -> None:
    above = PERIOD.format(id="oben", norm="§ 1 Hauptsatzung", count=2, more="")
    below = PERIOD.format(id="unten", norm="§ 2 Dienstanweisung", count=1, more="overrides: [oben]")
    packs = [pack("local_statute", above, id="a"), pack("service_instruction", below, id="b")]
    [found] = findings(packs)
    assert found.doubt is Doubt.NOT_PERMITTED
    assert "das dies nicht erlaubt" in found.text.de


def test_a_house_value_beneath_a_service_instruction_has_no_effect() -> None:
    def value(id_: str) -> str:
        return f"""
        - id: {id_}
          title: Antwort
          norm: {id_}
          confidence: FICTITIOUS
          value: {{name: antwort, period: {{count: 3, unit: working_day}}}}
        """

    packs = [pack("service_instruction", value("da"), id="a"), pack("house", value("hw"), id="b")]
    [found] = findings(packs)
    assert (found.provision.id, found.doubt) == ("hw", Doubt.OUTRANKED)
