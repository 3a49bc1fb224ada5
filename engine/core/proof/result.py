"""What a proof says: of each claim whether it holds, on what that is proven, and if not, how."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.errors import Text


class Basis(StrEnum):
    """On what a claim is established."""

    MACHINES = "machines"
    PROVISIONS = "machine_and_provision"
    PACKS = "packs"
    RUN_TIME = "run_time"


BASES = {
    Basis.MACHINES: Text("an den Abläufen bewiesen", "proven on the machines"),
    Basis.PROVISIONS: Text("an Ablauf und Vorschrift bewiesen", "proven on machine and provision"),
    Basis.PACKS: Text("an den Regelpaketen geprüft", "checked on the rule packs"),
    Basis.RUN_TIME: Text("bei jedem Vorgang geprüft", "checked for each case at run time"),
}


@dataclass(frozen=True, slots=True)
class Story:
    """How a claim comes to be broken, one line for each step, and what is wrong in the end."""

    lines: tuple[Text, ...]
    why: Text


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a claim holds; `story` says how it does not, `broken` by which workflows.

    A claim of `run_time` is neither proven nor refuted here.
    """

    claim: str
    title: Text
    basis: Basis
    story: Story | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing was found against the claim."""
        return self.story is None

    @property
    def judged(self) -> bool:
        """Whether the prover has an answer at all."""
        return self.basis is not Basis.RUN_TIME


@dataclass(frozen=True, slots=True)
class Explored:
    """How much was explored for one pair of forms; `traits` tell under which provisions."""

    forms: tuple[str, str]
    traits: tuple[str, str]
    states: int
    transitions: int


@dataclass(frozen=True, slots=True)
class Proof:
    """The verdicts on every claim, and what was explored for them."""

    verdicts: tuple[Verdict, ...]
    pairs: tuple[Explored, ...]
    places: int
    looked: int
    """States of the case with single participations and of searches for stories."""

    @property
    def states(self) -> int:
        """Every state that was explored."""
        return sum(p.states for p in self.pairs) + self.places + self.looked

    @property
    def transitions(self) -> int:
        """Every transition between states of a case with two participations."""
        return sum(p.transitions for p in self.pairs)

    @property
    def broken(self) -> tuple[Verdict, ...]:
        """The claims that do not hold."""
        return tuple(v for v in self.verdicts if v.judged and not v.holds)

    @property
    def passed(self) -> bool:
        """Whether every claim holds that is judged here."""
        return not self.broken


TITLES: dict[str, tuple[Basis, Text]] = {
    "I1": (
        Basis.MACHINES,
        Text(
            "Freigabe und Umsetzung erst nach Information und Stellungnahme, Ablauf oder Verzicht; sonst eine Feststellung",
            "release and carrying out only after information and statement, lapse or waiver; else a finding",
        ),
    ),
    "I2": (
        Basis.MACHINES,
        Text(
            "Jedes Warten hat eine Frist, und jede Frist endet bei einem Menschen",
            "every waiting has a deadline, and every deadline ends at a human",
        ),
    ),
    "I3": (
        Basis.MACHINES,
        Text(
            "Jeder Stand ist erreichbar und führt zu einem Ende, auch wenn jemand nie handelt",
            "every state can be reached and leads to an end, also if somebody never acts",
        ),
    ),
    "I4": (
        Basis.MACHINES,
        Text(
            "In jedem Stand kann jemand handeln, auch wenn eine Stelle leer ist",
            "in every state somebody can act, also while an office is empty",
        ),
    ),
    "I5": (
        Basis.MACHINES,
        Text(
            "Nur die beteiligte Stelle gibt ab, ändert, nimmt zurück und verzichtet",
            "only the office that takes part files, changes, withdraws and waives",
        ),
    ),
    "I6": (
        Basis.PROVISIONS,
        Text(
            "Schweigen ist keine Zustimmung, außer eine Vorschrift sagt es",
            "silence is no consent, unless a provision says so",
        ),
    ),
    "I7": (
        Basis.MACHINES,
        Text(
            "Ein Verzicht gilt für den Einzelfall und bis zur Entscheidung auf Widerruf",
            "a waiver holds for the single case and can be withdrawn until the decision",
        ),
    ),
    "I8": (
        Basis.PROVISIONS,
        Text(
            "Wo eine Vorschrift Gründe verlangt, geht nichts ohne sie weiter",
            "where a provision demands reasons, nothing goes on without them",
        ),
    ),
    "I9": (
        Basis.PACKS,
        Text(
            "Jede Frist nennt eine Vorschrift, die an dem Tag gilt",
            "every deadline cites a provision in force on that day",
        ),
    ),
    "I10": (
        Basis.PROVISIONS,
        Text(
            "Die Reihenfolge der Beteiligten wird eingehalten",
            "the order among those who take part is kept",
        ),
    ),
    "I11": (
        Basis.PACKS,
        Text(
            "Auch ein Unterlassen kann ein Vorgang sein",
            "refraining from a measure can be a case too",
        ),
    ),
    "I12": (
        Basis.RUN_TIME,
        Text(
            "Die Mindestfristen passen vor die Sitzung, oder der Vorgang ist rot",
            "the minimum periods fit before the sitting, or the case is red",
        ),
    ),
    "I13": (
        Basis.MACHINES,
        Text(
            "Eine Feststellung verschwindet nicht; nur das Rechtsamt bewertet sie",
            "a finding never disappears; only the legal office assesses it",
        ),
    ),
    "I14": (
        Basis.MACHINES,
        Text(
            "Keine Freigabe ohne die abgegebene Stellungnahme, außer sie ist einbehalten",
            "no release without the statement that was filed, unless it is withheld",
        ),
    ),
}
"""The standing claims; a workflow may write down more under ids of its own."""
