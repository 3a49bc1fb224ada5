"""Rechtzeitig: an administration keeps its word to the people it must hear."""
