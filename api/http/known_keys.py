"""Keys that were good when they were last asked about.

That is enough to read what a request says, and never enough to do or to answer anything: a key that
was revoked meanwhile is found out by the transaction of what it asks for.
"""

from collections import OrderedDict
from dataclasses import dataclass

from storage.tables import Account, ApiKey

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
