"""From the events of the YAML parser to plain data that knows its lines and columns.

The tree is built from events, not from `yaml.compose`: the marks are the same, but depth is
counted before anything is nested, aliases are seen before they are followed, and nothing
guesses types.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from engine.errors import Text
from engine.strictyaml.problems import START, Mark, Problems, quoted
from engine.strictyaml.scalars import meaning
from engine.strictyaml.source import INVISIBLE, invisible
from engine.strictyaml.syntax import DIRECTIVE, complaint

JSON: TypeAlias = "str | int | bool | None | list[JSON] | dict[str, JSON]"
Path: TypeAlias = tuple[str | int, ...]

MOST_LEVELS = 30
MOST_VALUES = 20_000
"""Far beyond any file that people write; keeps a hostile one near a tenth of a second."""

# The parser in C is some twenty times faster and sets the same marks.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Node:
    """A value, where it stands, where its key stands, and what it holds.

    `refused` says that a problem of it is told already, so that its value means nothing.
    """

    value: JSON
    mark: Mark
    key: Mark | None = None
    children: dict[str | int, Node] = field(default_factory=dict)
    refused: bool = False


class Marks:
    """Where the keys and values of a file stand, by path: keys as text, list places from 0.

    A path that the file does not have is answered with the nearest place around it.
    """

    def __init__(self, root: Node) -> None:
        self._root = root

    def at(self, *path: str | int) -> Mark:
        """Return the place of a key, or of an element of a list."""
        node = self.nearest(path)
        return node.key or node.mark

    def key(self, *path: str | int) -> Mark:
        """Return the place of the key itself; an element of a list stands for its own key."""
        return self.at(*path)

    def value(self, *path: str | int) -> Mark:
        """Return the place of the value."""
        return self.nearest(path).mark

    def scene(self, *path: str | int) -> Mark:
        """Return the place to point at: a plain value, or the key of what holds others."""
        node = self.nearest(path)
        return self.at(*path) if isinstance(node.value, list | dict) else node.mark

    def refused(self, *path: str | int) -> bool:
        """Return whether a value on the way to `path` was refused, so that more is idle."""
        return any(node.refused for node in self._way(path))

    def nearest(self, path: Path) -> Node:
        """Return the node at `path`, or the nearest around it."""
        return list(self._way(path))[-1]

    def _way(self, path: Path) -> Iterator[Node]:
        node: Node | None = self._root
        yield self._root
        for step in path:
            node = node.children.get(step) if node else None
            if node is None:
                return
            yield node


class _Unreadable(Exception):
    """What follows cannot be read; the problem that says so has been added."""


def tree(text: str, problems: Problems) -> Node:
    """Return the one document in `text`; raise its problems if it cannot be read to the end.

    Refused values are added to `problems` and stand in the tree as text.
    """
    try:
        return _Builder(text, problems).document()
    except _Unreadable:
        problems.raise_if_any()
        raise


class _Builder:
    def __init__(self, text: str, problems: Problems) -> None:
        self._events = yaml.parse(text, Loader=_LOADER)
        self._problems = problems
        self._values = 0

    def document(self) -> Node:
        self._next()
        start = self._next()
        if not isinstance(start, yaml.DocumentStartEvent):
            raise self._unreadable(START, _EMPTY)
        if start.version or start.tags:
            self._problems.add(_mark(start), DIRECTIVE)
        node = self._node(self._next(), level=1)
        self._next()
        after = self._next()
        if isinstance(after, yaml.DocumentStartEvent):
            raise self._unreadable(_mark(after), _SECOND_DOCUMENT)
        return node

    def _next(self) -> yaml.Event:
        try:
            return next(self._events)
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            raise self._unreadable(*complaint(error)) from None

    def _unreadable(self, mark: Mark, text: Text) -> _Unreadable:
        self._problems.add(mark, text)
        return _Unreadable()

    def _node(self, event: yaml.Event, level: int) -> Node:
        self._values += 1
        if self._values > MOST_VALUES:
            raise self._unreadable(_mark(event), _TOO_MANY)
        if isinstance(event, yaml.AliasEvent):
            return self._refused(_mark(event), _ALIAS, f"*{event.anchor}")
        if isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event)
        elif level > MOST_LEVELS:
            raise self._unreadable(_mark(event), _TOO_DEEP)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._list(_mark(event), level)
        else:
            node = self._mapping(_mark(event), level)
        self._refuse_decoration(event, node)
        return node

    def _refuse_decoration(self, event: yaml.Event, node: Node) -> None:
        if getattr(event, "anchor", None) is not None:
            self._problems.add(node.mark, _ANCHOR)
            node.refused = True
        if getattr(event, "tag", None) is not None:
            self._problems.add(node.mark, _TAG)
            node.refused = True

    def _refused(self, mark: Mark, text: Text, value: str) -> Node:
        self._problems.add(mark, text)
        return Node(value, mark, refused=True)

    def _scalar(self, event: yaml.ScalarEvent) -> Node:
        mark = _mark(event)
        hidden = INVISIBLE.search(event.value)
        if hidden:
            return self._refused(mark, invisible(hidden[0]), INVISIBLE.sub("\ufffd", event.value))
        if event.style or event.tag is not None:
            return Node(event.value, mark)
        found = meaning(event.value)
        if isinstance(found, Text):
            return self._refused(mark, found, event.value)
        return Node(found, mark)

    def _list(self, mark: Mark, level: int) -> Node:
        values: list[JSON] = []
        node = Node(values, mark)
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            child = self._node(event, level + 1)
            node.children[len(values)] = child
            values.append(child.value)
        return node

    def _mapping(self, mark: Mark, level: int) -> Node:
        values: dict[str, JSON] = {}
        node = Node(values, mark)
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, level + 1)
            child = self._node(self._next(), level + 1)
            child.key, child.refused = key.mark, child.refused or key.refused
            word = str(key.value)
            if word in values:
                self._problems.add(key.mark, _twice(word, node.children[word].key or START))
            else:
                node.children[word] = child
                values[word] = child.value
        return node

    def _key(self, event: yaml.Event, level: int) -> Node:
        if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and not event.style:
            return self._refused(_mark(event), _MERGE, "<<")
        key = self._node(event, level)
        if isinstance(key.value, str) or key.refused:
            return key
        return self._refused(key.mark, _no_text(key.value), str(key.value))


def _mark(event: yaml.Event) -> Mark:
    start = event.start_mark
    return Mark(start.line + 1, start.column + 1) if start else START


def _twice(word: str, first: Mark) -> Text:
    return Text(
        f"Der Schlüssel {quoted(word)} steht schon in Zeile {first.line}. "
        "Löschen Sie einen von beiden.",
        f"The key {quoted(word)} already stands in line {first.line}. Delete one of the two.",
    )


def _no_text(key: JSON) -> Text:
    if isinstance(key, list | dict) or key is None:
        return Text(
            "Hier fehlt ein Schlüssel: Schlüssel sind einfacher Text.",
            "A key is missing here: keys are plain text.",
        )
    word = str(key).lower()
    return Text(
        f'Der Schlüssel {word} ist kein Text. Schreiben Sie "{word}" in Anführungszeichen.',
        f'The key {word} is not text. Write "{word}" in quotes.',
    )


_EMPTY = Text("Die Datei ist leer.", "The file is empty.")
_SECOND_DOCUMENT = Text(
    "Hier beginnt ein zweites Dokument. Löschen Sie die Zeile '---', oder teilen Sie die Datei.",
    "A second document begins here. Delete the line '---', or split the file.",
)
_TOO_DEEP = Text(
    f"Hier beginnt die {MOST_LEVELS + 1}. Ebene; mehr als {MOST_LEVELS} sind nicht erlaubt.",
    f"Level {MOST_LEVELS + 1} begins here; no more than {MOST_LEVELS} are allowed.",
)
_TOO_MANY = Text(
    f"Die Datei hat mehr als {MOST_VALUES} Werte. Teilen Sie sie auf.",
    f"The file has more than {MOST_VALUES} values. Split it up.",
)
_ALIAS = Text(
    "Verweise (*) gibt es hier nicht. Schreiben Sie den Wert aus, "
    "oder setzen Sie den Text in Anführungszeichen.",
    "There are no aliases (*) here. Write the value out, or put the text in quotes.",
)
_ANCHOR = Text(
    "Anker (&) gibt es hier nicht. Löschen Sie den Anker, "
    "oder setzen Sie den Text in Anführungszeichen.",
    "There are no anchors (&) here. Delete the anchor, or put the text in quotes.",
)
_TAG = Text(
    "Typangaben mit ! gibt es hier nicht. Löschen Sie die Angabe, "
    "oder setzen Sie den Text in Anführungszeichen.",
    "There are no tags with ! here. Delete the tag, or put the text in quotes.",
)
_MERGE = Text(
    "Der Schlüssel << (Übernahme) ist hier nicht erlaubt. Schreiben Sie die Schlüssel aus.",
    "The key << (merge) is not allowed here. Write the keys out.",
)
