"""The product beside its peers: answers `go N` with N cases, draft to archived.

The harness of the peers starts it as `python peer.py URL [CLIENTS]` and reads one JSON line
an answer: {"ready":1} first, then {"n", "s", "cpu"} (seconds). What anything else prints
goes to standard error. When the input ends, every strand is verified.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.installation import install
from bench.lifecycle import through_services, verified
from bench.rounds import timed


def serve(run: Callable[[int], None], asked: TextIO, answers: TextIO) -> None:
    """Answer each `go N` on `asked` until it ends or says `quit`."""

    def say(what: dict[str, float]) -> None:
        answers.write(json.dumps(what) + "\n")
        answers.flush()

    say({"ready": 1})
    for line in asked:
        words = line.split()
        if words[:1] != ["go"]:
            return
        done = timed(run, int(words[1]))
        say({"n": done.units, "s": done.seconds, "cpu": done.cpu})


def main(url: str) -> None:
    """Serve on standard input and output, on the database at `url`."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with TemporaryDirectory(prefix="bench-peer-") as folder:
        app = install(Path(folder), "lifecycle", url=url)
        serve(through_services(app), sys.stdin, answers)
        cases, broken = verified(app)
        app.close()
        sys.stderr.write(f"{cases} cases, {broken} of them with a broken strand\n")
        if broken:
            raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1])
