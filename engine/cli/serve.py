"""`serve`: the pages, with the worker in the same process unless it is told not to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.app import App, open_app
from engine.cli.console import HOME, Data, console, t
from engine.cli.journal import keep_journal
from engine.config import NAME
from engine.errors import InputError
from engine.services import setup
from engine.worker import Worker

HOST = "127.0.0.1"


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
    app = _demo_app(data) if demo else open_app(data)
    setup.take_places(app)
    web = create_app(app, demo=demo, secure=behind_proxy)
    worker = None if no_worker else Worker(app, app.config.settings.every)
    if worker is not None:
        worker.start()
    address = f"http://{host}:{port}/"
    console.print(t(f"Die Oberfläche steht bereit: {address}", f"The pages are ready: {address}"))
    try:
        uvicorn.run(
            web,
            host=host,
            port=port,
            log_level="warning",
            server_header=False,
            proxy_headers=behind_proxy,
            forwarded_allow_ips=HOST,
        )
    finally:
        if worker is not None:
            worker.stop()
        app.close()


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
