"""Nodes that are spoken to a person only: checked in the graph, and again when a leg hears them.

`"private": true` marks a say, gather, transfer or hang_up. On paper a person is confirmed by a way
that an answer opens: a branch of a gather, and not its `otherwise`, which silence takes, too. A
script that says `"privateAfter": "detection"` leaves that to machine detection. On a call it is the
evidence that counts, whatever the paper says: see `is_confirmed`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Nodes = Mapping[str, Mapping[str, Any]]

#: Kinds of nodes of which somebody hears something.
SPOKEN = frozenset({"say", "gather", "transfer", "take_message", "hang_up"})
AFTER_ANSWER, AFTER_DETECTION = "answer", "detection"
WAYS = (AFTER_ANSWER, AFTER_DETECTION)
_HUMAN = "human"


def is_confirmed(answered_by: str | None, *, heard_person: bool) -> bool:
    """Whether it is known that a person listens: a key or an answer proves it, or the detector's
    verdict `human`. Not known, silence and `unknown` are no person."""
    return heard_person or answered_by == _HUMAN


def unconfirmed(start: str, nodes: Nodes) -> list[str]:
    """The private nodes to which a way leads on which nobody has answered anything."""
    return sorted(id_ for id_ in unanswered(start, nodes) if nodes[id_].get("private") is True)


def unanswered(start: str, nodes: Nodes) -> set[str]:
    """All nodes to which a way leads on which nobody has answered anything."""
    found: set[str] = set()
    todo = [start]
    while todo:
        here = todo.pop()
        if here in found or here not in nodes:
            continue
        found.add(here)
        todo.extend(_unanswered(nodes[here]))
    return found


def _unanswered(node: Mapping[str, Any]) -> Iterator[str]:
    """Where a node leads without an answer."""
    yield from (node[name] for name in ("next", "otherwise") if name in node)
