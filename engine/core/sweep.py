"""The Durchsicht: what is wrong with an open case before anybody has missed anything.

Each rule asks one question of a case as it stands today and answers with a flaw, or not at
all. Nothing here is a finding of the procedure: it is undone by seeing to it in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from engine.core.case import Case, Participation
from engine.core.draft import Draft
from engine.core.meanings import StateMeans, StepMeans
from engine.core.next_steps import running
from engine.core.offices import Standing
from engine.core.staleness import stale_packs
from engine.core.standing import OVER, standings, words
from engine.core.wording import day_text
from engine.core.workflow import CLOCK, Workflow
from engine.core.world import World
from engine.errors import Text


class Flaw(StrEnum):
    """What can be wrong with an open case, the most urgent first."""

    EARLY = "sitting_too_early"
    PASSED = "sitting_over"
    UNFILLED = "office_unfilled"
    AWAY = "nobody_on_last_day"
    RECEIPT = "receipt_open"
    UNDATED = "no_sitting"
    STALE = "pack_stale"


TITLES = {
    Flaw.EARLY: Text("Sitzung zu früh für den Zeitplan", "sitting too early for the plan"),
    Flaw.PASSED: Text("Sitzung vorbei, kein Ergebnis eingetragen", "sitting over, no outcome"),
    Flaw.UNFILLED: Text("Stelle nicht besetzt oder unbekannt", "office vacant or unknown"),
    Flaw.AWAY: Text("Am letzten Tag handelt niemand", "nobody acts on the last day"),
    Flaw.RECEIPT: Text("Eingang nicht bestätigt", "receipt not confirmed"),
    Flaw.UNDATED: Text("Kein Sitzungstag eingetragen", "no sitting entered"),
    Flaw.STALE: Text("Regelpaket lange nicht geprüft", "rule pack not checked for long"),
}


@dataclass(frozen=True, slots=True)
class Flawed:
    """One flaw of a case in a sentence; `about` is the participation, office or pack."""

    flaw: Flaw
    about: str
    text: Text


Rule = Callable[[Draft], Iterator[Flawed]]


def flaws(case: Case, world: World) -> tuple[Flawed, ...]:
    """Return what is wrong with a settled case, the most urgent first; none once it has ended."""
    draft = Draft(case, world)
    if draft.workflow.meaning(case.state) is StateMeans.FINAL:
        return ()
    return tuple(found for flaw in Flaw for found in _RULES[flaw](draft))


def _early(draft: Draft) -> Iterator[Flawed]:
    calendar = draft.world.calendar(draft.measure.municipality)
    for one in standings(draft.before, draft.world):
        if one.light == "red" and not one.settled:
            said, name = words(one, draft.world, calendar), _name(draft, one.participation.office)
            text = Text(f"{name}: {said.de}", f"{name}: {said.en}")
            yield Flawed(Flaw.EARLY, one.participation.key, text)


def _passed(draft: Draft) -> Iterator[Flawed]:
    last = draft.measure.last_day
    if last is None or last >= draft.world.today or _over(draft):
        return
    day = day_text(last)
    text = Text(
        f"Der letzte Tag der Beratungsfolge war {day.de}; entschieden ist nach der Akte nichts.",
        f"The last day of the bodies was {day.en}; by the file nothing is decided.",
    )
    yield Flawed(Flaw.PASSED, "", text)


def _unfilled(draft: Draft) -> Iterator[Flawed]:
    roster, today = draft.world.roster, draft.world.today
    for office in _bound(draft):
        known = roster.offices.get(office)
        if known is None or (known.until is not None and known.until < today):
            text = Text(f"{office}: Die Stelle gibt es nicht.", f"{office}: no such office.")
            yield Flawed(Flaw.UNFILLED, office, text)
        elif roster.standing(office, today, draft.case_uid) is Standing.VACANT:
            text = Text(
                f"{known.name}: Die Stelle ist nicht besetzt und hat hier etwas zu tun.",
                f"{known.name}: the office is vacant and has something to do here.",
            )
            yield Flawed(Flaw.UNFILLED, office, text)


def _away(draft: Draft) -> Iterator[Flawed]:
    roster, today = draft.world.roster, draft.world.today
    for held in running(draft.deadlines.values()):
        owner, day = held.owner, held.last_day
        if day < today or not roster.holders(owner, day):
            continue
        if not roster.acting(owner, day, draft.case_uid):
            end, name = day_text(day), _name(draft, owner)
            text = Text(
                f"{name}: Am {end.de} endet eine Frist, und an diesem Tag handelt dort niemand.",
                f"{name}: a period ends on {end.en}, and nobody acts there on that day.",
            )
            yield Flawed(Flaw.AWAY, owner, text)


def _receipt(draft: Draft) -> Iterator[Flawed]:
    for subject in _parts(draft, StateMeans.WAITING, StateMeans.SETTLED):
        workflow = draft.world.library.workflow(subject.workflow)
        ends = _confirming(workflow, subject)
        if ends is None or _over(draft) or any(d.name in ends for d in draft.of(subject.key)):
            continue
        name = _name(draft, subject.office)
        text = Text(
            f"{name}: Dass die Information eingegangen ist, hat niemand bestätigt; die Frist "
            "rechnet mit einer Vermutung.",
            f"{name}: nobody has confirmed that the information was received; the period counts "
            "with a presumption.",
        )
        yield Flawed(Flaw.RECEIPT, subject.key, text)


def _confirming(workflow: Workflow, subject: Participation) -> frozenset[str] | None:
    """Return the deadlines that a receipt would end where one can still be confirmed, else None."""
    steps = [
        s
        for s in workflow.steps_meaning(StepMeans.RECEIPT)
        if s.by != {CLOCK} and s.origins is not None and subject.state in s.origins and s.starts
    ]
    return frozenset(name for s in steps for name in s.ends) if steps else None


def _undated(draft: Draft) -> Iterator[Flawed]:
    if draft.measure.first_day is not None or not _parts(draft, StateMeans.DRAFT):
        return
    text = Text(
        "Ohne Sitzungstag und Tag der Ausführung lässt sich nicht rechnen, bis wann zu "
        "informieren ist.",
        "Without a sitting or a day of carrying out nobody can tell by when to inform.",
    )
    yield Flawed(Flaw.UNDATED, "", text)


def _stale(draft: Draft) -> Iterator[Flawed]:
    library = draft.world.library
    old = {pack.id: pack for pack in stale_packs(library.packs, draft.world.today)}
    named = {p for s in draft.current() for p in s.provisions}
    named |= {d.provision for d in draft.deadlines.values() if d.open and d.provision}
    for id_ in sorted({library.provision(p).pack for p in named} & set(old)):
        pack = old[id_]
        assert pack.last_checked is not None, "what was never checked is not stale"
        day = day_text(pack.last_checked)
        text = Text(
            f"{pack.title}: zuletzt am {day.de} mit der Quelle verglichen.",
            f"{pack.title}: last compared with its source on {day.en}.",
        )
        yield Flawed(Flaw.STALE, id_, text)


_RULES: dict[Flaw, Rule] = {
    Flaw.EARLY: _early,
    Flaw.PASSED: _passed,
    Flaw.UNFILLED: _unfilled,
    Flaw.AWAY: _away,
    Flaw.RECEIPT: _receipt,
    Flaw.UNDATED: _undated,
    Flaw.STALE: _stale,
}


def _parts(draft: Draft, *means: StateMeans) -> list[Participation]:
    """Return the participations whose state means one of these."""
    library = draft.world.library
    rows = draft.current()
    return [p for p in rows if library.workflow(p.workflow).meaning(p.state) in means]


def _bound(draft: Draft) -> list[str]:
    """Return the offices that have something to do: lead, owners, and who is still to be heard."""
    owners = [d.owner for d in running(draft.deadlines.values())]
    heard = [p.office for p in _parts(draft, StateMeans.DRAFT, StateMeans.WAITING)]
    return [o for o in dict.fromkeys([draft.measure.lead, *owners, *heard]) if o != CLOCK]


def _over(draft: Draft) -> bool:
    return draft.workflow.meaning(draft.state) in OVER


def _name(draft: Draft, office: str) -> str:
    known = draft.world.roster.offices.get(office)
    return office if known is None else known.name
