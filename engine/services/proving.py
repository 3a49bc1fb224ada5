"""No definition comes into force that breaks what workflows assure, or its own rehearsals."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from engine.core.proof import Basis, Proof, Story, Verdict, at_stake, prove, settings
from engine.core.scripts import run
from engine.definitions.library import Definition, Definitions
from engine.definitions.rehearsal import training
from engine.errors import InputError, Text


def refuse_unproven(before: Definitions, after: Definitions, fresh: Iterable[Definition]) -> None:
    """Refuse definitions after which a claim would not hold, with the story of how.

    Only what these definitions change is proven: a workflow with every other one, and what
    packs make of them that nobody had before. Raises InputError.
    """
    rows = list(fresh)
    changed = {d.id for d in rows if d.kind == "workflow"}
    _refuse_unrehearsed(after, changed)
    for verdict in _proof(before, after, changed).broken:
        # What the packs lack is told by their own check, and refused where it is missed.
        if verdict.basis is not Basis.PACKS:
            raise _broken(rows, verdict)


def _proof(before: Definitions, after: Definitions, changed: set[str]) -> Proof:
    """Return the proof of what is new: forms that changed, and law that nobody had before."""
    only = _forms(after, changed)
    library, kinds = after.library, after.kinds
    known = frozenset(settings(before.library))
    if only is None or at_stake(before.library, before.kinds) != at_stake(library, kinds):
        only, known = None, frozenset()
    question = (
        frozenset(library.current.values()),
        frozenset(settings(library)),
        at_stake(library, kinds),
        only,
        known,
    )
    if question not in _PROVEN:
        with nothing_collected():
            _PROVEN[question] = prove(library, kinds, only or None, known)
    return _PROVEN[question]


_PROVEN: dict[object, Proof] = {}
"""What this process has proven: the same definitions need no second proof."""


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Nothing of a proof is garbage before it is done; looking for some costs a third of it."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _forms(after: Definitions, changed: set[str]) -> frozenset[str] | None:
    """Return the forms whose workflows have changed, None where the case itself has."""
    library = after.library
    forms = {library.workflow(library.current[i]).form for i in changed}
    return None if None in forms else frozenset(f for f in forms if f is not None)


def _refuse_unrehearsed(after: Definitions, changed: set[str]) -> None:
    place, library = training(after), after.library
    for id_ in sorted(changed):
        workflow = library.workflow(library.current[id_])
        for example in workflow.examples:
            for failure in run(example, workflow, place).failures:
                raise InputError(
                    f"{id_}: Die Übung kommt anders heraus. {failure.text.de}",
                    f"{id_}: the rehearsal comes out otherwise. {failure.text.en}",
                )


def _broken(rows: list[Definition], verdict: Verdict) -> InputError:
    names = ", ".join(d.name for d in rows)
    assert verdict.story is not None
    told = _told(verdict.story)
    return InputError(
        f"{names} kann nicht in Kraft treten. Nicht erfüllt: {verdict.claim}, "
        f"{verdict.title.de}. So käme es dazu: {told.de}",
        f"{names} cannot come into force. Does not hold: {verdict.claim}, {verdict.title.en}. "
        f"This is how it would come about: {told.en}",
    )


def _told(story: Story) -> Text:
    de = " ".join([*(x.de for x in story.lines), f"– {story.why.de}."])
    en = " ".join([*(x.en for x in story.lines), f"– {story.why.en}."])
    return Text(de, en)
