"""Where the nodes of a graph stand: in layers from top to bottom, few ways crossing each other.

Each way has a place of its own in every layer it passes, so it runs through no node, and its label
covers nothing. Sugiyama's method: no circles, layers, order, coordinates.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

GAP = 22.0
#: So often each layer is put into the order of its neighbours, and moved to them.
_SWEEPS = 8
#: What is larger is not drawn: nobody could read it.
MOST_WAYS = 400
MOST_PLACES = 3000


@dataclass(eq=False, slots=True)
class Place:
    """Of a node, or of a way that passes. `x` is its middle."""

    layer: int
    width: float
    x: float = 0.0
    above: list["Place"] = field(default_factory=list)
    below: list["Place"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Passage:
    """A way: its places from the source to the target, and the one that holds its label."""

    places: Sequence[Place]
    label: Place


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`passages` in the order of the links. Even layers hold nodes, odd ones labels."""

    nodes: Mapping[str, Place]
    passages: Sequence[Passage]
    width: float
    layers: int


def arrange(
    widths: Mapping[str, float],
    links: Sequence[tuple[str, str, float]],
) -> Arrangement | None:
    """`widths` of the nodes; `links`: source, target, width of the label, none to itself.

    None: there is too much of it.
    """
    ids = list(widths)
    if len(links) > MOST_WAYS:
        return None
    back = _back_links(ids, [(source, target) for source, target, _ in links])
    down = [
        (target, source) if (source, target) in back else (source, target)
        for source, target, _ in links
    ]
    ranks = _ranks(ids, down)
    if sum(2 * (ranks[low] - ranks[high]) for high, low in down) > MOST_PLACES:
        return None
    nodes = {id_: Place(2 * ranks[id_], width) for id_, width in widths.items()}
    layers: defaultdict[int, list[Place]] = defaultdict(list)
    for place in nodes.values():
        layers[place.layer].append(place)
    passages = [
        _passage(nodes[source], nodes[target], width, layers) for source, target, width in links
    ]
    rows = [layers[layer] for layer in sorted(layers)]
    _put_in_order(rows)
    return Arrangement(nodes, passages, _put_apart(rows), len(rows))


def _back_links(ids: Sequence[str], links: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Links that lead back to where one came from, by a walk in depth."""
    leads: dict[str, list[str]] = {id_: [] for id_ in ids}
    for source, target in links:
        leads[source].append(target)
    back: set[tuple[str, str]] = set()
    done: set[str] = set()
    for id_ in ids:
        trail = [(id_, iter(leads[id_]))] if id_ not in done else []
        on_trail = {id_} if trail else set()
        while trail:
            here, rest = trail[-1]
            onward = next(rest, None)
            if onward is None:
                trail.pop()
                on_trail.discard(here)
                done.add(here)
            elif onward in on_trail:
                back.add((here, onward))
            elif onward not in done:
                trail.append((onward, iter(leads[onward])))
                on_trail.add(onward)
    return back


def _ranks(ids: Sequence[str], down: Iterable[tuple[str, str]]) -> dict[str, int]:
    """The longest way from above to each node."""
    lower: dict[str, list[str]] = {id_: [] for id_ in ids}
    waits = dict.fromkeys(ids, 0)
    for high, low in down:
        lower[high].append(low)
        waits[low] += 1
    ranks = dict.fromkeys(ids, 0)
    ready = [id_ for id_ in ids if not waits[id_]]
    for id_ in ready:
        for low in lower[id_]:
            ranks[low] = max(ranks[low], ranks[id_] + 1)
            waits[low] -= 1
            if not waits[low]:
                ready.append(low)
    return ranks


def _passage(
    source: Place, target: Place, label_width: float, layers: Mapping[int, list[Place]]
) -> Passage:
    step = 1 if target.layer > source.layer else -1
    between = [Place(layer, GAP / 2) for layer in range(source.layer + step, target.layer, step)]
    between[0].width = max(label_width, GAP / 2)
    for place in between:
        layers[place.layer].append(place)
    places = [source, *between, target]
    for one, other in pairwise(places):
        high, low = (one, other) if step > 0 else (other, one)
        high.below.append(low)
        low.above.append(high)
    return Passage(places, between[0])


def _put_in_order(rows: Sequence[list[Place]]) -> None:
    """Each layer by the middle of its neighbours, down and up again; `x` is the rank for now."""
    for row in rows:
        _count(row)
    for sweep in range(_SWEEPS):
        goes_down = sweep % 2 == 0
        for row in rows if goes_down else rows[::-1]:
            row.sort(key=lambda place: _middle(place, place.above if goes_down else place.below))
            _count(row)


def _count(row: Iterable[Place]) -> None:
    for number, place in enumerate(row):
        place.x = float(number)


def _middle(place: Place, neighbours: Sequence[Place]) -> float:
    return sum(one.x for one in neighbours) / len(neighbours) if neighbours else place.x


def _put_apart(rows: Sequence[list[Place]]) -> float:
    """Real coordinates from 0 on; how wide it all is."""
    for row in rows:
        left = -sum(place.width + GAP for place in row) / 2
        for place in row:
            place.x = left + place.width / 2
            left += place.width + GAP
    for sweep in range(2 * _SWEEPS + 1):
        goes_down = sweep % 2 == 0
        for row in rows if goes_down else rows[::-1]:
            _move(row, goes_down)
    least = min(place.x - place.width / 2 for row in rows for place in row)
    for place in (place for row in rows for place in row):
        place.x -= least
    return max(place.x + place.width / 2 for row in rows for place in row)


def _move(row: Sequence[Place], goes_down: bool) -> None:
    """As near to its neighbours as each can be without touching another.

    Pushed apart from the left and from the right, and the mean of both, which keeps every gap.
    """
    wanted = [_middle(place, place.above if goes_down else place.below) for place in row]
    gaps = [(one.width + other.width) / 2 + GAP for one, other in pairwise(row)]
    for number, gap in enumerate(gaps, 1):
        # What has no neighbour stands beside what has.
        if not (row[number].above or row[number].below):
            wanted[number] = wanted[number - 1] + gap
    right = list(wanted)
    for number, gap in enumerate(gaps):
        right[number + 1] = max(right[number + 1], right[number] + gap)
    left = list(wanted)
    for number in range(len(gaps) - 1, -1, -1):
        left[number] = min(left[number], left[number + 1] - gaps[number])
    for place, one, other in zip(row, left, right, strict=True):
        place.x = (one + other) / 2
