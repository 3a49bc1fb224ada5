"""The log of a process that runs on: times in UTC, and nobody can forge a line of it."""

from __future__ import annotations

import logging
import time

_ESCAPED = {n: f"\\x{n:02x}" for n in (*range(0x20), *range(0x7F, 0xA0))} | {
    ord(sign): f"\\u{ord(sign):04x}" for sign in "\u2028\u2029"
}


class Lines(logging.Formatter):
    """Writes each event from the edge of a line on; what others typed begins none."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s")
        self.datefmt = "%Y-%m-%dT%H:%M:%S"

    def format(self, record: logging.LogRecord) -> str:
        """Return an event as text; what goes on in further lines is set in."""
        lines = super().format(record).split("\n")
        return "\n  ".join(line.translate(_ESCAPED) for line in lines)


def keep_journal() -> None:
    """Let the log of this process go to its standard error, for systemd or whoever runs it."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
