"""What need not be kept goes for good, after two people have looked; what must be kept stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Integer, text

from engine.core.case import Case
from engine.core.meanings import FileClass
from engine.core.offices import Absence, Person, Tenure
from engine.core.retention import ERASED
from engine.delivery import deliver
from engine.errors import InputError, Refused
from engine.services import accounts, retention
from engine.services.legal.files import examined
from engine.services.legal.verification import verify
from engine.services.reading import house_of
from engine.services.setup import by
from engine.store.columns import Day, UtcMicros
from engine.store.grants import CaseGrant, GrantedCase
from engine.store.tables import METADATA
from engine.store.uploads import Upload
from tests.installation import MONDAY, House, house

WORDS = {
    "title": "Zwergmausquartier am Kolbermoor",
    "reference": "BV-7Q/2026-Hufnagel",
    "reason": "Frau Hufnagel hat Einwände erhoben",
    "paper": "Die Familie Hufnagel aus der Gerbergasse bittet um Schutz",
    "file": "Hufnagel-Gerbergasse.txt",
    "hold": "Klage der Familie Sonderbrink",
    "lifted": "Vergleich mit Sonderbrink",
}
SECOND = "b" * 32
TEN_YEARS = date(2036, 3, 23)
THREE_YEARS = date(2029, 3, 23)


@pytest.fixture
def county(tmp_path: Path) -> Iterator[House]:
    made = house(tmp_path / "haus")
    yield made
    made.app.close()


def second_lawyer(county: House) -> str:
    """Let somebody stand in for the legal office, so that the house has two."""
    with county.app.database.write() as store:
        store.save_person(
            Person(SECOND, "Rita Kern", "kern@musterheide.example"), by(county.app, "p")
        )
        store.save_tenure(Tenure("rechtsamt", SECOND, deputy=True), by(county.app, "t"))
    return SECOND


def closed(county: House, **changes: Any) -> Case:
    """Return a case that went through information and was then withdrawn, its mails sent."""
    county.paper = county.folder / WORDS["file"]
    county.paper.write_text(WORDS["paper"])
    usual = {"title": WORDS["title"], "reference": WORDS["reference"]}
    number = county.register(**(usual | changes)).number
    county.take(number, "informieren", "weber", participation="integration")
    deliver(county.app)
    grund = {"grund": WORDS["reason"]}
    case = county.take(number, "zurueckziehen", "weber", fields=grund)
    deliver(county.app)
    return case


def later(county: House, day: date) -> retention.Looked:
    county.clock.turn(day + timedelta(days=1))
    return retention.look(county.app)


def lines(county: House) -> list[tuple[str, str]]:
    return [(x.what.name, x.state) for x in retention.due_lines(county.app)]


def lawyer(county: House) -> str:
    return county.person("neumann")


def erase(county: House, *names: str) -> list[retention.Released]:
    """Propose and release what is due; the legal office of the demo county has one person."""
    retention.propose(county.app, names, lawyer(county))
    return retention.release(county.app, names, lawyer(county))


# What is due


def test_nothing_is_due_before_its_day_and_letters_go_first(county: House) -> None:
    closed(county)
    assert later(county, THREE_YEARS - timedelta(days=1)) == retention.Looked(0, 0)
    assert later(county, THREE_YEARS) == retention.Looked(1, 0)
    assert later(county, THREE_YEARS) == retention.Looked(0, 0)
    assert lines(county) == [("LETTERS", "due")]
    later(county, TEN_YEARS)
    assert {name for name, _ in lines(county)} == {"LETTERS", "DOCUMENTS", "FILE"}


def test_a_case_that_goes_on_is_never_due(county: House) -> None:
    county.register()
    assert later(county, date(2060, 1, 1)) == retention.Looked(0, 0)


def test_the_clock_only_says_what_is_due(county: House) -> None:
    case = closed(county)
    later(county, TEN_YEARS)
    with county.app.database.read() as store:
        assert store.cases.get(case.number).measure.title == WORDS["title"]
        due = store.chains.typed("retention", "erasure_due")
    assert [e.actor for e in due] == ["clock"] * 3
    assert {e.plain["until"] for e in due} == {"2029-03-23", "2036-03-23"}
    assert {e.plain["provision"] for e in due} >= {"musterheide-hw-aufbewahrung-vorgang"}


def test_every_line_names_its_rule_its_rank_and_that_nobody_checked_it(county: House) -> None:
    closed(county)
    later(county, THREE_YEARS)
    [line] = retention.due_lines(county.app)
    assert line.norm.de.startswith("Hauswert Aufbewahrung Post (Hauswert")
    assert line.unchecked


def test_without_a_rule_nothing_is_ever_due(tmp_path: Path) -> None:
    made = house(tmp_path / "haus")
    case = closed(made)
    with made.app.database.write() as store:
        rows = [d for d in store.definitions() if d.current and d.id == "musterheide-hauswerte"]
        kept = rows[0].data.partition(b"  - id: musterheide-hw-aufbewahrung-post")[0]
        store.activate(replace(rows[0], data=kept, version="ohne"), by(made.app, "rules"))
    assert later(made, date(2080, 1, 1)) == retention.Looked(0, 0)
    assert retention.remains(made.app, case.uid).kept == ()
    made.app.close()


def test_a_file_that_is_opened_again_is_kept_again(county: House) -> None:
    case = closed(county)
    later(county, THREE_YEARS)
    deed = {"gremium": "vertretung", "wortlaut": "Der Kreistag beschließt."}
    county.take(case.number, "entscheidung_nach_ende", "sommer", fields=deed)
    assert retention.look(county.app) == retention.Looked(0, 1)
    assert lines(county) == []
    with pytest.raises(Refused):
        retention.propose(county.app, [case.number], lawyer(county))


# Two people


def test_who_proposed_does_not_release(county: House) -> None:
    number = closed(county).number
    second_lawyer(county)
    later(county, TEN_YEARS)
    retention.propose(county.app, [number], lawyer(county))
    with pytest.raises(Refused, match="second person"):
        retention.release(county.app, [number], lawyer(county))
    with county.app.database.read() as store:
        assert store.cases.get(number).measure.title == WORDS["title"]


def test_another_person_releases(county: House) -> None:
    number = closed(county).number
    second_lawyer(county)
    later(county, TEN_YEARS)
    retention.propose(county.app, [number], lawyer(county))
    absent(county, "neumann")
    found = retention.release(county.app, [number], SECOND)
    assert {r.what for r in found} == {FileClass.LETTERS, FileClass.DOCUMENTS, FileClass.FILE}
    assert all("alone" not in e.plain for e in entries(county, "erased"))


def absent(county: House, person: str) -> None:
    today = house_of(county.app).today
    with county.app.database.write() as store:
        store.save_absence(Absence(county.person(person), today, today), by(county.app, "a"))


def entries(county: House, type_: str) -> list[Any]:
    with county.app.database.read() as store:
        return store.chains.typed("retention", type_)


def test_where_the_legal_office_has_one_person_the_entry_says_that_she_was_alone(
    county: House,
) -> None:
    number = closed(county).number
    later(county, TEN_YEARS)
    erase(county, number)
    assert all(e.plain["alone"] for e in entries(county, "erased"))


@pytest.mark.parametrize("deed", ["hold", "lift", "propose", "release"])
def test_nobody_else_does_what_the_legal_office_does(county: House, deed: str) -> None:
    number, weber = closed(county).number, county.person("weber")
    later(county, TEN_YEARS)
    deeds = {
        "hold": lambda: retention.hold(county.app, number, weber, "x"),
        "lift": lambda: retention.lift(county.app, number, weber, "x"),
        "propose": lambda: retention.propose(county.app, [number], weber),
        "release": lambda: retention.release(county.app, [number], weber),
    }
    with pytest.raises(Refused):
        deeds[deed]()


def test_nothing_is_released_that_nobody_proposed(county: House) -> None:
    number = closed(county).number
    later(county, TEN_YEARS)
    with pytest.raises(Refused, match="Propose it first"):
        retention.release(county.app, [number], lawyer(county))


def test_nothing_is_proposed_before_it_is_due(county: House) -> None:
    number = closed(county).number
    with pytest.raises(Refused):
        retention.propose(county.app, [number], lawyer(county))


# Holds


def test_a_hold_stops_proposing_and_releasing_until_it_is_lifted(county: House) -> None:
    number = closed(county).number
    later(county, TEN_YEARS)
    retention.hold(county.app, number, lawyer(county), WORDS["hold"])
    with pytest.raises(Refused, match="legal hold"):
        retention.propose(county.app, [number], lawyer(county))
    assert all(line.held for line in retention.due_lines(county.app))
    assert retention.lift(county.app, number, lawyer(county), WORDS["lifted"]) == 1
    retention.propose(county.app, [number], lawyer(county))
    retention.hold(county.app, number, lawyer(county), WORDS["hold"])
    with pytest.raises(Refused, match="legal hold"):
        retention.release(county.app, [number], lawyer(county))


@pytest.mark.parametrize("reason", ["", "   ", "x" * 2001])
def test_a_hold_needs_a_reason(county: House, reason: str) -> None:
    with pytest.raises(InputError):
        retention.hold(county.app, closed(county).number, lawyer(county), reason)


def test_holding_and_lifting_are_entries_whose_reason_can_be_erased(county: House) -> None:
    number = closed(county).number
    retention.hold(county.app, number, lawyer(county), WORDS["hold"])
    retention.lift(county.app, number, lawyer(county), WORDS["lifted"])
    [put], [off] = entries(county, "hold_set"), entries(county, "hold_lifted")
    assert (put.private, off.private) == ({"reason": WORDS["hold"]}, {"reason": WORDS["lifted"]})
    assert WORDS["hold"] not in str(put.plain)


# Erasing


def everything(county: House) -> str:
    """Play a case through a hold and its lifting until everything is erased; return its number."""
    case = closed(county)
    retention.hold(county.app, case.number, lawyer(county), WORDS["hold"])
    retention.lift(county.app, case.number, lawyer(county), WORDS["lifted"])
    later(county, TEN_YEARS)
    erase(county, case.number)
    return case.number


def test_chain_body_and_replay_hold_after_everything_was_erased(county: House) -> None:
    number = everything(county)
    found = verify(county.app, lawyer(county), replaying=True)
    assert found.intact
    assert found.erased >= 4
    assert examined(county.app, number).sound


def test_the_erasing_is_an_entry_that_counts_what_went(county: House) -> None:
    everything(county)
    said = {e.plain["class"]: e.plain for e in entries(county, "erased")}
    assert said["aufbewahrung_post"]["letters"] == 2
    assert said["aufbewahrung_unterlagen"]["documents"] == 1
    assert said["aufbewahrung_vorgang"]["entries"] >= 4


def test_no_word_is_left_in_any_file_after_compacting(county: House) -> None:
    everything(county)
    retention.compact(county.app)
    county.app.close()
    assert found_in(county.folder, *WORDS.values()) == []


def test_before_erasing_every_word_is_somewhere(county: House) -> None:
    case = closed(county)
    retention.hold(county.app, case.number, lawyer(county), WORDS["hold"])
    retention.lift(county.app, case.number, lawyer(county), WORDS["lifted"])
    county.paper.unlink()
    county.app.close()
    for word in WORDS.values():
        assert found_in(county.folder, word), word


def found_in(folder: Path, *words: str) -> list[str]:
    """Return the files below a folder in which one of the words stands, in any of its codings."""
    codings = [w.encode() for w in words] + [
        w.encode("unicode_escape") for w in words
    ]  # JSON may escape
    (folder / WORDS["file"]).unlink(missing_ok=True)  # what the clerk sent, outside our care
    return [
        f"{path.name}: {coded!r}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for coded in codings
        if coded in path.read_bytes() or coded in path.name.encode()
    ]


EMPTIED = {
    "kase": "title reference",
    "document": "name",
    "upload": "name",
    "notice": "facts reason",
    "message": "address subject data last_text",
    "attempt": "text",
    "hold": "reason lifted_reason",
    "case_grant": "reason",
    "silence": "reason",
}
"""Where names and free texts of a case can stand, beside the bodies of the log."""

PERSON = {"person": "name email", "account": "name email", "identity": "subject"}
"""Where the name of a person stands, beside her mails and the strand of the offices."""

PLAIN = """\
absence: person · account: uid person language state · account_token: digest account purpose
attempt: phase outcome · case_grant: uid account kind authority given_by
case_link: digest participation office person visit · checkpoint: root note
cosignature: witness line · counter: name
deadline: participation name owner status provision ladder derivation
definition: digest kind id version data · document: uid kind commitment media scan
engine_clock: reason · entry: stream uid type actor key header leaf · entry_body: salt body
erasure: subject file_class state provision proposed_by released_by
finding: kind participation provisions rank state remedies · granted_case: grant_uid
hold: uid set_by lifted_by · identity: issuer account
kase: uid number head workflow state kind origin lead municipality confidentiality measure given
log_state: frontier · log_tile: hashes
message: uid message_id person language state phase worker · meta: uid log note
municipality: id name land calendar · notice: key office letter participation state
office: id kind name superior concern
participation: key office form workflow state provisions given
password: account salt cost verifier wrapped · person: uid language
private_text: account name data · recovery_code: digest account wrapped
recusal: person case_uid · rung: state · second_factor: account secret
session: uid body municipality · strand: name head · tenure: office person · throttle: name
refused_upload: uid account name why · stamp: response · silence: uid office person
log_leaf: prefix · host_clock: boot
upload: uid account media commitment state · web_session: uid account digest stage address agent
web_session: wrapped · wish: person days · worker: uid host boot_id version"""
"""The other columns: uids, ids, digests, plain facts; bodies, keys, sessions and files that no
case took, which go whole."""


def columns(said: str) -> set[str]:
    parts = [part.split(":") for line in said.splitlines() for part in line.split(" · ")]
    return {f"{of.strip()}.{name}" for of, names in parts for name in names.split()}


def test_every_column_that_can_hold_words_is_known_to_be_plain_or_is_erased() -> None:
    """A new column of words turns this red: say here what becomes of it once it is erased."""
    found = {
        f"{of.name}.{c.name}"
        for of in METADATA.sorted_tables
        for c in of.columns
        if not isinstance(c.type, Integer | Boolean | UtcMicros | Day)
    }
    erased = {f"{of}.{n}" for of, names in (EMPTIED | PERSON).items() for n in names.split()}
    assert found == columns(PLAIN) | erased
    assert not columns(PLAIN) & erased


def test_no_column_of_a_case_keeps_a_word(county: House) -> None:
    """The word is put into every column where one can stand, whatever way led there."""
    case = closed(county)
    accounts.invite(county.app, "", "pruefer", True, by_mail=False, name="P", email="p@x.example")
    retention.hold(county.app, case.number, lawyer(county), "x")
    retention.lift(county.app, case.number, lawyer(county), "y")
    everywhere(county, case)
    later(county, TEN_YEARS)
    erase(county, case.number)
    with county.app.database.read() as store:
        for of, names in EMPTIED.items():
            for name in names.split():
                held = store.connection.exec_driver_sql(f"SELECT {name} FROM {of}").scalars()
                assert not [x for x in held if x is not None and "Hufnagel" in str(x)], (of, name)


def everywhere(county: House, case: Case) -> None:
    """Write the word into every such column of the case, a mail, a file that came in, a grant."""
    [paper] = case.documents
    account = next(a.account.uid for a in accounts.accounts_of(county.app))
    with county.app.database.write() as store:
        now = county.clock.now()
        store.uploads.add(
            Upload(paper.uid, account, "x", paper.media, paper.size, paper.commitment, "clean", now)
        )
        grant = CaseGrant(
            "g" * 32, account, "inspection", "Aufsicht", "x", False, "n", now, now, None,
            (GrantedCase(case.uid, case.number, False),),
        )  # fmt: skip
        store.grants.add(grant, by(county.app, "grant"))
        for of, names in EMPTIED.items():
            for name in names.split():
                new = b"Hufnagel" if name == "data" else '{"t": "Hufnagel"}'
                words = text(f"UPDATE {of} SET {name} = :new")
                store.connection.execute(words, {"new": new})


def test_what_the_radar_told_of_the_same_item_goes_too(county: House) -> None:
    case = closed(county)
    with county.app.database.write() as store:
        for n, title in enumerate((WORDS["title"], "Ein anderes Vorhaben")):
            told = {"title": title, "reference": f"BV-{n}"}
            store.enter(by(county.app, "radar").line("system", "radar", {"n": n}, told))
    later(county, TEN_YEARS)
    erase(county, case.number)
    with county.app.database.read() as store:
        left = [e.private.get("title") for e in store.chains.typed("system", "radar")]
    assert left == [None, "Ein anderes Vorhaben"]


def test_the_case_page_says_what_went_and_that_nothing_is_kept(county: House) -> None:
    number = everything(county)
    with county.app.database.read() as store:
        case = store.cases.get(number)
    left = retention.remains(county.app, case.uid)
    assert len(left.gone) == 3
    assert left.kept == ()
    assert case.measure.title == ERASED
    assert case.measure.reference is None


def test_a_closed_case_says_until_when_it_is_kept(county: House) -> None:
    case = closed(county)
    left = retention.remains(county.app, case.uid)
    assert {k.until for k in left.kept} == {THREE_YEARS, TEN_YEARS}


def test_letters_alone_go_while_the_file_stays(county: House) -> None:
    case = closed(county)
    later(county, THREE_YEARS)
    erase(county, case.number)
    with county.app.database.read() as store:
        assert store.cases.get(case.number).measure.title == WORDS["title"]
        assert {m.subject for m in store.outbox.messages()} == {""}
    assert not list(county.app.config.mails.glob("*.eml"))
    assert verify(county.app, lawyer(county), replaying=True).intact


def test_a_mail_that_also_serves_another_case_stays_until_that_one_is_released(
    county: House,
) -> None:
    county.paper.write_text(WORDS["paper"])
    one, two = (county.register(title=f"Vorhaben {n}") for n in "AB")
    for case in (one, two):
        county.take(case.number, "informieren", "weber", participation="integration")
    deliver(county.app)
    county.take(one.number, "zurueckziehen", "weber", fields={"grund": "x"})
    county.take(two.number, "zurueckziehen", "weber", fields={"grund": "y"})
    deliver(county.app)
    later(county, THREE_YEARS)
    assert letters(erase(county, one.number)) == (0, 2)
    assert letters(erase(county, two.number)) == (2, 0)


def letters(found: list[retention.Released]) -> tuple[int, int]:
    return sum(r.letters for r in found), sum(r.letters_kept for r in found)


def test_documents_that_a_crash_left_are_found_again(county: House) -> None:
    case = closed(county)
    [paper] = case.documents
    data = (county.app.config.documents / paper.uid).read_bytes()
    later(county, TEN_YEARS)
    erase(county, case.number)
    (county.app.config.documents / paper.uid).write_bytes(data)
    assert retention.remove_erased(county.app) == 1
    assert not (county.app.config.documents / paper.uid).exists()


# Persons


def leave(county: House, name: str, day: date) -> str:
    uid = county.person(name)
    with county.app.database.write() as store:
        roster = county.app.world(store).roster
        for tenure in [t for t in roster.tenures if t.person == uid]:
            store.save_tenure(replace(tenure, until=day), by(county.app, f"l{tenure.office}"))
    return uid


def test_somebody_who_left_is_forgotten_two_years_later(county: House) -> None:
    case = closed(county)
    accounts.invite(county.app, county.person("yilmaz"), "yilmaz", False)
    deliver(county.app)
    uid = leave(county, "yilmaz", MONDAY + timedelta(days=7))
    assert later(county, date(2028, 3, 29)) == retention.Looked(0, 0)
    later(county, date(2028, 3, 30))
    assert lines(county) == [("PERSONS", "due")]
    [gone] = erase(county, uid)
    world = house_of(county.app)
    assert world.roster.name(uid) == uid
    assert gone.letters_kept > 0, "mails that prove the information of a kept case stay"
    later(county, TEN_YEARS)
    erase(county, case.number)
    retention.compact(county.app)
    found = verify(county.app, lawyer(county), replaying=True)
    county.app.close()
    assert found.intact
    assert found_in(county.folder, "Aylin Yilmaz", "yilmaz@musterheide") == []


def test_who_still_holds_an_office_is_not_forgotten(county: House) -> None:
    assert later(county, date(2090, 1, 1)) == retention.Looked(0, 0)
