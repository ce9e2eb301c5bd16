"""A script drawn: what the template has to put where, in pixels."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from dashboard.pathways.graph import Graph, Node, Way
from dashboard.pathways.layers import Arrangement, Passage, Place, arrange

NODE_WIDTH = 176.0
NODE_HEIGHT = 58.0
_LABEL_ROW = 52.0
_MARGIN = 14.0
#: Right of a node, for a way that leads back to itself.
_LOOP = 52.0
#: As wide as letters of the drawing's size usually are.
_LETTER = 6.3
_LONGEST_LABEL = 24
_LONGEST_TEXT = 25
_LONGEST_ID = 20
#: Between ways that leave a node, or come to it, beside each other.
_BESIDE = 26.0


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """`x` and `y` are the upper left corner. `whole` is all of its text."""

    node: Node
    x: float
    y: float
    title: str
    text: str
    whole: str
    shape: str
    is_walked: bool
    is_here: bool


@dataclass(frozen=True, slots=True)
class DrawnWay:
    """`path` is SVG's; the label's `x` and `y` are its middle."""

    path: str
    label: str
    whole: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """`says` is what somebody hears who does not see it."""

    width: float
    height: float
    says: str
    nodes: Sequence[DrawnNode] = ()
    ways: Sequence[DrawnWay] = ()
    node_width: float = field(default=NODE_WIDTH)
    node_height: float = field(default=NODE_HEIGHT)

    @property
    def start(self) -> float:
        """How far from the left the first node stands, of the whole width."""
        found = (one.x for one in self.nodes if one.node.is_start)
        return round((next(found, 0.0) + self.node_width / 2) / self.width, 3)

    @property
    def size(self) -> int:
        """In steps of 200 pixels: how far it may shrink is said in the style sheet."""
        return round(self.width / 200)


def drawing_of(graph: Graph, walked: Sequence[str] = (), here: str | None = None) -> Drawing | None:
    """None where there is too much to be read. `walked` nodes and the one asked at stand out."""
    ways = [way for way in graph.ways if way.source != way.target]
    links = [(way.source, way.target, _width(way.label)) for way in ways]
    loops = {way.source for way in graph.ways if way.source == way.target}
    widths = {id_: NODE_WIDTH + 2 * _LOOP * (id_ in loops) for id_ in graph.nodes}
    found = arrange(widths, links)
    if found is None:
        return None
    seen = set(walked)
    nodes = [
        _node(node, found.nodes[node.id], node.id in seen, node.id == here)
        for node in graph.nodes.values()
    ]
    drawn = [
        _way(way, passage, _Ports(found)) for way, passage in zip(ways, found.passages, strict=True)
    ]
    drawn += [_loop(way, found.nodes[way.source]) for way in graph.ways if way.source == way.target]
    width = found.width + 2 * _MARGIN
    height = _y(found.layers - 1) + NODE_HEIGHT / 2 + _MARGIN
    return Drawing(width, height, _says(graph), nodes, drawn)


def _says(graph: Graph) -> str:
    start = next((node.id for node in graph.nodes.values() if node.is_start), "nothing")
    faulty = sum(bool(node.faults) for node in graph.nodes.values())
    wrong = f" {faulty} of them have faults." if faulty else ""
    return (
        f"{len(graph.nodes)} nodes and {len(graph.ways)} ways between them, from {start} down."
        f"{wrong} The list of nodes says the same."
    )


def _short(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _width(label: str) -> float:
    return len(_short(label, _LONGEST_LABEL)) * _LETTER + (8 if label else 0)


def _y(layer: int) -> float:
    """The middle of a layer."""
    return _MARGIN + NODE_HEIGHT / 2 + layer * (NODE_HEIGHT + _LABEL_ROW) / 2


def _x(place: Place) -> float:
    return place.x + _MARGIN


def _node(node: Node, place: Place, is_walked: bool, is_here: bool) -> DrawnNode:
    x, y = _x(place) - NODE_WIDTH / 2, _y(place.layer) - NODE_HEIGHT / 2
    return DrawnNode(
        node,
        round(x, 1),
        round(y, 1),
        _short(node.id, _LONGEST_ID),
        _short(node.text, _LONGEST_TEXT),
        node.text,
        _shape(node.kind, x, y),
        is_walked,
        is_here,
    )


def _shape(kind: str, x: float, y: float) -> str:
    """A question is a hexagon, a transfer leans; "": a box with corners of its kind."""
    right, below, side = x + NODE_WIDTH, y + NODE_HEIGHT, 12
    if kind == "gather":
        corners = [
            *((x + side, y), (right - side, y), (right, (y + below) / 2)),
            *((right - side, below), (x + side, below), (x, (y + below) / 2)),
        ]
    elif kind == "transfer":
        corners = [(x + side, y), (right, y), (right - side, below), (x, below)]
    else:
        return ""
    return " ".join(f"{at_x:.1f},{at_y:.1f}" for at_x, at_y in corners)


class _Ports:
    """Where ways touch a node: beside each other, in the order of where they go."""

    def __init__(self, found: Arrangement) -> None:
        self._found = found

    def x(self, node: Place, beside: Place) -> float:
        """`beside` is the way's place next to the node."""
        row = node.below if beside.layer > node.layer else node.above
        order = sorted(row, key=lambda place: place.x)
        shift = order.index(beside) - (len(order) - 1) / 2
        apart = min(_BESIDE, (NODE_WIDTH - 40) / max(len(order), 1))
        return _x(node) + shift * apart


def _way(way: Way, passage: Passage, ports: _Ports) -> DrawnWay:
    source, *between, target = passage.places
    goes_down = target.layer > source.layer
    edge = NODE_HEIGHT / 2 if goes_down else -NODE_HEIGHT / 2
    points = [
        (ports.x(source, between[0]), _y(source.layer) + edge),
        *((_x(place), _y(place.layer)) for place in between),
        (ports.x(target, between[-1]), _y(target.layer) - edge),
    ]
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x, y), (to_x, to_y) in pairwise(points):
        half = (y + to_y) / 2
        path += f"C{x:.1f} {half:.1f} {to_x:.1f} {half:.1f} {to_x:.1f} {to_y:.1f}"
    at = passage.label
    return DrawnWay(
        path, _short(way.label, _LONGEST_LABEL), way.label, round(_x(at), 1), round(_y(at.layer), 1)
    )


def _loop(way: Way, place: Place) -> DrawnWay:
    x, y = _x(place) + NODE_WIDTH / 2, _y(place.layer)
    side = x + _LOOP - 10
    leaves, comes = f"M{x - 8:.1f} {y + 12:.1f}", f"{x - 8:.1f} {y - 12:.1f}"
    path = f"{leaves}C{side:.1f} {y + 30:.1f} {side:.1f} {y - 30:.1f} {comes}"
    return DrawnWay(path, _short(way.label, 14), way.label, round(x + 22, 1), round(y + 32, 1))
