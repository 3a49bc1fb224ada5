"""The one strict loader for everything that people write: definitions, rules, config.

It reads a small and certain part of YAML: text, whole numbers, `true`, `false` and `null`,
lists and mappings. All problems of a file are told at once, with line, column and the way out.

A model is validated the way pydantic reads strict JSON: "5" is no whole number, 5 is no
text, and "yes" is no truth value, but "2026-03-12" is a date, a word is a member of an enum
and a list is a tuple. Keys go by their alias only, so each has one spelling.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.errors import EngineError
from engine.strictyaml import wording
from engine.strictyaml.faults import report
from engine.strictyaml.nodes import JSON, Marks, Node, Path, tree
from engine.strictyaml.problems import (
    DefinitionError,
    Mark,
    Problem,
    Problems,
    Wrong,
    collect,
    suggest,
    unknown,
)
from engine.strictyaml.shape import shape_of
from engine.strictyaml.source import checked

__all__ = [
    "JSON",
    "DefinitionError",
    "Loaded",
    "Mark",
    "Marks",
    "Problem",
    "Problems",
    "Strict",
    "Wrong",
    "collect",
    "load",
    "read",
    "schema",
    "suggest",
    "unknown",
]

M = TypeVar("M", bound=BaseModel)

_DIGITS = re.compile(r"[-+]?[0-9.]+")


class Strict(BaseModel):
    """The base of all models of files: frozen, no unknown keys, no guessed types.

    Python code may use field names; files use the alias where there is one.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_by_name=True, validate_by_alias=True
    )


@dataclass(frozen=True, slots=True)
class Loaded(Generic[M]):
    """A file that holds what its model asks for, and where in it everything stands."""

    value: M
    marks: Marks
    name: str


def load(source: bytes | str, name: str) -> tuple[JSON, Marks]:
    """Return the plain data of a file and its places.

    Raises `DefinitionError` with all problems of the file, which they call `name`.
    """
    problems = Problems(name)
    root = tree(checked(source, problems), problems)
    problems.raise_if_any()
    return root.value, Marks(root)


def read(model: type[M], source: bytes | str, name: str) -> Loaded[M]:
    """Return the file as a `model`, with its places.

    Raises `DefinitionError` with all problems of the file, which they call `name`.

    >>> class Period(Strict):
    ...     count: int
    >>> read(Period, "count: 2", "frist.yaml").value
    Period(count=2)
    >>> read(Period, 'count: "2"', "frist.yaml")
    Traceback (most recent call last):
    engine.strictyaml.problems.DefinitionError: frist.yaml, line 1, column 8: 'count' takes \
a whole number; found the text '2'. Write 2 without quotes.
    """
    problems = Problems(name)
    root = tree(checked(source, problems), problems)
    marks = Marks(root)
    _refuse_digits_as_dates(model, root, problems)
    value = _validated(model, marks, problems)
    problems.raise_if_any()
    if value is None:
        raise AssertionError(f"{name}: refused by {model.__name__} without a problem")
    return Loaded(value, marks, name)


def schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a model, by which editors complete and check as one types."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": model.__name__,
        **model.model_json_schema(by_alias=True),
    }


def _validated(model: type[M], marks: Marks, problems: Problems) -> M | None:
    data = json.dumps(marks.nearest(()).value)
    try:
        return model.model_validate_json(data, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        report(error, marks, shape_of(model), problems)
    except EngineError as error:  # A validator that asked the core, which answered in words.
        problems.add(marks.at(), error.text)
    return None


def _refuse_digits_as_dates(model: type[BaseModel], root: Node, problems: Problems) -> None:
    """Refuse bare digits for a date, which pydantic would take for seconds since 1970."""
    for path, node in _digits(root):
        if shape_of(model).at(path, root.value).is_temporal():
            problems.add(node.mark, wording.fault("date_parsing", path, node.value, {}, ""))
            node.refused = True


def _digits(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    if isinstance(node.value, str) and _DIGITS.fullmatch(node.value):
        yield path, node
    for step, child in node.children.items():
        yield from _digits(child, (*path, step))
