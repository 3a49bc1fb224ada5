"""The groups of pages, each a module that offers `pages`."""

from __future__ import annotations

from importlib import import_module

from engine.web.routes import Pages

GROUPS = (
    "account",
    "start",
    "help",
    "witnesses",
    "health",
    "register",
    "cases",
    "reading",
    "steps",
    "inform",
    "letter_link",
    "hearing_note",
    "silences",
    "codes",
    "escalated",
    "own",
    "own_files",
    "text_modules",
    "received",
    "absence",
    "unregistered",
    "outcome",
    "year_report",
    "notifications",
    "sessions",
    "session_changes",
    "session_import",
    "session_agenda",
    "session_outcomes",
    "session_year",
    "legal.overview",
    "legal.sweep",
    "legal.findings",
    "legal.record",
    "legal.deliveries",
    "legal.report",
    "legal.what_if",
    "legal.rules",
    "legal.proof",
    "legal.procedures",
    "legal.file",
    "legal.readers",
    "legal.retention",
    "seal",
    "admin_overview",
    "admin_persons",
    "admin_accounts",
    "admin_emergency",
    "admin_mail",
    "admin_calendars",
    "admin_definitions",
    "admin_cutoff",
)
"""The modules of this package that hold pages; `demo` joins them where it is offered."""


def all_pages(*, demo: bool) -> list[Pages]:
    """Return the groups of pages that an application has."""
    names = (*GROUPS, "demo") if demo else GROUPS
    return [import_module(f"{__name__}.{name}").pages for name in names]
