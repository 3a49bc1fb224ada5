"""Which sitting deals with a paper: the stages of a measure and the sittings of its bodies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from engine.core.case import Measure, Stage
from engine.core.world import Session, World


def sitting_of(world: World, municipality: str, body: str, day: date | None) -> Session | None:
    """Return the sitting of a body of that municipality on a day; cancelled ones are none."""
    for session in world.sessions.values():
        if session.cancelled or (session.body, session.day) != (body, day):
            continue
        if session.municipality == municipality:
            return session
    return None


def with_sessions(measure: Measure, world: World) -> Measure:
    """Return the measure with each stage linked to the known sitting of its body and day."""
    linked = tuple(
        s if s.session else replace(s, session=_uid(measure, s.body, s.day, world))
        for s in measure.stages
    )
    return measure if linked == measure.stages else replace(measure, stages=linked)


def restaged(
    measure: Measure, body: str, day: date | None, was: date | None, world: World
) -> Measure:
    """Return the measure dealt with by a body on another `day`, or on none for the time being.

    `was` names the day given up. Without it the stages of that body that have no day get
    one, else all of them move; a body that had no stage joins the Beratungsfolge. A sitting
    that is itself moved stays linked.
    """
    meant = _meant(measure, body, was)
    stages = [_moved(measure, s, day, was, world) if s in meant else s for s in measure.stages]
    if was is None and day is not None and all(s.body != body for s in stages):
        stages.append(Stage(body, day, session=_uid(measure, body, day, world)))
    ordered = sorted(stages, key=lambda s: s.day or date.max)
    return replace(measure, stages=tuple(ordered))


def _meant(measure: Measure, body: str, was: date | None) -> list[Stage]:
    own = [s for s in measure.stages if s.body == body]
    dayless = [s for s in own if s.day is None]
    return (dayless or own) if was is None else [s for s in own if s.day == was]


def _moved(
    measure: Measure, stage: Stage, day: date | None, was: date | None, world: World
) -> Stage:
    if day is None:
        return replace(stage, day=None, session=None)
    session = _uid(measure, stage.body, day, world)
    if session is None and was is not None:
        session = stage.session or _uid(measure, stage.body, was, world)
    return replace(stage, day=day, session=session)


def _uid(measure: Measure, body: str, day: date | None, world: World) -> str | None:
    found = sitting_of(world, measure.municipality, body, day)
    return None if found is None else found.uid
