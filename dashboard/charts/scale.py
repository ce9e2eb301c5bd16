"""The upper end of an axis and its marks, in round numbers."""

from math import ceil, log10

_STEPS = (1, 2, 2.5, 5, 10)
#: In percent of the picture: a single bar is no wall.
_WIDEST = 12.0


def marks(most: float, count: int = 4, *, whole: bool = True) -> list[float]:
    """About `count` round numbers from 0 up to the first that is not below `most`."""
    if most <= 0:
        return [0, 1]
    rough = most / count
    size = 10.0 ** (ceil(log10(rough)) - 1)
    step = next(one * size for one in _STEPS if one * size >= rough * (1 - 1e-9))
    step = max(1.0, float(ceil(step))) if whole else step
    return [step * n for n in range(ceil(most / step - 1e-9) + 1)]


def across_slot(index: int, slots: int, share: float) -> tuple[float, float]:
    """Where the bar of a slot begins and how wide it is, in percent, in the middle of the slot."""
    slot = 100 / max(slots, 1)
    width = min(slot * share, _WIDEST)
    return round(index * slot + (slot - width) / 2, 3), round(width, 3)
