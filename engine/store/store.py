"""The store as a service sees it: everything there is to read and keep, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from engine.core.case import Outcome
from engine.core.ledger import Line
from engine.core.offices import Absence, Office, OfficeKind, Person, Recusal, Roster, Tenure
from engine.core.world import Municipality, Session
from engine.store.accounts import Accounts
from engine.store.batch import Batch
from engine.store.cases import Cases
from engine.store.chains import Chains
from engine.store.erasing import Erasing
from engine.store.examined import Rows
from engine.store.global_log import GlobalLog
from engine.store.grants import Grants
from engine.store.house import Definition, House
from engine.store.keep import Keeper
from engine.store.outbox import Outbox
from engine.store.pulse import Pulse
from engine.store.retention import Retentions
from engine.store.roster import By, Rosters
from engine.store.silences import Silences
from engine.store.uploads import Uploads


class Store:
    """One transaction; a reading one sees one instant, a writing one is kept whole or not.

    `connection` is for column queries of other packages of the store; tables and rows stay
    behind it.
    """

    def __init__(self, batch: Batch, connection: Connection, log: str) -> None:
        self.log = GlobalLog(connection, log)
        self.connection = connection
        self.writing = batch.writing
        self.cases = Cases(batch, connection)
        self.chains = Chains(batch, connection, log)
        self.outbox = Outbox(batch, connection)
        self.house = House(connection, self.chains)
        self.rosters = Rosters(connection, self.chains)
        self.pulse = Pulse(connection)
        self.accounts = Accounts(connection, self.chains)
        self.grants = Grants(connection, self.chains)
        self.uploads = Uploads(connection)
        self.retention = Retentions(connection, self.chains)
        self.silences = Silences(connection, self.chains)
        self.erasing = Erasing(connection)
        self.rows = Rows(batch, connection)
        self._keeper = Keeper(batch, self.cases, log)

    def keep(self, outcome: Outcome) -> None:
        """Write everything an act left: case, log, notices. See `Keeper.keep`."""
        self._keeper.keep(outcome)

    def enter(self, line: Line) -> int:
        """Write a line into a strand that is no case; return its number there."""
        return self.chains.enter(line)

    def due(self, now: datetime, limit: int = 100) -> list[str]:
        """Return the uids of cases where something is due, earliest first. See `Cases.due`."""
        return self.cases.due(now, limit)

    def position(self) -> tuple[int, int, int]:
        """Return how far offices, definitions and calendar have come. See `Chains.position`."""
        return self.chains.position()

    def roster(self, kinds: Mapping[str, OfficeKind]) -> Roster:
        """Return the offices and who fills them; `kinds` come from the definitions."""
        return self.rosters.read(kinds)

    def municipalities(self) -> dict[str, Municipality]:
        """Return the Körperschaften by id."""
        return self.house.municipalities()

    def sessions(self) -> dict[str, Session]:
        """Return the sittings by uid."""
        return self.house.sessions()

    def definitions(self) -> list[Definition]:
        """Return every version that was ever activated."""
        return self.house.definitions()

    def activate(self, definition: Definition, by: By, part: int = 0) -> int:
        """Put a version in force. See `House.activate`."""
        return self.house.activate(definition, by, part)

    def save_office(self, office: Office, by: By) -> int:
        """Keep an office with its entry; return the roster's new position."""
        return self.rosters.save_office(office, by)

    def save_person(self, person: Person, by: By) -> int:
        """Keep a person with her entry; return the roster's new position."""
        return self.rosters.save_person(person, by)

    def save_tenure(self, tenure: Tenure, by: By) -> int:
        """Keep a tenure with its entry; return the roster's new position."""
        return self.rosters.save_tenure(tenure, by)

    def save_absence(self, absence: Absence, by: By) -> int:
        """Keep an absence with its entry; return the roster's new position."""
        return self.rosters.save_absence(absence, by)

    def save_recusal(self, recusal: Recusal, by: By) -> int:
        """Keep a recusal with its entry; return the roster's new position."""
        return self.rosters.save_recusal(recusal, by)

    def save_municipality(self, municipality: Municipality, by: By) -> int:
        """Keep a Körperschaft with its entry; return the calendar strand's new position."""
        return self.house.save_municipality(municipality, by)

    def save_session(self, session: Session, by: By) -> int:
        """Keep a sitting with its entry; return the calendar strand's new position."""
        return self.house.save_session(session, by)
