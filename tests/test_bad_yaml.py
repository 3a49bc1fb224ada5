"""Every file in tests/bad/yaml is refused in exactly the words that lie beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, field_validator, model_validator

from engine.strictyaml import DefinitionError, Strict, Wrong, read

BAD = Path(__file__).parent / "bad" / "yaml"
FILES = sorted(BAD.glob("*.yaml"))


class Period(Strict):
    count: Annotated[int, Field(ge=1, le=366)]
    unit: Literal["day", "working_day", "week", "month"]


class State(Strict):
    means: Literal["draft", "waiting", "settled"]
    next: str = ""


class Step(Strict):
    means: str
    kind: Literal["permission", "fact"]
    from_: Annotated[tuple[str, ...], Field(alias="from", min_length=1)]
    to: str
    period: Literal["provision"] | Period | None = None
    reasoned: bool = False

    @field_validator("means")
    @classmethod
    def _is_no_name(cls, word: str) -> str:
        if word != word.lower():
            raise ValueError("Bitte klein schreiben.")
        return word


class Workflow(Strict):
    """A small workflow: enough keys of every kind to be wrong about."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=20)]
    version: str
    in_force: date | None = None
    states: Annotated[dict[str, State], Field(min_length=1)]
    steps: dict[str, Step] = {}
    examples: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _steps_lead_to_states(self) -> Workflow:
        for name, step in self.steps.items():
            if step.to not in self.states:
                raise Wrong(
                    f"Der Schritt '{name}' führt in den unbekannten Zustand '{step.to}'.",
                    f"The step '{name}' leads to the unknown state '{step.to}'.",
                    at=("steps", name, "to"),
                )
        return self


def words_about(path: Path) -> str:
    """Return the German problems of a file, a blank line, and the English ones."""
    with pytest.raises(DefinitionError) as refused:
        read(Workflow, path.read_bytes(), path.name)
    return f"{refused.value.text.de}\n\n{refused.value.text.en}\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bad_file_is_refused_in_words_that_help(path: Path) -> None:
    assert words_about(path) == path.with_suffix(".expected").read_text(encoding="utf-8")


def test_every_expectation_has_its_file() -> None:
    assert FILES
    assert {p.stem for p in BAD.glob("*.expected")} == {p.stem for p in FILES}


def test_the_good_file_they_are_spoilt_from_is_accepted() -> None:
    good = """\
id: anhoerung
version: "2026-01"
in_force: 2026-01-01
states:
  offen: {means: draft}
steps:
  informieren:
    means: information
    kind: permission
    from: [offen]
    to: offen
    period: {count: 2, unit: week}
"""
    assert read(Workflow, good, "gut.yaml").value.in_force == date(2026, 1, 1)
