"""From the errors of pydantic to problems at their places in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from pydantic import ValidationError

from engine.errors import Text
from engine.strictyaml import wording
from engine.strictyaml.nodes import Marks, Node, Path
from engine.strictyaml.problems import Mark, Problems
from engine.strictyaml.shape import Shape

_MOST_FAULTS = 2000
_MOST_READINGS = 64
_UNKNOWN_KEY = frozenset({"extra_forbidden", "unexpected_keyword_argument"})
_MISSING = frozenset({"missing", "missing_argument", "missing_keyword_only_argument"})


@dataclass(frozen=True)
class Fault:
    """An error of pydantic with the path of the data it is about.

    `tags` are the places in `loc` that name a branch of a union instead of a key.
    """

    kind: str
    loc: Path
    path: Path
    tags: tuple[int, ...]
    given: Any
    context: dict[str, Any]
    message: str
    name: str | int = ""
    on_key: bool = False


def report(error: ValidationError, marks: Marks, shape: Shape, problems: Problems) -> None:
    """Add to `problems` what `error` says about the file, but not what is told already."""
    details = islice(error.errors(include_url=False), _MOST_FAULTS)
    faults = _sensible([_located(dict(detail), marks.nearest(())) for detail in details])
    news = [fault for fault in faults if not marks.refused(*fault.path)]
    misspelt = _report_unknown([f for f in news if f.kind in _UNKNOWN_KEY], marks, shape, problems)
    missing = [f for f in news if f.kind in _MISSING and (f.path, f.name) not in misspelt]
    _report_missing(missing, marks, problems)
    for fault in news:
        if fault.kind not in _UNKNOWN_KEY | _MISSING:
            problems.add(*_told(fault, marks))


def _report_unknown(
    faults: list[Fault], marks: Marks, shape: Shape, problems: Problems
) -> set[tuple[Path, str | int]]:
    """Add the unknown keys; return the keys they were meant to be, which so are not missing."""
    meant: set[tuple[Path, str | int]] = set()
    for fault in faults:
        around, word = fault.path[:-1], str(fault.path[-1])
        known = shape.at(around, marks.nearest(()).value).keys()
        meant.add((around, wording.intended_key(word, fault.given, known) or ""))
        text = wording.unknown_key(word, fault.given, known)
        problems.add(marks.key(*fault.path), text)
    return meant


def _report_missing(faults: list[Fault], marks: Marks, problems: Problems) -> None:
    names: dict[Path, list[str | int]] = {}
    for fault in faults:
        names.setdefault(fault.path, []).append(fault.name)
    for path, lacking in names.items():
        problems.add(marks.at(*path), wording.missing(path, lacking))


def _told(fault: Fault, marks: Marks) -> tuple[Mark, Text]:
    cause = fault.context.get("error")
    inner: Path = getattr(cause, "at", ())
    mark = marks.key(*fault.path) if fault.on_key else marks.scene(*fault.path, *inner)
    text = wording.fault(
        fault.kind, fault.path, fault.given, fault.context, fault.message, on_key=fault.on_key
    )
    return mark, text


def _located(detail: dict[str, Any], root: Node) -> Fault:
    loc: Path = detail["loc"]
    kind, given = str(detail["type"]), detail["input"]
    context = dict(detail.get("ctx") or {})
    name: str | int = ""
    on_key = bool(loc) and loc[-1] == "[key]"
    if on_key:
        loc = loc[:-1]
    if kind in _MISSING:
        loc, name = loc[:-1], loc[-1]
    if kind == "union_tag_not_found" and isinstance(given, dict):
        kind, name = "missing", context["discriminator"].strip("'")
    path, tags = _reading(loc, root, given, anything=on_key)
    if kind == "union_tag_invalid":
        inner = context["discriminator"].strip("'")
        path, given = (*path, inner), context["tag"]
    return Fault(kind, loc, path, tags, given, context, str(detail["msg"]), name, on_key)


def _reading(
    loc: Path, root: Node, given: object, *, anything: bool
) -> tuple[Path, tuple[int, ...]]:
    """Return the path that `loc` means in the data, and which parts of it are none.

    The name of a branch may also be a key of the data; then the reading that leads to what
    pydantic was given is the right one.
    """
    readings = list(islice(_readings(loc, root), _MOST_READINGS))
    right = (r for r in readings if anything or r[2].value == given)
    path, tags, _ = next(right, readings[0])
    return path, tags


def _readings(
    loc: Path, node: Node, start: int = 0
) -> Iterator[tuple[Path, tuple[int, ...], Node]]:
    if start == len(loc):
        yield (), (), node
        return
    child = node.children.get(loc[start])
    if child is not None:
        for path, tags, end in _readings(loc, child, start + 1):
            yield (loc[start], *path), tags, end
    for path, tags, end in _readings(loc, node, start + 1):
        yield path, (start, *tags), end


def _sensible(faults: list[Fault], depth: int = 0) -> list[Fault]:
    """Return, of the branches of each union, the errors of the one that was meant."""
    plain = [f for f in faults if len(f.tags) <= depth]
    unions: dict[tuple[Path, Path], dict[str | int, list[Fault]]] = {}
    for fault in faults:
        if len(fault.tags) > depth:
            place = fault.tags[depth]
            at_union = (fault.loc[:place], fault.path[: place - depth])
            union = unions.setdefault(at_union, {})
            union.setdefault(fault.loc[place], []).append(fault)
    for (_, path), branches in unions.items():
        plain += _meant(path, [_sensible(branch, depth + 1) for branch in branches.values()])
    return plain


def _meant(at_union: Path, branches: list[list[Fault]]) -> list[Fault]:
    """Return the errors of the branch whose form fits; if none does, one error for all."""
    fitting = [b for b in branches if not any(_misfit(f, at_union) for f in b)]
    if fitting:
        best = min(fitting, key=len)
        return _with_all_words(best, fitting)
    wanted = (wording.wanted(f.kind, f.context) for b in branches for f in b if f.path == at_union)
    first = next(f for b in branches for f in b if _misfit(f, at_union))
    return [replace(first, context=first.context | {"wanted": _either(wanted)})]


def _misfit(fault: Fault, at_union: Path) -> bool:
    """Return whether the value has another form than the branch, not just a wrong content."""
    if fault.path != at_union:
        return False
    if wording.is_choice(fault.kind):
        return not isinstance(fault.given, str)
    return wording.is_form(fault.kind)


def _with_all_words(best: list[Fault], fitting: list[list[Fault]]) -> list[Fault]:
    """Return `best`; if it offers a choice of words, with those of the other branches too."""
    if len(best) != 1 or not wording.is_choice(best[0].kind):
        return best
    alike = [b[0] for b in fitting if len(b) == 1 and wording.is_choice(b[0].kind)]
    expected = ", ".join(str(f.context.get("expected", "")) for f in alike)
    return [replace(best[0], context=best[0].context | {"expected": expected})]


def _either(wanted: Iterable[Text | None]) -> Text:
    words = list(dict.fromkeys(text for text in wanted if text is not None))
    return Text(" oder ".join(t.de for t in words), " or ".join(t.en for t in words))
