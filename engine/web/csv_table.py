"""A table to be saved from a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from fastapi.responses import Response

from engine.core.csv_table import Cell, csv_bytes

__all__ = ["Cell", "csv_bytes", "csv_response"]


def csv_response(
    name: str, head: Sequence[Cell], rows: Iterable[Sequence[Cell]], language: str
) -> Response:
    """Return a table to be saved under a name."""
    return Response(
        csv_bytes(head, rows, language),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"},
    )
