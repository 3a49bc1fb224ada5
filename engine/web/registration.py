"""The registration of a measure while it is being filled in: what was typed, and what it means.

It lies in the private drafts of whoever registers, until she does; nobody else sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import orjson
from starlette.datastructures import FormData

from engine import clock
from engine.core.affected import completed_facts
from engine.core.case import Case, Document, Measure, Stage
from engine.core.conditions import Value
from engine.core.rules import Provision
from engine.core.world import World
from engine.errors import EngineError, Text
from engine.services.registering import registration
from engine.web.forms import day_given
from engine.web.register_choices import BODY, DEPARTMENT, HEAD, firm_choice, place_of

ABOUT, KIND = "new", "registration"
"""Under which names drafts lie among the private texts; the kind goes on with the draft's own."""

NAMES = (
    "titel",
    "beschreibung",
    "art",
    "herkunft",
    "federfuehrung",
    "entscheidet",
    "sitzung",
    "tag",
    "vorher",
    "fest",
    "nummer",
    "vertraulichkeit",
)
"""The fields of the first page, documents aside."""

DAY = Text("Tag", "day")


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed so far, the files that came along, and the answers about whom it touches.

    `name` tells it from other drafts, `key` makes it safe to register it twice.
    `without` are facts that a table answers yes and the department does not, for the `reason`;
    `besides` those that a table answers no and an office is to take part all the same.
    """

    key: str
    fields: Mapping[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    documents: tuple[Document, ...] = ()
    answers: Mapping[str, bool] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    reason: str = ""
    name: str = ""

    @classmethod
    def new(cls, name: str = "") -> Draft:
        """Return an empty draft of that name, of a new one if it has none."""
        return cls(clock.new_uid(), name=name or clock.new_uid())

    @classmethod
    def read(cls, text: str) -> Draft:
        """Return a draft as it was written."""
        plain = orjson.loads(text)
        rows = tuple(Document(**d) for d in plain.pop("documents"))
        for name in ("before", "without", "besides"):
            plain[name] = tuple(plain[name])
        return cls(**plain, documents=rows)

    def written(self) -> str:
        """Return the draft as text."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain["documents"] = [
            {name: getattr(d, name) for name in Document.__dataclass_fields__}
            for d in self.documents
        ]
        return orjson.dumps(plain).decode()

    def with_sent(self, sent: FormData) -> Draft:
        """Return the draft with what the first page has sent; a field it left out is kept."""
        typed = {n: str(sent[n]).replace("\r\n", "\n") for n in NAMES if n in sent}
        typed.pop("vorher", None)
        before = tuple(str(x) for x in sent.getlist("vorher"))
        return replace(self, fields={**self.fields, **typed}, before=before)

    @classmethod
    def like(cls, case: Case) -> Draft:
        """Return a draft that says again what an earlier measure said, but not when."""
        measure = case.measure
        last = measure.stages[-1] if measure.stages else None
        typed = {
            "titel": measure.title,
            "art": measure.kind,
            "herkunft": measure.origin,
            "federfuehrung": measure.lead,
            "vertraulichkeit": measure.confidentiality,
            "entscheidet": DEPARTMENT
            if last is None
            else f"{BODY}{measure.municipality}:{last.body}",
        }
        answers = {k: v for k, v in measure.facts.items() if isinstance(v, bool)}
        return replace(cls.new(), fields=typed, answers=answers)

    def text(self, name: str) -> str:
        """Return what was typed into a field, without blanks around it."""
        return self.fields.get(name, "").strip()

    # --- what it means

    def faults(self, world: World) -> Iterator[tuple[str, Text]]:
        """Yield what the first page still lacks, by the field."""
        if not self.text("titel"):
            yield "titel", Text("Sagen Sie, worum es geht.", "Say what it is about.")
        if not self.text("entscheidet"):
            yield "entscheidet", Text("Wählen Sie, wer entscheidet.", "Choose who decides.")
        if self.text("tag"):
            try:
                day_given(self.text("tag"), DAY)
            except EngineError as error:
                yield "tag", error.text
        session = world.sessions.get(self.text("sitzung"))
        body = self._body
        if session is not None and body is not None and session.body != body:
            yield (
                "sitzung",
                Text(
                    f"Die Sitzung gehört zu {session.body}; entscheiden soll aber {body}.",
                    f"The sitting is one of {session.body}, but {body} is to decide.",
                ),
            )

    @property
    def _body(self) -> str | None:
        """The body that decides, None where no body does."""
        said = self.text("entscheidet")
        return said.removeprefix(BODY).partition(":")[2] if said.startswith(BODY) else None

    @property
    def _day(self) -> date | None:
        return day_given(self.text("tag"), DAY) if self.text("tag") else None

    def measure(self, world: World) -> Measure:
        """Return the measure that the draft describes, with the facts that were stated."""
        place = place_of(self.text("entscheidet"), self.text("sitzung"), world)
        stages = tuple(self._stages(world))
        carried_out = None if self._body or stages_decide(stages) else self._day
        stated = {**self.answers, **self._otherwise()}
        return Measure(
            title=self.text("titel"),
            kind=self.text("art") or "beschlussvorlage",
            origin=self.text("herkunft") or "administration",
            lead=self.text("federfuehrung"),
            municipality=place,
            facts=stated,
            stages=stages,
            carried_out_on=carried_out,
            confidentiality=self.text("vertraulichkeit") or "public",
            reference=self.text("nummer") or None,
        )

    def concern(self, world: World) -> Measure:
        """Return the measure with what the tables answer, for showing whom it touches."""
        bare = replace(self.measure(world), facts={})
        stated: dict[str, Value] = {**self.answers, **self._otherwise()}
        return completed_facts(bare, stated, world, world.today)

    def _otherwise(self) -> dict[str, bool]:
        return {**dict.fromkeys(self.without, False), **dict.fromkeys(self.besides, True)}

    def _stages(self, world: World) -> Iterator[Stage]:
        """Yield the Beratungsfolge by day; whoever decides comes last."""
        named = [world.sessions[s] for s in self.before if s in world.sessions]
        session = world.sessions.get(self.text("sitzung"))
        last = None
        if session is not None:
            last = Stage(session.body, session.day, "entscheidung", session.uid)
        elif self._body is not None:
            last = Stage(self._body, self._day, "entscheidung")
        for one in sorted(named, key=lambda s: s.day):
            if session is None or one.uid != session.uid:
                yield Stage(one.body, one.day, session=one.uid)
        if last is not None:
            yield last

    def description(self, world: World, *, telling: bool) -> str:
        """Return what is planned, with what no field of the registration takes.

        `telling` says that the information goes out at once and says itself what is fixed.
        """
        rows = [self.text("beschreibung")]
        if self.text("entscheidet") in (DEPARTMENT, HEAD):
            head = self.text("entscheidet") == HEAD
            who = "die Leitung der Verwaltung" if head else "die Verwaltung"
            rows.append(f"Es entscheidet: {who}.")
        choice = firm_choice(world)
        if choice is not None and self.text("fest") and not telling:
            said = choice.labels.get(self.text("fest"))
            if said is not None:
                rows.append(f"Was schon feststeht: {said.de}.")
        return "\n\n".join(r for r in rows if r)

    def told(self, world: World, *, telling: bool) -> dict[str, Any]:
        """Return the fields of the registration: what is planned, and why a table is left.

        They are found by their types, for the definition names them as it likes.
        """
        takes = registration(world).takes
        text = next((f.name for f in takes if f.type == "text"), "")
        deviation = next((f.name for f in takes if f.type == "deviation"), "")
        said = {
            text: self.description(world, telling=telling),
            deviation: self.reason.strip() if self.without else "",
        }
        return {name: words for name, words in said.items() if name and words}

    def telling(self, world: World) -> dict[str, Any]:
        """Return the fields of the information that the first page has asked for already."""
        choice = firm_choice(world)
        said = self.text("fest")
        return {choice.name: said} if choice is not None and said in choice.options else {}


def stages_decide(stages: Iterable[Stage]) -> bool:
    """Return whether one of the bodies decides."""
    return any(s.role == "entscheidung" for s in stages)


def questions(world: World, place: str) -> list[tuple[str, Text]]:
    """Return the yes/no questions that say whom a measure touches in a municipality.

    They are those of the tables in force, and every fact that no table answers.
    """
    tables = tables_of(world, place)
    answered = {p.table.answers for p in tables if p.table is not None}
    asked = [f for p in tables if p.table is not None for f in p.table.asks]
    rest = [f.id for f in world.library.facts.values() if not f.for_tables and f.id not in answered]
    known = world.library.facts
    return [(f, known[f].question) for f in dict.fromkeys([*asked, *rest]) if _yes_or_no(world, f)]


def tables_of(world: World, place: str) -> tuple[Provision, ...]:
    """Return the provisions whose tables answer facts there today."""
    return world.library.tables(world.today, world.place(place))


def _yes_or_no(world: World, fact: str) -> bool:
    return world.library.facts[fact].type == "bool"
