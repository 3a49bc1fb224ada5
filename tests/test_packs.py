"""The rule packs as shipped: every number has its norm, and every date comes out as it says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

import pytest

from engine import shipped
from engine.core.layers import Doubt, findings
from engine.core.meanings import Confidence, Source
from engine.core.rules import Provision, RulePack
from engine.definitions.documents import PackDoc, PeriodDoc, ProvisionDoc
from engine.definitions.library import Definition, offered
from engine.definitions.rehearsal import wrong_dates
from engine.strictyaml import read
from tests.musterheide import definitions, library


@lru_cache(maxsize=1)
def files() -> tuple[Definition, ...]:
    """Return the files of the packs."""
    rows = offered(shipped.workflows(), shipped.rules())
    return tuple(row for row in rows if row.kind == "pack")


def document(row: Definition) -> PackDoc:
    return read(PackDoc, row.source, row.name).value


NAMES = [row.id for row in files()]


def file(id_: str) -> Definition:
    return next(row for row in files() if row.id == id_)


def lengths(provision: ProvisionDoc) -> Iterator[tuple[str, PeriodDoc]]:
    """Yield every length that a provision names, under the word its examples use."""
    duty = provision.duty
    if duty is not None:
        named = {"period": duty.period, "urgent": duty.urgent, "supplement": duty.supplement}
        yield from ((k, v) for k, v in {**named, **duty.stages}.items() if v is not None)
    if provision.value is not None:
        yield "value", provision.value.period
    if provision.remedy is not None and provision.remedy.period is not None:
        yield "remedy", provision.remedy.period


def test_the_sources_that_were_verified_are_all_there() -> None:
    assert set(NAMES) >= {
        "bbgkverf-2007",
        "bbgkverf-2024",
        "lgg-bb",
        "persvg-bb",
        "bgleig",
        "sgb9-178",
        "bpersvg",
        "baugb",
        "baugb-2021",
        "bgb-fristen",
        "vwvfg-fristen",
        "zugang",
        "kv-mv",
        "glg-mv-alt",
        "lgg-nw",
        "bayglg",
        "beiraete-og-hb",
        "muster-hauptsatzung-2024",
        "betrvg",
        "aktg",
        "thuergleichg",
        "saechsintg",
        "lgbg-be",
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_dates_of_a_pack_come_out_as_it_says(name: str) -> None:
    assert wrong_dates(file(name), definitions().calendars) == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_a_statute_has_an_example(name: str) -> None:
    doc = document(file(name))
    if doc.source is not Source.STATUTE:
        return
    for provision in doc.provisions:
        shown = {example.variant for example in provision.examples}
        assert {length for length, _ in lengths(provision)} <= shown, provision.id


@pytest.mark.parametrize("name", NAMES)
def test_every_number_has_a_norm_a_source_and_a_time_of_force(name: str) -> None:
    doc = document(file(name))
    for provision in doc.provisions:
        for _ in lengths(provision):
            assert provision.norm.strip()
            assert doc.source in Source
            assert (provision.in_force or doc.in_force).since >= date(1900, 1, 1)
            if doc.source is Source.STATUTE:
                assert provision.url or doc.url, provision.id


def test_nothing_invented_binds_a_real_administration() -> None:
    real = [
        p for pack in library().packs for p in pack.provisions if p.municipality != "musterheide"
    ]
    assert all(p.confidence is not Confidence.FICTITIOUS for p in real)


def test_laws_that_bind_no_municipality_are_templates() -> None:
    def binding(pack: RulePack) -> bool:
        return any(p.binds("BB", "musterheide") for p in pack.provisions)

    binds = {pack.id for pack in library().packs if binding(pack)}
    assert {"bgleig", "bpersvg", "lgg-bb", "muster-hauptsatzung-2024"}.isdisjoint(binds)
    assert {"bbgkverf-2024", "sgb9-178", "baugb"} <= binds
    assert {"lgg-nw", "bayglg", "kv-mv", "thuergleichg"}.isdisjoint(binds)
    assert {"betrvg", "aktg", "burlg", "bgg", "sgleig"}.isdisjoint(binds)


def test_local_rules_whose_content_was_not_read_bind_nobody() -> None:
    def read(provision: Provision) -> bool:
        return provision.confidence is not Confidence.VERIFIED_EXISTS

    local = [p for p in library().packs if p.source is Source.LOCAL_STATUTE]
    unread = {p.id for p in local if not any(read(x) for x in p.provisions)}
    assert {"cottbus-hauptsatzung-2009", "dahme-spreewald-hauptsatzung"} <= unread
    assert all(x.template for p in local if p.id in unread for x in p.provisions)


def of(id_: str) -> Provision:
    return library().provision(id_)


def test_forst_rested_on_repealed_law_from_9_june_to_11_october_2024_and_nobody_else_does() -> None:
    [found] = findings(library().packs)
    assert found.provision.id == "forst-hs-5-alt"
    assert found.doubt is Doubt.REPEALED
    assert [d for d in (date(2024, 6, 8), date(2024, 10, 12)) if found.on(d)] == []
    assert found.on(date(2024, 6, 9))
    assert found.on(date(2024, 10, 11))


def test_forst_may_send_its_commissioner_through_the_chair_since_the_code_permits_it() -> None:
    assert Source.LOCAL_STATUTE in of("bbgkverf-2024-18-3").open_to
    assert of("forst-hs-5-3").may_override(of("bbgkverf-2024-18-3"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("bbgkverf-2007-19-3-2", "bbgkverf-2024-17-3"),
        ("bbgkverf-2007-18a-3", "bbgkverf-2024-19"),
        ("bbgkverf-2007-18-3", "bbgkverf-2024-18-3"),
    ],
)
def test_a_norm_that_moved_says_where_it_came_from(old: str, new: str) -> None:
    assert old in of(new).lineage
    assert of(old).until == of(new).since
