"""Keyed hashes of numbers: what is left of a person after an erasure, so that it still holds."""

import hashlib
import hmac
from dataclasses import dataclass, field

#: What stands in place of a number that was erased.
ERASED = "erased:"


class NoPrivacyKey(Exception):
    """TRUNKLINE_PRIVACY_KEY is not set, so nothing can be erased."""


class OtherPrivacyKey(Exception):
    """People were erased under another key, which nobody could find under both."""


@dataclass(frozen=True, slots=True)
class Hasher:
    """HMAC-SHA256 under the installation's privacy key; None: there is none."""

    key: bytes | None = field(default=None, repr=False)

    @classmethod
    def of(cls, key: str) -> "Hasher":
        return cls(key.encode() if key else None)

    @property
    def key_id(self) -> str:
        """Names the key without telling it."""
        return hashlib.sha256(b"trunkline key id:" + self._required()).hexdigest()[:16]

    def hash_of(self, endpoint: str) -> str:
        """The hash under which a tombstone keeps an endpoint; raises NoPrivacyKey."""
        return hmac.new(self._required(), endpoint.encode(), hashlib.sha256).hexdigest()

    def lookup(self, endpoint: str) -> str | None:
        """The same for looking up; None where there can be no tombstones."""
        return None if self.key is None else self.hash_of(endpoint)

    def _required(self) -> bytes:
        if self.key is None:
            raise NoPrivacyKey
        return self.key
