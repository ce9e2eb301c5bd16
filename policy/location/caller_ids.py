"""Which of an agent's numbers a call is made from: one that is local to whom it calls.

People pick up more readily for a number of their own place. So the caller IDs of the same area are
taken, else of the same state or province, else of the same country, else all of them. Among those
a person always sees the same one, as long as the numbers stay; if some are added or taken away,
most people go on seeing theirs.
"""

from array import array
from bisect import bisect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from policy.location.area_codes import area, area_code
from policy.location.number_metadata import read_number

#: More of them share the calls more evenly, and take longer to make: once for an agent.
_POINTS_EACH = 64


@dataclass(frozen=True, slots=True)
class NumberPlace:
    """Where a number belongs; all empty for a SIP address and for what cannot be read.

    `areas` has the area code and those that are laid over the same area.
    """

    code: str | None = None
    areas: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    country: str | None = None


@lru_cache(maxsize=4096)
def _home_of_code(code: str) -> NumberPlace | None:
    known = area(code)
    if known is None:
        return None
    areas = frozenset((code, *known.overlays))
    return NumberPlace(code, areas, frozenset(known.regions), known.country)


def home_of(number: str) -> NumberPlace:
    """Where an endpoint in its normal form belongs. Outside of North America only the country."""
    code = area_code(number)
    known = _home_of_code(code) if code is not None else None
    if known is not None:
        return known
    read = read_number(number, None) if number.startswith("+") else None
    return NumberPlace(country=read.country) if read is not None else NumberPlace()


def local_to(home: NumberPlace, homes: dict[str, NumberPlace]) -> tuple[str, ...]:
    """Those of the numbers that are as near as any of them is; all where none is near."""
    levels: tuple[Callable[[NumberPlace], object], ...] = (
        lambda one: one.code is not None and one.code in home.areas,
        lambda one: one.regions & home.regions,
        lambda one: one.country is not None and one.country == home.country,
    )
    for near in levels:
        found = tuple(number for number, one in homes.items() if near(one))
        if found:
            return found
    return tuple(homes)


class _Circle:
    """Numbers at many points of a circle each; a person has the number of the next point.

    So a number that is added or taken away changes only what is next to its own points.
    """

    def __init__(self, numbers: Iterable[str]) -> None:
        self._numbers = sorted(numbers)
        points = sorted(
            (_hash(f"{number} {turn}"), index)
            for index, number in enumerate(self._numbers)
            for turn in range(_POINTS_EACH)
        )
        self._points = array("Q", [point for point, _ in points])
        self._index = array("H", [index for _, index in points])

    def of(self, endpoint: str) -> str:
        if len(self._numbers) == 1:
            return self._numbers[0]
        place = bisect(self._points, _hash(endpoint)) % len(self._points)
        return self._numbers[self._index[place]]


class CallerIdPool:
    """An agent's caller IDs by where they belong; made once for all of its calls.

    `caller_ids` in their normal form, at least one.
    """

    def __init__(self, caller_ids: Iterable[str]) -> None:
        self._homes = {number: home_of(number) for number in caller_ids}
        self._circles: dict[tuple[str, ...], _Circle] = {}
        self._near: dict[NumberPlace, _Circle] = {}

    def choose(self, endpoint: str) -> str:
        """The number to call an endpoint from, always the same one."""
        home = home_of(endpoint)
        circle = self._near.get(home)
        if circle is None:
            circle = self._near[home] = self._circle(local_to(home, self._homes))
        return circle.of(endpoint)

    def _circle(self, numbers: tuple[str, ...]) -> _Circle:
        if numbers not in self._circles:
            self._circles[numbers] = _Circle(numbers)
        return self._circles[numbers]


@lru_cache(maxsize=64)
def _pool(caller_ids: tuple[str, ...]) -> CallerIdPool:
    return CallerIdPool(caller_ids)


def choose(caller_ids: Iterable[str], endpoint: str) -> str:
    """The one of an agent's caller IDs to call `endpoint` from; both in their normal form.

    The same for the same numbers in any order. `caller_ids` has at least one.
    """
    numbers = tuple(caller_ids)
    return numbers[0] if len(numbers) == 1 else _pool(numbers).choose(endpoint)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
