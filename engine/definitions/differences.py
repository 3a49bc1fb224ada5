"""What two versions of a rule pack or a workflow say differently, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum

from engine.core.rules import Provision, RulePack
from engine.core.wording import day_text
from engine.core.workflow import Workflow
from engine.definitions.commentary.claims import claim_sentences
from engine.definitions.commentary.deadlines import deadline_rows
from engine.definitions.commentary.states import state_rows
from engine.definitions.commentary.steps import Row, step_rows
from engine.definitions.commentary.vocabulary import Letters, Speech, joined, sentence, speech
from engine.definitions.library import Definitions
from engine.definitions.parts import provision_parts
from engine.errors import Text


class Kind(StrEnum):
    """What happened to a part: it is new, gone, moved to another place, or changed."""

    NEW = "new"
    GONE = "gone"
    MOVED = "moved"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: what it is about in one sentence, and each detail in another."""

    kind: Kind
    id: str
    text: Text
    details: tuple[Text, ...] = ()


KINDS = {
    Kind.NEW: Text("Neu", "New"),
    Kind.GONE: Text("Entfallen", "Gone"),
    Kind.MOVED: Text("Verschoben", "Moved"),
    Kind.CHANGED: Text("Geändert", "Changed"),
}


_IN_ITS_NAME = frozenset({"title", "norm"})
"""What the first sentence about a new provision says already."""

_VERBS = {False: Text("steht", "stands"), True: Text("stehen", "stand")}


def pack_changes(old: RulePack, new: RulePack, definitions: Definitions) -> tuple[Change, ...]:
    """Return what a new version or successor of a pack says differently.

    A provision is known again by its id, or by its lineage where the law was renumbered.
    """
    before = {p.id: p for p in old.provisions}
    after = {p.id: p for p in new.provisions}
    heirs = {name for p in new.provisions for name in p.lineage if p.id not in before}
    found = [_head(old, new)]
    for p in new.provisions:
        if p.id in before:
            found.append(_changed(before[p.id], p, definitions))
        else:
            found.append(_arrived(p, [before[n] for n in p.lineage if n in before], definitions))
    found += [
        _gone(p.id, _named(p)) for p in old.provisions if p.id not in after and p.id not in heirs
    ]
    return tuple(change for change in found if change is not None)


def _head(old: RulePack, new: RulePack) -> Change | None:
    details = tuple(
        _turned(label, (a,), (b,))
        for label, a, b in (
            (Text("Titel", "Title"), Text(old.title, old.title), Text(new.title, new.title)),
            (Text("Geprüft am", "Checked on"), _day(old), _day(new)),
            (Text("Fundstelle", "Source"), Text(old.url, old.url), Text(new.url, new.url)),
        )
        if a != b
    )
    if not details:
        return None
    return Change(Kind.CHANGED, new.id, _said(Kind.CHANGED, Text("Kopf", "head")), details)


def _day(pack: RulePack) -> Text:
    return Text("–", "–") if pack.checked_on is None else day_text(pack.checked_on)


def _changed(old: Provision, new: Provision, definitions: Definitions) -> Change | None:
    details = tuple(_details(old, new, definitions))
    if not details:
        return None
    return Change(Kind.CHANGED, new.id, _said(Kind.CHANGED, _named(new)), details)


def _arrived(new: Provision, old: list[Provision], definitions: Definitions) -> Change:
    """Return a provision that was not there under this id: moved from others, or new."""
    if not old:
        parts = provision_parts(new, definitions)
        rows = tuple(
            sentence(_labelled(label, said))
            for key, (label, said) in parts.items()
            if key not in _IN_ITS_NAME
        )
        return Change(Kind.NEW, new.id, _said(Kind.NEW, _named(new)), rows)
    sources = joined((_norm(p) for p in old), " und ", " and ")
    text = Text(
        f"Verschoben: {sources.de} {_VERBS[len(old) > 1].de} jetzt in {new.norm}.",
        f"Moved: {sources.en} now {_VERBS[len(old) > 1].en} in {new.norm}.",
    )
    details = [d for p in old for d in _against(p, new, definitions, named=len(old) > 1)]
    return Change(Kind.MOVED, new.id, text, tuple(dict.fromkeys(details)))


def _against(
    old: Provision, new: Provision, definitions: Definitions, *, named: bool
) -> Iterator[Text]:
    for detail in _details(old, new, definitions, without={"norm"}):
        if not named:
            yield detail
        else:
            yield Text(f"Gegenüber {old.norm}: {detail.de}", f"Against {old.norm}: {detail.en}")


def _details(
    old: Provision,
    new: Provision,
    definitions: Definitions,
    without: Set[str] = frozenset(),
) -> Iterator[Text]:
    before, after = provision_parts(old, definitions), provision_parts(new, definitions)
    for key in dict.fromkeys((*before, *after)):
        a, b = before.get(key), after.get(key)
        if a != b and key not in without:
            label = (b or a or (Text(key, key),))[0]
            yield _turned(label, _lines(a), _lines(b))


def _lines(part: tuple[Text, Text] | None) -> tuple[Text, ...]:
    return () if part is None else (part[1],)


def workflow_changes(
    old: Workflow, new: Workflow, definitions: Definitions, letters: Letters | None = None
) -> tuple[Change, ...]:
    """Return what a new version of a workflow says differently: states, steps, deadlines."""
    before, after = speech(old, definitions, letters), speech(new, definitions, letters)
    return (
        *_compared(Text("Stand", "state"), _states(before), _states(after)),
        *_compared(Text("Schritt", "step"), _steps(before), _steps(after)),
        *_compared(Text("Frist", "deadline"), _deadlines(before), _deadlines(after)),
        *_compared(Text("Ablauf", "workflow"), _whole(before), _whole(after)),
    )


_Parts = Mapping[str, tuple[Text, tuple[Row, ...]]]
"""Id -> title and rows."""


def _states(said: Speech) -> _Parts:
    return {k: (s.title, state_rows(s, said)) for k, s in said.workflow.states.items()}


def _steps(said: Speech) -> _Parts:
    means = Text("Sinn für Berichte", "Meaning for reports")
    return {
        k: (s.title, (*step_rows(s, said), (means, (Text(s.means.value, s.means.value),))))
        for k, s in said.workflow.steps.items()
    }


def _deadlines(said: Speech) -> _Parts:
    return {k: (d.title, deadline_rows(d, said)) for k, d in said.workflow.deadlines.items()}


def _whole(said: Speech) -> _Parts:
    """Return what belongs to no single part: purpose, findings, plan, claims, examples."""
    flow = said.workflow
    rows: tuple[Row, ...] = (
        (Text("Titel", "Title"), (flow.title,)),
        (Text("Zweck", "Purpose"), () if flow.purpose is None else (flow.purpose,)),
        (Text("Feststellungen", "Findings"), tuple(flow.findings.values())),
        (Text("Zeitplan", "Plan"), tuple(stage.title for stage in flow.plan)),
        (Text("Zusicherungen", "Claims"), tuple(claim_sentences(said))),
        (Text("Beispiele", "Examples"), tuple(Text(e.name, e.name) for e in flow.examples)),
    )
    return {flow.id: (flow.title, rows)}


def _compared(what: Text, old: _Parts, new: _Parts) -> Iterator[Change]:
    for id_ in dict.fromkeys((*new, *old)):
        title = (new.get(id_) or old[id_])[0]
        named = Text(f"{what.de} „{title.de}“", f"{what.en} '{title.en}'")
        if id_ not in old:
            rows = new[id_][1]
            details = tuple(_labelled(label, *said) for label, said in rows if said)
            yield Change(Kind.NEW, id_, _said(Kind.NEW, named), details)
        elif id_ not in new:
            yield _gone(id_, named)
        else:
            details = tuple(_rows(old[id_], new[id_]))
            if details:
                yield Change(Kind.CHANGED, id_, _said(Kind.CHANGED, named), details)


def _rows(old: tuple[Text, tuple[Row, ...]], new: tuple[Text, tuple[Row, ...]]) -> Iterator[Text]:
    if old[0] != new[0]:
        yield _turned(Text("Titel", "Title"), (old[0],), (new[0],))
    before, after = dict(old[1]), dict(new[1])
    for label in dict.fromkeys((*after, *before)):
        a, b = before.get(label, ()), after.get(label, ())
        if a != b:
            gone = tuple(line for line in a if line not in b)
            come = tuple(line for line in b if line not in a)
            yield _turned(label, gone, come) if gone or come else _reordered(label)


def _reordered(label: Text) -> Text:
    return Text(f"{label.de}: andere Reihenfolge.", f"{label.en}: another order.")


def _turned(label: Text, old: tuple[Text, ...], new: tuple[Text, ...]) -> Text:
    """Return what a part said before and says now."""
    a, b = _flat(old), _flat(new)
    if not a.de:
        return sentence(Text(f"{label.de}: neu {b.de}", f"{label.en}: new {b.en}"))
    if not b.de:
        return sentence(Text(f"{label.de}: entfallen {a.de}", f"{label.en}: gone {a.en}"))
    return sentence(
        Text(f"{label.de}: bisher {a.de}, jetzt {b.de}", f"{label.en}: so far {a.en}, now {b.en}")
    )


def _flat(rows: tuple[Text, ...]) -> Text:
    """Return sentences in quotation marks, one after the other."""
    # What is quoted may quote in its turn, so the marks inside and outside must differ.
    de = ", ".join(f"„{_inner(r.de.rstrip('.'))}“" for r in rows)
    return Text(de, ", ".join(f"“{r.en.rstrip('.')}”" for r in rows))


def _inner(words: str) -> str:
    return words.replace("„", "‚").replace("“", "‘")


def _labelled(label: Text, *rows: Text) -> Text:
    return Text(
        f"{label.de}: {' '.join(r.de for r in rows)}", f"{label.en}: {' '.join(r.en for r in rows)}"
    )


def _gone(id_: str, named: Text) -> Change:
    return Change(Kind.GONE, id_, _said(Kind.GONE, named))


def _said(kind: Kind, named: Text) -> Text:
    word = KINDS[kind]
    return Text(f"{word.de}: {named.de}.", f"{word.en}: {named.en}.")


def _named(provision: Provision) -> Text:
    title = provision.title
    return Text(f"{provision.norm}, „{title.de}“", f"{provision.norm}, '{title.en}'")


def _norm(provision: Provision) -> Text:
    return Text(provision.norm, provision.norm)


__all__ = ["Change", "Kind", "pack_changes", "workflow_changes"]
