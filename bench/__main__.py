"""One command: `python -m bench [--quick] [--json] [SECTION ...]`.

Everything is a ratio against the limit of the same run, on the same SQLite library and
journal mode; absolute numbers are those of the machine that happened to run it.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import appending, core, lifecycle, logins, pages, prover, sweep, verifying
from bench.servers import postgres
from engine.store import sqlite


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: rounds and seconds a variant, sizes of the sweep."""

    rounds: int
    seconds: float
    sweeps: tuple[int, ...]


FULL = Size(5, 0.7, (10_000, 100_000, 1_000_000))
QUICK = Size(3, 0.25, (10_000,))


class Report:
    """Says what was measured: tables for people, or one JSON line a row."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.console = Console(highlight=False, width=max(120, Console().width))

    def say(self, **facts: Any) -> None:
        """Say something about the whole run."""
        if self.as_json:
            print(json.dumps({"section": "run", **facts}))
        else:
            self.console.print(", ".join(f"{name} {value}" for name, value in facts.items()))

    def rows(self, section: str, title: str, head: list[str], rows: list[Row]) -> None:
        """Say the rows of a section: what is shown, and what it was made from."""
        if self.as_json:
            for row in rows:
                print(json.dumps({"section": section, **row.facts}), flush=True)
            return
        table = Table(title=title, title_justify="left")
        for n, name in enumerate(head):
            table.add_column(name, justify="left" if n == 0 else "right")
        for row in rows:
            table.add_row(*row.shown)
        self.console.print(table)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table, and the facts behind it."""

    shown: tuple[str, ...]
    facts: dict[str, Any]


def run_core(report: Report, size: Size, folder: Path, options: argparse.Namespace) -> None:
    """What decisions cost by themselves."""
    found = list(core.measured(size.seconds))
    rows = [Row((c.what, f"{c.us:.1f}"), asdict(c)) for c in found]
    title = f"Decisions alone (aim for advance: {core.AIM_US:.0f} µs)"
    report.rows("core", title, ["", "µs, median"], rows)


def run_lifecycle(report: Report, size: Size, folder: Path, options: argparse.Namespace) -> None:
    """Durable acts a second, against the driver alone."""
    lines = list(
        lifecycle.measured(
            folder,
            rounds=size.rounds,
            seconds=size.seconds,
            with_postgres=not options.sqlite_only,
        )
    )
    rows = [
        Row(
            (
                f"{x.database}: {x.variant}",
                f"{x.acts:,.0f}",
                f"{x.cpu:.0f}",
                f"{x.share:.3f}",
                f"{x.cases:,}" if x.cases else "–",
                str(x.broken),
            ),
            asdict(x),
        )
        for x in lines
    ]
    head = ["", "acts/s", "CPU µs/act", "× limit", "cases verified", "broken"]
    report.rows("lifecycle", "Durable acts, draft to archived", head, rows)
    if not report.as_json:
        for x in lines:
            if x.rows:
                written = ", ".join(f"{table} {n:g}" for table, n in x.rows.items())
                report.console.print(f"{x.variant}: {written} rows an act")
    if any(x.broken for x in lines):
        raise SystemExit("a chain is broken")


def run_sweep(report: Report, size: Size, folder: Path, options: argparse.Namespace) -> None:
    """What a tick costs among many open deadlines."""
    lines = list(sweep.measured(folder, size.sweeps))
    if options.postgres_sweep:
        with postgres() as server:
            lines += sweep.measured(folder / "pg", (10_000, 100_000), server)
    rows = [_sweep_row(x, _first(lines, x)) for x in lines]
    head = ["open deadlines", "0 due, ms", "× smallest", "1,000 due, ms", "× smallest", "due/s"]
    head += ["limit 0 due, ms", "limit 1,000 due, ms", "rate / limit"]
    report.rows("sweep", "The clock's tick", head, rows)


def _first(lines: list[sweep.Swept], like: sweep.Swept) -> sweep.Swept:
    return next(x for x in lines if x.database == like.database)


def _sweep_row(x: sweep.Swept, least: sweep.Swept) -> Row:
    limit = ("–", "–", "–")
    if x.limit_due:
        limit = (
            f"{x.limit_nothing * 1e3:.3f}",
            f"{x.limit_due * 1e3:.1f}",
            f"{x.limit_due / x.due:.3f}",
        )
    shown = (
        f"{x.database} {x.open:,}",
        f"{x.nothing * 1e3:.3f}",
        f"{x.nothing / least.nothing:.2f}",
        f"{x.due * 1e3:.0f}",
        f"{x.due / least.due:.2f}",
        f"{sweep.DUE / x.due:,.0f}",
        *limit,
    )
    return Row(shown, asdict(x))


def run_prover(report: Report, size: Size, folder: Path, options: argparse.Namespace) -> None:
    """What proving the shipped definitions costs."""
    found = prover.measured()
    shown = (
        f"{found.pairs} pairs of forms",
        f"{found.states:,}",
        f"{found.transitions:,}",
        f"{found.seconds:.1f}",
        f"{found.pace:,.0f}",
        f"{found.ratio:.2f}",
    )
    head = ["", "states", "transitions", "seconds", "states/s", "× limit"]
    facts = {**asdict(found), "pace": found.pace, "ratio": found.ratio}
    report.rows("prover", "The prover (limit: 80,000 states in 10 s)", head, [Row(shown, facts)])


def run_pages(report: Report, size: Size, folder: Path, options: argparse.Namespace) -> None:
    """What lists and case pages cost on the server."""
    sizes = size.sweeps[:1] + size.sweeps[2:]
    lines = list(pages.measured(folder, sizes))
    first = {x.page: x.seconds for x in reversed(lines)}
    rows = [
        Row(
            (
                f"{x.page}, {x.cases:,} cases",
                f"{x.seconds * 1e3:.1f}",
                f"{x.share:.2f}",
                f"{x.seconds / first[x.page]:.2f}",
            ),
            {**asdict(x), "share": x.share},
        )
        for x in lines
    ]
    head = ["", "ms, median", "× limit", "× smallest"]
    report.rows("pages", f"Pages (limit: {pages.LIMIT * 1e3:.0f} ms)", head, rows)


def run_append(report: Report, size: Size, folder: Path, options: argparse.Namespace) -> None:
    """What the log adds to a commit."""
    found = appending.measured(folder, rounds=size.rounds, seconds=size.seconds)
    shown = (
        "acts, kept whole",
        f"{found.without:,.0f}",
        f"{found.logged:,.0f}",
        f"{found.share:.2f}",
        f"{found.sealed:,.0f}",
    )
    head = ["", "acts/s without log", "with it", "× without", "entries sealed/s"]
    report.rows(
        "append", "The same commits with and without the log", head, [Row(shown, asdict(found))]
    )


def run_verify(report: Report, size: Size, folder: Path, options: argparse.Namespace) -> None:
    """What examining a whole log costs."""
    lines = list(verifying.measured(folder / "verify", size.sweeps[-1], (1, 2)))
    rows = [
        Row(
            (
                f"{x.entries:,} entries, {x.processes} processes",
                f"{x.hashed:.2f}",
                f"{x.read:.1f}",
                f"{x.chained:.1f}",
                f"{x.chained / (x.hashed + x.read):.1f}",
                f"{x.replayed:.1f}",
                f"{x.replayed / (x.hashed + x.read):.1f}",
                f"{x.memory:.0f} / {x.together:.0f}",
                f"{x.proof:,} B, {x.proof_ms:.1f} ms",
            ),
            asdict(x),
        )
        for x in lines
    ]
    head = ["", "SHA-256, s", "reading, s", "chained, s", "× both", "told again, s", "× both"]
    report.rows("verify", "Examining the log", [*head, "MB, largest / all", "a proof"], rows)


def run_logins(report: Report, size: Size, folder: Path, options: argparse.Namespace) -> None:
    """What guessing passwords costs, and what the time of a refusal tells."""
    rounds, pairs = (logins.ROUNDS, 60) if size is FULL else (10, 10)
    flood, told = logins.measured(folder, rounds, pairs)
    facts = {**asdict(flood), **asdict(told), "more": flood.more, "difference": told.difference}
    lines = (
        (f"hashes in {flood.tries:,} tries", f"{flood.hashes}", f"{logins.HASHES}"),
        ("memory above rest, MB", f"{flood.more:.0f}", f"{logins.MEMORY:.0f}"),
        ("she herself gets in", "yes" if flood.let_in else "no", "yes"),
        ("known and unknown name apart, ms", f"{told.difference:.1f}", f"{logins.DIFFERENCE:.0f}"),
        ("the same in CPU time, ms", f"{told.cpu:+.1f}", "–"),
    )
    if report.as_json:
        report.say(**facts)
    rows = [
        Row(line, dict(zip(("what", "measured", "limit"), line, strict=True))) for line in lines
    ]
    report.rows("logins", "Guessing passwords", ["", "measured", "limit"], rows)


SECTIONS: dict[str, Callable[[Report, Size, Path, argparse.Namespace], None]] = {
    "core": run_core,
    "lifecycle": run_lifecycle,
    "sweep": run_sweep,
    "prover": run_prover,
    "pages": run_pages,
    "append": run_append,
    "verify": run_verify,
    "logins": run_logins,
}


def main(words: list[str]) -> None:
    """Run the sections named, or all of them."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("section", nargs="*", choices=[[], *SECTIONS], help="default: all")
    parser.add_argument("--quick", action="store_true", help="small sizes, under a minute")
    parser.add_argument("--json", action="store_true", help="one JSON line a row, no tables")
    parser.add_argument("--sqlite-only", action="store_true", help="leave PostgreSQL out")
    parser.add_argument("--postgres-sweep", action="store_true", help="sweep PostgreSQL as well")
    parser.add_argument("--folder", type=Path, help="where the databases lie while it runs")
    options = parser.parse_args(words)
    report = Report(options.json)
    version = sqlite.driver().sqlite_version
    report.say(
        machine=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        sqlite=version,
        journal=sqlite.journal_for(sqlite.driver().sqlite_version_info),
        synchronous="FULL",
    )
    size = QUICK if options.quick else FULL
    with TemporaryDirectory(prefix="bench-", dir=options.folder) as folder:
        for name in options.section or SECTIONS:
            SECTIONS[name](report, size, Path(folder), options)


if __name__ == "__main__":
    main(sys.argv[1:])
