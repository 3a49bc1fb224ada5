"""What a workflow promises, in sentences: its claims, and what no definition may break."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.core.meanings import StateMeans, StepMeans
from engine.definitions.commentary.vocabulary import Speech, either
from engine.definitions.said import CASE
from engine.errors import Text


def claim_sentences(said: Speech) -> Iterator[Text]:
    """Yield each claim of the definition as one sentence."""
    for claim in said.workflow.claims:
        yield _sentence(claim, said)


def _sentence(claim: Mapping[str, Any], said: Speech) -> Text:
    never = [_never(name, value, said) for name, value in claim["never"].items()]
    before = [_before(name, value, said) for name, value in claim["unless_before"].items()]
    number = claim["id"]
    de = f"{number}: {' und '.join(n.de for n in never)}"
    en = f"{number}: {' and '.join(n.en for n in never)}"
    if before:
        de += f", bevor {' und '.join(b.de for b in before)}"
        en += f" before {' and '.join(b.en for b in before)}"
    return Text(f"{de}.", f"{en}.")


def _never(name: str, value: Any, said: Speech) -> Text:
    """Return what never comes about: the case is in a state of this meaning."""
    means = [CASE[StateMeans(v)] for v in _listed(value) if v in set(StateMeans)]
    if name == "case" and means:
        de, en = " oder ".join(m.de for m in means), " or ".join(m.en for m in means)
        return Text(f"Der Vorgang ist nie {de}", f"The case is never {en}")
    if name == "state":
        states = said.states(_listed(value))
        return Text(f"Der Stand ist nie {states.de}", f"The state is never {states.en}")
    return Text(f"„{name}: {_plain(value)}“ gilt nie", f"'{name}: {_plain(value)}' never holds")


def _before(name: str, value: Any, said: Speech) -> Text:
    meant = [StepMeans(v) for v in _listed(value) if v in set(StepMeans)]
    if name == "each_participation" and meant:
        rows = either(said.step_meaning("participations", means) for means in meant)
        return Text(
            f"für jede Beteiligung eines davon geschehen ist: {rows.de}",
            f"for each participation one of these has happened: {rows.en}",
        )
    if name == "office" and meant:
        rows = either(said.step_meaning("participations", means) for means in meant)
        return Text(
            f"die beteiligte Stelle selbst gehandelt hat: {rows.de}",
            f"the office that takes part has acted itself: {rows.en}",
        )
    return Text(f"„{name}: {_plain(value)}“ zutrifft", f"'{name}: {_plain(value)}' is true")


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _plain(value: Any) -> str:
    return ", ".join(str(v) for v in _listed(value))
