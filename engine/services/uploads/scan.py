"""The scanner: a command, or clamd (INSTREAM); what it says is clean, a find, or nothing."""

from __future__ import annotations

import socket
import struct
import subprocess
import tempfile
from enum import StrEnum

from engine.config import Config, Scanner

_PIECE = 1 << 16
_LONGEST_ANSWER = 4096


class Verdict(StrEnum):
    """What a scanner said of a file; SILENT where it could not be asked."""

    CLEAN = "clean"
    FOUND = "found"
    SILENT = "silent"


def scanned(config: Config, scanner: Scanner, data: bytes) -> Verdict:
    """Return what the scanner says of these bytes."""
    try:
        if scanner.command:
            return _by_command(scanner, data)
        return _by_clamd(config, scanner, data)
    except (OSError, subprocess.SubprocessError):
        return Verdict.SILENT


def _by_command(scanner: Scanner, data: bytes) -> Verdict:
    """Ask a command; its ending is that of clamscan: 0 clean, 1 a find, all else no answer."""
    with tempfile.NamedTemporaryFile(prefix="rechtzeitig-") as file:
        file.write(data)
        file.flush()
        done = subprocess.run(  # noqa: S603 - the command is configuration, the path our own
            [*(scanner.command or ()), file.name],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=scanner.timeout,
            check=False,
        )
    return {0: Verdict.CLEAN, 1: Verdict.FOUND}.get(done.returncode, Verdict.SILENT)


def _by_clamd(config: Config, scanner: Scanner, data: bytes) -> Verdict:
    with _line(config, scanner) as line:
        line.settimeout(scanner.timeout)
        line.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            line.sendall(struct.pack(">I", len(piece)) + piece)
        line.sendall(struct.pack(">I", 0))
        answer = _answer(line)
    if answer == b"stream: OK":
        return Verdict.CLEAN
    # Only a clear word counts; "INSTREAM size limit exceeded. ERROR" is none.
    return Verdict.FOUND if answer.endswith(b" FOUND") else Verdict.SILENT


def _line(config: Config, scanner: Scanner) -> socket.socket:
    if scanner.socket is None:
        address = (scanner.host or "127.0.0.1", scanner.port)
        return socket.create_connection(address, scanner.timeout)
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(scanner.timeout)
    line.connect(str(config.path(scanner.socket)))
    return line


def _answer(line: socket.socket) -> bytes:
    said = b""
    while len(said) < _LONGEST_ANSWER and not said.endswith(b"\0"):
        piece = line.recv(_LONGEST_ANSWER)
        if not piece:
            break
        said += piece
    return said.rstrip(b"\0\n")
