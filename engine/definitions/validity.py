"""Whether the times of force of provisions follow one another without gap or overlap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise

from engine.core.calendar import ONE_DAY
from engine.core.rules import Provision
from engine.core.wording import day_text
from engine.errors import Text


def broken_successions(provisions: Iterable[Provision]) -> Iterator[tuple[Provision, Text]]:
    """Yield each provision that does not take over where the one before it ended, with why.

    The values of one name, source and place follow one another, and so does a provision
    the ones that its `lineage` names.
    """
    every = list(provisions)
    known = {p.id: p for p in every}
    values: dict[tuple[object, ...], list[Provision]] = defaultdict(list)
    for provision in every:
        if provision.value is not None and not provision.template:
            key = (provision.value.name, provision.source, provision.land, provision.municipality)
            values[key].append(provision)
        for name in provision.lineage:
            if name in known:
                yield from _succeeds(known[name], provision)
    for rows in values.values():
        ordered = sorted(rows, key=lambda p: p.since)
        for before, after in pairwise(ordered):
            yield from _succeeds(before, after)


def _succeeds(before: Provision, after: Provision) -> Iterator[tuple[Provision, Text]]:
    if before.until is None or before.until > after.since:
        yield after, _overlap(before, after)
    elif before.until < after.since:
        yield after, _gap(before, after, before.until)


def _overlap(before: Provision, after: Provision) -> Text:
    since, last = day_text(after.since), day_text(after.since - ONE_DAY)
    return Text(
        f"'{after.id}' gilt ab {since.de}, '{before.id}' aber noch weiter: Lassen Sie dort "
        f"'until: {after.since}' stehen, dann endet es mit dem {last.de}.",
        f"'{after.id}' is in force from {since.en}, but '{before.id}' still is: write "
        f"'until: {after.since}' there, so that it ends with {last.en}.",
    )


def _gap(before: Provision, after: Provision, ended: date) -> Text:
    first, last = day_text(ended), day_text(after.since - ONE_DAY)
    return Text(
        f"Vom {first.de} bis {last.de} gilt weder '{before.id}' noch '{after.id}': Schließen "
        "Sie die Lücke, oder nehmen Sie die Abstammung heraus.",
        f"From {first.en} to {last.en} neither '{before.id}' nor '{after.id}' is in force: "
        "close the gap, or take the lineage out.",
    )
