"""Hosts beside each other: each in namespaces of its own, with a cable to one office network.

A host has a network, a name, and a counting of processes of its own (namespaces(7)); so it knows
nothing of the others but what comes over its cable. PostgreSQL and the mail server stand in the
office network, on an address that a bridge carries. No namespace has a name: all of them, bridge
and cables included, are gone with the last process in them, however that ended.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.torture.servers import Postgres, name_of

SERVER = "10.77.0.1"
"""Where PostgreSQL and the mail server are, for each host."""

PASSWORD = "nur-im-Amtsnetz"
"""Of a PostgreSQL server that ends with the test."""

_NETWORK = 0x40000000
"""CLONE_NEWNET of sched.h."""

_C = ctypes.CDLL(None, use_errno=True)
_T = TypeVar("_T")


class NoNamespaces(Exception):
    """This machine does not allow what is needed; the words say what and why."""


class Network:
    """A network of its own, kept for as long as somebody holds it open."""

    def __init__(self) -> None:
        self._file = _in_a_thread(_apart)

    def inside(self, do: Callable[[], _T]) -> _T:
        """Do something there: sockets, threads and processes made by it stay in this network."""

        def there() -> _T:
            _checked(_C.setns(self._file, _NETWORK), "setns")
            return do()

        return _in_a_thread(there)

    def ip(self, *words: str) -> None:
        """Have `ip` do something there. Raises NoNamespaces with its words where it does not."""
        done = self.inside(
            lambda: subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
        )
        if done.returncode:
            raise NoNamespaces(f"ip {' '.join(words)}: {done.stderr.strip()}")

    @property
    def path(self) -> str:
        """By what other programs find it."""
        return f"/proc/{os.getpid()}/fd/{self._file}"

    def close(self) -> None:
        """Let go of it; it ends with the last process in it."""
        os.close(self._file)


@dataclass(frozen=True, slots=True)
class Host:
    """A machine in the office: its name, its address, and the network in which it is alone."""

    name: str
    address: str
    network: Network

    @property
    def before(self) -> list[str]:
        """Words before a command that make it the first process of this host.

        It begins there with the number 1, and all others of the host end with it.
        """
        name_it = 'hostname "$0" && exec "$@"'
        apart = ["unshare", "--uts", "--pid", "--fork", "--mount-proc", "--kill-child"]
        return [*apart, "sh", "-c", name_it, self.name]


class Office:
    """The network into which all cables lead."""

    def __init__(self) -> None:
        self.network = Network()
        self._hosts: list[Host] = []
        self.network.ip("link", "set", "lo", "up")
        self.network.ip("link", "add", "bruecke", "type", "bridge")
        self.network.ip("address", "add", f"{SERVER}/24", "dev", "bruecke")
        self.network.ip("link", "set", "bruecke", "up")

    def host(self, name: str) -> Host:
        """Return a new host of this name, connected by a cable."""
        number = len(self._hosts) + 2
        made = Host(name, SERVER.removesuffix("1") + str(number), Network())
        self._hosts.append(made)
        socket_ = f"dose{number}"
        there = ("peer", "name", "kabel", "netns", made.network.path)
        self.network.ip("link", "add", socket_, "type", "veth", *there)
        self.network.ip("link", "set", socket_, "master", "bruecke", "up")
        made.network.ip("link", "set", "lo", "up")
        made.network.ip("address", "add", f"{made.address}/24", "dev", "kabel")
        made.network.ip("link", "set", "kabel", "up")
        return made

    def close(self) -> None:
        """Let go of every network."""
        for host in self._hosts:
            host.network.close()
        self.network.close()


@contextmanager
def office() -> Iterator[Office]:
    """Yield an office network. Raises NoNamespaces where this machine does not allow it."""
    if not sys.platform.startswith("linux"):
        raise NoNamespaces("there are no namespaces but on Linux")
    if os.geteuid():
        raise NoNamespaces("only root may make network namespaces")
    made = _made()
    try:
        yield made
    finally:
        made.close()


def _made() -> Office:
    try:
        made = Office()
        _try(made.host("probe"))
    except FileNotFoundError as error:
        raise NoNamespaces(f"the program {error.filename} is missing") from None
    return made


def listen(server: Postgres, network: Network) -> None:
    """Have a PostgreSQL server answer to the hosts of an office, who say its password."""
    rule = f"host all all {SERVER}/24 scram-sha-256\n"
    with (server.folder / "pg_hba.conf").open("a") as file:
        file.write(rule)
    server.ask(f"ALTER ROLE postgres PASSWORD '{PASSWORD}'")
    network.inside(lambda: server.listen(SERVER))


def seen_from_hosts(url: str) -> str:
    """Return the address by which a host reaches a database of that server."""
    return f"postgresql://postgres:{PASSWORD}@{SERVER}/{name_of(url)}"


def _try(host: Host) -> None:
    """Raise NoNamespaces where a process cannot be given a name and a counting of its own."""
    told = host.network.inside(lambda: _said([*host.before, "sh", "-c", "hostname; echo $$"]))
    if told.split() != [host.name, "1"]:
        raise NoNamespaces(f"unshare: {told.strip()}")


def _said(command: Sequence[str]) -> str:
    both = subprocess.STDOUT
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=both, text=True, check=False)
    return done.stdout


def _apart() -> int:
    """Give this thread a network of its own; return a file that keeps it."""
    _checked(_C.unshare(_NETWORK), "unshare")
    return os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY)


def _checked(result: int, name: str) -> None:
    if result:
        raise NoNamespaces(f"{name}: {os.strerror(ctypes.get_errno())}")


def _in_a_thread(do: Callable[[], _T]) -> _T:
    """Do something in a thread that ends with it, for a thread can move to another network."""
    done: list[Any] = []

    def run() -> None:
        try:
            done.append((do(), None))
        except BaseException as error:
            done.append((None, error))

    thread = threading.Thread(target=run, name="elsewhere")
    thread.start()
    thread.join()
    [(answer, error)] = done
    if error is not None:
        raise error
    return answer  # type: ignore[no-any-return]
