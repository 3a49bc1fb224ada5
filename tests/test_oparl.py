"""What the engine makes of the records of a council information system (OParl 1.1)."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.oparl import Origin, PaperRecord, Records, Remark, read
from engine.oparl.papers import origin
from engine.oparl.server import TRIES, Server, address, wait

ROOT = Path(__file__).resolve().parents[1]
SEESTADT = ROOT / "tests" / "oparl"
REAL = ROOT.parent / "shared" / "data" / "oparl-2024"

TYPE = "https://schema.oparl.org/1.1/"
PAPER, MEETING, ORGANIZATION = f"{TYPE}Paper", f"{TYPE}Meeting", f"{TYPE}Organization"
PLAIN = {"id": "p", "type": PAPER}


@pytest.fixture(scope="module")
def seestadt() -> dict[str | None, PaperRecord]:
    return {paper.reference: paper for paper in read(SEESTADT).papers}


def one(records: Records) -> PaperRecord:
    [paper] = records.papers
    return paper


def written(folder: Path, *things: Any, name: str = "records.json") -> Path:
    """Write `things` as one list response into `folder` and return the file."""
    file = folder / name
    file.write_text(json.dumps({"data": things, "pagination": {}, "links": {}}), "utf-8")
    return file


# What a paper says ------------------------------------------------------------------------


def test_a_paper_tells_title_kind_origin_department_and_its_days(
    seestadt: dict[str, PaperRecord],
) -> None:
    kita = seestadt["2026/0001"]
    assert kita.title == "Neubau der Kita Am Steg"
    assert (kita.kind, kita.origin) == ("Beschlussvorlage", Origin.ADMINISTRATION)
    assert (kita.department, kita.departments) == ("Bauamt", ("Bauamt",))
    assert (kita.created, kita.paper_date) == (date(2026, 1, 12), date(2026, 1, 12))
    assert (kita.first_body, kita.first_body_name) == (date(2026, 2, 10), "Bauausschuss")
    assert kita.decision == date(2026, 2, 24)
    assert kita.remarks == ()


def test_the_bodies_stand_in_the_order_in_which_they_meet(
    seestadt: dict[str, PaperRecord],
) -> None:
    before, council = seestadt["2026/0001"].stages
    assert (before.body, before.role) == ("Bauausschuss", "Vorberatung")
    assert (before.result, before.public) == ("vorberaten ohne Änderungen", True)
    assert (council.body, council.day) == ("Gemeinderat", date(2026, 2, 24))
    assert council.meeting.endswith("/meetings/2")


def test_a_stage_without_a_meeting_stands_last_and_has_no_day(
    seestadt: dict[str, PaperRecord],
) -> None:
    *_, last = seestadt["2026/0002"].stages
    assert (last.body, last.day, last.meeting) == ("Ortsbeirat Uferdorf", None, "")


def test_an_item_that_is_not_public_is_told_as_such(seestadt: dict[str, PaperRecord]) -> None:
    assert seestadt["2026/0002"].stages[0].public is False


def test_consultations_in_lists_of_their_own_find_their_paper_and_their_meeting(
    seestadt: dict[str, PaperRecord],
) -> None:
    heard, decided = seestadt["2026/0009"].stages
    assert (heard.role, heard.day) == ("Anhörung", date(2026, 3, 10))
    assert (decided.role, decided.day) == ("Entscheidung", date(2026, 4, 21))


@pytest.mark.parametrize(
    ("paper_type", "who"),
    [
        ("Beschlussvorlage", Origin.ADMINISTRATION),
        ("Informationsvorlage", Origin.ADMINISTRATION),
        ("Verwaltungsvorlage", Origin.ADMINISTRATION),
        ("MITTEILUNG", Origin.ADMINISTRATION),
        ("Antrag", Origin.FRACTION),
        ("Anfrage", Origin.FRACTION),
        ("Änderungs-/Ergänzungsantrag", Origin.AMENDMENT),
        ("A\u0308nderungsantrag", Origin.AMENDMENT),
        ("Einwohnerantrag", Origin.OTHER),
        ("Antragsformular", Origin.OTHER),
        (None, Origin.OTHER),
    ],
)
def test_the_type_of_a_paper_tells_who_brings_it_in(paper_type: str | None, who: Origin) -> None:
    assert origin(paper_type) is who


# What is odd about it ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "remarks"),
    [
        ("2026/0001", set()),
        ("2026/0002", {Remark.MEETING_MISSING}),
        (
            "2026/0003",
            {
                Remark.CREATED_AFTER_DECISION,
                Remark.DATED_AFTER_DECISION,
                Remark.UNKNOWN_DEPARTMENT,
            },
        ),
        (
            "2026/0004",
            {Remark.DATE_CONTRADICTS_CREATED, Remark.SEVERAL_DECISIONS, Remark.MOVED},
        ),
        ("2026/0005", {Remark.MEETING_CANCELLED, Remark.MEETING_WITHOUT_DATE}),
        (
            "2026/0006",
            {
                Remark.CREATED_MISSING,
                Remark.MEETING_MISSING,
                Remark.UNKNOWN_BODY,
                Remark.UNKNOWN_DEPARTMENT,
            },
        ),
        ("2026/0007", {Remark.MOVED}),
        ("2026/0009", {Remark.CONSULTATION_MISSING}),
    ],
)
def test_what_is_odd_is_said_and_nothing_else(
    seestadt: dict[str, PaperRecord], reference: str, remarks: set[Remark]
) -> None:
    assert set(seestadt[reference].remarks) == remarks


def test_of_several_decisions_the_earliest_counts(seestadt: dict[str, PaperRecord]) -> None:
    street = seestadt["2026/0004"]
    assert street.decisions == (date(2026, 2, 10), date(2026, 3, 10))
    assert street.decision == date(2026, 2, 10)


def test_a_cancelled_meeting_decides_nothing_and_is_nobodys_first(
    seestadt: dict[str, PaperRecord],
) -> None:
    budget = seestadt["2026/0005"]
    [cancelled] = [stage for stage in budget.stages if stage.cancelled]
    assert cancelled.day == date(2026, 3, 24)
    assert (budget.decisions, budget.decision, budget.first_body) == ((), None, None)


def test_only_the_role_decides_not_the_flag_authoritative(
    seestadt: dict[str, PaperRecord],
) -> None:
    assert seestadt["2026/0007"].decision == date(2026, 4, 21)


def test_an_unknown_body_and_an_unknown_department_have_no_invented_name(
    seestadt: dict[str, PaperRecord],
) -> None:
    petition = seestadt["2026/0006"]
    assert (petition.stages[0].body, petition.first_body_name) == ("", None)
    assert petition.department is None


def test_a_paper_without_a_title_says_so(tmp_path: Path) -> None:
    paper = one(read(written(tmp_path, {"id": "p", "type": PAPER, "name": " \t"})))
    assert paper.title == ""
    assert Remark.TITLE_MISSING in paper.remarks


def test_a_deleted_paper_is_named_but_not_read() -> None:
    records = read(SEESTADT)
    assert records.deleted == ("https://ris.seestadt.example/oparl/papers/8",)
    assert not {paper.id for paper in records.papers} & set(records.deleted)


@pytest.mark.parametrize(
    "off",
    [{"cancelled": True}, {"meetingState": "abgesagt"}, {"meetingState": "Fällt aus"}],
    ids=["flag", "state", "state in other letters"],
)
def test_a_meeting_is_cancelled_by_its_flag_or_by_the_word_for_its_state(
    tmp_path: Path, off: dict[str, Any]
) -> None:
    meeting = {"id": "m", "type": MEETING, "start": "2026-05-04T17:00:00+02:00"} | off
    decision = {"role": "Entscheidung", "meeting": "m"}
    found = one(read(written(tmp_path, PLAIN | {"consultation": [decision]}, meeting)))
    assert found.decision is None
    assert Remark.MEETING_CANCELLED in found.remarks


def test_a_deleted_meeting_is_missing_and_a_deleted_consultation_is_no_stage(
    tmp_path: Path,
) -> None:
    meeting = {"id": "m", "type": MEETING, "deleted": True}
    stages = [{"role": "Entscheidung", "meeting": "m"}, {"id": "c", "deleted": True}]
    found = one(read(written(tmp_path, PLAIN | {"consultation": stages}, meeting)))
    assert [stage.role for stage in found.stages] == ["Entscheidung"]
    assert Remark.MEETING_MISSING in found.remarks


def test_a_consultation_on_two_agendas_gets_the_result_of_neither_by_guessing(
    tmp_path: Path,
) -> None:
    def sitting(name: str, result: str) -> dict[str, Any]:
        item = {"id": f"{name}/1", "consultation": "c", "result": result}
        return {"id": name, "type": MEETING, "start": "2026-02-10", "agendaItem": [item]}

    consultation = {"id": "c", "role": "Entscheidung"}
    paper = {"id": "p", "type": PAPER, "consultation": [consultation]}
    both = [sitting("m1", "vertagt"), sitting("m2", "zugestimmt")]
    doubtful = one(read(written(tmp_path, paper, *both))).stages[0]
    assert (doubtful.meeting, doubtful.result) == ("", None)
    consultation["meeting"] = "m2"
    certain = one(read(written(tmp_path, paper, *both))).stages[0]
    assert (certain.day, certain.result) == (date(2026, 2, 10), "zugestimmt")


@pytest.mark.parametrize("remark", Remark)
def test_every_remark_is_a_sentence_in_german_and_in_english(remark: Remark) -> None:
    assert remark.text.de.endswith(".")
    assert remark.text.en.endswith(".")
    assert remark.text.de != remark.text.en


# Days -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stamp", "day"),
    [
        ("2026-01-12T09:30:00+01:00", date(2026, 1, 12)),
        pytest.param("2025-12-31T23:30:00Z", date(2026, 1, 1), id="half past midnight here"),
        pytest.param("2026-07-01T22:00:00Z", date(2026, 7, 2), id="midnight in summer"),
        pytest.param("2026-01-01T00:30:00+02:00", date(2025, 12, 31), id="east of us"),
        pytest.param("2026-07-01T23:59:00", date(2026, 7, 1), id="no zone: local time"),
        pytest.param("2026-07-01", date(2026, 7, 1), id="no time: that day"),
    ],
)
def test_a_time_counts_for_the_day_it_falls_on_in_berlin(
    tmp_path: Path, stamp: str, day: date
) -> None:
    records = read(written(tmp_path, {"id": "p", "type": PAPER, "created": stamp, "date": stamp}))
    assert (one(records).created, one(records).paper_date) == (day, day)
    assert records.problems == ()


@pytest.mark.parametrize(
    "stamp",
    [
        *("", "gestern", "12.01.2026", "2026-02-30", 1767225600, True, ["2026-01-12"]),
        *("0001-01-01T00:00:00", "1900-01-01T00:00:00+01:00", "9999-12-31"),
    ],
)
def test_an_illegible_time_is_a_problem_and_counts_as_not_given(
    tmp_path: Path, stamp: object
) -> None:
    good = {"id": "q", "type": PAPER, "name": "Radweg"}
    bad = {"id": "p", "type": PAPER, "name": "Kita", "created": stamp}
    records = read(written(tmp_path, good, bad, name="papers.json"))
    [problem] = records.problems
    assert problem.place == "papers.json#/data/1/created"
    assert [paper.title for paper in records.papers] == ["Radweg", "Kita"]
    assert Remark.CREATED_MISSING in records.papers[1].remarks


# What cannot be used ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "pointer"),
    [
        ({"type": PAPER, "name": "ohne Kennung"}, "/data/1"),
        ({"id": "", "type": PAPER}, "/data/1/id"),
        ({"id": 17, "type": PAPER}, "/data/1/id"),
        ({"id": "p", "name": "ohne Art"}, "/data/1"),
        ({"id": "p", "type": "https://schema.org/Person/Thing"}, "/data/1"),
        ("keine Vorlage", "/data/1"),
        (None, "/data/1"),
    ],
)
def test_an_object_that_cannot_be_used_costs_only_itself(
    tmp_path: Path, bad: object, pointer: str
) -> None:
    records = read(written(tmp_path, {"id": "good", "type": PAPER}, bad))
    assert one(records).id == "good"
    assert pointer in {problem.pointer for problem in records.problems}
    assert all(problem.text.de and problem.text.en for problem in records.problems)


def test_illegible_values_deep_in_a_paper_leave_the_rest_of_it(tmp_path: Path) -> None:
    spoilt: list[object] = [{"id": f"c{n}", "role": "Anhörung"} for n in range(12)]
    spoilt[2], spoilt[10] = 7, {"role": ["Anhörung"], "meeting": 3, "organization": "a"}
    paper = {"id": "p", "type": PAPER, "consultation": spoilt, "underDirectionOf": [5, "a"]}
    office = {"id": "a", "type": ORGANIZATION, "name": "Bauamt"}
    records = read(written(tmp_path, paper, office))
    assert Counter(stage.role for stage in one(records).stages) == {"Anhörung": 10, "": 1}
    assert one(records).departments == ("Bauamt",)
    assert {problem.pointer for problem in records.problems} == {
        "/data/0/consultation/2",
        "/data/0/consultation/10/role",
        "/data/0/consultation/10/meeting",
        "/data/0/underDirectionOf/0",
    }


def test_the_same_object_twice_is_read_once_and_a_contradiction_is_told(tmp_path: Path) -> None:
    first, other = ({"id": "p", "type": PAPER, "name": name} for name in ("Kita", "Schule"))
    assert read(written(tmp_path, first, first)).problems == ()
    records = read(written(tmp_path, first, other))
    assert one(records).title == "Kita"
    assert [problem.pointer for problem in records.problems] == ["/data/1"]


def test_a_null_is_as_good_as_nothing(tmp_path: Path) -> None:
    names = ("name", "reference", "created", "date", "consultation", "underDirectionOf")
    records = read(written(tmp_path, {"id": "p", "type": PAPER, **dict.fromkeys(names)}))
    assert one(records).stages == ()
    assert records.problems == ()


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"Vorlage;Titel\n1;Kita\n", b'{"data": [', b"\xff\xfe{", b"[" * 100_000),
        *(b'{"name": "package"}', b"[1, 2]", b'"Paper"', b'{"data": [{"id": "p"}]}'),
    ],
)
def test_a_file_that_is_no_oparl_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "liste.json").write_bytes(content)
    with pytest.raises(InputError, match=r"liste\.json"):
        read(tmp_path)


def test_a_folder_without_records_and_a_path_to_nowhere_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no file ending in \.json"):
        read(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "fort.json")


@pytest.mark.parametrize("form", ["list response", "array", "object", "byte order mark"])
def test_a_file_may_be_a_list_an_array_or_one_object(tmp_path: Path, form: str) -> None:
    thing = {"id": "p", "type": PAPER, "name": "Straße"}
    content = json.dumps({"list response": {"data": [thing]}, "array": [thing]}.get(form, thing))
    mark = "\ufeff" if form == "byte order mark" else ""
    file = tmp_path / "vorlage.json"
    file.write_text(mark + content, "utf-8")
    assert one(read(str(file))).title == "Straße"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4) | st.sampled_from("pmcao"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "role", "meeting", "agendaItem", "organization", "deleted"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
FIELDS = "id name created date start deleted consultation organization underDirectionOf"
THINGS = st.fixed_dictionaries(
    {"type": st.sampled_from([PAPER, MEETING, ORGANIZATION, f"{TYPE}Consultation"])},
    optional=dict.fromkeys([*FIELDS.split(), "agendaItem", "paper", "cancelled"], JSON),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(THINGS, min_size=1, max_size=4))
def test_no_record_however_spoilt_stops_the_reading(
    tmp_path_factory: pytest.TempPathFactory, things: list[Any]
) -> None:
    records = read(written(tmp_path_factory.getbasetemp(), *things))
    legible = [t for t in things if isinstance(t.get("id"), str) and t["id"].strip()]
    papers = {t["id"].strip() for t in legible if t["type"] == PAPER}
    assert {paper.id for paper in records.papers} | set(records.deleted) == papers
    assert len(records.problems) >= len(things) - len(legible)


STAMPS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.timezones())


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(STAMPS, st.booleans(), st.sampled_from(["Entscheidung", "Anhörung"]))))
def test_the_stages_are_in_order_and_the_first_decision_held_is_the_decision(
    tmp_path_factory: pytest.TempPathFactory, plan: list[tuple[datetime, bool, str]]
) -> None:
    meetings = [
        {"id": f"m{n}", "type": MEETING, "start": start.isoformat(), "cancelled": off}
        for n, (start, off, _) in enumerate(plan)
    ]
    consultations = [{"role": role, "meeting": f"m{n}"} for n, (_, _, role) in enumerate(plan)]
    paper = {"id": "p", "type": PAPER, "consultation": consultations}
    found = one(read(written(tmp_path_factory.getbasetemp(), paper, *meetings)))
    days = [stage.day for stage in found.stages]
    assert days == sorted(day for day in days if day)
    held = [s.astimezone(BERLIN).date() for s, off, role in plan if not off and role[0] == "E"]
    assert found.decision == min(held, default=None)


# From a server ----------------------------------------------------------------------------


@dataclass
class Ris:
    """A small council information system on this host; answers are given in turn."""

    url: str
    answers: dict[str, list[tuple[int, dict[str, str], bytes]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def shows(self, path: str, document: object, status: int = 200, **headers: str) -> None:
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        answer = (status, {k.replace("_", "-"): v for k, v in headers.items()}, content)
        self.answers.setdefault(path, []).append(answer)

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        turns = self.answers.get(path) or [(404, {}, b"")]
        return turns.pop(0) if len(turns) > 1 else turns[0]

    def shows_list(self, path: str, *things: object, then: str | None = None) -> None:
        links = {"next": self.url + then} if then else {}
        self.shows(path, {"data": things, "pagination": {"totalElements": 5}, "links": links})


@contextmanager
def running() -> Iterator[Ris]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, content = site.answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site = Ris(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def ris(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ris]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with running() as server:
        yield server


def paper(number: int) -> dict[str, Any]:
    return {"id": f"https://ris.example/papers/{number}", "type": PAPER, "name": f"Nr. {number}"}


def test_a_list_is_read_page_by_page_to_its_end(ris: Ris) -> None:
    ris.shows_list("/papers", paper(1), paper(2), then="/papers?page=2")
    ris.shows_list("/papers?page=2", paper(3), paper(4), then="/papers?page=3")
    ris.shows_list("/papers?page=3", paper(5))
    told: list[tuple[int, int | None]] = []
    records = read(f"{ris.url}/papers", progress=lambda read, total: told.append((read, total)))
    assert [p.title for p in records.papers] == [f"Nr. {n}" for n in range(1, 6)]
    assert told == [(2, 5), (4, 5), (5, 5)]
    assert ris.asked == ["/papers", "/papers?page=2", "/papers?page=3"]


def test_a_system_leads_to_its_body_and_the_body_to_its_lists(ris: Ris) -> None:
    body = {"id": "b", "type": f"{TYPE}Body"} | {
        name: f"{ris.url}/{name}" for name in ("organization", "meeting", "paper", "person")
    }
    decided = {"role": "Entscheidung", "meeting": "m", "organization": ["g"]}
    ris.shows("/system", {"id": "s", "type": f"{TYPE}System", "body": f"{ris.url}/bodies"})
    ris.shows_list("/bodies", body)
    ris.shows_list("/organization", {"id": "g", "type": ORGANIZATION, "name": "Kreistag"})
    ris.shows_list("/meeting", {"id": "m", "type": MEETING, "start": "2026-05-04T17:00:00+02:00"})
    ris.shows_list("/paper", paper(1) | {"consultation": [decided]}, then="/paper?page=2")
    ris.shows_list("/paper?page=2", paper(2))
    first, second = read(f"{ris.url}/system").papers
    assert (first.stages[0].body, first.decision) == ("Kreistag", date(2026, 5, 4))
    assert second.decision is None
    assert "/person" not in ris.asked


@pytest.mark.parametrize("back_to", ["/papers", "/papers?page=2"])
def test_a_list_that_leads_back_to_itself_is_refused_and_not_asked_for_twice(
    ris: Ris, back_to: str
) -> None:
    ris.shows_list("/papers", paper(1), then="/papers?page=2")
    ris.shows_list("/papers?page=2", paper(2), then=back_to)
    with pytest.raises(InputError, match="circle"):
        read(f"{ris.url}/papers")
    assert ris.asked == ["/papers", "/papers?page=2"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(ris: Ris, status: int) -> None:
    ris.shows("/papers", b"", status=status, Retry_After="0")
    ris.shows_list("/papers", paper(1))
    assert one(read(f"{ris.url}/papers")).title == "Nr. 1"
    assert len(ris.asked) == 2


def test_a_server_that_stays_busy_is_given_up(ris: Ris) -> None:
    ris.shows("/papers", b"", status=503, Retry_After="0")
    with pytest.raises(InputError, match="503"):
        read(f"{ris.url}/papers")
    assert len(ris.asked) == TRIES


SENT = "Fri, 20 Mar 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "attempt", "seconds"),
    [
        ({"retry-after": "7"}, 1, 7),
        ({"retry-after": "99999999999"}, 1, 60),
        ({"retry-after": "Fri, 20 Mar 2026 10:00:30 GMT", "date": SENT}, 1, 30),
        ({"retry-after": "Sat, 21 Mar 2026 10:00:00 GMT", "date": SENT}, 1, 60),
        ({"retry-after": "Fri, 20 Mar 2026 09:00:00 GMT", "date": SENT}, 1, 0),
        ({"retry-after": "Fri, 20 Mar 2026 10:00:30 GMT"}, 2, 2),
        ({"retry-after": "-5"}, 1, 1),
        ({"retry-after": "bald"}, 3, 4),
        ({}, 4, 8),
    ],
)
def test_the_wait_is_what_the_server_asks_for_but_a_minute_at_most(
    headers: dict[str, str], attempt: int, seconds: float
) -> None:
    assert wait(headers, attempt) == seconds


def test_a_page_that_is_no_json_is_refused_by_its_address(ris: Ris) -> None:
    ris.shows_list("/papers", paper(1), then="/papers?page=2")
    ris.shows("/papers?page=2", b"<html>Wartungsarbeiten</html>")
    with pytest.raises(InputError, match=r"page=2: The content is no JSON"):
        read(f"{ris.url}/papers")


def test_an_address_that_does_not_exist_is_told_with_its_status(ris: Ris) -> None:
    with pytest.raises(InputError, match=r"/papers: The server answers 404"):
        read(f"{ris.url}/papers")


def test_a_server_that_does_not_listen_is_told() -> None:
    with running() as closed:
        pass
    with pytest.raises(InputError, match="cannot be reached"):
        read(f"{closed.url}/papers")


def test_a_problem_on_a_page_names_the_page_and_the_place(ris: Ris) -> None:
    ris.shows_list("/papers", paper(1), then="/papers?page=2")
    ris.shows_list("/papers?page=2", paper(2), paper(3) | {"created": "bald"})
    [problem] = read(f"{ris.url}/papers").problems
    assert problem.place == f"{ris.url}/papers?page=2#/data/1/created"


def points_by_redirect(ris: Ris, target: str) -> None:
    ris.shows("/papers", b"", status=302, Location=target)


def points_by_next_page(ris: Ris, target: str) -> None:
    ris.shows("/papers", {"data": [paper(1)], "links": {"next": target}})


def points_by_body(ris: Ris, target: str) -> None:
    ris.shows("/papers", {"id": "b", "type": f"{TYPE}Body", "meeting": target})


@pytest.mark.parametrize(
    "points", [points_by_redirect, points_by_next_page, points_by_body], ids=lambda f: f.__name__
)
def test_no_record_leads_to_another_server(ris: Ris, points: Callable[[Ris, str], None]) -> None:
    with running() as inner:
        points(ris, f"{inner.url}/geheim")
        with pytest.raises(InputError, match="same server only"):
            read(f"{ris.url}/papers")
        assert inner.asked == []


@pytest.mark.parametrize(
    "target", ["file:///etc/hostname", "http://[", "http://localhost:{port}/", "//x@127.0.0.1/"]
)
def test_no_record_leads_to_another_name_or_kind_of_address(ris: Ris, target: str) -> None:
    points_by_next_page(ris, target.replace("{port}", ris.url.rpartition(":")[2]))
    with pytest.raises(InputError):
        read(f"{ris.url}/papers")
    assert ris.asked == ["/papers"]


@pytest.mark.parametrize(
    ("home", "link", "followed"),
    [
        ("http://ris.example/a", "http://ris.example:80/b", True),
        ("https://ris.example/a", "/b?page=2", True),
        ("http://ris.example/a", "https://ris.example/b", True),
        ("https://ris.example/a", "http://ris.example/b", False),
        ("https://ris.example/a", "https://ris.example:8443/b", False),
        ("https://ris.example/a", "https://x:y@ris.example/b", False),
        ("https://ris.example/a", "https://ris.example.org/b", False),
    ],
)
def test_a_link_stays_on_its_host_and_never_gives_up_encryption(
    home: str, link: str, followed: bool
) -> None:
    with Server(address(home)) as server:
        if followed:
            assert server.linked(address(home), link).host == "ris.example"
        else:
            with pytest.raises(InputError, match="same server only"):
                server.linked(address(home), link)


def test_a_redirect_on_the_same_server_is_followed_but_not_for_ever(ris: Ris) -> None:
    points_by_redirect(ris, "/oparl/papers")
    ris.shows_list("/oparl/papers", paper(1))
    assert one(read(f"{ris.url}/papers")).title == "Nr. 1"
    ris.shows("/round", b"", status=307, Location="/round")
    with pytest.raises(InputError, match="redirects more than"):
        read(f"{ris.url}/round")


def test_pages_without_end_and_a_page_without_measure_are_refused(
    ris: Ris, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 9):
        ris.shows_list(f"/{number}", paper(number), then=f"/{number + 1}")
    monkeypatch.setattr("engine.oparl.fetch.MOST_PAGES", 3)
    with pytest.raises(InputError, match="more than 3 pages"):
        read(f"{ris.url}/1")
    assert ris.asked == ["/1", "/2", "/3"]
    monkeypatch.setattr("engine.oparl.server.MOST_BYTES", 2**20)
    ris.shows("/papers", b"[" + b" " * 2**20 + b"]")
    with pytest.raises(InputError, match="larger than 1 MiB"):
        read(f"{ris.url}/papers")


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(InputError) as refusal:
        read("https://amt:geheim@ris.example/oparl")
    assert "geheim" not in refusal.value.text.de + refusal.value.text.en


# Real records -----------------------------------------------------------------------------

BERLIN = ZoneInfo("Europe/Berlin")
needs_real_records = pytest.mark.skipif(
    not REAL.is_dir(), reason=f"the real records are not beside the checkout ({REAL.name})"
)


def real(name: str) -> list[dict[str, Any]]:
    things: list[dict[str, Any]] = json.loads((REAL / f"{name}.json").read_text("utf-8"))["data"]
    return things


def local(stamp: str) -> date:
    return datetime.fromisoformat(stamp).astimezone(BERLIN).date()


@needs_real_records
def test_all_real_papers_have_the_decisions_that_a_direct_count_finds() -> None:
    starts = {meeting["id"]: local(meeting["start"]) for meeting in real("meetings")}
    expected = {
        paper["id"]: tuple(
            sorted(
                {
                    starts[c["meeting"]]
                    for c in paper["consultation"]
                    if c["role"] == "Entscheidung" and "meeting" in c
                }
            )
        )
        for paper in real("papers")
    }
    records = read(REAL)
    assert records.problems == ()
    assert {paper.id: paper.decisions for paper in records.papers} == expected
    assert sum(len(days) > 1 for days in expected.values()) == 27
    assert len(expected) == 588
    assert all(paper.decision == expected[paper.id][0] for paper in records.papers)


@needs_real_records
def test_all_real_papers_have_the_texts_days_and_offices_that_stand_in_the_files() -> None:
    names = {organization["id"]: organization["name"] for organization in real("organizations")}
    results = {i["id"]: i.get("result") for m in real("meetings") for i in m["agendaItem"]}
    for paper, raw in zip(read(REAL).papers, real("papers"), strict=True):
        assert paper.title == " ".join(raw["name"].split())
        assert (paper.reference, paper.kind) == (raw["reference"], raw["paperType"])
        assert paper.department == names[raw["underDirectionOf"][0]]
        assert paper.created == local(raw["created"])
        assert paper.paper_date == date.fromisoformat(raw["date"])
        assert Counter((s.meeting, s.role, s.body, s.result) for s in paper.stages) == Counter(
            (
                c.get("meeting", ""),
                c["role"],
                names[c["organization"][0]],
                results.get(c.get("agendaItem")),
            )
            for c in raw["consultation"]
        )


@needs_real_records
def test_what_is_odd_about_the_real_papers_is_counted_directly() -> None:
    starts = {meeting["id"]: local(meeting["start"]) for meeting in real("meetings")}
    expected: Counter[str] = Counter()
    for raw in real("papers"):
        consultations = raw["consultation"]
        held = [(c["role"], starts[c["meeting"]]) for c in consultations if "meeting" in c]
        decided = sorted(day for role, day in held if role == "Entscheidung")
        created, dated = local(raw["created"]), date.fromisoformat(raw["date"])
        turns = Counter((c["role"], c["organization"][0]) for c in consultations)
        expected["meeting_missing"] += any("meeting" not in c for c in consultations)
        expected["several_decisions"] += len(decided) > 1
        expected["moved"] += max(turns.values()) > 1
        expected["created_after_decision"] += created > decided[0]
        expected["dated_after_decision"] += dated > decided[0]
        expected["date_contradicts_created"] += abs((dated - created).days) > 1
    found = Counter(str(remark) for paper in read(REAL).papers for remark in paper.remarks)
    assert found == +expected
    assert expected == {
        "meeting_missing": 6,
        "several_decisions": 27,
        "moved": 22,
        "created_after_decision": 0,
        "dated_after_decision": 1,
        "date_contradicts_created": 55,
    }


@needs_real_records
def test_the_real_records_are_read_in_less_than_a_second() -> None:
    began = time.process_time()
    read(REAL)
    assert time.process_time() - began < 1
