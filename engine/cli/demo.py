"""`demo`: the county of Musterheide, played before one's eyes."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from rich.progress import track

from engine.cli.console import console, errors, say, t
from engine.cli.show import print_file
from engine.clock import SystemClock
from engine.core.wording import day_text
from engine.errors import InputError
from engine.services.demo import Play, Scene
from engine.services.reading import file_of
from engine.worker import one_round

MARK = ".vorfuehrung"
"""What tells a folder of the demo from one that somebody needs."""


def play_demo(folder: Path) -> None:
    """Play the demo into `folder` and print what happened."""
    _make_room(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    play = Play(folder, SystemClock())
    scenes: list[Scene] = []
    console.print(t("Übungsbetrieb: Es wird nichts versandt.", "Training: nothing is sent."))
    words = t("Der Landkreis arbeitet …", "The county is at work …")
    for item in track(play.scenes(), words, total=play.length, console=errors):
        if isinstance(item, date):
            one_round(play.app)
        else:
            scenes.append(item)
    _timeline(scenes)
    for number in play.numbers.values():
        console.rule()
        print_file(file_of(play.app, number))
    mails = sorted(play.app.config.mails.glob("*.txt"))
    console.rule()
    console.print(
        t(
            f"{len(mails)} Nachrichten liegen lesbar in {play.app.config.mails}",
            f"{len(mails)} messages lie readable in {play.app.config.mails}",
        )
    )
    console.print(
        t(
            f"Weiter: rechtzeitig case list --data {folder} · rechtzeitig case show V-… --data {folder}",
            f"Go on: rechtzeitig case list --data {folder} · rechtzeitig case show V-… --data {folder}",
        )
    )
    play.app.close()


def _make_room(folder: Path) -> None:
    """Clear away an earlier demo; anything else in the folder is left alone and refused."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / MARK).exists():
        raise InputError(
            f"{folder} ist nicht leer und keine frühere Vorführung. Nennen Sie einen anderen "
            "Ordner mit --data.",
            f"{folder} is not empty and no earlier demo. Name another folder with --data.",
        )
    shutil.rmtree(folder)


def _timeline(scenes: list[Scene]) -> None:
    for scene in scenes:
        console.print(
            f"{say(day_text(scene.day))}  {scene.number}  {say(scene.text)}", markup=False
        )
        if scene.refusal is not None:
            console.print(f"    {say(scene.refusal)}", style="red", markup=False)
