"""What would have been: the files of a time told again under other rules. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from engine.app import App, stored
from engine.core.case import Case, Entry
from engine.core.otherwise import Otherwise, otherwise
from engine.core.periods import Period
from engine.core.supposing import NOTHING, Supposition, supposed
from engine.core.what_if import Suppositions, Told, as_recorded, told_again
from engine.core.world import World
from engine.definitions.library import Definition, compile_all, definition, kind_of
from engine.errors import InputError
from engine.services.verify import Past
from engine.store.store import Store

PAGE = 500


@dataclass(frozen=True, slots=True)
class Question:
    """Which files are told again, those registered from `since` to `until`, and under what.

    `files` are packs, calendars, ladders and workflows that stand in place of those of the
    same id; the packs `without` do not apply; `periods` as `supposing.Supposition` has them.
    """

    since: date | None = None
    until: date | None = None
    files: tuple[Path, ...] = ()
    without: frozenset[str] = frozenset()
    periods: Mapping[str, Period] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that would have gone otherwise."""

    number: str
    title: str
    what: Otherwise


@dataclass(frozen=True, slots=True)
class Answer:
    """What would have been different in the files that were told again.

    Of `told` files, `planned` had a first sitting that has come; `missed` counts those that
    did not reach it in time as it was, and as it would have been. `newly` names those that
    reached it and would not have. `unclear` are files that are not told as they were
    recorded even under unchanged rules; nothing is said about them. `world` has the words.
    """

    told: int
    different: tuple[Difference, ...]
    planned: int
    missed: tuple[int, int]
    newly: tuple[str, ...]
    unclear: tuple[str, ...]
    world: World


def what_if(app: App, question: Question) -> Answer:
    """Return what would have been different if other rules had applied.

    Reads within one reading transaction; the database stays as it is. Raises
    DefinitionError for files that do not fit together with what is in force, InputError for
    a name that nobody knows.
    """
    with app.database.read() as store:
        what = _supposition(store, question)
        now = app.world(store)
        supposed(now.library, what)
        telling = _Telling(app, store, now, what)
        rows = [telling.tell(number) for number in _numbers(store, question)]
    return _answer(rows, now)


def _numbers(store: Store, question: Question) -> Iterator[str]:
    """Yield the numbers of the files of a time, the oldest first."""
    numbers: list[str] = []
    after: str | None = None
    while page := store.cases.list(after=after, limit=PAGE):
        after = page[-1].number
        numbers += (r.number for r in page if _within(r.registered_on, question))
    return reversed(numbers)


def _within(day: date | None, question: Question) -> bool:
    if day is None:
        return False
    since, until = question.since, question.until
    return (since is None or since <= day) and (until is None or day <= until)


@dataclass(frozen=True, slots=True)
class _Row:
    case: Case
    was: Told | None
    what: Otherwise


class _Telling:
    """The files of one transaction, each told as it was and as it would have been."""

    def __init__(self, app: App, store: Store, now: World, what: Supposition) -> None:
        self._store = store
        self._now = now
        past = Past(app, store)
        self._was = Suppositions(past.world, NOTHING)
        self._would_be = Suppositions(past.world, what)

    def tell(self, number: str) -> _Row:
        """Return one file both ways, without its first telling where that is not as recorded."""
        case = self._store.cases.get(number)
        entries = [line.entry for line in self._store.chains.lines(case.stream)]
        was = self._told(case, entries, self._was)
        if not as_recorded(was, entries):
            return _Row(case, None, Otherwise())
        would_be = self._told(case, entries, self._would_be)
        before, after = (s.changed(self._now).library for s in (self._was, self._would_be))
        return _Row(case, was, otherwise(was, would_be, before, after))

    def _told(self, case: Case, entries: Sequence[Entry], worlds: Suppositions) -> Told:
        until = worlds.changed(self._now)
        return told_again(case.uid, case.number, entries, worlds.world, until, worlds.renewed)


def _answer(rows: Sequence[_Row], now: World) -> Answer:
    clear = [r for r in rows if r.was is not None]
    reached = [r.what.reached for r in clear]
    return Answer(
        told=len(rows),
        different=tuple(
            Difference(r.case.number, r.case.measure.title, r.what)
            for r in clear
            if not r.what.nothing
        ),
        planned=sum(before is not None for before, _ in reached),
        missed=(
            sum(before is False for before, _ in reached),
            sum(after is False for _, after in reached),
        ),
        newly=tuple(r.case.number for r in clear if r.what.missed),
        unclear=tuple(r.case.number for r in rows if r.was is None),
        world=now,
    )


def _supposition(store: Store, question: Question) -> Supposition:
    """Return what the question supposes, its files compiled with all that is in force."""
    new = [_read(path) for path in question.files]
    replaced = {(d.kind, d.id) for d in new}
    held = stored(store)
    _check_left_out(question.without, held)
    older = [replace(d, current=False) if (d.kind, d.id) in replaced else d for d in held]
    kept = [d for d in older if d.kind != "pack" or d.id not in question.without]
    found = compile_all([*kept, *new])
    ids = {kind: {d.id for d in new if d.kind == kind} for kind in _KINDS}
    library = found.library
    return Supposition(
        periods=question.periods,
        packs=tuple(p for p in library.packs if p.id in ids["pack"]),
        without=question.without,
        calendars={k: c for k, c in found.calendars.items() if k in ids["calendar"]},
        ladders={k: v for k, v in library.ladders.items() if k in ids["ladder"]},
        workflows=tuple(library.workflow(library.current[i]) for i in sorted(ids["workflow"])),
    )


_KINDS = ("pack", "calendar", "ladder", "workflow")


def _read(path: Path) -> Definition:
    try:
        source = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"Die Datei {path} ist nicht lesbar ({error.strerror}).",
            f"The file {path} cannot be read ({error.strerror}).",
        ) from None
    kind = kind_of(source)
    if kind not in _KINDS:
        raise InputError(
            f"{path}: Durchspielen lassen sich Regelpakete, Kalender, Leitern und Abläufe.",
            f"{path}: what-if takes rule packs, calendars, ladders and workflows.",
        )
    return definition(kind, path.name, source)


def _check_left_out(ids: frozenset[str], held: Sequence[Definition]) -> None:
    known = sorted({d.id for d in held if d.kind == "pack" and d.current})
    unknown = sorted(ids - set(known))
    if unknown:
        raise InputError(
            f"Das Regelpaket „{unknown[0]}“ gilt hier nicht. In Kraft sind: {', '.join(known)}.",
            f"The rule pack '{unknown[0]}' is not in force here. In force are: {', '.join(known)}.",
        )
