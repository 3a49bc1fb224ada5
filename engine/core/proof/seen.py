"""The abstract case as conditions see it, through the same `Sight` as a real one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.core.conditions import Value
from engine.core.proof.values import ENDED, LAPSED, NONE, RUNNING, Choice, Context, Found, Local

if TYPE_CHECKING:
    from engine.core.proof.subject import Subject

SEEN = {NONE: None, ENDED: LAPSED}
"""How a deadline reads to conditions, where that is not its own word."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The abstract case as conditions see it: a `Sight` like that of a real one."""

    subject: Subject
    local: Local
    context: Context
    choice: Choice

    def state(self) -> str:
        return self.local.state

    def case(self) -> str:
        return self.context.case

    def measure(self, name: str) -> Value:
        return self.choice.world.get(name)

    def given(self, field: str) -> Value:
        if f"given.{field}" in self.choice.world:
            return self.choice.world[f"given.{field}"]
        if field in self.choice.given:
            return self.choice.given[field]
        return dict(zip(self.subject.answers, self.local.given, strict=True)).get(field)

    def deadline(self, name: str) -> Value:
        if f"deadline.{name}" in self.choice.world:
            return self.choice.world[f"deadline.{name}"]
        stands = self.subject.deadlines.stands(self.local, name)
        if stands in (LAPSED, ENDED) and name in self.choice.timely:
            return RUNNING
        return SEEN.get(stands, stands)

    def provision(self, name: str) -> Value:
        vector, known = self.subject.vector, self.choice.world
        if f"provision.{name}" in known:
            return known[f"provision.{name}"]
        return None if vector is None else vector.trait(name)

    def documents(self) -> bool:
        return self.choice.world.get("documents", "complete") == "complete"

    def facts(self) -> bool:
        return self.choice.world.get("facts", "complete") == "complete"

    def findings(self) -> bool:
        known = self.choice.world.get("findings")
        return self.local.found is not Found.OPEN if known is None else known == "settled"

    def office(self) -> str:
        return str(self.choice.world.get("office", "held"))

    def other_actor(self, step: str) -> bool:
        return bool(self.choice.world.get(f"actor.not_same_as.{step}", True))

    def demanding(self) -> Value:
        return self.choice.world.get("demanding")

    def pending(self) -> bool:
        return self.choice.world.get("pending", "nothing") == "something"

    def settled(self, form: str | None = None) -> Iterable[bool]:
        rows = list(self.context.others)
        if self.subject.form is not None:
            rows.append((self.subject.form, self.subject.settled(self.local)))
        return [mark for of, mark in rows if form is None or of == form]

    def ahead(self) -> Iterable[bool]:
        return self.context.ahead
