"""What a model expects at a place of a file, read from its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError

from engine.strictyaml.nodes import JSON, Path

_TEMPORAL = frozenset({"date", "date-time", "time", "duration"})


class Shape:
    """The schemas that a value may follow; several where the model leaves a choice."""

    def __init__(self, root: dict[str, Any], branches: list[dict[str, Any]]) -> None:
        self._root = root
        self._branches = branches

    def keys(self) -> list[str]:
        """Return the keys that a mapping at this place may have, as the model orders them."""
        return list(dict.fromkeys(k for b in self._branches for k in b.get("properties", {})))

    def is_temporal(self) -> bool:
        """Return whether any text at this place must be a date, a time or a duration."""
        formats = {b.get("format") for b in self._branches if b.get("type") == "string"}
        return bool(formats) and formats <= _TEMPORAL

    def at(self, path: Path, value: JSON) -> Shape:
        """Return the shape at `path`, which the data `value` goes along."""
        shape, here = self, value
        for step in path:
            shape = Shape(self._root, list(shape._step(step, here)))
            here = _inside(here, step)
        return Shape(self._root, [b for b in shape._branches if _fits(b, here)])

    def _step(self, step: str | int, value: JSON) -> Iterator[dict[str, Any]]:
        for branch in self._branches:
            if _fits(branch, value):
                yield from expanded(self._root, _part(branch, step))


@lru_cache(maxsize=64)
def shape_of(model: type[BaseModel]) -> Shape:
    """Return the shape of a whole file; without branches if JSON Schema cannot tell it."""
    try:
        root = model.model_json_schema()
    except (PydanticInvalidForJsonSchema, PydanticUserError):
        return Shape({}, [])
    return Shape(root, list(expanded(root, root)))


def expanded(
    root: dict[str, Any], schema: Any, seen: frozenset[str] = frozenset()
) -> Iterator[dict[str, Any]]:
    """Yield the schemas that `schema` leaves a choice of, its references resolved."""
    if not isinstance(schema, dict):
        return
    reference = schema.get("$ref")
    choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    if reference and reference not in seen:
        target = root.get("$defs", {}).get(reference.rsplit("/", 1)[-1])
        yield from expanded(root, target, seen | {reference})
    for choice in choices:
        yield from expanded(root, choice, seen)
    if not reference and not choices:
        yield schema


def _part(branch: dict[str, Any], step: str | int) -> Any:
    if isinstance(step, str):
        return branch.get("properties", {}).get(step, branch.get("additionalProperties"))
    first: list[Any] = branch.get("prefixItems", [])
    return first[step] if step < len(first) else branch.get("items")


def _inside(value: JSON, step: str | int) -> JSON:
    if isinstance(value, dict) and isinstance(step, str):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _fits(branch: dict[str, Any], value: JSON) -> bool:
    """Return whether no fixed word of the branch (its `kind`, say) contradicts the value."""
    if not isinstance(value, dict):
        return True
    return all(
        part["const"] == value[key]
        for key, part in branch.get("properties", {}).items()
        if "const" in part and key in value
    )
