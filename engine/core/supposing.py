"""The law as nobody has enacted it: what would hold if periods, packs, calendars were others.

A supposition changes a library in memory, for rehearsals and for what-if. It is no
definition: nothing of it is stored, and what it makes up is marked *erfunden*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches

from engine.core.calendar import Calendar
from engine.core.conditions import Value
from engine.core.counting import Counting
from engine.core.escalation import Ladder
from engine.core.meanings import Confidence, Source
from engine.core.periods import Period
from engine.core.rules import Duty, NamedValue, Provision, RulePack
from engine.core.workflow import Workflow
from engine.core.world import Library, World
from engine.errors import InputError, Text

USUAL = "period"
"""The usual period of a provision, beside its urgent ones and its stages."""

MADE_UP = "angenommen"
"""The pack of what no rule in force lays down."""


@dataclass(frozen=True, slots=True)
class Supposition:
    """What would be otherwise.

    `periods` are keyed by a named value, a form, or the id of a provision; `.urgent` or the
    name of another of its periods may follow. A bare length keeps how it is counted.
    `traits` are taken on by every provision that calls for somebody, None takes one away.
    `before` says of a kind of office which kinds come after it, beside those that do anyway;
    a provision that calls for both puts neither first.
    `packs`, `calendars`, `ladders` and `workflows` stand in place of those of the same id;
    the packs `without` do not apply.
    """

    periods: Mapping[str, Counting | Period] = field(default_factory=dict)
    traits: Mapping[str, Value] = field(default_factory=dict)
    before: Mapping[str, frozenset[str]] = field(default_factory=dict)
    packs: tuple[RulePack, ...] = ()
    without: frozenset[str] = frozenset()
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    ladders: Mapping[str, Ladder] = field(default_factory=dict)
    workflows: tuple[Workflow, ...] = ()


NOTHING = Supposition()
"""Everything as it is."""


def supposed_world(world: World, what: Supposition) -> World:
    """Return the world in which `what` holds."""
    return replace(
        world,
        library=supposed(world.library, what),
        calendars={**world.calendars, **what.calendars},
    )


def supposed(library: Library, what: Supposition, *, where_known: bool = False) -> Library:
    """Return the library in which `what` holds, for new cases and new acts.

    Raises InputError where a period is named that nobody lays down or asks for; with
    `where_known` such a name has no effect, as in a library of times before the rule.
    """
    new = {p.id for p in what.packs} | what.without
    packs = (*(p for p in library.packs if p.id not in new), *map(_always, what.packs))
    workflows = {w.pin: w for w in what.workflows}
    changed = replace(
        library,
        packs=tuple(replace(p, provisions=_otherwise(p, what)) for p in packs),
        ladders={**library.ladders, **what.ladders},
        workflows={**library.workflows, **workflows},
        current={**library.current, **{w.id: pin for pin, w in workflows.items()}},
    )
    for name, length in what.periods.items():
        try:
            changed = replace(changed, packs=_with_period(changed, name, length))
        except InputError:
            if not where_known:
                raise
    return changed


def _always(pack: RulePack) -> RulePack:
    """Return a pack as if it had always applied; what has an end keeps its time of force."""
    rows = [replace(p, since=date.min) if p.until is None else p for p in pack.provisions]
    return replace(pack, provisions=tuple(rows))


def _otherwise(pack: RulePack, what: Supposition) -> tuple[Provision, ...]:
    """Return the provisions of a pack with the traits and the order that are supposed."""
    if not what.traits and not what.before:
        return pack.provisions
    return tuple(
        p if p.duty is None else replace(p, duty=_taking(p.duty, what)) for p in pack.provisions
    )


def _taking(duty: Duty, what: Supposition) -> Duty:
    taken = {**duty.traits, **what.traits}
    later = {k for kind in duty.kinds for k in what.before.get(kind, ())} - duty.kinds
    traits = {k: v for k, v in taken.items() if v is not None}
    return replace(duty, before=duty.before | later, traits=traits)


def _with_period(library: Library, words: str, length: Counting | Period) -> tuple[RulePack, ...]:
    """Return the packs with another length wherever `words` says."""
    name, _, variant = words.partition(".")
    found = False
    packs = []
    for pack in library.packs:
        rows = [_lengthened(p, name, variant or USUAL, length) for p in pack.provisions]
        found = found or any(new is not old for new, old in zip(rows, pack.provisions, strict=True))
        packs.append(replace(pack, provisions=tuple(rows)))
    if found:
        return tuple(packs)
    if variant or name not in set(_asked_for(library)):
        raise _nothing_so_named(words, library)
    return (*packs, _made_up(name, length))


def _lengthened(
    provision: Provision, name: str, variant: str, length: Counting | Period
) -> Provision:
    """Return a provision with another length, itself where `name` does not mean it."""
    value, duty, remedy = provision.value, provision.duty, provision.remedy
    exactly = provision.id == name
    if value is not None and variant == USUAL and (exactly or value.name == name):
        return replace(provision, value=replace(value, counting=_counted(value.counting, length)))
    if duty is not None and (exactly or duty.form == name):
        changed = _duty(duty, variant, length, exactly)
        return provision if changed is duty else replace(provision, duty=changed)
    if remedy is not None and exactly and variant == USUAL:
        counting = _counted(remedy.counting, length)
        return replace(provision, remedy=replace(remedy, counting=counting))
    return provision


def _duty(duty: Duty, variant: str, length: Counting | Period, exactly: bool) -> Duty:
    """Return a duty with another period; a form changes only what names a period at all."""
    if variant == USUAL:
        if duty.counting is None and not exactly:
            return duty
        return replace(duty, counting=_counted(duty.counting, length))
    if variant in duty.variants:
        variants = {**duty.variants, variant: _counted(duty.variants[variant], length)}
        return replace(duty, variants=variants)
    if variant in duty.stages:
        return replace(
            duty, stages={**duty.stages, variant: _counted(duty.stages[variant], length)}
        )
    return duty


def _counted(old: Counting | None, length: Counting | Period) -> Counting:
    if isinstance(length, Counting):
        return length
    return Counting(length) if old is None else replace(old, period=length)


def _made_up(name: str, length: Counting | Period) -> RulePack:
    """Return a pack with the value that no rule has laid down so far."""
    provision = Provision(
        id=f"{MADE_UP}-{name}",
        pack=MADE_UP,
        title=Text(f"Angenommen: {name}", f"Supposed: {name}"),
        norm=f"Annahme {name}",
        url="",
        source=Source.HOUSE,
        confidence=Confidence.FICTITIOUS,
        since=date.min,
        until=None,
        value=NamedValue(name, _counted(None, length)),
    )
    return RulePack(f"{MADE_UP}-{name}", "Annahmen", "0" * 64, Source.HOUSE, (provision,))


def _asked_for(library: Library) -> Iterator[str]:
    """Yield the named values that the workflows in force ask for."""
    for workflow in map(library.workflow, library.current.values()):
        yield from (r.value for r in workflow.deadlines.values() if r.period != "plan")
        yield from (leg.value for leg in workflow.plan)


def period_names(library: Library) -> tuple[str, ...]:
    """Return every name under which a period can be supposed to be another."""
    return tuple(sorted({*_asked_for(library), *_laid_down(library.packs)}))


def _laid_down(packs: Iterable[RulePack]) -> Iterator[str]:
    for provision in (p for pack in packs for p in pack.provisions):
        duty = provision.duty
        if provision.value is not None:
            yield provision.value.name
        if duty is not None and duty.counting is not None:
            yield duty.form
            yield provision.id
            yield from (f"{provision.id}.{name}" for name in (*duty.variants, *duty.stages))
        if provision.value is not None or provision.remedy is not None:
            yield provision.id


def _nothing_so_named(words: str, library: Library) -> InputError:
    known = period_names(library)
    near = get_close_matches(words, known, n=1)
    de = f" Meinten Sie „{near[0]}“?" if near else ""
    en = f" Did you mean '{near[0]}'?" if near else ""
    return InputError(
        f"„{words}“ ist weder ein benannter Wert noch eine Form noch die Kennung einer Vorschrift "
        f"mit einer Frist.{de} Bekannt sind: {', '.join(known)}.",
        f"'{words}' is neither a named value nor a form nor the id of a provision with a "
        f"period.{en} Known are: {', '.join(known)}.",
    )
