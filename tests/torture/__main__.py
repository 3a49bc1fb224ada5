"""The torture at full size, each figure printed: `python -m tests.torture [PART ...]`."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from engine.store import sqlite
from tests.imap import imap_server
from tests.notifications.hostile import SEED, foreign_headers
from tests.torture.absence import LENGTHS, caught_up
from tests.torture.chaotic import met
from tests.torture.crashing import DOT, HITS, Scene, points
from tests.torture.filling import filled
from tests.torture.flushing import flushed
from tests.torture.histories import written
from tests.torture.killing import Killed, killed, stopped, trouble
from tests.torture.machine import Engine, run
from tests.torture.nursery import Nursery
from tests.torture.outage import outlasted
from tests.torture.own_library import killed_on_it
from tests.torture.reckoning import Reckoning
from tests.torture.servers import Postgres, postgres
from tests.torture.sink import Sink
from tests.torture.together import raced

AMBIGUOUS = frozenset({DOT, "after-250", "before-ending-commit", "before-any-commit"})
"""The points between the final dot and our commit, at which alone a second copy may leave."""

JOURNAL = "journal@pruefstelle.example"


class Ground:
    """What the parts need: a folder, a mail server, a parent of workers, a PostgreSQL server."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="torture-")))
        self.sink = stack.enter_context(Sink())
        self.nursery = stack.enter_context(Nursery())
        self._server: Postgres | None = None

    @property
    def server(self) -> Postgres:
        if self._server is None:
            self._server = self._stack.enter_context(postgres())
        return self._server

    def folder(self, name: str) -> Path:
        return self._folder / name.replace(" ", "-")


def kills(ground: Ground) -> Iterator[str]:
    for name, count, workers, deadlines, more in (
        ("SQLite WAL", 1000, 2, 2000, {}),
        ("SQLite DELETE", 300, 2, 600, {"journal": "delete"}),
        ("PostgreSQL", 600, 3, 1200, {"url": ground.server.fresh()}),
    ):
        done = killed(
            ground.folder(name),
            ground.sink,
            ground.nursery,
            kills=count,
            workers=workers,
            deadlines=deadlines,
            seed=1,
            **more,
        )
        yield f"{name}, {workers} workers, {deadlines} deadlines: {_killed(done, 'kill -9')}"

    yield killed_on_it(300, 600)


def stops(ground: Ground) -> Iterator[str]:
    server = ground.server
    done = stopped(
        ground.folder("stops"),
        ground.sink,
        ground.nursery,
        server.stop,
        server.start,
        stops=40,
        workers=3,
        deadlines=1200,
        seed=1,
        url=server.fresh(),
    )
    yield f"PostgreSQL, 3 workers, 1200 deadlines: {_killed(done, 'immediate stops')}"


def crashes(ground: Ground) -> Iterator[str]:
    yield from _crashes("SQLite", Scene(ground.folder("scene"), ground.sink, ground.nursery))


def pgcrashes(ground: Ground) -> Iterator[str]:
    where = ground.folder("pgscene")
    yield from _crashes("PostgreSQL", Scene(where, ground.sink, ground.nursery, ground.server))


def journal(ground: Ground) -> Iterator[str]:
    """The points that leave a second copy otherwise, each passing, with a journal to be asked."""
    folder, count = ground.folder("journal"), 0
    folder.mkdir()
    with imap_server() as imap:
        ground.sink.copied, ground.sink.journal = JOURNAL, imap.put
        said = {"address": JOURNAL, "imap": imap.settings(folder / "kennwort")}
        scene = Scene(folder, ground.sink, ground.nursery, journal=said)
        for name in sorted(AMBIGUOUS):
            for hit in HITS:
                done = scene.crash(name, hit)
                if not done.died or done.left.extra:
                    raise AssertionError(f"{name}:{hit}: {done}"[:3000])
                _must_be_sound(f"{name}:{hit}", done.left, done.trouble)
                count += 1
    yield (
        f"SQLite with a journal (Dovecot): {len(AMBIGUOUS)} points, {count} crashes, 0 lost, "
        "0 second escalations, 0 further copies, log intact"
    )


def _crashes(kind: str, scene: Scene) -> Iterator[str]:
    begun, count, where = time.perf_counter(), 0, []
    names = sorted({name for name, _ in points()} | {DOT})
    for name in names:
        copies = 0
        for hit in HITS:
            done = scene.crash(name, hit)
            if not done.died:
                raise AssertionError(f"{name} was not passed {hit} times")
            _must_be_sound(f"{name}:{hit}", done.left, done.trouble)
            copies += done.left.extra
            count += 1
        if copies and name not in AMBIGUOUS:
            raise AssertionError(f"{name}: {copies} further copies")
        if copies:
            where.append(f"{name} {copies}")
    yield (
        f"{kind}: {len(names)} points, {count} crashes, 0 lost, 0 second escalations, log intact; "
        f"further copies only at {', '.join(where)}; {time.perf_counter() - begun:.0f} s"
    )


def absences(ground: Ground) -> Iterator[str]:
    for name, length in LENGTHS.items():
        done = caught_up(
            ground.folder(name), ground.sink, ground.nursery, rungs=10_000, length=length
        )
        _must_be_sound(name, done.left, done.trouble)
        yield (
            f"SQLite, down for {name}, 10,000 rungs due: first after {done.first:.1f} s, all rungs "
            f"after {done.rungs:.0f} s, all {done.left.messages} mails after {done.mails:.0f} s, "
            f"{done.disorder} out of order, {done.mislated} wrongly late, 0 lost, 0 twice"
        )


def together(ground: Ground) -> Iterator[str]:
    for name, rounds, url in (
        ("SQLite", 400, None),
        ("PostgreSQL", 400, ground.server.fresh()),
    ):
        where = ground.folder(f"race {name}")
        done = raced(where, ground.sink, ground.nursery, rounds=rounds, url=url)
        _must_be_sound(name, done.left, done.trouble)
        yield (
            f"{name}, {rounds} rounds of 8 workers at the same moment in {done.seconds:.0f} s: "
            f"{done.left.rungs} rungs and {rounds} further letters asked for, {_said(done.left)}"
        )


def histories(ground: Ground) -> Iterator[str]:
    for name, url in (("SQLite", None), ("PostgreSQL", ground.server.fresh())):
        where = ground.folder(f"history {name}")
        done = written(where, ground.nursery, seconds=60, url=url)
        if done.anomalies or trouble(where):
            raise AssertionError(f"{name}: {done.anomalies[:20]}\n{trouble(where)[-3000:]}")
        yield (
            f"{name}, 8 writers, 60 s: {done.kept} acts kept, {done.refused} refused, "
            f"{done.rungs} rungs, {done.reads} reads: 0 anomalies"
        )


def flushes(ground: Ground) -> Iterator[str]:
    for name, without in (("synchronous = FULL", "-"), ("synchronous = NORMAL", "full")):
        done = flushed(ground.folder(f"flush {without}"), ground.sink, mails=120, without=without)
        if done.trouble or (without == "-" and done.early):
            raise AssertionError(f"{name}: {done}")
        yield f"SQLite WAL, {name}: {done.early} of {done.data} DATA before their claim was on disk"


def fills(ground: Ground) -> Iterator[str]:
    done = filled(ground.folder("fills"), ground.sink, positions=212)
    if done.odd:
        raise AssertionError("\n".join(done.odd)[:3000])
    _must_be_sound("disk full", done.left, "")
    told = "; ".join(f"{count} × {words}" for words, count in sorted(done.told.items()))
    yield (
        f"SQLite, disk full at {done.positions - done.missed} of {done.writes} writes of a day, "
        f"one after another: {sum(done.told.values())} refused in plain words, {_said(done.left)}"
    )
    yield f"SQLite, disk full: {told}"


def chaos(ground: Ground) -> Iterator[str]:
    found = list(met(ground.folder("chaos"), 50))
    for one in found:
        if one.lost or one.wrong or one.most > one.way.copies:
            raise AssertionError(f"{one.way.name}: {one}"[:3000])
    doubtful = ", ".join(f"{m.way.name} {m.extra}" for m in found if m.extra)
    yield (
        f"{len(found)} ways of a server to misbehave, {found[0].mails} mails each: 0 lost, 0 wrongly "
        f"understood or logged; further copies, one a mail at most: {doubtful or 'none'}"
    )


def outage(ground: Ground) -> Iterator[str]:
    done = outlasted(ground.folder("outage"), mails=500, hours=6, every=timedelta(seconds=15))
    if done.lost or done.extra or not done.in_order or done.connections > 40:
        raise AssertionError(str(done))
    yield (
        f"mail server out for six simulated hours, {done.mails} mails meanwhile: {done.connections} "
        f"connections, first alarm after {done.told_after}, all out {done.out_after} after it was "
        f"back, {done.lost} lost, {done.extra} twice, in order"
    )


def headers(ground: Ground) -> Iterator[str]:
    foreign = foreign_headers(20_000, SEED)
    if foreign:
        raise AssertionError(f"{len(foreign)} foreign headers, such as {foreign[:3]!r}")
    yield (
        f"20,000 hostile titles, names and file names (seed {SEED}), Python "
        f"{sys.version.split()[0]}: 0 foreign headers"
    )


def machine(_: Ground) -> Iterator[str]:
    yield _at_random("SQLite", None)


def pgmachine(ground: Ground) -> Iterator[str]:
    # A crash is an exception there: the server lives on, and what it has not flushed is not lost.
    ground.server.spare_flushes()
    yield _at_random("PostgreSQL", ground.server)


def _at_random(kind: str, server: Postgres | None) -> str:
    begun = time.perf_counter()
    run(runs=220, derandomize=False, server=server)
    return (
        f"{kind}, random orders of acts, rounds, days and crashes: {Engine.steps} steps, "
        f"{Engine.accepted} acts kept, {Engine.crashes} crashes in "
        f"{time.perf_counter() - begun:.0f} s: nothing lost, nothing due left behind, every case "
        "told again"
    )


PARTS: dict[str, Callable[[Ground], Iterator[str]]] = {
    "kills": kills,
    "stops": stops,
    "crashes": crashes,
    "pgcrashes": pgcrashes,
    "journal": journal,
    "absences": absences,
    "together": together,
    "histories": histories,
    "flushes": flushes,
    "chaos": chaos,
    "outage": outage,
    "headers": headers,
    "fills": fills,
    "machine": machine,
    "pgmachine": pgmachine,
}


def _killed(done: Killed, what: str) -> str:
    _must_be_sound(what, done.left, done.trouble)
    return (
        f"{done.kills} {what} in {done.seconds:.0f} s, {done.left.rungs} rungs, {done.under_fire} of "
        f"{done.left.messages} mails left meanwhile: {_said(done.left)}"
    )


def _said(left: Reckoning) -> str:
    return (
        f"{len(left.lost)} lost, {len(left.second)} second escalations, {left.extra} further "
        f"copies under the same Message-ID, {len(left.faults)} faults in log and file"
    )


def _must_be_sound(name: str, left: Reckoning, trouble: str) -> None:
    if not left.sound or trouble:
        raise AssertionError(f"{name}: {str(left)[:1500]}\n{trouble[-3000:]}")


def main(names: list[str]) -> int:
    # What goes wrong on purpose is counted, and not told line by line.
    logging.getLogger("rechtzeitig").setLevel(logging.CRITICAL + 1)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, SQLite {_version()}", flush=True)
    failed = 0
    for name in names or list(PARTS):
        with ExitStack() as stack:
            try:
                for line in PARTS[name](Ground(stack)):
                    print(f"{name}: {line}", flush=True)
            except AssertionError as error:
                failed += 1
                print(f"{name}: FAILED: {error}", flush=True)
    return failed


def _version() -> str:
    return ".".join(map(str, sqlite.driver().sqlite_version_info))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
