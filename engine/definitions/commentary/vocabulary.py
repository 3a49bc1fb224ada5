"""What a workflow calls its fields, states, deadlines and steps, for sentences about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.core.conditions import Condition, Value
from engine.core.meanings import StepMeans
from engine.core.workflow import CLOCK, ENGINE, Step, Workflow
from engine.definitions.clauses import Vocabulary, clause, lines
from engine.definitions.library import Definitions
from engine.definitions.provisions import form_title, role
from engine.errors import Text

Letters = Mapping[str, Text]
"""The title of each letter, as its subject says it."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How to speak of one workflow among the others: names, conditions, roles, letters."""

    workflow: Workflow
    definitions: Definitions
    words: Vocabulary
    letters: Letters

    def when(self, condition: Condition) -> Text:
        """Return a condition as a subordinate clause, with "wenn" before it."""
        said = clause(condition, self.words, last=True)
        return Text(f"wenn {said.de}", f"if {said.en}")

    def lines(self, condition: Condition) -> tuple[Text, ...]:
        """Return one sentence for each requirement of a condition."""
        return tuple(sentence(line) for line in lines(condition, self.words))

    def field(self, name: str) -> Text:
        """Return the title of a field."""
        return self.words.named(f"given.{name}")

    def state(self, name: str) -> Text:
        """Return the title of a state."""
        return self.workflow.states[name].title

    def states(self, names: Iterable[str]) -> Text:
        """Return the titles of states in the order written, quoted."""
        wanted = set(names)
        return either(self.state(s) for s in self.workflow.states if s in wanted)

    def roles(self, names: Iterable[str]) -> Text:
        """Return who may act, each by the name of the office or relation."""
        people_first = sorted(names, key=lambda n: (n in (CLOCK, ENGINE), n))
        return joined(map(self.role, people_first), " oder ", " or ")

    def role(self, name: str) -> Text:
        """Return what people call a role."""
        return role(name, self.definitions)

    def deadline(self, name: str) -> Text:
        """Return the title of a deadline of this workflow, quoted."""
        rule = self.workflow.deadlines.get(name)
        return quoted(Text(name, name) if rule is None else rule.title)

    def letter(self, name: str) -> Text:
        """Return the title of a letter."""
        plain = name.replace("_", " ")
        return self.letters.get(name) or Text(plain, plain)

    def step_meaning(self, target: str, means: StepMeans) -> Text:
        """Return the title of the first step of a meaning in the case, or in participations."""
        found = next(self._meaning(target, means), None)
        plain = means.value.replace("_", " ")
        return Text(plain, plain) if found is None else found.title

    def _meaning(self, target: str, means: StepMeans) -> Iterator[Step]:
        library = self.definitions.library
        for pin in library.current.values():
            workflow = library.workflow(pin)
            if (workflow.form is None) == (target == "case"):
                yield from workflow.steps_meaning(means)


def speech(workflow: Workflow, definitions: Definitions, letters: Letters | None = None) -> Speech:
    """Return how to speak of a workflow."""
    return Speech(workflow, definitions, _vocabulary(workflow, definitions), letters or {})


def _vocabulary(workflow: Workflow, definitions: Definitions) -> Vocabulary:
    facts = definitions.library.facts.values()
    # A condition may read what another workflow's step took, so titles are shared; own first.
    others = [definitions.library.workflow(p) for p in definitions.library.current.values()]
    given = {f"given.{k}": v for w in (*others, workflow) for k, v in w.fields.items()}
    names = {
        **given,
        **{f"deadline.{k}": rule.title for k, rule in workflow.deadlines.items()},
        **{f"step.{k}": step.title for k, step in workflow.steps.items()},
        **{f"measure.{f.id}": f.question for f in facts},
        **{f"before.{w.form}": form_title(w.form, definitions) for w in others if w.form},
    }
    taken = [f for w in (*others, workflow) for s in w.steps.values() for f in s.takes]
    yes_no = {f"given.{f.name}" for f in taken if f.type == "bool"}
    yes_no |= {f"measure.{f.id}" for f in facts if f.type == "bool"}
    values: dict[tuple[str, Value], Text] = {
        (f"given.{f.name}", option): said for f in taken for option, said in f.labels.items()
    }
    values |= {("state", k): state.title for k, state in workflow.states.items()}
    return Vocabulary(names, values, frozenset(yes_no))


def sentence(text: Text) -> Text:
    """Return words as a sentence: with a capital, and a full stop where none is.

    >>> sentence(Text("die Frist ruht", "the period rests")).de
    'Die Frist ruht.'
    """
    return Text(_sentence(text.de), _sentence(text.en))


def _sentence(words: str) -> str:
    ended = words if words.endswith((".", "!", "?", ":")) else f"{words}."
    return ended[:1].upper() + ended[1:]


def quoted(text: Text) -> Text:
    """Return a title in the quotation marks of each language."""
    return Text(f"„{text.de}“", f"'{text.en}'")


def either(rows: Iterable[Text]) -> Text:
    """Return titles, quoted, with "oder" (or) between them."""
    return joined(map(quoted, rows), " oder ", " or ")


def joined(rows: Iterable[Text], de: str = ", ", en: str = ", ") -> Text:
    """Return several words in one line; the last two are joined by the words given."""
    found = tuple(dict.fromkeys(rows))
    return Text(_listed([r.de for r in found], de), _listed([r.en for r in found], en))


def _listed(rows: list[str], last: str) -> str:
    return last.join([", ".join(rows[:-1]), rows[-1]]) if len(rows) > 1 else "".join(rows)
