"""What can become of a sitting: moved, cancelled, added, or held after all. Values alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from engine.core.world import Session, World
from engine.errors import InputError, NotFound, Text
from engine.services.session_files import uid_of


class ChangeKind(StrEnum):
    """What became of a sitting; `held` is one that takes place after all."""

    ADDED = "added"
    MOVED = "moved"
    CANCELLED = "cancelled"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Change:
    """A sitting before and after; `to` is the day that the cases of a cancelled one move to."""

    before: Session | None
    after: Session
    to: date | None = None

    @property
    def kind(self) -> ChangeKind:
        """What became of the sitting."""
        if self.after.cancelled:
            return ChangeKind.CANCELLED
        if self.before is None:
            return ChangeKind.ADDED
        return ChangeKind.HELD if self.before.cancelled else ChangeKind.MOVED

    @property
    def gives_up(self) -> bool:
        """Whether cases lose the day they had."""
        return self.kind in (ChangeKind.MOVED, ChangeKind.CANCELLED)

    @property
    def day(self) -> date | None:
        """The day that cases get instead, None if they get none."""
        return self.to if self.kind is ChangeKind.CANCELLED else self.after.day


@dataclass(frozen=True, slots=True)
class Compared:
    """What an import would do: new sittings, changes of known ones, and what stays.

    `missing` are coming sittings of the same bodies that the source does not name (any
    more); they are told and left as they are.
    """

    new: tuple[Session, ...]
    changes: tuple[Change, ...]
    known: int
    missing: tuple[Session, ...]


def compared(world: World, found: Iterable[Session]) -> Compared:
    """Return what taking these sittings over would change.

    A sitting is known by its uid, else by body and day.
    """
    new, changes, known = [], [], set()
    for session in found:
        before = world.sessions.get(session.uid) or _same(world, session)
        if before is None:
            if not session.cancelled and session.body:
                new.append(session)
            continue
        known.add(before.uid)
        day = before.day if session.day == date.max else session.day
        after = replace(before, day=day, cancelled=session.cancelled)
        if after.cancelled:
            after = replace(after, day=before.day)
        if after != before:
            changes.append(Change(before, after))
    missing = _missing(world, [*new, *(world.sessions[uid] for uid in known)], known)
    return Compared(tuple(new), tuple(changes), len(known) - len(changes), missing)


def _same(world: World, session: Session) -> Session | None:
    at = (session.municipality, session.body, session.day)
    rows = world.sessions.values()
    return next((s for s in rows if (s.municipality, s.body, s.day) == at), None)


def _missing(world: World, named: list[Session], known: set[str]) -> tuple[Session, ...]:
    bodies = {(s.municipality, s.body) for s in named}
    last = max((s.day for s in named), default=date.min)
    return tuple(
        s
        for s in world.sessions.values()
        if (s.municipality, s.body) in bodies
        and world.today <= s.day <= last
        and not s.cancelled
        and s.uid not in known
    )


def sitting_named(world: World, words: str) -> Session:
    """Return a sitting by its uid, or by `body=day` or `body+day`; NotFound names the next ones."""
    if words in world.sessions:
        return world.sessions[words]
    body, day = _body_and_day(words)
    for session in world.sessions.values():
        if session.body.casefold() == body.casefold() and session.day == day:
            return session
    coming = [s for s in world.sessions.values() if s.body.casefold() == body.casefold()]
    days = ", ".join(f"{s.day:%d.%m.%Y}" for s in coming if s.day >= world.today) or "–"
    raise NotFound(
        f"Eine Sitzung „{words}“ ist nicht eingetragen. Gemeint ist die Kennung oder "
        f"Gremium=JJJJ-MM-TT; kommende Sitzungen dieses Gremiums: {days}. Alle zeigt: "
        "session list.",
        f"There is no sitting '{words}'. Write its uid or body=YYYY-MM-DD; coming sittings of "
        f"that body: {days}. 'session list' shows all.",
    )


def _body_and_day(words: str) -> tuple[str, date | None]:
    for sign in ("=", "+"):
        body, found, day = words.rpartition(sign)
        if found:
            try:
                return body.strip(), date.fromisoformat(day.strip())
            except ValueError:
                continue
    return words, None


def moving(world: World, session: Session, day: date) -> Change:
    """Return the change that moves a sitting to another day; InputError if that cannot be."""
    other = _same(world, replace(session, day=day))
    if other is not None and other.uid != session.uid and not other.cancelled:
        raise InputError(
            f"Am {day:%d.%m.%Y} tagt {session.body} bereits. Fällt die Sitzung am "
            f"{session.day:%d.%m.%Y} zugunsten dieser aus, sagen Sie sie ab und nennen Sie diese "
            f"für ihre Vorgänge (session cancel … --to {day}).",
            f"{session.body} sits on {day:%d.%m.%Y} already. If the sitting on "
            f"{session.day:%d.%m.%Y} gives way to it, cancel it and name that one for its cases "
            f"(session cancel … --to {day}).",
        )
    return Change(session, replace(session, day=day, cancelled=False))


def cancelling(world: World, session: Session, to: str | None) -> Change:
    """Return the change that cancels a sitting; `to` is `next`, or the day of another one."""
    after = replace(session, cancelled=True)
    if to is None:
        return Change(session, after)
    rows = [s for s in world.sessions.values() if _stands_in(s, session)]
    chosen = [s for s in rows if to == s.day.isoformat() or (to == "next" and s.day > session.day)]
    if not chosen:
        days = ", ".join(f"{s.day:%d.%m.%Y}" for s in rows if s.day >= world.today) or "–"
        raise NotFound(
            f"{session.body} hat keine {_asked(to).de} (eingetragen: {days}). Tragen Sie sie zuerst "
            "ein (session supplement).",
            f"{session.body} has no {_asked(to).en} (known: {days}). Enter it first "
            "(session supplement).",
        )
    return Change(session, after, min(s.day for s in chosen))


def _asked(to: str) -> Text:
    if to == "next":
        return Text("spätere Sitzung", "later sitting")
    return Text(f"andere Sitzung am {to}", f"other sitting on {to}")


def _stands_in(other: Session, session: Session) -> bool:
    same = (other.body, other.municipality) == (session.body, session.municipality)
    return same and other.uid != session.uid and not other.cancelled


def supplementing(world: World, body: str, day: date, municipality: str | None) -> Change:
    """Return the change that adds a sitting of a body, or lets a cancelled one take place."""
    place = municipality or next(iter(world.municipalities))
    world.place(place)
    new = Session(uid_of(place, body, day), body, day, place)
    before = world.sessions.get(new.uid) or _same(world, new)
    if before is None:
        return Change(None, new)
    held = replace(before, cancelled=False, day=day)
    return Change(before if before.cancelled else None, held)
