"""A real IMAP server on loopback (Dovecot, as Debian ships it) with one mailbox."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

PASSWORD = "nur-fuer-diese-Probe"
_PATIENCE = 30.0


@dataclass(frozen=True)
class Imap:
    """Where the mailbox is; `log` says what the server had to say."""

    port: int
    log: Path

    def put(self, *mails: bytes) -> None:
        """Lay mails into the mailbox, unseen."""
        with self.open() as box:
            for mail in mails:
                box.append("INBOX", "", None, mail.replace(b"\n", b"\r\n").replace(b"\r\r", b"\r"))

    def count(self, which: str) -> int:
        """Return how many mails a search finds: ALL, UNSEEN, …"""
        with self.open() as box:
            box.select("INBOX", readonly=True)
            return len(box.search(None, which)[1][0].split())

    @contextmanager
    def open(self) -> Iterator[imaplib.IMAP4]:
        """Open the mailbox as its owner."""
        box = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        box.login("ruecklauf", PASSWORD)
        try:
            yield box
        finally:
            with suppress(Exception):
                box.logout()

    def settings(self, secret: Path) -> dict[str, object]:
        """Return how config.yaml names the mailbox; the password is written to a file."""
        secret.write_text(f"{PASSWORD}\n")
        box = {"host": "127.0.0.1", "port": self.port, "tls": "off", "user": "ruecklauf"}
        return {**box, "password_file": str(secret)}


@contextmanager
def imap_server(password: str = PASSWORD) -> Iterator[Imap]:
    """Run the server in the foreground, in a folder that goes with it."""
    program = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program is not None, "apt-get install dovecot-imapd"
    with TemporaryDirectory(prefix="rechtzeitig-imap-") as name, socket.socket() as free:
        folder = Path(name)
        folder.chmod(0o755)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        config = folder / "dovecot.conf"
        config.write_text(_config(folder, port, password), "utf-8")
        with (folder / "out").open("wb") as out:
            server = subprocess.Popen([program, "-F", "-c", config], stdout=out, stderr=out)
        try:
            _await(port, server, folder)
            yield Imap(port, folder / "log")
        finally:
            server.terminate()
            server.wait(20)


def _config(folder: Path, port: int, password: str) -> str:
    """Return a configuration that works for root and for anybody else."""
    root = os.getuid() == 0
    owner = "nobody" if root else pwd.getpwuid(os.getuid()).pw_name
    mails = folder / "mails"
    mails.mkdir()
    if root:
        shutil.chown(mails, owner)
    mine = f"user = {'root' if root else owner}\n  chroot =\n"
    internal = "" if root else f"default_internal_user = {owner}\ndefault_login_user = {owner}\n"
    services = ("anvil", "imap-login", "stats", "log", "config", "auth-worker")
    return (
        f"protocols = imap\nlisten = 127.0.0.1\nbase_dir = {folder}/run\n"
        f"state_dir = {folder}/state\nlog_path = {folder}/log\nssl = no\n"
        f"disable_plaintext_auth = no\nmail_location = maildir:{mails}\n"
        f"first_valid_uid = 1\nfirst_valid_gid = 1\n{internal}"
        f"passdb {{\n  driver = static\n  args = password={password}\n}}\n"
        f"userdb {{\n  driver = static\n  args = uid={owner} gid={_group(owner)} home={mails}\n}}\n"
        f"service imap-login {{\n  inet_listener imap {{\n    port = {port}\n  }}\n"
        "  inet_listener imaps {\n    port = 0\n  }\n}\n"
    ) + ("" if root else "".join(f"service {s} {{\n  {mine}}}\n" for s in services))


def _group(owner: str) -> int:
    return pwd.getpwnam(owner).pw_gid


def _await(port: int, server: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and server.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as line:
            if line.recv(4):
                return
        time.sleep(0.05)
    log = folder / "log"
    said = [f.read_text(errors="replace") for f in (folder / "out", log) if f.exists()]
    raise AssertionError(f"Dovecot does not answer: {' '.join(said)}")
