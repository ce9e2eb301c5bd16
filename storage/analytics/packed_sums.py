"""Sums of several measures as one large number: two sets of them are added by one addition.

Each measure has 64 bits of the number. What is taken away is below zero and borrows from the
measure above it; reading gives that back.
"""

from collections.abc import Mapping, Sequence
from struct import Struct

_BITS = 64


class Packing:
    """Which measure has which bits. No measure may reach 2**63."""

    def __init__(self, names: Sequence[str]) -> None:
        self._at = {name: place * _BITS for place, name in enumerate(names)}
        self._bytes = len(names) * _BITS // 8
        #: The highest bit of each: with it added none is below zero.
        self._high = sum(1 << (at + _BITS - 1) for at in self._at.values())
        self._numbers = Struct(f"<{len(names)}q")

    def packed(self, sums: Mapping[str, int]) -> int:
        """The named measures; the others are 0."""
        return sum([number << self._at[name] for name, number in sums.items()])

    def unpacked(self, packed: int) -> tuple[int, ...]:
        """All measures in their order."""
        bits = (packed + self._high) ^ self._high
        return self._numbers.unpack(bits.to_bytes(self._bytes, "little"))
