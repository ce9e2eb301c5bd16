"""A script as a graph, faulty or not, and where its nodes stand in a drawing."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from dashboard.pathways.drawing import NODE_WIDTH, drawing_of
from dashboard.pathways.graph import MISSING, Graph, graph_of
from dashboard.pathways.layers import MOST_WAYS, arrange
from policy.pathways.pathway import check_pathway
from tests.telephony.twiml.test_rehearsal import NODES

SCRIPT = {"start": "hello", "nodes": NODES, "variables": ["name"]}


def graph(nodes: Mapping[str, Any] = NODES, start: str = "hello") -> Graph:
    definition = {**SCRIPT, "start": start, "nodes": nodes}
    found = graph_of(definition, check_pathway("script", definition))
    assert found is not None
    return found


def test_ways_say_what_leads_along_them():
    ways = {(way.source, way.target): way.label for way in graph().ways}
    assert ways["ask", "yes"] == "1 or “yes”"
    assert ways["ask", "bye"] == "anything else"
    assert ways["hello", "ask"] == ""
    assert ways["desk", "thanks"] == "after the transfer"


def test_ways_between_the_same_nodes_are_one():
    both = {**NODES, "code": {**NODES["code"], "otherwise": "yes"}}
    [way] = graph(both).nodes["code"].ways
    assert way.label == "1234 or anything else"


def test_nodes_stand_in_the_order_in_which_one_comes_to_them():
    assert [*graph().nodes][:2] == ["hello", "ask"]
    assert graph().nodes["hello"].is_start


@pytest.mark.parametrize(
    ("node", "change", "fault"),
    [
        ("desk", {"to": "12"}, "to: A phone number with its + or sip:user@domain."),
        ("yes", {"next": "nowhere"}, "next: There is no such node."),
        ("ask", {"kind": "poem"}, "kind: A node is one of"),
        ("hello", {"text": "Hi {{nobody}}"}, "text: The variable nobody is not among"),
        ("hello", {"next": "bye"}, ""),
    ],
)
def test_each_fault_is_said_at_its_node(node: str, change: Mapping[str, Any], fault: str):
    found = graph({**NODES, node: {**NODES[node], **change}})
    if fault:
        assert found.nodes[node].faults[0].startswith(fault)
    else:
        unreached = {one.id for one in found.nodes.values() if one.faults}
        assert "ask" in unreached
    assert not found.faults


def test_a_node_whose_name_has_dots_gets_its_own_faults():
    nodes = {
        "a": {"kind": "say", "text": "", "next": "a.text"},
        "a.text": {"kind": "hang_up", "text": ""},
    }
    found = graph(nodes, start="a")
    assert len(found.nodes["a.text"].faults) + len(found.nodes["a"].faults) == 2
    assert found.nodes["a.text"].faults


def test_what_is_named_and_not_there_is_drawn_as_missing():
    found = graph({**NODES, "yes": {**NODES["yes"], "next": "nowhere"}})
    assert found.nodes["nowhere"].kind == MISSING


@pytest.mark.parametrize("definition", [None, [], {}, {"nodes": []}, {"nodes": {}}])
def test_what_is_no_script_is_no_graph(definition: object):
    assert graph_of(definition) is None


@pytest.mark.parametrize(
    "nodes",
    [
        {"a": None},
        {"a": {"kind": 1, "next": 2, "branches": 3, "text": []}},
        {"a": {"kind": "gather", "branches": [None, {"next": 5}, {"digits": 1, "speech": 2}]}},
        {"": {"kind": "say", "next": ""}},
        {"a": {"kind": "say", "next": "b"}, "b": {"kind": "say", "next": "a"}},
    ],
)
def test_the_strangest_script_can_be_looked_at(nodes: Mapping[str, Any]):
    found = graph(nodes, start="a")
    drawing = drawing_of(found)
    assert drawing is not None
    assert len(drawing.nodes) == len(found.nodes)


def test_no_node_covers_another():
    drawing = drawing_of(graph())
    assert drawing is not None
    rows: dict[float, list[float]] = {}
    for one in drawing.nodes:
        rows.setdefault(one.y, []).append(one.x)
    for places in rows.values():
        ordered = sorted(places)
        assert all(b - a >= NODE_WIDTH for a, b in pairwise(ordered))
    assert all(0 <= one.x <= drawing.width - NODE_WIDTH for one in drawing.nodes)


def test_ways_lead_down_except_those_that_lead_back():
    drawing = drawing_of(graph())
    assert drawing is not None
    y = {one.node.id: one.y for one in drawing.nodes}
    assert y["hello"] < y["ask"] < y["code"] < y["yes"] < y["bye"]


def test_what_is_too_large_to_be_read_is_not_drawn():
    few = {str(number): 10.0 for number in range(30)}
    links = [(a, b, 0.0) for a in few for b in few if a != b]
    assert len(links) > MOST_WAYS
    assert arrange(few, links) is None


def test_a_drawing_says_what_it_shows():
    drawing = drawing_of(graph({**NODES, "yes": {**NODES["yes"], "next": "nowhere"}}))
    assert drawing is not None
    assert drawing.says.startswith("8 nodes and 9 ways between them, from hello down.")
    assert "1 of them have faults." in drawing.says
