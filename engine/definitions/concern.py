"""From a table's YAML to the Betroffenheitsprüfung, with every gap and overlap told."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.concern import MEASURE, ConcernRow, ConcernTable, unsound
from engine.core.conditions import Value, names
from engine.core.rules import Fact
from engine.definitions.conditions import Path, Reader
from engine.definitions.documents import ConcernDoc
from engine.errors import Text
from engine.strictyaml import Marks, Problems, unknown

_FACT = Text("Die Tatsache", "The fact")
_MOST = 4096
"""More combinations than any table that people answer can have."""


class TableReader:
    """Reads the tables of one pack."""

    def __init__(
        self, marks: Marks, problems: Problems, reader: Reader, facts: Mapping[str, Fact]
    ) -> None:
        self._marks = marks
        self._problems = problems
        self._reader = reader
        self._facts = facts

    def read(self, doc: ConcernDoc, at: Path) -> ConcernTable:
        """Return the table at `at`; what is wrong with it lies among the problems."""
        rows = []
        for i, row in enumerate(doc.rows):
            when = self._reader.read(row.when, (*at, "rows", i, "when"))
            because = None if row.because is None else row.because.text
            rows.append(ConcernRow(when, row.answer, because))
            if not row.answer and because is None:
                self._tell((*at, "rows", i, "answer"), _NO_REASON)
        asked = {name for row in rows for name in names(row.when)}
        asks = tuple(sorted(name.removeprefix(MEASURE) for name in asked))
        table = ConcernTable(doc.answers, asks, tuple(rows))
        if self._answerable(table, at):
            self._check_rows(table, at)
        return table

    def _answerable(self, table: ConcernTable, at: Path) -> bool:
        """Refuse a table about a fact that nobody asks, or with questions of no finite domain."""
        yes_no = sorted(f.id for f in self._facts.values() if f.type == "bool")
        if table.answers not in yes_no:
            words = unknown(_FACT, table.answers, yes_no)
            self._problems.add(self._marks.value(*at, "answers"), words)
            return False
        endless = [n for n in table.asks if n not in self._facts or not self._domain(n)]
        if endless or table.answers in table.asks:
            self._tell((*at, "rows"), _not_finite(endless or [table.answers]))
            return False
        return True

    def _check_rows(self, table: ConcernTable, at: Path) -> None:
        domains = {name: self._domain(name) for name in table.asks}
        count = 1
        for domain in domains.values():
            count *= len(domain)
        if count > _MOST:
            self._tell((*at, "rows"), _too_many(count))
            return
        for answers, met in unsound(table, domains):
            self._tell((*at, "rows"), _gap(answers) if met == 0 else _overlap(answers, met))

    def _domain(self, name: str) -> tuple[Value, ...]:
        fact = self._facts[name]
        return (True, False) if fact.type == "bool" else fact.options

    def _tell(self, at: Path, words: Text) -> None:
        self._problems.add(self._marks.at(*at), words)


_NO_REASON = Text(
    "Eine Zeile, die keine Beteiligung vorsieht, braucht unter 'because' den Grund: Die "
    "betroffene Stelle kann ihn lesen.",
    "A row that provides for no participation needs the reason under 'because': the office "
    "concerned can read it.",
)


def _said(answers: Mapping[str, Value]) -> str:
    return ", ".join(f"{name}: {str(value).lower()}" for name, value in answers.items())


def _gap(answers: Mapping[str, Value]) -> Text:
    said = _said(answers)
    return Text(
        f"Für diese Antworten gibt es keine Zeile: {said}. Ergänzen Sie eine.",
        f"No row covers these answers: {said}. Add one.",
    )


def _overlap(answers: Mapping[str, Value], met: int) -> Text:
    said = _said(answers)
    return Text(
        f"Für diese Antworten gelten {met} Zeilen zugleich: {said}. Grenzen Sie sie ab.",
        f"{met} rows cover these answers at once: {said}. Tell them apart.",
    )


def _not_finite(names_: list[str]) -> Text:
    said = ", ".join(names_)
    return Text(
        f"Eine Tabelle fragt nach 'measure.<Tatsache>' mit ja und nein oder mit einer Auswahl, "
        f"und nicht nach dem, was sie beantwortet; so nicht: {said}.",
        f"A table asks 'measure.<fact>' with yes and no or with options, and not what it "
        f"answers itself; not so: {said}.",
    )


def _too_many(count: int) -> Text:
    return Text(
        f"Die Tabelle hat {count} Antwortmöglichkeiten; teilen Sie sie auf höchstens {_MOST} auf.",
        f"The table has {count} combinations of answers; divide it into {_MOST} at most.",
    )
