"""What no single file can tell: whether rule packs and workflows speak of the same things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.core.rules import Provision, RulePack
from engine.core.workflow import Workflow
from engine.definitions.conditions import Path
from engine.definitions.validity import broken_successions
from engine.errors import Text
from engine.strictyaml import Problem, load, unknown

_FORM = Text("Die Form", "The form")
_FINDING = Text("Die Feststellung", "The finding")
_PROVISION = Text("Die Vorschrift", "The provision")


def disagreements(
    packs: Mapping[str, RulePack],
    workflows: Iterable[Workflow],
    files: Mapping[str, tuple[str, bytes]],
) -> Iterator[Problem]:
    """Yield where packs name what nobody knows, repeat an id, or leave a gap in their force.

    `files` gives the name and the bytes of each pack, to find the place.
    """
    now = list(workflows)
    forms = {w.form for w in now if w.form is not None}
    findings = {f for w in now for f in w.findings}
    seen: dict[str, str] = {}
    known = {p.id for pack in packs.values() for p in pack.provisions}
    yield from _badly_succeeding(packs, files)
    for pack in packs.values():
        name, source = files[pack.id]
        for i, provision in enumerate(pack.provisions):
            at: Path = ("provisions", i)
            for place, words in (
                *_wrong(provision, forms, findings),
                *_strangers(provision, known),
            ):
                yield _problem(name, source, (*at, *place), words)
            if seen.setdefault(provision.id, name) != name:
                words = _repeated(provision.id, seen[provision.id])
                yield _problem(name, source, (*at, "id"), words)


def _badly_succeeding(
    packs: Mapping[str, RulePack], files: Mapping[str, tuple[str, bytes]]
) -> Iterator[Problem]:
    places = {p.id: (k, i) for k, pack in packs.items() for i, p in enumerate(pack.provisions)}
    every = [p for pack in packs.values() for p in pack.provisions]
    for provision, words in broken_successions(every):
        pack, i = places[provision.id]
        yield _problem(*files[pack], ("provisions", i, "id"), words)


def _strangers(provision: Provision, known: set[str]) -> Iterator[tuple[Path, Text]]:
    """Yield the provisions that one names and no pack holds."""
    for name in sorted(provision.overrides - known):
        yield ("overrides",), unknown(_PROVISION, name, sorted(known))
    for name in sorted(set(provision.lineage) - known):
        yield ("lineage",), unknown(_PROVISION, name, sorted(known))


def _wrong(
    provision: Provision, forms: set[str], findings: set[str]
) -> Iterator[tuple[Path, Text]]:
    duty, remedy = provision.duty, provision.remedy
    if duty is not None and duty.form not in forms:
        yield ("duty", "form"), unknown(_FORM, duty.form, sorted(forms))
    if remedy is not None:
        for finding in sorted(remedy.cures - findings):
            yield ("remedy", "cures"), unknown(_FINDING, finding, sorted(findings))


def _repeated(provision: str, name: str) -> Text:
    return Text(
        f"Die Vorschrift '{provision}' steht schon in {name}: Geben Sie einer von beiden eine "
        "andere Kennung.",
        f"The provision '{provision}' already stands in {name}: give one of the two another id.",
    )


def _problem(name: str, source: bytes, at: Path, words: Text) -> Problem:
    mark = load(source, name)[1].value(*at)
    return Problem(name, mark.line, mark.column, words)
