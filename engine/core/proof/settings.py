"""Under which law a form is proven: the traits that provisions in force give to it together.

Two participations of one case live under the law of the same place and time, so only such
pairs are proven. A provision that depends on facts may apply or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations_with_replacement, product

from engine.core.conditions import ALWAYS, Value
from engine.core.duties import trait
from engine.core.meanings import StepMeans
from engine.core.proof.reading import relevant
from engine.core.rules import Provision
from engine.core.workflow import Workflow
from engine.core.world import Library, Municipality

_SEVERAL = 4
"""Up to so many conditional provisions of one duty, every combination of them is tried."""


@dataclass(frozen=True, order=True, slots=True)
class Vector:
    """A form under one combination of traits."""

    form: str
    traits: tuple[tuple[str, Value], ...] = ()

    def trait(self, name: str) -> Value:
        """Return the trait of that name, None where no provision has it."""
        return dict(self.traits).get(name)


@dataclass(frozen=True, slots=True)
class Setting:
    """Two participations that a case can have at once; `order` pairs who comes before whom."""

    forms: tuple[Vector, Vector]
    order: frozenset[tuple[int, int]] = frozenset()

    @property
    def alike(self) -> bool:
        """Whether the two cannot be told apart."""
        return self.forms[0] == self.forms[1] and not self.order


def settings(library: Library) -> tuple[Setting, ...]:
    """Return every pair of forms under every combination of traits that packs give them.

    A pair of forms that no law brings together is proven once, under no law at all.
    """
    found: dict[Setting, None] = {}
    for duties in _days(library):
        for (one, ways), (two, others) in combinations_with_replacement(duties, 2):
            for first, second in product(ways, others):
                found[_setting(library, (one, first), (two, second))] = None
    known = {tuple(sorted(v.form for v in s.forms)) for s in found}
    for a, b in combinations_with_replacement(sorted(_forms(library)), 2):
        if (a, b) not in known:
            found[Setting((_lone(a, found), _lone(b, found)))] = None
    return tuple(found)


def traits_read(workflow: Workflow) -> frozenset[str]:
    """Return the traits on which a form is proven: those it reads, and those a claim asks for."""
    read = {n.partition(".")[2] for n in relevant(workflow) if n.startswith("provision.")}
    means = {s.means for s in workflow.steps.values()}
    if StepMeans.WEIGHING in means:
        read.add("reasons")
    if StepMeans.LAPSE in means and StepMeans.CONSENT in means:
        read.add("silence")
    return frozenset(read)


_Duty = tuple[tuple[str, str], tuple[tuple[Provision, ...], ...]]
"""A kind of office and a form, with the ways in which provisions can call for it together."""


def _days(library: Library) -> Iterator[tuple[_Duty, ...]]:
    """Yield what the law calls for, once for each place and each day on which it changes."""
    rows = [p for pack in library.packs for p in pack.provisions]
    places = {(p.land or "", p.municipality or "") for p in rows if not p.template} or {("", "")}
    changes = sorted({d for p in rows for d in (p.since, p.until) if d is not None})
    seen = set()
    for land, municipality in sorted(places):
        place = Municipality(municipality, municipality, land, land)
        for day in _with_eve(changes):
            rows_then = library.in_force(day, place)
            called = frozenset(p.id for p in rows_then if p.duty is not None)
            if called not in seen:
                seen.add(called)
                yield _duties(rows_then, library)


def _with_eve(changes: Iterable[date]) -> list[date]:
    days = list(changes)
    return [days[0] - timedelta(days=1), *days] if days else [date(2000, 1, 1)]


def _duties(provisions: Iterable[Provision], library: Library) -> tuple[_Duty, ...]:
    called: dict[tuple[str, str], list[Provision]] = {}
    for provision in provisions:
        if provision.duty is not None:
            for kind in sorted(provision.duty.kinds):
                called.setdefault((kind, provision.duty.form), []).append(provision)
    known = _forms(library)
    return tuple(
        (key, tuple(_ways(rows))) for key, rows in sorted(called.items()) if key[1] in known
    )


def _ways(rows: list[Provision]) -> Iterator[tuple[Provision, ...]]:
    """Yield each set of provisions that can call for one participation together."""
    loose = [p for p in rows if p.when != ALWAYS]
    if len(loose) > _SEVERAL:
        loose = []
    for marks in product((True, False), repeat=len(loose)):
        left_out = [p for p, mark in zip(loose, marks, strict=True) if not mark]
        way = tuple(p for p in rows if all(p is not other for other in left_out))
        if way:
            yield way


def _setting(
    library: Library,
    one: tuple[tuple[str, str], tuple[Provision, ...]],
    two: tuple[tuple[str, str], tuple[Provision, ...]],
) -> Setting:
    vectors = [_vector(library, form, rows) for (_, form), rows in (one, two)]
    order = set()
    for i, (_, rows) in enumerate((one, two)):
        (kind, _), _ = (two, one)[i]
        if (one[0] != two[0]) and any(p.duty is not None and kind in p.duty.before for p in rows):
            order.add((1 + i, 2 - i))
    if (
        vectors[1] < vectors[0]
        if vectors[0].form != vectors[1].form
        else repr(vectors[1]) < repr(vectors[0])
    ):
        vectors.reverse()
        order = {(3 - a, 3 - b) for a, b in order}
    return Setting((vectors[0], vectors[1]), frozenset(order))


def _vector(library: Library, form: str, provisions: Iterable[Provision]) -> Vector:
    rows = tuple(provisions)
    names = sorted(traits_read(library.for_form(form)))
    return Vector(form, tuple((n, v) for n in names if (v := trait(rows, n)) is not None))


def _forms(library: Library) -> set[str]:
    return {w.form for w in map(library.workflow, library.current.values()) if w.form is not None}


def _lone(form: str, found: Iterable[Setting]) -> Vector:
    """Return a form as some law knows it, else under no law."""
    return next((v for s in found for v in s.forms if v.form == form), Vector(form))
