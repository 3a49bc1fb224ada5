"""Drafts of local rules from the municipal layer: what somebody still has to choose is marked.

The texts lie in `rules/drafts/<land>/*.md`, German, for a lawyer to change. They name
provisions and values by their ids; which norm and number that is comes from the packs in
force. What no pack answers shows as open, never as a number of our own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.core.counting import Counting
from engine.core.meanings import Source
from engine.core.phrases import weight
from engine.core.rules import BARE, Duty, Provision, Term, highest, values_named
from engine.core.wording import day_text
from engine.core.world import Municipality
from engine.definitions.library import Definitions
from engine.definitions.pages import Page, from_markdown
from engine.definitions.provisions import VARIANTS, form_title, length, role, value_title
from engine.errors import NotFound


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft of one local rule: its file name without ending, and its text in Markdown."""

    name: str
    markdown: str

    @property
    def page(self) -> Page:
        """The draft as a document."""
        return from_markdown(self.markdown)


def drafts(
    definitions: Definitions, place: Municipality, day: date, folder: Path
) -> tuple[Draft, ...]:
    """Return the drafts for a place from the rules in force there on a day.

    `folder` holds a folder of texts for each Land. Raises NotFound where the Land has none.
    """
    texts = folder / place.land.lower()
    if not texts.is_dir():
        known = ", ".join(sorted(f.name.upper() for f in folder.iterdir() if f.is_dir()))
        raise NotFound(
            f"Für {place.land} gibt es noch keine Entwurfstexte. Vorhanden sind: {known}.",
            f"There are no draft texts for {place.land} yet. There are some for: {known}.",
        )
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(texts),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    layer = _Layer(definitions, place, day)
    return tuple(
        Draft(file.stem, environment.get_template(file.name).render(layer=layer))
        for file in sorted(texts.glob("*.md"))
    )


class _Layer:
    """What a draft may ask for: norms, numbers and duties of the place, each as words."""

    def __init__(self, definitions: Definitions, place: Municipality, day: date) -> None:
        self._definitions = definitions
        self._rows = definitions.library.in_force(day, place)
        self._local = [p for p in self._rows if p.source is not Source.STATUTE]
        self._on = day
        self.place = place.name
        self.day = day_text(day).de

    def norm(self, *ids: str) -> str:
        """Return the norms of provisions, each with its rank and how sure it is."""
        return "; ".join(map(self._norm, ids))

    def _norm(self, id_: str) -> str:
        """Return a norm in force on the day, also of a statute that binds only once adopted."""
        every = (p for pack in self._definitions.library.packs for p in pack.provisions)
        found = next((p for p in every if p.id == id_ and p.in_force(self._on)), None)
        return f"[offen: keine geltende Norm {id_}]" if found is None else _cited(found)

    def value(self, name: str) -> str:
        """Return a local value with its norm; one that nobody laid down is marked as open."""
        found = highest(values_named(self._local, name))
        if found is None or found.value is None:
            title = value_title(name, self._definitions).de
            return f"[offen: {title}; keine örtliche Regel nennt eine Zahl]"
        return _number(found.value.counting, found.value.term, found)

    def period(self, form: str, variant: str = "period") -> str:
        """Return each length that local rules name for a form, with its norm, or open."""
        rows = list(dict.fromkeys(self._periods(form, variant)))
        if rows:
            return " und ".join(rows)
        title = form_title(form, self._definitions).de
        case = VARIANTS[variant].de.strip()
        what = f"Frist der {title}{f' {case}' if case else ''}"
        return f"[offen: {what}; keine örtliche Regel nennt eine Zahl]"

    def _periods(self, form: str, variant: str) -> Iterator[str]:
        for p, duty in self._duties(form):
            usual = duty.counting if variant == "period" else None
            counting = usual or duty.variants.get(variant)
            if counting is not None:
                yield _number(counting, duty.terms.get(variant, BARE), p)

    def offices(self, form: str, *sources: str) -> list[str]:
        """Return who takes part in a form, each with the norms of those kinds that say so."""
        found: dict[str, list[str]] = {}
        for p in self._rows:
            if p.duty is not None and p.duty.form == form and p.source in sources:
                for kind in sorted(p.duty.kinds):
                    found.setdefault(kind, []).append(_cited(p))
        return [f"{role(k, self._definitions).de}: {'; '.join(v)}" for k, v in found.items()]

    def documents(self, form: str) -> list[str]:
        """Return the kinds of document that local rules demand before anybody is informed."""
        rows = {d: p for p, duty in self._duties(form) for d in sorted(duty.documents)}
        return [f"{d.replace('_', ' ').capitalize()}: {_cited(p)}" for d, p in rows.items()]

    def trait(self, name: str, value: str | bool) -> str:
        """Return the norm by which a local rule has a trait, or that it is open."""
        for p in self._local:
            if p.duty is not None and p.duty.traits.get(name) == value:
                return _cited(p)
        return "[offen: keine örtliche Regel dazu]"

    def remedy(self) -> list[str]:
        """Return what local rules order after a departure, with the length and the norm."""
        return [
            f"{p.title.de}: {_number(p.remedy.counting, p.remedy.term, p)}"
            for p in self._local
            if p.remedy is not None and p.remedy.counting is not None
        ]

    def _duties(self, form: str) -> Iterator[tuple[Provision, Duty]]:
        for p in self._local:
            if p.duty is not None and p.duty.form == form:
                yield p, p.duty


def _number(counting: Counting, term: Term, provision: Provision) -> str:
    return f"**{length(counting, term).de}** ({_cited(provision)})"


def _cited(provision: Provision) -> str:
    return f"{provision.norm}, {weight(provision).de}"
