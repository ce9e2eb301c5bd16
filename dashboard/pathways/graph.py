"""A script as nodes and ways between them, whether it can be saved or not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policy.model.call import Refusal
from policy.pathways.script import MOST_NODES

_NODES = "definition.nodes."
#: The kind of what is named and is not there.
MISSING = "missing"
_SPOKEN_KINDS = {
    "hang_up": "hang up",
    "call_back": "call back",
    "take_message": "take a message",
}
#: What leads along `otherwise`.
_OTHERWISE = {"call_back": "not possible", "transfer": "nobody reached"}
#: More words on one way than people read; the list of nodes has all.
_MOST_PHRASES = 40


@dataclass(slots=True)
class Way:
    """`said`: what leads along it, as words; "" where nothing has to."""

    source: str
    target: str
    said: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return " or ".join(filter(None, self.said))


@dataclass(slots=True)
class Node:
    """`text` is what the node says or does; `faults` are what is wrong with it."""

    id: str
    kind: str
    text: str
    ways: list[Way] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    is_start: bool = False
    is_private: bool = False

    @property
    def spoken_kind(self) -> str:
        kind = _SPOKEN_KINDS.get(self.kind, self.kind)
        return f"{kind}, private" if self.is_private else kind


@dataclass(slots=True)
class Graph:
    """Nodes in the order in which one comes to them. `faults` are about no single node."""

    nodes: dict[str, Node]
    faults: list[str]

    @property
    def ways(self) -> list[Way]:
        return [way for node in self.nodes.values() for way in node.ways]

    @property
    def number_of_faults(self) -> int:
        return len(self.faults) + sum(len(node.faults) for node in self.nodes.values())


def graph_of(definition: object, refusals: Sequence[Refusal] = ()) -> Graph | None:
    """None for what is no script at all, or one that is too large."""
    nodes = definition.get("nodes") if isinstance(definition, Mapping) else None
    if not isinstance(nodes, Mapping) or not nodes or len(nodes) > MOST_NODES:
        return None
    assert isinstance(definition, Mapping)
    found = {str(id_): _node(str(id_), node) for id_, node in nodes.items()}
    for way in [way for node in found.values() for way in node.ways]:
        if way.target not in found:
            found[way.target] = Node(way.target, MISSING, "There is no such node.")
    start = definition.get("start")
    if isinstance(start, str) and start in found:
        found[start].is_start = True
    graph = Graph(_in_order(found, start), [])
    _add_faults(graph, refusals)
    return graph


def _node(id_: str, node: object) -> Node:
    if not isinstance(node, Mapping):
        return Node(id_, "unknown", "")
    kind = node.get("kind")
    made = Node(id_, kind if isinstance(kind, str) else "unknown", _text(node))
    made.is_private = node.get("private") is True
    for way in _ways(id_, node):
        same = next((one for one in made.ways if one.target == way.target), None)
        if same is None:
            made.ways.append(way)
        else:
            same.said += way.said
    return made


def _text(node: Mapping[str, Any]) -> str:
    found = (node.get(name) for name in ("text", "outcome", "when", "target", "to"))
    return next((text for text in found if isinstance(text, str)), "")


def _ways(id_: str, node: Mapping[str, Any]) -> Iterator[Way]:
    branches = node.get("branches")
    for branch in branches if isinstance(branches, list) else []:
        if isinstance(branch, Mapping) and isinstance(branch.get("next"), str):
            yield Way(id_, branch["next"], list(_taken_by(branch)))
    if isinstance(node.get("otherwise"), str):
        said = [_OTHERWISE.get(str(node.get("kind")), "anything else")]
        yield Way(id_, node["otherwise"], said)
    if isinstance(node.get("next"), str):
        said = ["after the transfer"] if node.get("kind") == "transfer" else []
        yield Way(id_, node["next"], said)


def _taken_by(branch: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(branch.get("digits"), str):
        yield branch["digits"]
    phrases = branch.get("speech")
    for phrase in (phrases if isinstance(phrases, list) else [])[:_MOST_PHRASES]:
        if isinstance(phrase, str):
            yield f"“{phrase}”"


def _in_order(nodes: dict[str, Node], start: object) -> dict[str, Node]:
    """As one comes to them from the start, breadth first; what nobody reaches at the end."""
    order: dict[str, Node] = {}
    todo = [start] if isinstance(start, str) and start in nodes else []
    for id_ in todo:
        if id_ not in order:
            order[id_] = nodes[id_]
            todo += [way.target for way in nodes[id_].ways]
    return order | {id_: node for id_, node in nodes.items() if id_ not in order}


def _add_faults(graph: Graph, refusals: Iterable[Refusal]) -> None:
    for one in refusals:
        id_ = _node_of(one.field, graph.nodes)
        if id_ is None:
            name = one.field.removeprefix("definition").strip(".")
            graph.faults.append(f"{name}: {one.message}" if name else one.message)
            continue
        within = one.field.removeprefix(_NODES + id_).strip(".")
        graph.nodes[id_].faults.append(f"{within}: {one.message}" if within else one.message)


def _node_of(path: str, ids: Iterable[str]) -> str | None:
    """The node that a field belongs to; ids may have dots themselves, so the longest holds."""
    if not path.startswith(_NODES):
        return None
    rest = path.removeprefix(_NODES)
    fits = (id_ for id_ in ids if rest == id_ or rest.startswith(f"{id_}."))
    return max(fits, key=len, default=None)
