"""Who may do what on which page: every route names an action, and every action says who.

For the steps of a procedure `authorize` does not decide at all: `core.offers` asks the very
`permitted` that `advance` asks. What an actor may not see does not exist for her (404).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.core.case import Case
from engine.core.hearing_note import ISSUERS
from engine.core.meanings import OfficeMeans
from engine.core.visibility import Actor, Look, granted, sees


class Action(StrEnum):
    """What can be done by a request, apart from the steps of a procedure."""

    PUBLIC = "public"
    WITNESS = "witness"
    MONITOR = "monitor"
    LETTER = "letter"
    OWN_ACCOUNT = "own_account"
    INBOX = "inbox"
    CASE_LIST = "case.list"
    CASE_SHOW = "case.show"
    CASE_READ = "case.read"
    CASE_EXTRACT = "case.extract"
    CASE_STEP = "case.step"
    CASE_NOTE = "case.note"
    CASE_REGISTER = "case.register"
    CASE_DEMAND = "case.demand"
    PRIVATE = "private"
    ABSENCE = "absence"
    SESSIONS = "sessions"
    RADAR = "radar"
    CODES = "codes"
    OVERVIEW = "overview"
    FINDINGS = "findings"
    RETENTION = "retention"
    SEAL = "seal"
    READERS = "readers"
    READING = "reading"
    RULES = "rules"
    CONFIRM_RULES = "rules.confirm"
    PROVE = "rules.prove"
    ESCALATED = "escalated"
    PERSONS = "admin.persons"
    MAIL = "admin.mail"
    CALENDARS = "admin.calendars"
    TAKE_CALENDARS = "calendars.take"
    DEFINITIONS = "admin.definitions"
    HEALTH = "admin.health"
    EMERGENCY = "admin.emergency"
    DEMO = "demo"


_M = OfficeMeans
HEARD = frozenset({_M.COMMISSIONER, _M.BOARD, _M.STAFF_COUNCIL, _M.REPRESENTATIVE, _M.AGENCY})
"""The offices that take part."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may take an action: everybody, everybody signed in, some offices, administrators.

    A `person` is whoever stands in the roster, be it as a deputy who does not act today. A
    `grant` that allows such a look opens the action too, on its own cases and no others.
    """

    everybody: bool = False
    signed_in: bool = False
    person: bool = False
    offices: frozenset[OfficeMeans] = frozenset()
    administrator: bool = False
    on_case: bool = False
    grant: Look | None = None


_ANY = frozenset(OfficeMeans)
RULES: Mapping[Action, Rule] = {
    Action.PUBLIC: Rule(everybody=True),
    Action.WITNESS: Rule(everybody=True),
    Action.MONITOR: Rule(everybody=True),
    Action.LETTER: Rule(everybody=True),
    Action.DEMO: Rule(everybody=True),
    Action.OWN_ACCOUNT: Rule(signed_in=True),
    Action.INBOX: Rule(offices=HEARD),
    Action.CASE_LIST: Rule(offices=_ANY),
    Action.CASE_SHOW: Rule(offices=_ANY, on_case=True),
    Action.CASE_READ: Rule(offices=_ANY, on_case=True, grant=Look.READ),
    Action.CASE_EXTRACT: Rule(on_case=True, grant=Look.EXTRACT),
    Action.CASE_STEP: Rule(offices=_ANY, on_case=True),
    Action.CASE_NOTE: Rule(offices=ISSUERS, on_case=True),
    Action.CASE_REGISTER: Rule(offices=frozenset({_M.DEPARTMENT, _M.COUNCIL_OFFICE, _M.HEAD})),
    Action.CASE_DEMAND: Rule(offices=HEARD),
    Action.PRIVATE: Rule(signed_in=True),
    Action.ABSENCE: Rule(person=True),
    Action.SESSIONS: Rule(offices=frozenset({_M.COUNCIL_OFFICE})),
    Action.RADAR: Rule(offices=HEARD | {_M.COUNCIL_OFFICE, _M.LEGAL}),
    Action.CODES: Rule(offices=_ANY, grant=Look.READ),
    Action.OVERVIEW: Rule(offices=frozenset({_M.LEGAL})),
    Action.FINDINGS: Rule(offices=frozenset({_M.LEGAL})),
    Action.RETENTION: Rule(offices=frozenset({_M.LEGAL})),
    Action.SEAL: Rule(offices=frozenset({_M.LEGAL}), administrator=True),
    Action.READERS: Rule(offices=frozenset({_M.LEGAL})),
    Action.READING: Rule(grant=Look.READ),
    Action.RULES: Rule(offices=_ANY, administrator=True),
    Action.CONFIRM_RULES: Rule(offices=frozenset({_M.LEGAL})),
    Action.PROVE: Rule(offices=frozenset({_M.LEGAL}), administrator=True),
    Action.ESCALATED: Rule(offices=frozenset({_M.HEAD, _M.CHAIR})),
    Action.PERSONS: Rule(administrator=True),
    Action.MAIL: Rule(administrator=True),
    Action.CALENDARS: Rule(offices=frozenset({_M.LEGAL, _M.COUNCIL_OFFICE}), administrator=True),
    Action.TAKE_CALENDARS: Rule(offices=frozenset({_M.LEGAL, _M.COUNCIL_OFFICE})),
    Action.DEFINITIONS: Rule(administrator=True),
    Action.HEALTH: Rule(administrator=True),
    Action.EMERGENCY: Rule(administrator=True),
}


class Decision(StrEnum):
    """What `authorize` says: go on, sign in first, or there is nothing here."""

    ALLOWED = "allowed"
    SIGN_IN = "sign_in"
    HIDDEN = "hidden"


def authorize(actor: Actor | None, action: Action, case: Case | None = None) -> Decision:
    """Return whether somebody may take an action, on a case where it is about one."""
    rule = RULES[action]
    if rule.everybody:
        return Decision.ALLOWED
    if actor is None:
        return Decision.SIGN_IN
    mine = bool(actor.means & rule.offices) or (rule.administrator and actor.administrator)
    mine = mine or rule.signed_in or (rule.person and bool(actor.person))
    if mine and (case is None or sees(actor, case)):
        return Decision.ALLOWED
    if rule.grant is not None and _granted(actor, rule.grant, case):
        return Decision.ALLOWED
    return Decision.HIDDEN


def _granted(actor: Actor, look: Look, case: Case | None) -> bool:
    if case is None:
        return any(g.allows(look) for g in actor.grants)
    return granted(actor, case, look)


def may(actor: Actor | None, action: Action) -> bool:
    """Return whether an action is to be offered at all."""
    return authorize(actor, action) is Decision.ALLOWED
