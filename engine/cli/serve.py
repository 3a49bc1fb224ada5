"""`serve`: the pages, with the worker in the same process unless it is told not to."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from engine.app import App, open_app
from engine.cli.console import HOME, Data, console, stopped, t
from engine.cli.journal import keep_journal
from engine.config import NAME
from engine.errors import InputError
from engine.services import setup
from engine.store.errors import Unavailable
from engine.worker import Worker

HOST = "127.0.0.1"
UNAVAILABLE = 4


def serve(
    demo: Annotated[
        bool, typer.Option("--demo", help=t("den Übungslandkreis zeigen", "show the demo county"))
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8080,
    host: Annotated[
        str, typer.Option(help=t("Adresse, auf der gehört wird", "address to listen on"))
    ] = HOST,
    no_worker: Annotated[
        bool,
        typer.Option("--no-worker", help=t("ohne Fristenlauf", "without the clock's worker")),
    ] = False,
    behind_proxy: Annotated[
        bool,
        typer.Option(
            "--behind-proxy",
            help=t("https endet an einem Proxy davor", "a proxy in front ends https"),
        ),
    ] = False,
    data: Data = HOME,
) -> None:
    """Serve the pages until stopped / Die Oberfläche anbieten, bis jemand beendet."""
    import uvicorn

    from engine.web import create_app

    keep_journal()
    with bound(host, port) as door:
        app = _demo_app(data) if demo else open_app(data)
        setup.take_places(app)
        settings = uvicorn.Config(
            create_app(app, demo=demo, secure=behind_proxy),
            log_level="warning",
            server_header=False,
            proxy_headers=behind_proxy,
            forwarded_allow_ips=HOST,
        )
        worker = None if no_worker else Worker(app, app.config.settings.every)
        if worker is not None:
            worker.start()
        where = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        console.print(t(f"Die Oberfläche steht bereit: {where}", f"The pages are ready: {where}"))
        try:
            server = uvicorn.Server(settings)
            with suppress(KeyboardInterrupt):
                server.run(sockets=[door])
            if not server.started:
                stopped(UNAVAILABLE)
        finally:
            if worker is not None:
                worker.stop()
            app.close()


def bound(host: str, port: int) -> socket.socket:
    """Return the socket on which this process alone listens; raises Unavailable, or InputError.

    Had before anything is promised or done: no clock runs for pages that never come.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Unavailable(
                f"Port {port} ist belegt; wählen Sie einen anderen mit --port.",
                f"Port {port} is taken; choose another one with --port.",
            ) from None
        if error.errno in (errno.EACCES, errno.EPERM):
            raise Unavailable(
                f"Port {port} darf dieses Konto nicht öffnen; wählen Sie einen ab 1024 mit --port.",
                f"This account may not open port {port}; choose one from 1024 on with --port.",
            ) from None
        raise InputError(
            f"Auf „{host}“ kann dieser Rechner nicht hören ({error.strerror}); nennen Sie mit "
            "--host eine seiner eigenen Adressen, oder 0.0.0.0 für alle.",
            f"This machine cannot listen on '{host}' ({error.strerror}); name one of its own "
            "addresses with --host, or 0.0.0.0 for all.",
        ) from None


def _demo_app(folder: Path) -> App:
    """Return the training county, played anew where there is none yet."""
    from engine.cli.demo import MARK, play_demo
    from engine.services.training_clock import TrainingClock

    if not (folder / MARK).exists():
        if (folder / NAME).exists():
            raise InputError(
                f"{folder} enthält eine echte Einrichtung und keine Übung. Nennen Sie mit --data "
                "einen anderen Ordner.",
                f"{folder} holds a real installation and no training. Name another folder with "
                "--data.",
            )
        play_demo(folder)
    return open_app(folder, TrainingClock(folder))
