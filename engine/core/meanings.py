"""The closed list of what states, steps and offices can mean.

Python knows no state, step, office or law by its id; it knows these meanings. A
definition names one of them for each state, step and kind of office, and reports,
inboxes, ladders and the prover speak of nothing else.
"""

from __future__ import annotations

from enum import StrEnum


class StateMeans(StrEnum):
    """What being in a state amounts to, in a case or in a participation."""

    DRAFT = "draft"
    WAITING = "waiting"
    SETTLED = "settled"
    CLEARED = "cleared"
    DECIDED = "decided"
    SUSPENDED = "suspended"
    FINAL = "final"


class StepMeans(StrEnum):
    """What a step does in the procedure."""

    REGISTRATION = "registration"
    EARLY_INFORMATION = "early_information"
    INFORMATION = "information"
    RECEIPT = "receipt"
    INCOMPLETE = "incomplete"
    COMPLETION = "completion"
    QUERY = "query"
    ANSWER = "answer"
    MORE_TIME = "more_time"
    EXTENSION = "extension"
    STATEMENT = "statement"
    SUPPLEMENT = "supplement"
    NOT_CONCERNED = "not_concerned"
    WAIVER = "waiver"
    WAIVER_WITHDRAWN = "waiver_withdrawn"
    LAPSE = "lapse"
    WEIGHING = "weighing"
    DEPARTURE = "departure"
    REASONS = "reasons"
    FORWARDING = "forwarding"
    WITHHOLDING = "withholding"
    RELEASE = "release"
    DECISION = "decision"
    DEFERRAL = "deferral"
    CARRYING_OUT = "carrying_out"
    SUSPENSION = "suspension"
    MAKE_UP = "make_up"
    OBJECTION = "objection"
    REFERRAL = "referral"
    DEMAND = "demand"
    WITHDRAWAL = "withdrawal"
    MATERIAL_CHANGE = "material_change"
    SESSION_CHANGE = "session_change"
    RECOUNTING = "recounting"
    VACANCY = "vacancy"
    MINUTES = "minutes"
    ITEM_ADDED = "item_added"
    APPROVAL = "approval"
    CONSENT = "consent"
    REFUSAL = "refusal"
    DISCUSSION = "discussion"
    REASONS_DEMAND = "reasons_demand"
    RE_DECISION = "re_decision"
    EXCLUSION = "exclusion"
    ASSESSMENT = "assessment"
    REMEDY = "remedy"
    DISCARDING = "discarding"
    CLOSING = "closing"
    REOPENING = "reopening"


class OfficeMeans(StrEnum):
    """What kind of part an office has in the administration."""

    DEPARTMENT = "department"
    COMMISSIONER = "commissioner"
    BOARD = "board"
    STAFF_COUNCIL = "staff_council"
    REPRESENTATIVE = "representative"
    AGENCY = "agency"
    HEAD = "head"
    LEGAL = "legal"
    COUNCIL_OFFICE = "council_office"
    CHAIR = "chair"


class Kind(StrEnum):
    """Whether an act may be refused: a permission may, a fact never."""

    PERMISSION = "permission"
    FACT = "fact"


class Event(StrEnum):
    """What starts a period (LAW.md, kinds of deadline, 1): the norm names one of these."""

    RECEIPT = "receipt"
    KNOWLEDGE = "knowledge"
    INFORMATION = "information"
    SENDING = "sending"
    APPLICATION = "application"
    DECISION = "decision"
    SITTING = "sitting"
    MINUTES = "minutes"
    PUBLICATION = "publication"
    DISPLAY = "display"
    DEMAND = "demand"
    REASONS = "reasons"
    OBJECTION = "objection"
    FAILURE = "failure"
    ELECTION = "election"
    CLOSING = "closing"
    LEAVING = "leaving"


class FileClass(StrEnum):
    """What is kept for a time of its own: a rule pack sets it as a value of this name."""

    FILE = "aufbewahrung_vorgang"
    DOCUMENTS = "aufbewahrung_unterlagen"
    LETTERS = "aufbewahrung_post"
    PERSONS = "aufbewahrung_personen"


class Governs(StrEnum):
    """Which day's law a provision follows: that of the start, of each step, of the decision."""

    START_EVENT = "start_event"
    STEP = "step"
    DECISION = "decision"


class Confidence(StrEnum):
    """How sure the project is of a norm's wording; all but the first show as *ungeprüft*."""

    VERIFIED_TEXT = "VERIFIED-TEXT"
    VERIFIED_SECONDARY = "VERIFIED-SECONDARY"
    VERIFIED_EXISTS = "VERIFIED-EXISTS"
    MEMORY = "MEMORY"
    UNCERTAIN = "UNCERTAIN"
    FICTITIOUS = "FICTITIOUS"


class Source(StrEnum):
    """Where a rule stands, from the highest rank to the lowest."""

    STATUTE = "statute"
    LOCAL_STATUTE = "local_statute"
    RULES_OF_PROCEDURE = "rules_of_procedure"
    SERVICE_INSTRUCTION = "service_instruction"
    HOUSE = "house"


RANKS: tuple[Source, ...] = tuple(Source)
