"""The demo county: what `make run` shows, by the real delivery path."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest

from engine.cli.demo import play_demo
from engine.core.case import FindingState
from engine.core.ledger import broken
from engine.core.replay import Differs
from engine.errors import InputError
from engine.services.reading import file_of
from engine.services.verify import replayed


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    from engine.app import open_app

    folder = tmp_path_factory.mktemp("demo") / "kreis"
    play_demo(folder)
    app = open_app(folder)
    yield app
    app.close()


def numbers(app) -> list[str]:  # type: ignore[no-untyped-def]
    with app.database.read() as store:
        return sorted(row.number for row in store.cases.list())


def subjects(app) -> list[tuple[str, str]]:  # type: ignore[no-untyped-def]
    found = []
    for path in sorted(app.config.mails.glob("*.eml")):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        found.append((mail["To"], mail["Subject"]))
    return found


def test_a_lawful_case_a_missed_deadline_and_a_decision_without_participation(played) -> None:  # type: ignore[no-untyped-def]
    lawful, missed, skipped = [file_of(played, n).case for n in numbers(played)]
    assert (lawful.state, lawful.findings) == ("abgeschlossen", ())
    assert len(lawful.participations) == 2
    assert [f.kind for f in missed.findings] == ["verspaetet_informiert"]
    [finding] = skipped.findings
    assert (finding.kind, finding.state) == ("beteiligung_unterblieben", FindingState.CONFIRMED)
    assert finding.remedies == ("bbgkverf-2024-55", "musterheide-da-8")


def test_the_ladder_climbed_by_mail_and_never_to_the_chair(played) -> None:  # type: ignore[no-untyped-def]
    told = {to.partition(" <")[0] for to, _ in subjects(played)}
    assert {"Olaf Richter", "Jens Krause", "Katrin Lange", "Ute Neumann"} <= told
    assert "Gerd Berger" not in told


def test_every_notice_became_a_mail_that_was_handed_over(played) -> None:  # type: ignore[no-untyped-def]
    with played.database.read() as store:
        counts = store.outbox.counts()
    assert set(counts) == {"notice.composed", "message.accepted"}
    assert counts["message.accepted"] == len(subjects(played))


def test_every_file_is_unbroken_and_replays(played) -> None:  # type: ignore[no-untyped-def]
    for number in numbers(played):
        case = file_of(played, number).case
        with played.database.read() as store:
            lines = store.chains.lines(case.stream)
        assert broken([e.header for e in lines], [e.leaf for e in lines]) is None
        again = replayed(played, number)
        assert not isinstance(again, Differs), (number, again)
        assert again == case


def test_a_folder_that_somebody_needs_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "wichtig.txt").write_text("bitte nicht löschen")
    with pytest.raises(InputError, match="not empty"):
        play_demo(tmp_path)
    assert (tmp_path / "wichtig.txt").exists()
