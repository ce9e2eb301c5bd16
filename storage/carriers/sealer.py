"""Secrets as they are kept: AES-256-GCM under a key that the database does not hold."""

import base64
import hashlib
import os
from binascii import Error as BadBase64
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES, _NONCE_BYTES = 32, 12
_VERSION = "v1"


class NoSecretKey(Exception):
    """TRUNKLINE_SECRET_KEYS is not set, so no secret can be kept."""


class Unsealable(Exception):
    """The secret was sealed under a key that is not among ours, or was tampered with."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """By its id, each key that opens; the first one seals. Without keys it does neither."""

    keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, text: str) -> "Sealer":
        """Keys as `new_key` makes them, commas or lines between them, the newest first.

        Raises ValueError for a text that is no key, without quoting it.
        """
        keys = [_key(part) for part in text.replace(",", " ").split()]
        return cls({_id(key): key for key in keys})

    def seal(self, secret: str, place: str) -> str:
        """`place` names the row: what was sealed for one cannot be opened in another."""
        key_id = self.newest
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self.keys[key_id]).encrypt(nonce, secret.encode(), place.encode())
        return ".".join((_VERSION, key_id, _text(nonce + sealed)))

    def open(self, sealed: str, place: str) -> str:
        """The secret; raises Unsealable."""
        version, _, rest = sealed.partition(".")
        key_id, _, text = rest.partition(".")
        key = self.keys.get(key_id)
        if version != _VERSION or key is None:
            raise Unsealable("the key under which it was sealed is not set")
        try:
            content = base64.urlsafe_b64decode(text)
            nonce, body = content[:_NONCE_BYTES], content[_NONCE_BYTES:]
            return AESGCM(key).decrypt(nonce, body, place.encode()).decode()
        except (BadBase64, InvalidTag, ValueError):
            pass
        # Out here, so that it drags along nothing of what was being opened.
        raise Unsealable("it was not sealed as it stands here")

    def is_newest(self, sealed: str) -> bool:
        """Whether it was sealed under the key that seals now."""
        return sealed.startswith(f"{_VERSION}.{self.newest}.")

    @property
    def newest(self) -> str:
        """The id of the key that seals; raises NoSecretKey."""
        found = next(iter(self.keys), None)
        if found is None:
            raise NoSecretKey
        return found


def new_key() -> str:
    """A key of 256 bits, as the setting takes it."""
    return base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode()


def _key(text: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text)
    except (BadBase64, ValueError):
        key = b""
    # Whatever else it decodes is passed over by the library.
    if len(key) != _KEY_BYTES or _text(key) != text:
        raise ValueError("each must be 32 bytes in base64, as `trunkline secrets key` prints them")
    return key


def _id(key: bytes) -> str:
    """Names the key without telling it."""
    return hashlib.sha256(b"trunkline secret key id:" + key).hexdigest()[:8]


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode()
