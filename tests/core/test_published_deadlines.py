"""Deadlines that courts, commentaries and authorities have published, and statutes' own numbers.

The first table holds only cases that were read in the source named above them. Where a source
names no year, or only a weekday, ours is one in which nothing else comes in. The second table
holds what the wording of a norm gives on days of our choosing: "(aus dem Wortlaut)". Ids such
as FR-8 are those of the collection of norms behind the rule packs.
"""

from datetime import date, datetime
from typing import Any

import pytest

from engine.core.calendar import BERLIN, Calendar
from engine.core.deadlines import (
    Counting,
    Period,
    Roll,
    Unit,
    derive,
    extend,
    extend_to,
    fixed,
    recompute,
)
from tests.core.saying import BB, CLEAR, NONE, NTH, PREVIOUS, STATUTORY, STUTTGART, counting

# Bremen in 1965: no holiday lies near the end of the one period that is counted there.
BREMEN = Calendar("HB", 1965, 1965, {date(1965, 6, 17): "Tag der deutschen Einheit"})

PUBLISHED = [
    # rechtslupe.de/zivilrecht/fristablauf-ende-februar-3117120
    (
        "§ 188 III BGB: BGH 7.11.2016 - AnwZ (Brfg) 5/16",
        (counting("2 Monate"), "2015-12-30", "2016-02-29"),
    ),
    # haufe.de: Beschluss des GmS-OGB, § 2 VI BBauG 1960; on display 24 May to 23 June 1965.
    (
        "§ 187 II BGB, display of a plan: GmS-OGB 6.7.1972 - 2/71",
        (counting("1 Monat", day_start=True), "1965-05-24", "1965-06-23", BREMEN),
    ),
    # onlineurteile.de/urteil/samstag-ist-ein-werktag; kiehl.de/Dokument/218306: Saturday
    # 1 June 2002 counts, so Tuesday 4 June is the third Werktag and Wednesday is too late.
    (
        "FR-18 § 573c I BGB: BGH 27.4.2005 - VIII ZR 206/04",
        (counting("3 Werktage", day_start=True), "2002-06-01", "2002-06-04"),
    ),
    # rechtslupe.de/familienrecht/scheidungstermin-363395: two weeks back from Thursday.
    (
        "FR-19 § 137 II FamFG, backwards: BGH 5.6.2013 - XII ZB 427/11",
        (counting("2 Wochen", backward=CLEAR), "2011-01-20", "2011-01-05"),
    ),
    # haufe.de: Kubik/Roßmann, Rz. 196, hearing on 20 August.
    (
        "FR-19 § 137 II FamFG, backwards: Roßmann Rz. 196",
        (counting("2 Wochen", backward=CLEAR), "2025-08-20", "2025-08-05"),
    ),
    # hofauer.com with Druckenbrodt, NJW 2013, 2390: Wednesday back to Tuesday a week before.
    (
        "FR-19 § 132 I ZPO, backwards: Druckenbrodt NJW 2013, 2390",
        (counting("1 Woche", backward=CLEAR), "2026-05-13", "2026-05-05"),
    ),
    # goingpublic.de/hv-magazin: thirty days before the meeting is the 31st day at the latest.
    (
        "§ 123 I AktG: thirty days mean the 31st day before",
        (counting("31 Tage", backward=NTH), "2026-06-16", "2026-05-16"),
    ),
    # gesellschaftsrechtskanzlei.com: LG Köln 91 O 12/20, meeting of 25 August 2020; the
    # record date is the beginning of the 21st day before.
    (
        "§ 123 IV AktG, the 21st day before: LG Köln 4.3.2021 - 91 O 12/20",
        (counting("21 Tage", backward=NTH), "2020-08-25", "2020-08-04"),
    ),
    # voris.wolterskluwer-online.de: posted 23 April 2008, known on Saturday 26 April 2008.
    (
        "ZG-5 the day of fiction stays: OVG Lüneburg 28.2.2011 - 4 LA 44/10",
        (counting("3 Tage", roll=NONE), "2008-04-23", "2008-04-26"),
    ),
    # autohaus.de on § 122 II, § 108 III AO: in tax law the same day moves to Monday.
    (
        "ZG-5 tax law differs: § 108 III AO",
        (counting("4 Tage"), "2024-06-11", "2024-06-17"),
    ),
    # rechtstipp24.de: posted 10 October 2017, the third day is 13 October.
    (
        "ZG-1 § 41 II VwVfG until 2024, the third day",
        (counting("3 Tage", roll=NONE), "2017-10-10", "2017-10-13"),
    ),
    # bva.bund.de, Fristberechnung: Friday 6 July 2018, known Monday 9 July, until 9 August.
    ("ZG-1 BVA, posted on a Friday", (counting("3 Tage", roll=NONE), "2018-07-06", "2018-07-09")),
    ("§ 70 I VwGO, BVA: one month", (counting("1 Monat"), "2018-07-09", "2018-08-09")),
    # fiscalero.de: posted 12 January 2009, known on the 15th; 15 February is a Sunday.
    ("§ 122 II AO, the third day", (counting("3 Tage"), "2009-01-12", "2009-01-15")),
    ("§ 108 III AO, end on a Sunday", (counting("1 Monat"), "2009-01-15", "2009-02-16")),
    # gesamthand.de: letter of 28 November 2005; the month would end on New Year's Day, a Sunday.
    ("ZG-1 before New Year", (counting("3 Tage", roll=NONE), "2005-11-28", "2005-12-01")),
    ("FR-8 § 31 III VwVfG, New Year", (counting("1 Monat"), "2005-12-01", "2006-01-02")),
    # The same page: action of 14 February after delivery on 12 January is out of time.
    ("§ 74 I VwGO, out of time", (counting("1 Monat"), "2006-01-12", "2006-02-13")),
    # verkehrslexikon.de/Texte/Rspr4591.php: 6 January is no holiday where the court sits ...
    (
        "FR-8 holiday at the place of the act: OVG Münster 16.2.2010 - 13 C 112/10",
        (counting("2 Wochen"), "2009-12-23", "2010-01-06"),
    ),
    # ... and would have been one where the applicants were.
    (
        "FR-8 holiday at the place of the act: where it is one",
        (counting("2 Wochen"), "2009-12-23", "2010-01-07", STUTTGART),
    ),
    # ra-kotz.de/monatsfrist.htm, with BGH NJW 1984, 1358.
    ("FR-4 Kotz, the same number", (counting("1 Monat"), "2001-04-04", "2001-05-04")),
    ("FR-5 Kotz, 31 January", (counting("1 Monat"), "2001-01-31", "2001-02-28")),
    (
        "FR-4 28 February is not month's end: BGH NJW 1984, 1358",
        (counting("1 Monat"), "2001-02-28", "2001-03-28"),
    ),
    ("FR-8 Kotz, Saturday", (counting("1 Monat"), "2001-04-05", "2001-05-07")),
    # deubner-recht.de (643001): pronounced 14 December 2007; five months, then the month of
    # § 517 ZPO, whose end on Saturday moves to Monday 16 June 2008.
    ("§ 517 ZPO, five months", (counting("5 Monate"), "2007-12-14", "2008-05-14")),
    ("§ 517 ZPO, then one", (counting("1 Monat"), "2008-05-14", "2008-06-16")),
    # ihrrecht.wordpress.com: served 22 December 2020, a request of 23 February is late.
    (
        "§ 520 II ZPO: BGH 13.7.2022 - VII ZB 29/21",
        (counting("2 Monate"), "2020-12-22", "2021-02-22"),
    ),
    # streifler.de: served 23 September 2016, a request of 24 November is late.
    (
        "§ 520 II ZPO: BGH 6.2.2018 - II ZB 14/17",
        (counting("2 Monate"), "2016-09-23", "2016-11-23"),
    ),
    # ra.de (ovgmv/2-l-25107): served 15 November 2007, reasons of 14 January are in time.
    (
        "§ 124a IV VwGO: OVG Greifswald 11.4.2008 - 1 L 251/07",
        (counting("2 Monate"), "2007-11-15", "2008-01-15"),
    ),
    # haufe.de, Fristen und Termine 1.3.2.
    ("FR-4 Haufe, 5 March", (counting("1 Monat"), "2027-03-05", "2027-04-05")),
    ("FR-5 Haufe, 31 March", (counting("1 Monat"), "2026-03-31", "2026-04-30")),
    ("FR-4 Haufe, Thursday 12 March", (counting("2 Wochen"), "2026-03-12", "2026-03-26")),
    # haufe.de, Schwarz/Pahlke, § 355 AO Rz. 22, 22a.
    ("FR-4 Schwarz/Pahlke, 10 November", (counting("1 Monat"), "2025-11-10", "2025-12-10")),
    ("FR-5 Schwarz/Pahlke, 30 January", (counting("1 Monat"), "2023-01-30", "2023-02-28")),
    # jura-online.de: registered letter of 2 March, action until 5 April.
    ("ZG-4 § 4 II VwZG until 2024", (counting("3 Tage", roll=NONE), "2022-03-02", "2022-03-05")),
    ("§ 74 I VwGO after ZG-4", (counting("1 Monat"), "2022-03-05", "2022-04-05")),
    # entdeckejura.de: the offer of 4 April when 4 May is a Sunday, and when a Saturday.
    ("FR-8 4 May a Sunday", (counting("1 Monat"), "2025-04-04", "2025-05-05")),
    ("FR-8 4 May a Saturday", (counting("1 Monat"), "2024-04-04", "2024-05-06")),
    # verdi-bub.de: a term of office that begins on 15 May ends four years later on 14 May.
    (
        "FR-2 § 187 II BGB, a term of office",
        (counting("4 Jahre", day_start=True, roll=NONE), "2024-05-15", "2028-05-14"),
    ),
    # § 187 II 2 BGB: born 7 July 2000, eighteen with the end of 6 July 2018.
    (
        "FR-2 § 187 II 2 BGB, coming of age",
        (counting("18 Jahre", day_start=True, roll=NONE), "2000-07-07", "2018-07-06"),
    ),
    # betriebsrat-kompakt.de: told on a Friday, until Friday; brups.de: Tuesday, Tuesday.
    ("FR-4 § 99 III BetrVG, Friday", (counting("1 Woche"), "2023-10-13", "2023-10-20")),
    ("FR-4 § 99 III BetrVG, Tuesday", (counting("1 Woche"), "2023-10-10", "2023-10-17")),
    # hotlib.net (Wassermann, Baurecht Rn. 129): announced on a Monday, over on Monday.
    ("BP-3 § 3 II BauGB until 2023, week", (counting("1 Woche"), "2022-09-05", "2022-09-12")),
    # bauleitplanung.hessen.de, 6: a period that begins in February has 30 days.
    (
        "BP-1 § 4 II BauGB in February",
        (counting("1 Monat", at_least="30 Tage"), "2026-02-10", "2026-03-12"),
    ),
]

MONTH_OR_30_DAYS = counting("1 Monat", at_least="30 Tage")
DISPLAY = counting("1 Monat", at_least="30 Tage", day_start=True)
WORDING = [
    ("FR-1 § 187 I BGB into a leap day", (counting("3 Tage"), "2028-02-26", "2028-02-29")),
    ("FR-2 § 187 II BGB a single day", (counting("1 Tag", day_start=True), "2026-03-04", "2026-03-04")),
    ("FR-4 a year from a leap day", (counting("1 Jahr"), "2024-02-29", "2025-02-28")),
    ("FR-4 four years from a leap day", (counting("4 Jahre"), "2024-02-29", "2028-02-29")),
    ("FR-4 a leap year by day start", (counting("1 Jahr", day_start=True), "2024-01-01", "2024-12-31")),
    ("FR-5 31 January, leap year", (counting("1 Monat"), "2028-01-31", "2028-02-29")),
    ("FR-5 30 January, leap year", (counting("1 Monat"), "2024-01-30", "2024-02-29")),
    ("FR-5 29 January, no leap year", (counting("1 Monat", roll=NONE), "2026-01-29", "2026-02-28")),
    ("FR-5 31 August, half a year", (counting("6 Monate", roll=NONE), "2025-08-31", "2026-02-28")),
    ("FR-5 31 May by day start", (counting("1 Monat", day_start=True), "2026-05-31", "2026-06-30")),
    ("FR-5 1 February by day start", (counting("1 Monat", day_start=True), "2026-02-01", "2026-03-02")),
    ("FR-6 § 189 I BGB in February", (counting("1 halber Monat"), "2026-02-13", "2026-03-02")),
    (
        "FR-6 § 189 I BGB half a month by day start",
        (counting("1 halber Monat", day_start=True), "2026-04-01", "2026-04-15"),
    ),
    ("FR-6 § 189 II BGB one and a half", (counting("3 halbe Monate"), "2024-01-31", "2024-03-15")),
    ("FR-6 § 189 I BGB half a year", (counting("1 Halbjahr"), "2026-01-05", "2026-07-06")),
    ("FR-6 two half months are one", (counting("2 halbe Monate"), "2025-01-31", "2025-02-28")),
    ("FR-8 Easter, four days shut", (counting("1 Woche"), "2027-03-19", "2027-03-30")),
    ("FR-8 Ascension", (counting("2 Wochen"), "2026-04-30", "2026-05-15")),
    ("FR-8 Whit Sunday and Monday", (counting("1 Woche"), "2026-05-17", "2026-05-26")),
    ("FR-8 Christmas into the weekend", (counting("1 Woche"), "2026-12-18", "2026-12-28")),
    ("FR-8 New Year on a Friday", (counting("1 Woche"), "2026-12-25", "2027-01-04")),
    ("FR-8 1 May on a Friday", (counting("1 Monat"), "2026-04-01", "2026-05-04")),
    ("FR-8 3 October on a Saturday", (counting("1 Woche"), "2026-09-26", "2026-10-05")),
    ("FT-4 31 October 2027 on a Sunday", (counting("1 Monat"), "2027-09-30", "2027-11-01")),
    ("FT-4 the 500th Reformation Day", (counting("2 Wochen"), "2017-10-17", "2017-11-01")),
    ("FT-2 8 May 2025 is no holiday here", (counting("1 Woche"), "2025-05-01", "2025-05-08")),
    ("FT-3 All Saints is no holiday here", (counting("1 Woche"), "2024-10-25", "2024-11-01")),
    ("FT-3 All Saints where it is one", (counting("1 Woche"), "2024-10-25", "2024-11-04", STUTTGART)),
    ("FT-3 Corpus Christi is none here", (counting("1 Woche"), "2026-05-28", "2026-06-04")),
    ("FT-3 Corpus Christi where it is one", (counting("1 Woche"), "2026-05-28", "2026-06-05", STUTTGART)),
    ("FR-9 § 31 II VwVfG, set by an authority", (counting("14 Tage"), "2026-03-02", "2026-03-16")),
    ("FR-10 § 31 III 2 VwVfG, as told", (counting("14 Tage", roll=NONE), "2026-03-21", "2026-04-04")),
    ("FR-14 § 32 II VwVfG, restitution", (counting("2 Wochen"), "2026-03-23", "2026-04-07")),
    ("FR-14 § 32 III VwVfG, outer limit", (counting("1 Jahr"), "2026-03-31", "2027-03-31")),
    ("FR-17 the day before Easter", (counting("1 AT"), "2026-04-02", "2026-04-07")),
    ("FR-17 over Christmas and New Year", (counting("10 AT"), "2026-12-18", "2027-01-05", STATUTORY)),
    ("FR-17 where the office is shut on 24 and 31 December", (counting("10 AT"), "2026-12-18", "2027-01-07")),
    ("FR-18 six Werktage over Whitsun", (counting("6 Werktage"), "2026-05-20", "2026-05-28")),
    ("FR-18 seven full Werktage on display", (counting("7 Werktage", day_start=True, roll=NONE), "2026-03-02", "2026-03-09")),
    ("FR-19 never moved on to Monday", (counting("2 Wochen", backward=NTH), "2026-05-17", "2026-05-03")),
    (
        "FR-19 to the day before, if a pack says so",
        (counting("2 Wochen", backward=NTH, roll=PREVIOUS), "2026-05-17", "2026-04-30"),
    ),
    ("FR-20 § 34 III GemO RLP, four full days", (counting("4 Tage", backward=CLEAR), "2026-05-12", "2026-05-07")),
    ("FR-20 Prenzlau § 2, seven days", (counting("7 Tage", backward=CLEAR), "2026-06-11", "2026-06-03")),
    ("FR-20 Prenzlau § 2, urgent three", (counting("3 Tage", backward=CLEAR), "2026-06-11", "2026-06-07")),
    ("FR-21 31 March less a month", (counting("1 Monat", backward=NTH), "2026-03-31", "2026-02-28")),
    ("FR-21 in a leap year", (counting("1 Monat", backward=NTH), "2028-03-31", "2028-02-29")),
    ("L13 § 1 III GO LBB, a month before", (counting("1 Monat", backward=CLEAR), "2026-09-15", "2026-08-14")),
    ("ZG-1 § 41 II VwVfG since 2025", (counting("4 Tage", roll=NONE), "2025-01-02", "2025-01-06")),
    ("ZG-1 the last letter of 2024", (counting("3 Tage", roll=NONE), "2024-12-31", "2025-01-03")),
    ("ZG-2 § 41 IIa VwVfG, the day after", (counting("1 Tag", roll=NONE), "2026-04-03", "2026-04-04")),
    ("ZG-3 § 41 IV VwVfG, two weeks", (counting("2 Wochen", roll=NONE), "2026-03-23", "2026-04-06")),
    ("ZG-4 § 4 II VwZG since 2025", (counting("4 Tage", roll=NONE), "2025-04-16", "2025-04-20")),
    ("KV24-9 § 34 I BbgKVerf, election 2024", (counting("30 Tage", roll=NONE), "2024-06-09", "2024-07-09")),
    ("KV24-11 § 55 I BbgKVerf, Christmas", (counting("3 Wochen"), "2026-12-04", "2026-12-28")),
    ("KV24-11 § 55 before 9 June 2024, from the minutes", (counting("2 Wochen"), "2024-05-06", "2024-05-21")),
    ("KV24-13 § 137 BbgKVerf", (counting("3 Wochen"), "2026-04-10", "2026-05-04")),
    ("BP-1 § 4 II BauGB, 31 January", (MONTH_OR_30_DAYS, "2026-01-31", "2026-03-02")),
    ("BP-1 § 4 II BauGB, leap February", (MONTH_OR_30_DAYS, "2028-02-01", "2028-03-02")),
    ("BP-1 § 4 II BauGB, a month of 31 days", (MONTH_OR_30_DAYS, "2026-03-10", "2026-04-10")),
    ("BP-2 § 3 II BauGB, on display in February", (DISPLAY, "2026-02-02", "2026-03-03")),
    ("BP-2 § 3 II BauGB, on display in March", (DISPLAY, "2026-03-02", "2026-04-01")),
    ("BP-3 § 3 II BauGB until 2023, one week before", (counting("1 Woche", backward=CLEAR), "2023-06-05", "2023-05-28")),
    ("LGG § 23 I, knowledge before Easter", (counting("1 Woche"), "2026-03-27", "2026-04-07")),
    ("LGG § 23 I, ten AT", (counting("10 AT"), "2026-05-11", "2026-05-27")),
    ("LGG § 5 II, three weeks", (counting("3 Wochen"), "2026-04-13", "2026-05-04")),
    ("BG-5 § 32 II BGleiG", (counting("10 AT"), "2026-05-12", "2026-05-28")),
    ("BG-6 § 32 II 3 BGleiG, urgent", (counting("3 AT"), "2026-05-12", "2026-05-18")),
    ("BG-9 § 33 II BGleiG", (counting("1 Woche"), "2026-05-18", "2026-05-26")),
    ("BG-10 § 33 III BGleiG", (counting("1 Monat"), "2026-03-31", "2026-04-30")),
    ("SB-2 § 178 II 2 SGB IX", (counting("7 Tage"), "2026-03-30", "2026-04-07")),
    ("SB-4 § 178 IV SGB IX", (counting("1 Woche", roll=NONE), "2026-03-30", "2026-04-06")),
    ("SB-5 § 102 II BetrVG, three days", (counting("3 Tage"), "2026-04-01", "2026-04-07")),
    ("PV-4 § 70 III BPersVG", (counting("10 AT"), "2026-09-21", "2026-10-05")),
    ("PV-4 § 42 BPersVG", (counting("5 AT"), "2026-05-12", "2026-05-20")),
    ("O2 § 12 GlG M-V, urgent", (counting("5 AT"), "2014-04-16", "2014-04-25")),
    ("O3 § 19 I LGG NRW, dismissals", (counting("3 Tage"), "2026-05-20", "2026-05-26")),
    ("O5 Art. 18 BayGlG", (counting("10 AT"), "2026-10-26", "2026-11-09")),
    ("O14 § 6 WT, Bremen", (counting("6 Werktage"), "2026-05-11", "2026-05-19")),
    ("O14 six weeks, Bremen", (counting("6 Wochen"), "2026-04-07", "2026-05-19")),
]  # fmt: skip


@pytest.mark.parametrize("case", [c for _, c in PUBLISHED], ids=[name for name, _ in PUBLISHED])
def test_the_engine_finds_the_day_that_was_published(case: tuple[Any, ...]) -> None:
    ends(*case)


@pytest.mark.parametrize(
    "case", [c for _, c in WORDING], ids=[f"{name} (aus dem Wortlaut)" for name, _ in WORDING]
)
def test_the_engine_finds_the_day_that_the_wording_gives(case: tuple[Any, ...]) -> None:
    ends(*case)


def ends(rule: Counting, event: str, last_day: str, calendar: Calendar = BB) -> None:
    """Check that a period ends, or is to be met at the latest, on the day of a table."""
    derived = derive(rule, date.fromisoformat(event), calendar)
    assert str(derived.last_day) == last_day
    assert recompute(derived, calendar) == derived


@pytest.mark.parametrize(
    ("served", "first", "asked", "longer"),
    [
        # verkehrslexikon.de/Texte/Rspr3917.php
        pytest.param(
            *("2004-03-29", "2004-06-01", "2004-06-02", "2004-07-01"),
            id="FR-15 Whitsun: BGH 14.12.2005 - IX ZB 198/04",
        ),
        # haufe.de, OLG Rostock 28.7.2003 - 3 U 151/03; the BGH has since decided for 19 June.
        pytest.param(
            *("2003-03-18", "2003-05-19", "2003-05-20", "2003-06-19"),
            id="FR-15 Sunday: facts of OLG Rostock 3 U 151/03, answer of the BGH",
        ),
        # rechtslupe.de/zivilrecht/antragsgemaesse-gerichtliche-fristverlaengerung-3112613
        pytest.param(
            *("2015-07-06", "2015-09-07", "2015-08-12", "2015-10-07"),
            id="FR-15 Sunday: BGH on the extension of 12.8.2015",
        ),
    ],
)
def test_an_extension_by_a_month_begins_at_the_shifted_end(
    served: str, first: str, asked: str, longer: str
) -> None:
    running = derive(counting("2 Monate"), date.fromisoformat(served), BB)
    assert str(running.last_day) == first
    month = Period(1, Unit.MONTH)
    extended = extend(running, month, date.fromisoformat(asked), BB)
    assert str(extended.last_day) == longer
    assert extended.changes[0].retroactive is (asked > first)


@pytest.mark.parametrize(
    ("served", "first", "asked", "until"),
    [
        # The judgment of 1 August 2006 was served on the 3rd; the period ran out the day after
        # German Unity. A month more would have led to Monday 6 November: not what was granted.
        pytest.param(
            *("2006-08-03", "2006-10-04", "2006-10-05", "2006-11-03"),
            id="FR-15 named day: BGH 15.8.2007 - XII ZB 82/07",
        ),
        pytest.param(
            *("2015-07-06", "2015-09-07", "2015-08-12", "2015-10-06"),
            id="FR-15 the day asked for, not the month: BGH on the extension of 12.8.2015",
        ),
        # blog.burhoff.de: two months end on Saturday 4 December 2021.
        pytest.param(
            *("2021-10-04", "2021-12-06", "2021-11-29", "2022-01-04"),
            id="FR-15 named day: KG 25.2.2022 - 6 U 218/21",
        ),
    ],
)
def test_an_extension_to_a_named_day_ends_on_that_day(
    served: str, first: str, asked: str, until: str
) -> None:
    running = derive(counting("2 Monate"), date.fromisoformat(served), BB)
    assert str(running.last_day) == first
    extended = extend_to(running, date.fromisoformat(until), date.fromisoformat(asked))
    assert str(extended.last_day) == until
    assert recompute(extended, BB) == extended


def test_the_month_that_was_not_granted_would_have_rolled_to_monday() -> None:
    """BGH 15.8.2007 - XII ZB 82/07: what the claimant had reckoned with."""
    running = derive(counting("2 Monate"), date(2006, 8, 3), BB)
    hoped = extend(running, Period(1, Unit.MONTH), date(2006, 10, 5), BB)
    assert hoped.last_day == date(2006, 11, 6)


def test_an_extension_may_come_after_the_end() -> None:
    """FR-13, § 31 VII VwVfG (aus dem Wortlaut)."""
    set_by_authority = derive(counting("2 Wochen"), date(2026, 3, 2), BB)
    assert set_by_authority.last_day == date(2026, 3, 16)
    later = extend(set_by_authority, Period(2, Unit.WEEK), date(2026, 3, 19), BB)
    assert later.last_day == date(2026, 3, 30)
    assert later.changes[0].retroactive


def test_two_periods_from_one_event_do_not_move_each_other() -> None:
    """FR-16: PWW § 193 Rn. 4, after BAG 25.4.2013 - 8 AZR 287/08 Rn. 17 (aus dem Wortlaut)."""
    event = date(2026, 3, 23)
    two, three = (derive(counting(f"{n} Wochen"), event, BB).last_day for n in (2, 3))
    assert (two, three) == (date(2026, 4, 7), date(2026, 4, 13))


def test_a_date_set_by_an_authority_stands_on_a_sunday() -> None:
    """FR-11, § 31 V VwVfG (aus dem Wortlaut)."""
    assert fixed(date(2026, 4, 5)).last_day == date(2026, 4, 5)


def test_the_start_on_a_holiday_is_not_moved() -> None:
    """FR-16: § 193 BGB moves the end alone; delivered on Good Friday (aus dem Wortlaut)."""
    assert derive(counting("2 Wochen"), date(2026, 4, 3), BB).last_day == date(2026, 4, 17)


@pytest.mark.parametrize(
    ("begun", "hours", "ends_at"),
    [
        pytest.param("2026-04-02T10:30+02:00", 72, "2026-04-05T10:30+02:00", id="FR-12 Easter"),
        pytest.param("2026-03-28T18:00+01:00", 12, "2026-03-29T07:00+02:00", id="FR-22 23 h"),
        pytest.param("2026-10-24T18:00+02:00", 12, "2026-10-25T05:00+01:00", id="FR-22 25 h"),
        pytest.param("2027-10-30T12:00+02:00", 48, "2027-11-01T11:00+01:00", id="FR-22 31 Oct"),
    ],
)
def test_hours_count_nights_sundays_and_holidays(begun: str, hours: int, ends_at: str) -> None:
    derived = derive(Counting(Period(hours, Unit.HOUR)), datetime.fromisoformat(begun), BB)
    assert derived.ends_at == datetime.fromisoformat(ends_at)


@pytest.mark.parametrize(
    ("event", "last_day", "hours"),
    [
        pytest.param("2026-03-28", "2026-03-29", 23, id="FR-22 spring"),
        pytest.param("2026-10-24", "2026-10-25", 25, id="FR-22 autumn"),
        pytest.param("2026-06-13", "2026-06-14", 24, id="FR-22 any other Sunday"),
    ],
)
def test_a_day_is_a_day_however_many_hours_it_has(event: str, last_day: str, hours: int) -> None:
    derived = derive(counting("1 Tag", roll=Roll.NONE), date.fromisoformat(event), BB)
    begins = datetime.combine(derived.last_day, datetime.min.time(), BERLIN)
    assert str(derived.last_day) == last_day
    assert (derived.ends_at.timestamp() - begins.timestamp()) / 3600 == hours
