"""A county that does not exist, whose local law a test can change: for what lawyers do."""

from __future__ import annotations

from datetime import date

from engine import shipped
from engine.core.rules import RulePack
from engine.core.workflow import Workflow
from engine.core.world import Municipality
from engine.definitions.library import Definition, Definitions, compile_all, definition, offered
from engine.definitions.packs import compile_pack
from engine.definitions.workflows import compile_workflow

SEENLAND = Municipality("seenland", "Landkreis Seenland", "BB", "BB")
DAY = date(2026, 11, 23)

PACK = """\
id: seenland-dienstanweisung
title: Dienstanweisung Beteiligung des Landkreises Seenland (erfunden)
source: service_instruction
land: BB
municipality: seenland
checked_on: 2026-11-01
in_force: {from: 2026-01-01}
provisions:
  - id: seenland-da-3
    title: Zwei Wochen für die Stellungnahme, im Eilfall drei Arbeitstage
    norm: § 3 Dienstanweisung Seenland
    confidence: MEMORY
    duty:
      kinds: [beauftragte]
      form: anhoerung
      period: {count: 2, unit: week}
      urgent: {count: 3, unit: working_day}
      documents: [vorlage]
      traits: {query: pauses}
  - id: seenland-da-4
    title: Eingang nach einem Arbeitstag
    norm: § 4 Dienstanweisung Seenland
    confidence: FICTITIOUS
    value: {name: eingang, period: {count: 1, unit: working_day}}
"""

LAWS = ("bbgkverf-2007", "bbgkverf-2024")


def rows(pack: str = PACK) -> list[Definition]:
    """Return the shipped definitions with the statutes of the Land and this local pack alone."""
    every = offered(shipped.workflows(), shipped.rules())
    kept = [r for r in every if r.kind != "pack" or r.id in LAWS]
    return [*kept, definition("pack", "dienstanweisung.yaml", pack.encode())]


def seenland(pack: str = PACK) -> Definitions:
    """Return the definitions of the county."""
    return compile_all(rows(pack))


def pack_of(text: str, known: Definitions) -> RulePack:
    """Return a version of the local pack, compiled among the other definitions."""
    return compile_pack(text.encode(), "neu.yaml", facts=known.library.facts, kinds=known.kinds)


def workflow_of(text: str, known: Definitions) -> Workflow:
    """Return a version of a workflow, compiled among the other definitions."""
    library = known.library
    return compile_workflow(
        text.encode(),
        "neu.yaml",
        facts=library.facts,
        kinds=known.kinds,
        ladders=library.ladders,
    )
