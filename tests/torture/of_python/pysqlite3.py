"""Stands before the SQLite that the engine brings along, so that it must take Python's own."""

raise ImportError("This process is to use the SQLite of Python itself.")
