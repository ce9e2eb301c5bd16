"""Passwords as they are kept: Argon2id, each with a salt of its own.

It takes some hundredths of a second and 19 MiB: call it in a thread, and not many at once.
"""

import os
from functools import cache

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from policy.accounts.passwords import normal

#: By OWASP's Password Storage Cheat Sheet: 19 MiB, twice over.
_MEMORY_KIB, _ITERATIONS, _LANES = 19 * 1024, 2, 1
_SALT_BYTES, _HASH_BYTES = 16, 32


def hash_password(password: str) -> str:
    """In the form of the PHC, which says how it was made."""
    kdf = Argon2id(
        salt=os.urandom(_SALT_BYTES),
        length=_HASH_BYTES,
        iterations=_ITERATIONS,
        lanes=_LANES,
        memory_cost=_MEMORY_KIB,
    )
    return kdf.derive_phc_encoded(normal(password).encode())


def is_password(password: str, kept: str | None) -> bool:
    """Whether it is the one that is kept. Without one that takes as long, and it never is."""
    try:
        Argon2id.verify_phc_encoded(normal(password).encode(), kept or _nobodys())
    except InvalidKey:
        return False
    return kept is not None


@cache
def _nobodys() -> str:
    return hash_password(os.urandom(_HASH_BYTES).hex())
