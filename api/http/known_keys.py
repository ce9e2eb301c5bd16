"""Keys that were good when they were last asked about, and when each was used last.

That it was good is enough to read what a request says, and never enough to do or to answer
anything: a key that was revoked meanwhile is found out by the transaction of what it asks for.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from storage.accounts import keys
from storage.accounts.keys import USE_KNOWN_TO
from storage.database.engine import Database
from storage.tables import Account, ApiKey

log = structlog.get_logger("trunkline.api")

Holder = tuple[Account, ApiKey]
_MOST = 1000


class KnownKeys:
    """Accounts and keys by the key's hash; of too many, those that were used longest ago go."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Holder] = OrderedDict()

    def recall(self, sha256: str) -> Holder | None:
        if sha256 not in self._known:
            return None
        self._known.move_to_end(sha256)
        return self._known[sha256]

    def note(self, sha256: str, holder: Holder) -> None:
        self._known[sha256] = holder
        while len(self._known) > _MOST:
            self._known.popitem(last=False)

    def forget(self, sha256: str) -> None:
        self._known.pop(sha256, None)


@dataclass(slots=True)
class KeyInUse:
    """The key of a request, and whether the database was asked about it in this request."""

    key: ApiKey
    is_asked: bool


class KeyUses:
    """Noted in memory, by the ids of keys, and written down now and then for all at once.

    A request costs no statement for it. What is on file is therefore up to `USE_KNOWN_TO` old;
    this process knows better of those that came to it. Only keys that exist are noted.
    """

    def __init__(self) -> None:
        self._unwritten: dict[str, datetime] = {}

    def note(self, key_id: str, at: datetime) -> None:
        self._unwritten[key_id] = at

    def latest(self, key_id: str, on_file: datetime | None) -> datetime | None:
        """The later of what is on file and what has been noted here since."""
        noted = self._unwritten.get(key_id)
        if noted is None or on_file is None:
            return noted or on_file
        return max(noted, on_file)

    async def write(self, db: Database) -> None:
        """Raises what the database does; then nothing is forgotten."""
        found: Mapping[str, datetime] = dict(self._unwritten)
        if not found:
            return
        async with db.write() as session:
            await keys.note_uses(session, found)
        for key_id, at in found.items():
            if self._unwritten.get(key_id) == at:
                del self._unwritten[key_id]

    async def keep_writing(self, db: Database) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(USE_KNOWN_TO.total_seconds())
            try:
                await self.write(db)
            except Exception as exc:  # away: it is written next time
                log.warning("key_uses_wait", error=type(exc).__name__)
