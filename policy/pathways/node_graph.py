"""A script as a graph: where its nodes lead, and which of them lead nowhere."""

from collections.abc import Iterator, Mapping
from typing import Any

from policy.model.call import Refusal
from policy.model.reasons import RefusalCode

Node = Mapping[str, Any]


Nodes = Mapping[str, Node]


def problem(code: RefusalCode, path: str, message: str) -> Refusal:
    return Refusal(code, f"definition.{path}" if path else "definition", message)


def links_of(node: Node) -> list[tuple[str, str]]:
    """Where a node may lead: (field within the node, node id)."""
    links = [(name, node[name]) for name in ("next", "otherwise") if name in node]
    branches = enumerate(node.get("branches", []))
    return links + [(f"branches.{n}.next", branch["next"]) for n, branch in branches]


def broken_links(start: str, nodes: Nodes) -> Iterator[Refusal]:
    message = "There is no such node."
    if start not in nodes:
        yield problem(RefusalCode.UNKNOWN_NODE, "start", message)
    for id_, node in nodes.items():
        for name, target in links_of(node):
            if not isinstance(target, str) or target not in nodes:
                yield problem(RefusalCode.UNKNOWN_NODE, f"nodes.{id_}.{name}", message)


def dead_ends(start: str, nodes: Nodes) -> Iterator[Refusal]:
    leads = {id_: {target for _, target in links_of(node)} for id_, node in nodes.items()}
    reached = _closure({start}, leads)
    for id_ in sorted(nodes.keys() - reached):
        message = "No way leads from the start to this node."
        yield problem(RefusalCode.UNREACHABLE_NODE, f"nodes.{id_}", message)
    led_from: dict[str, set[str]] = {id_: set() for id_ in nodes}
    for id_, targets in leads.items():
        for target in targets:
            led_from[target].add(id_)
    ends = {id_ for id_ in nodes if not leads[id_]}
    for id_ in sorted(reached - _closure(ends, led_from)):
        message = "No way leads from this node to an end of the call."
        yield problem(RefusalCode.ENDLESS_LOOP, f"nodes.{id_}", message)


def _closure(seeds: set[str], leads: Mapping[str, set[str]]) -> set[str]:
    found, todo = set(seeds), list(seeds)
    while todo:
        new = leads[todo.pop()] - found
        found |= new
        todo.extend(new)
    return found
