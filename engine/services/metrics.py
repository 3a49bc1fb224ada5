"""The figures of an installation in the text format of Prometheus, version 0.0.4.

A dozen lines by hand: a library would keep counters of its own, while ours lie in the database
and must be the same whichever process is asked (docs/decisions/0025).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.services.health import Health

_PREFIX = "rechtzeitig_"


def metrics(found: Health) -> str:
    """Return the figures in the text format of Prometheus, version 0.0.4."""
    last = found.last_tick
    rows = [
        _metric(
            "up",
            "Whether each check is well.",
            ((f'check="{c.name}"', c.well) for c in found.checks),
        ),
        _metric(
            "last_tick_timestamp_seconds",
            "When the clock ran last.",
            _one(0 if last is None else int(last.timestamp())),
        ),
        _metric(
            "oldest_due_seconds",
            "Age of the oldest deadline or rung that nothing has come of.",
            _one(found.due_age),
        ),
        _metric(
            "oldest_mail_seconds",
            "Age of the oldest letter that has to leave.",
            _one(found.mail_age),
        ),
        _metric(
            "oldest_unsigned_seconds",
            "Age of the oldest entry without a checkpoint.",
            _one(found.unsigned_age),
        ),
        _metric("log_entries", "Entries of the log.", _one(found.entries)),
        _metric("deadlines_running", "Deadlines that run.", _one(found.waiting.running)),
        _metric(
            "messages",
            "Mails by state.",
            ((f'state="{s}"', n) for s, n in sorted(found.waiting.messages.items())),
        ),
        _metric(
            "notices",
            "Letters owed, by state.",
            ((f'state="{s}"', n) for s, n in sorted(found.waiting.notices.items())),
        ),
        _metric("disk_free_bytes", "Free room on the fullest disk.", _one(found.free)),
        _metric(
            "clock_steps", "Steps of the clock that were noticed.", _one(len(found.clock.steps))
        ),
        _metric(
            "escalations_held",
            "Whether letters of the clock wait.",
            _one(found.clock.held_since is not None),
        ),
    ]
    return "".join(rows)


def _one(value: float) -> Iterator[tuple[str, float]]:
    yield "", value


def _metric(name: str, words: str, samples: Iterable[tuple[str, float]]) -> str:
    full = f"{_PREFIX}{name}"
    lines = [f"# HELP {full} {words}", f"# TYPE {full} gauge"]
    for labels, value in samples:
        lines.append(f"{full}{{{labels}}} {int(value)}" if labels else f"{full} {int(value)}")
    return "\n".join(lines) + "\n"
