"""Agendas of coming sittings, from a council information system or from the council office."""

from __future__ import annotations

from pathlib import Path

from engine.core.radar import AgendaItem
from engine.oparl import AgendaRecord, read_agendas
from engine.services.tables import Table, yes

AGENDA_COLUMNS = ("gremium", "sitzungstag", "top", "vorlagen-nr.", "titel", "öffentlich")
REQUIRED = frozenset({"gremium", "sitzungstag", "titel"})


def agenda_items(source: str) -> tuple[AgendaItem, ...]:
    """Return the agenda items of a CSV table, or of an OParl file, folder or address.

    Raises TableError with every fault of a table, InputError for what cannot be read.
    """
    if source.casefold().endswith(".csv"):
        return _of_table(Path(source))
    records, _ = read_agendas(source)
    return tuple(map(_published, records))


def _published(record: AgendaRecord) -> AgendaItem:
    """Return an item as published; what is published and not called secret is public."""
    public = record.public is not False
    return AgendaItem(
        record.body, record.day, record.number, record.reference, record.title, public
    )


def _of_table(path: Path) -> tuple[AgendaItem, ...]:
    """Return the items of a table; one that does not say that it is public counts as not."""
    table = Table(path, AGENDA_COLUMNS, REQUIRED)
    found = []
    for line, cells in table.cells():
        day = table.day(line, cells, "sitzungstag")
        public = yes(table, line, cells, "öffentlich")
        if day is not None:
            reference = cells.get("vorlagen-nr.") or None
            top, title = cells.get("top", ""), cells.get("titel", "")
            found.append(AgendaItem(cells.get("gremium", ""), day, top, reference, title, public))
    table.done()
    return tuple(found)
