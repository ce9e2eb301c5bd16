"""How soon a call should be dialed once it may be, by its priority: what the product promises."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StartTarget:
    """Of the priorities `lowest` to `highest`."""

    highest: int
    lowest: int
    seconds: int

    @property
    def band(self) -> str:
        """As people write it: `8-9`."""
        if self.lowest == self.highest:
            return str(self.highest)
        return f"{self.lowest}-{self.highest}"


#: "Immediate" is taken to mean within a minute.
TARGETS = (
    StartTarget(10, 10, 60),
    StartTarget(9, 8, 5 * 60),
    StartTarget(7, 6, 15 * 60),
    StartTarget(5, 5, 30 * 60),
    StartTarget(4, 3, 60 * 60),
    StartTarget(2, 0, 2 * 60 * 60),
)
_BANDS = {
    priority: target.band
    for target in TARGETS
    for priority in range(target.lowest, target.highest + 1)
}


def band_of(priority: int) -> str:
    """Of a call's own priority, whatever its deadline adds to it."""
    return _BANDS[min(max(priority, 0), 10)]
